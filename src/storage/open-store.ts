/** Makes a store of an engine: checks whose it is and that nothing is missing, then puts the parts together. */
import { equalBytes, toHex } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import { nextBatchNumber } from "./batch-numbers.ts";
import { BlockRecords } from "./block-records.ts";
import { ChainRecords } from "./chain-records.ts";
import type { Store, StoreIdentity } from "./contracts.ts";
import { StorageError } from "./errors.ts";
import { JournalRecords } from "./journal-records.ts";
import { KeyCounts } from "./key-counts.ts";
import type { KeyValue } from "./key-value.ts";
import { EVERYTHING, singleKey } from "./keys.ts";
import { OperationRecords } from "./operation-records.ts";
import { put, Records, readRecord } from "./records.ts";
import {
  CustodyRecords,
  EvidenceRecordList,
  JournalIdentityRecords,
  RegistrationRecords,
  SealRecords,
  WitnessedVoteRecords,
} from "./small-records.ts";
import { StateRecords } from "./state-records.ts";
import { WriteQueue } from "./write-queue.ts";

/** Raised when the layout of records changes. */
const SCHEMA_VERSION = 5;
const SCHEMA_KEY = singleKey("schema");

/**
 * Opens what `keyValue` holds, or with `create` a new store in an empty engine. `place` names it in messages. On
 * failure the engine is closed.
 */
export async function openStoreOn(
  keyValue: KeyValue,
  options: { identity: StoreIdentity; create: boolean; place: string },
): Promise<Store> {
  try {
    const queue = new WriteQueue(keyValue, await nextBatchNumber(keyValue));
    const records = new Records(keyValue, queue);
    if (options.create) await createSchema(records, options);
    checkSchema(records, options);
    return await assemble(keyValue, queue, records);
  } catch (error) {
    await keyValue.close();
    throw error;
  }
}

async function createSchema(
  records: Records,
  options: { identity: StoreIdentity; place: string },
): Promise<void> {
  if ((await records.first(EVERYTHING)) !== undefined) {
    throw new StorageError("exists", `${options.place} already holds a store`);
  }
  const { networkId } = options.identity;
  const value = new Encoder().u16(SCHEMA_VERSION).fixed(networkId, DIGEST_LENGTH).finish();
  await records.write([put(SCHEMA_KEY, value)]);
}

function checkSchema(records: Records, options: { identity: StoreIdentity; place: string }): void {
  const stored = records.load(SCHEMA_KEY);
  if (stored === undefined) {
    throw new StorageError("missing", `${options.place} holds no store of Countersign`);
  }
  // The version alone is read first: a newer layout may go on differently.
  const version = new DataView(stored.buffer, stored.byteOffset, stored.byteLength).getUint16(0);
  if (version > SCHEMA_VERSION) {
    throw new StorageError(
      "newerSchema",
      `${options.place} was written by a newer version (layout ${version}, this one knows ` +
        `${SCHEMA_VERSION}); start that version`,
    );
  }
  if (version < SCHEMA_VERSION) {
    throw new StorageError(
      "olderSchema",
      `${options.place} was written by an older version (layout ${version}, this one knows only ` +
        `${SCHEMA_VERSION}); start that version, or begin a new network in another folder`,
    );
  }
  const networkId = readRecord(SCHEMA_KEY, stored, (decoder) => {
    decoder.u16();
    return decoder.fixed(DIGEST_LENGTH);
  });
  if (!equalBytes(networkId, options.identity.networkId)) {
    throw new StorageError(
      "foreignNetwork",
      `${options.place} belongs to network ${toHex(networkId)}, not to ` +
        `${toHex(options.identity.networkId)}; use another data folder or the other genesis`,
    );
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
    state: new StateRecords(records),
    chain: new ChainRecords({ records, blocks, operations, journal }),
    repair: blocks,
    seals: new SealRecords(records),
    registrations: await RegistrationRecords.open(records),
    witnessedVotes: new WitnessedVoteRecords(records),
    journalIdentity: new JournalIdentityRecords(records),
    custody: new CustodyRecords(records),
    evidence: await EvidenceRecordList.open(records),
    readAll: async () => {
      const keys = new KeyCounts();
      for await (const { key } of records.range(EVERYTHING)) keys.add(key);
      return keys.counts;
    },
    close: () => {
      closing ??= queue.close().then(() => keyValue.close());
      return closing;
    },
  };
}
