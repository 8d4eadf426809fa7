/** `countersign peers`: shows what one node knows about the others. */
import { toJson } from "@bufbuild/protobuf";
import {
  ListPeersResponseSchema,
  type PeerSoftware,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { printable } from "../primitives/printable.ts";
import { describeProtocol } from "../transport/capabilities.ts";
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
        lastHeard(peer.silentMs),
        `${peer.registrationNumber}`,
        ...softwareOf(peer.software),
      ]);
      const heads = [
        "peer",
        "link",
        "address",
        "client address",
        "last heard",
        "starts",
        ...SOFTWARE_HEADS,
      ];
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

const SOFTWARE_HEADS = ["protocol", "rules", "version"];

/** As the peer stated it: the versions of the protocol that it speaks, and the newest ruleset that it knows. */
function softwareOf(software: PeerSoftware | undefined): string[] {
  if (software === undefined) return ["", "", ""];
  const { protocolMin: min, protocolMax: max, protocol, rulesetMax, version } = software;
  const range = describeProtocol({ min, max });
  return [protocol === 0 ? `${range} (no link)` : range, `${rulesetMax}`, printable(version)];
}

/** Age as the node counts it, so that no two clocks are compared. */
export function lastHeard(silentMs: bigint | undefined): string {
  if (silentMs === undefined) return "never";
  const seconds = Number(silentMs) / 1000;
  if (seconds < 100) return `${seconds.toFixed(0)} s ago`;
  return seconds < 6000
    ? `${(seconds / 60).toFixed(0)} min ago`
    : `${(seconds / 3600).toFixed(0)} h ago`;
}
