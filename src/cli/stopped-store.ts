/** Opens the store of a stopped node read-only: it needs no passphrase and upgrades no layout. */
import { createLedgerContext, type LedgerContext } from "../ledger/context.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { isValidPoint, sha256 } from "../node/base/crypto.ts";
import { loadConfig } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { refuseAbsent } from "../node/files/named-file.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { createCeremonyJudge } from "../seal/judge.ts";
import { createSuite } from "../seal/suite.ts";
import type { Store } from "../storage/contracts.ts";
import { openDataFolder } from "../storage/data-folder.ts";
import { openStore } from "../storage/store-factory.ts";
import { usage } from "./arguments.ts";
import { CommandError } from "./command.ts";
import { CONFIG_OPTION, configFile } from "./config-option.ts";

export const STOPPED_STORE_OPTIONS = {
  config: CONFIG_OPTION,
  data: { kind: "text", value: "DIR", summary: "a node's data folder, instead of --config" },
  genesis: { kind: "text", value: "FILE", summary: "the network's genesis; with --data" },
} as const;

export interface StoppedStore {
  readonly context: LedgerContext;
  readonly store: Store;
  /** The node whose store it is. */
  readonly self: ValidatorIndex;
  readonly storePath: string;
}

export interface StoredPlaces {
  readonly config: string | undefined;
  readonly data: string | undefined;
  readonly genesis: string | undefined;
}

/** Opens the store, and closes it after `use`. */
export async function withStoppedStore<T>(
  command: string,
  values: StoredPlaces,
  use: (stopped: StoppedStore) => Promise<T>,
): Promise<T> {
  const stopped = await open(command, values);
  try {
    return await use(stopped);
  } finally {
    await stopped.store.close();
  }
}

export function offlineContext(genesis: Genesis): LedgerContext {
  const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
  return createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
}

async function open(command: string, values: StoredPlaces): Promise<StoppedStore> {
  const { genesisFile, dataFolder } = placesOf(command, values);
  const genesis = loadGenesis(genesisFile);
  const context = offlineContext(genesis);
  const { storePath, nodeId, engine } = await openDataFolder(dataFolder);
  const self = genesis.validators.find(({ id }) => id === nodeId)?.index;
  if (self === undefined) {
    throw new CommandError(
      `${command}: ${dataFolder} is the data folder of ${nodeId}, which is no node of ${genesisFile}; name the right genesis`,
    );
  }
  const { networkId } = context;
  const store = await openStore({ engine, location: storePath, identity: { networkId } });
  return { context, store, self, storePath };
}

function placesOf(command: string, { config, data, genesis }: StoredPlaces) {
  if (data === undefined && genesis === undefined) {
    const named = loadConfig(configFile(command, config));
    refuseAbsent(named.file, "genesis", named.genesisFile);
    refuseAbsent(named.file, "data", named.dataFolder);
    return named;
  }
  if (config !== undefined) {
    throw usage(
      `${command}: --config names both folder and genesis; leave --data and --genesis out`,
    );
  }
  if (data === undefined || genesis === undefined) {
    throw usage(`${command}: --data and --genesis go together; give both, or --config`);
  }
  return { genesisFile: genesis, dataFolder: data };
}
