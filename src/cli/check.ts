/** `countersign check`: replays and verifies a stopped node's whole store, offline. */
import { createLedgerContext } from "../ledger/context.ts";
import {
  auditStore,
  type StoreFault,
  type StoreIncomplete,
  type StoreReport,
} from "../node/audit/store-audit.ts";
import { isValidPoint, sha256 } from "../node/base/crypto.ts";
import { inlineChecker } from "../node/base/signature-checker.ts";
import { ConfigError, loadConfig } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { toHex } from "../primitives/bytes.ts";
import { createCeremonyJudge } from "../seal/judge.ts";
import { createSuite } from "../seal/suite.ts";
import { openDataFolder } from "../storage/data-folder.ts";
import { StorageError } from "../storage/errors.ts";
import { openStore } from "../storage/store-factory.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { CONFIG_OPTION, configFile } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { formatMoney } from "./money.ts";
import type { Terminal } from "./terminal.ts";

const NAME = "check";

export const check = defineCommand({
  name: NAME,
  example: "countersign check --config node1/config.json",
  details:
    "Every block from the genesis on: signatures, roots, certificates, seals, indexes, wallets, journal. Nothing is asked " +
    "of any node, no passphrase is needed, and no record is changed. Exit code 1 names the first thing that is wrong. An " +
    "auditor, who has a node's data folder but not its configuration, gives --data and his own copy of the genesis.",
  operands: [],
  options: {
    config: CONFIG_OPTION,
    data: { kind: "text", value: "DIR", summary: "a node's data folder, instead of --config" },
    genesis: { kind: "text", value: "FILE", summary: "the network's genesis; with --data" },
  },
  run: async ({ values }, terminal) => {
    try {
      return await checkStore(placesOf(values), terminal);
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof StorageError)) throw error;
      throw new CommandError(`${NAME}: ${error.message}`);
    }
  },
});

interface Places {
  readonly genesisFile: string;
  readonly dataFolder: string;
}

function placesOf(values: {
  readonly config: string | undefined;
  readonly data: string | undefined;
  readonly genesis: string | undefined;
}): Places {
  const { config, data, genesis } = values;
  if (data === undefined && genesis === undefined) return loadConfig(configFile(NAME, config));
  if (config !== undefined) {
    throw usage(`${NAME}: --config names both folder and genesis; leave --data and --genesis out`);
  }
  if (data === undefined || genesis === undefined) {
    throw usage(`${NAME}: --data and --genesis go together; give both, or --config`);
  }
  return { genesisFile: genesis, dataFolder: data };
}

async function checkStore(places: Places, terminal: Terminal): Promise<number> {
  const genesis = loadGenesis(places.genesisFile);
  const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
  const context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
  const { networkId } = context;
  const { storePath, nodeId, engine } = await openDataFolder(places.dataFolder);
  const self = genesis.validators.find(({ id }) => id === nodeId)?.index;
  if (self === undefined) {
    throw new CommandError(
      `${NAME}: ${places.dataFolder} is the data folder of ${nodeId}, which is no node of ${places.genesisFile}; ` +
        "name the right genesis",
    );
  }
  const store = await openStore({ engine, location: storePath, identity: { networkId } });
  const progress = terminal.progress("blocks checked");
  let outcome: StoreReport | StoreFault | StoreIncomplete;
  try {
    const onBlock = (done: number, total: number) => progress.update(done, total);
    outcome = await auditStore({ context, store, checker: inlineChecker, self, onBlock });
  } finally {
    progress.end();
    await store.close();
  }
  if (outcome.kind === "incomplete") throw new CommandError(incompleteText(outcome));
  if (outcome.kind === "fault") throw new CommandError(faultText(outcome, storePath));
  const supply = Object.entries(outcome.supply).map(([code, amount]) =>
    formatMoney(genesis, code, amount),
  );
  const { height, blockTime, operations, signatures, wallets, seals } = outcome;
  terminal.answer({
    value: { ...outcome, networkId },
    text: [
      `sound: ${height} blocks, ${operations} operations, ${signatures} signatures, ${seals} seals`,
      `network     ${toHex(networkId)}`,
      `height      ${height}, ${new Date(blockTime).toISOString()}`,
      `state root  ${toHex(outcome.stateRoot)}`,
      `supply      ${supply.join(", ")}, in ${wallets} wallets`,
      `last seal   ${seals === 0 ? "none" : `height ${outcome.lastSealedHeight}`}`,
      `journal     ${outcome.journalRecords} records, of ${outcome.records} in the store`,
    ].join("\n"),
  });
  return EXIT.ok;
}

function incompleteText({ snapshot, from, below }: StoreIncomplete): string {
  return (
    `${NAME}: the node was started from a snapshot of height ${snapshot}, and blocks ${below + 1} to ${from - 1} are still ` +
    "to come: nothing above them can be replayed; let it run until countersign status calls it ready, and check again"
  );
}

function faultText({ where, problem }: StoreFault, storePath: string): string {
  return (
    `${NAME}: ${where} ${problem}; do not run a node on it: move ${storePath} away, and let countersign rejoin ` +
    "make an empty store, which the peers fill"
  );
}
