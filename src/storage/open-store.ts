/** Opens a store on an engine: checks its owner and that nothing is missing, upgrades it, and assembles its parts. */
import { TokenRecordList, WalletOwnerRecords } from "./access-records.ts";
import { backedUpRecords } from "./backup-records.ts";
import { nextBatchNumber } from "./batch-numbers.ts";
import { BlockRecords } from "./block-records.ts";
import { ChainRecords } from "./chain-records.ts";
import type { Store } from "./contracts.ts";
import { CustodyRecords } from "./custody-records.ts";
import { EvidenceRecordList } from "./evidence-records.ts";
import { JournalIdentityRecords } from "./journal-identity.ts";
import { JournalRecords } from "./journal-records.ts";
import type { KeyValue } from "./key-value.ts";
import { EVERYTHING } from "./keys.ts";
import { LAYOUTS, type Layouts, presentLayout } from "./layouts.ts";
import { type MigrationParts, migrate, type Upgrade } from "./migration.ts";
import { OperationRecords } from "./operation-records.ts";
import {
  MemberApprovalRecords,
  RegistrationRecords,
  WitnessedVoteRecords,
} from "./peer-records.ts";
import { RecordCounter } from "./record-counter.ts";
import { Records } from "./records.ts";
import { createSchema, loadSchema, type SchemaPlace } from "./schema.ts";
import { SealRecords } from "./seal-records.ts";
import { StateRecords } from "./state-records.ts";
import { StatementRecords } from "./statement-records.ts";
import { WebhookRecordList } from "./webhook-records.ts";
import { WriteQueue } from "./write-queue.ts";

export interface OpenOptions extends SchemaPlace {
  readonly create: boolean;
  /** Absent: a store of an older layout is refused. */
  readonly upgrade?: Upgrade | undefined;
  readonly space?: MigrationParts["space"];
  /** Tests give other layouts than this version's. */
  readonly layouts?: Layouts;
}

/**
 * Opens the store in `keyValue` or, with `create`, makes one in an empty engine. `place` names it in messages. Closes
 * the engine on failure.
 */
export async function openStoreOn(keyValue: KeyValue, options: OpenOptions): Promise<Store> {
  const { create, upgrade, space, layouts = LAYOUTS } = options;
  try {
    const queue = new WriteQueue(keyValue, await nextBatchNumber(keyValue));
    const records = new Records(keyValue, queue);
    if (create) await createSchema(records, presentLayout(layouts), options);
    const schema = loadSchema(records, layouts, options);
    await migrate({ ...options, records, layouts, upgrade, space }, schema);
    return await assemble(keyValue, queue, records);
  } catch (error) {
    await keyValue.close();
    throw error;
  }
}

async function assemble(keyValue: KeyValue, queue: WriteQueue, records: Records): Promise<Store> {
  const journal = await JournalRecords.open(records);
  const blocks = await BlockRecords.open(records);
  const operations = new OperationRecords(records);
  let closing: Promise<void> | undefined;
  return {
    journal,
    blocks,
    operations,
    statements: new StatementRecords(records),
    state: new StateRecords(records),
    chain: new ChainRecords({ records, blocks, operations, journal }),
    repair: blocks,
    seals: new SealRecords(records),
    registrations: await RegistrationRecords.open(records),
    witnessedVotes: new WitnessedVoteRecords(records),
    approvals: new MemberApprovalRecords(records),
    journalIdentity: new JournalIdentityRecords(records),
    custody: new CustodyRecords(records),
    evidence: await EvidenceRecordList.open(records),
    walletOwners: new WalletOwnerRecords(records),
    tokens: new TokenRecordList(records),
    webhooks: new WebhookRecordList(records),
    figures: queue.figures,
    readAll: async () => {
      const keys = new RecordCounter();
      for await (const { key } of records.range(EVERYTHING)) keys.add(key);
      return keys.counts;
    },
    backup: () => backedUpRecords(keyValue),
    close: () => {
      closing ??= queue.close().then(() => keyValue.close());
      return closing;
    },
  };
}
