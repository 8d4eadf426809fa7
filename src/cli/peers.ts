/** `countersign peers`: what one node knows of the others. */
import { toJson } from "@bufbuild/protobuf";
import { ListPeersResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { askFirst } from "./calls.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { membersFor, NETWORK_OPTIONS, NODE_OPTION, openNetwork } from "./network-access.ts";
import { formatTable } from "./table.ts";

const NAME = "peers";

export const peers = defineCommand({
  name: NAME,
  example: "countersign peers --node node2",
  operands: [],
  options: { ...NODE_OPTION, ...NETWORK_OPTIONS },
  run: async ({ values }, terminal) => {
    const network = openNetwork(NAME, values);
    try {
      const members = membersFor(NAME, network, values.node);
      const { member, answer } = await askFirst(NAME, members, (calls) => calls.listPeers({}));
      const rows = answer.peers.map((peer) => [
        peer.nodeId,
        peer.connected ? "connected" : "away",
        peer.address,
        peer.clientAddress,
        `${peer.lastHeight}`,
        `${peer.registrationNumber}`,
      ]);
      const heads = ["peer", "link", "address", "client address", "height", "starts"];
      terminal.answer({
        value: toJson(ListPeersResponseSchema, answer, { alwaysEmitImplicit: true }),
        text: `peers of ${member.id}\n\n${formatTable(heads, rows)}`,
      });
      return EXIT.ok;
    } finally {
      network.close();
    }
  },
});
