/** `countersign genesis inspect` and `genesis hash`: show a genesis and its hash, which operators compare before the first start. */
import { networkIdOf } from "../ledger/genesis.ts";
import { formatGenesis } from "../ledger/genesis-json.ts";
import { sha256 } from "../node/base/crypto.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { toHex } from "../primitives/bytes.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { describeGenesis } from "./genesis-summary.ts";

const FILE = { name: "FILE", summary: "a genesis file" } as const;

export const genesisInspect = defineCommand({
  name: "genesis inspect",
  example: "countersign genesis inspect genesis.json",
  operands: [FILE],
  options: {},
  run: ({ operands }, terminal) => {
    const genesis = loadGenesis(operands[0] ?? "");
    const networkId = toHex(networkIdOf(sha256, genesis));
    terminal.answer({
      value: { networkId, genesis: JSON.parse(formatGenesis(genesis)) },
      text: describeGenesis(genesis),
    });
    return Promise.resolve(EXIT.ok);
  },
});

export const genesisHash = defineCommand({
  name: "genesis hash",
  example: "countersign genesis hash genesis.json",
  operands: [FILE],
  options: {},
  run: ({ operands }, terminal) => {
    const networkId = toHex(networkIdOf(sha256, loadGenesis(operands[0] ?? "")));
    terminal.answer({ value: { networkId }, text: networkId });
    return Promise.resolve(EXIT.ok);
  },
});
