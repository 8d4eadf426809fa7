/** `countersign check`: replays and verifies a stopped node's whole store, offline. */
import { createLedgerContext } from "../ledger/context.ts";
import { ConfigError, loadConfig, type NodeConfig } from "../node/config.ts";
import { isValidPoint, sha256 } from "../node/crypto.ts";
import { loadGenesis } from "../node/genesis-file.ts";
import { inlineChecker } from "../node/signature-checker.ts";
import { auditStore, type StoreFault, type StoreReport } from "../node/store-audit.ts";
import { toHex } from "../primitives/bytes.ts";
import { createCeremonyJudge } from "../seal/judge.ts";
import { createSuite } from "../seal/suite.ts";
import { openDataFolder } from "../storage/data-folder.ts";
import { StorageError } from "../storage/errors.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { CommandError, EXIT } from "./command.ts";
import { CONFIG_OPTION, configFile } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { formatMoney } from "./money.ts";
import type { Terminal } from "./terminal.ts";

const NAME = "check";

export const check = defineCommand({
  name: NAME,
  summary: "Replays and verifies a stopped node's whole store, offline.",
  example: "countersign check --config node1/config.json",
  details:
    "Every block from the genesis on: signatures, roots, certificates, seals, indexes, wallets, journal. Nothing is asked " +
    "of any node, no passphrase is needed, and nothing is changed. Exit code 1 names the first thing that is wrong.",
  operands: [],
  options: { config: CONFIG_OPTION },
  run: async ({ values }, terminal) => {
    const file = configFile(NAME, values.config);
    try {
      return await checkStore(loadConfig(file), terminal);
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof StorageError)) throw error;
      throw new CommandError(`${NAME}: ${error.message}`);
    }
  },
});

async function checkStore(config: NodeConfig, terminal: Terminal): Promise<number> {
  const genesis = loadGenesis(config.genesisFile);
  const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
  const context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
  const { networkId } = context;
  const { storePath } = await openDataFolder(config.dataFolder);
  const store = await openLevelStore({ location: storePath, identity: { networkId } });
  const progress = terminal.progress("blocks checked");
  let outcome: StoreReport | StoreFault;
  try {
    const onBlock = (done: number, total: number) => progress.update(done, total);
    outcome = await auditStore({ context, store, checker: inlineChecker, onBlock });
  } finally {
    progress.end();
    await store.close();
  }
  if (outcome.kind === "fault") throw new CommandError(faultText(outcome, storePath));
  const supply = Object.entries(outcome.supply).map(([code, amount]) =>
    formatMoney(genesis, code, amount),
  );
  const { height, blockTime, operations, signatures, wallets, seals, journalRecords } = outcome;
  terminal.answer({
    value: { ...outcome, networkId },
    text: [
      `sound: ${height} blocks, ${operations} operations, ${signatures} signatures, ${seals} seals`,
      `network     ${toHex(networkId)}`,
      `height      ${height}, ${new Date(blockTime).toISOString()}`,
      `state root  ${toHex(outcome.stateRoot)}`,
      `supply      ${supply.join(", ")}, in ${wallets} wallets`,
      `last seal   ${seals === 0 ? "none" : `height ${outcome.lastSealedHeight}`}`,
      `journal     ${journalRecords} records`,
    ].join("\n"),
  });
  return EXIT.ok;
}

function faultText({ where, problem }: StoreFault, storePath: string): string {
  return (
    `${NAME}: ${where} ${problem}; do not run a node on it: move ${storePath} away, and let countersign rejoin ` +
    "make an empty store, which the peers fill"
  );
}
