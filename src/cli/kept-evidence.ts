/** The evidence that a node keeps: asked of the node if it runs, and read from its store if it is stopped. */
import type { LedgerContext } from "../ledger/context.ts";
import { loadConfig } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { refuseAbsent } from "../node/files/named-file.ts";
import { collectEvidence, type EvidenceRecord } from "../node/verify/evidence.ts";
import { isNotRunning, type OperatorCalls, withOperatorOf } from "./operator-access.ts";
import { offlineContext, type StoredPlaces, withStoppedStore } from "./stopped-store.ts";

export interface KeptEvidence {
  readonly context: LedgerContext;
  readonly records: readonly EvidenceRecord[];
}

/** `places` names a configuration, or a data folder and a genesis; only the node of a configuration can be asked. */
export async function keptEvidence(command: string, places: StoredPlaces): Promise<KeptEvidence> {
  const running = await ofRunningNode(command, places);
  if (running !== undefined) return running;
  return await withStoppedStore(command, places, async ({ context, store }) => {
    return { context, records: await collectEvidence(store) };
  });
}

/** Undefined if no node listens. */
async function ofRunningNode(
  command: string,
  { config: file, data, genesis }: StoredPlaces,
): Promise<KeptEvidence | undefined> {
  if (file === undefined || data !== undefined || genesis !== undefined) return undefined;
  const config = loadConfig(file);
  try {
    const records = await withOperatorOf(command, config, allRecords);
    refuseAbsent(config.file, "genesis", config.genesisFile);
    return { context: offlineContext(loadGenesis(config.genesisFile)), records };
  } catch (error) {
    if (isNotRunning(error)) return undefined;
    throw error;
  }
}

async function allRecords(calls: OperatorCalls): Promise<EvidenceRecord[]> {
  const records: EvidenceRecord[] = [];
  for (;;) {
    const page = await calls.listEvidence({ skip: records.length });
    for (const { id } of page.records) {
      const { record: bytes, headers, finalization } = await calls.getEvidence({ id });
      records.push(headers.length === 0 ? { bytes } : { bytes, block: { headers, finalization } });
    }
    if (page.records.length === 0 || records.length >= page.total) return records;
  }
}
