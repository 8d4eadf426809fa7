/** `countersign node peers`: shows what one running node knows about the others, with details for its operator. */
import { toJson } from "@bufbuild/protobuf";
import { OperatorServiceListPeersResponseSchema } from "../../gen/countersign/v1/operator_service_pb.ts";
import { EXIT } from "./command.ts";
import { CONFIG_OPTION } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { withOperator } from "./operator-access.ts";
import { lastHeard } from "./peers.ts";
import { formatTable } from "./table.ts";

const NAME = "node peers";
const HEADS = ["peer", "link", "address", "last heard", "share", "clock", "dropped"];

export const nodePeers = defineCommand({
  name: NAME,
  example: "countersign node peers --config node1/config.json",
  details:
    "share: the peer holds a share of the group key or not, and has sent a wrong share " +
    "or not. clock: how far the peer's clock is ahead of this node's. dropped: messages " +
    "to the peer that found no link or no room.",
  operands: [],
  options: { config: CONFIG_OPTION },
  run: async ({ values }, terminal) => {
    const answer = await withOperator(NAME, values.config, (calls) => calls.listPeers({}));
    const rows = answer.peers.map(
      ({ peer, holdsSealShare, blamed, clockAheadMs, droppedItems }) => [
        peer?.nodeId ?? "",
        peer?.connected === true ? "connected" : "away",
        peer?.address ?? "",
        lastHeard(peer?.silentMs),
        shareOf(holdsSealShare, blamed),
        clockAheadMs === undefined ? "unknown" : `${clockAheadMs} ms`,
        `${droppedItems}`,
      ],
    );
    terminal.answer({
      value: toJson(OperatorServiceListPeersResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: formatTable(HEADS, rows),
    });
    return EXIT.ok;
  },
});

function shareOf(isHeld: boolean, isBlamed: boolean): string {
  if (isBlamed) return "wrong";
  return isHeld ? "held" : "none";
}
