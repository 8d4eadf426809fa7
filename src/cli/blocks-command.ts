/** `countersign blocks`: lists the final blocks, each with what certifies it. */
import { toJson } from "@bufbuild/protobuf";
import { type Block, BlockSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { blocks } from "../client/whole-ledger.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { sha256 } from "../node/base/crypto.ts";
import { toHex } from "../primitives/bytes.ts";
import { formatTime } from "../transport/iso-time.ts";
import { defineCommand } from "./define-command.ts";
import { LIST_OPTIONS, readListTerms } from "./list-arguments.ts";
import { showList } from "./list-command.ts";
import { NETWORK_OPTIONS, NODE_OPTION } from "./network-access.ts";

const NAME = "blocks";

export const blocksCommand = defineCommand({
  name: NAME,
  example: "countersign blocks --limit 10 --node node2",
  details:
    "The newest blocks come first. Each is checked to be the parent of the next higher one. The list is what the node says; " +
    "a receipt proves the block that it is about: countersign receipt verify.",
  operands: [],
  options: { ...LIST_OPTIONS, ...NODE_OPTION, ...NETWORK_OPTIONS },
  run: async ({ values }, terminal) => {
    const { limit, ...terms } = readListTerms(NAME, values);
    return await showList(NAME, values, {
      terminal,
      limit,
      list: {
        name: "blocks",
        open: async () => (calls, pages) => blocks(calls, { ...terms, ...pages, hash: sha256 }),
        toJson: (block) => toJson(BlockSchema, block, { alwaysEmitImplicit: true }),
        heads: ["height", "time", "operations", "proposer", "final", "sealed", "hash"],
        row: rowOf,
      },
    });
  },
});

function rowOf({ validators }: Genesis, block: Block): string[] {
  const { header, hash, finalizationHeight, sealHeight } = block;
  const at = header?.height ?? 0n;
  const by = (height: bigint) => (height === at ? "itself" : `by ${height}`);
  return [
    `${at}`,
    formatTime(Number(header?.time ?? 0n)),
    `${header?.operationCount ?? 0}`,
    validators[header?.proposer ?? 0]?.id ?? `${header?.proposer}`,
    by(finalizationHeight),
    sealHeight === undefined ? "not yet" : by(sealHeight),
    toHex(hash),
  ];
}
