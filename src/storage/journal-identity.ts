/** The identity of this node's own journal: one record, synced at every start (A1). */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { Encoder, EncodingError } from "../primitives/encoding.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { JournalIdentity, JournalIdentityRecord } from "./contracts.ts";
import type { Change } from "./key-value.ts";
import { singleKey } from "./keys.ts";
import { put, type Records, readRecord } from "./records.ts";

const IDENTITY_KEY = singleKey("journalIdentity");

export class JournalIdentityRecords implements JournalIdentityRecord {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async countStart(fresh: { journalId: Bytes }): Promise<JournalIdentity> {
    const held = await this.load();
    const identity =
      held === undefined
        ? { ...fresh, starts: 1, firstView: 1, amnesiac: false, rejoined: false }
        : { ...held, starts: held.starts + 1 };
    await this.save(identity);
    return identity;
  }

  async load(): Promise<JournalIdentity | undefined> {
    return loadJournalIdentity(this.#records);
  }

  async save(identity: JournalIdentity): Promise<void> {
    await this.#records.write([putJournalIdentity(identity)]);
  }
}

export function loadJournalIdentity(records: Pick<Records, "load">): JournalIdentity | undefined {
  const stored = records.load(IDENTITY_KEY);
  return (
    stored &&
    readRecord(IDENTITY_KEY, stored, (decoder) => ({
      journalId: namesJournal(decoder.bytes(LIMITS.journalIdLengthMax)),
      starts: decoder.safeU64(),
      firstView: decoder.safeU64(),
      amnesiac: decoder.boolean(),
      rejoined: decoder.boolean(),
    }))
  );
}

export function putJournalIdentity(identity: JournalIdentity): Change {
  const { journalId, starts, firstView, amnesiac, rejoined } = identity;
  assert(journalId.length >= 1 && journalId.length <= LIMITS.journalIdLengthMax, "journal id");
  const value = new Encoder()
    .bytes(journalId)
    .u64(starts)
    .u64(firstView)
    .boolean(amnesiac)
    .boolean(rejoined)
    .finish();
  return put(IDENTITY_KEY, value);
}

function namesJournal(journalId: Bytes): Bytes {
  if (journalId.length === 0) throw new EncodingError("malformed", "the journal has no id");
  return journalId;
}
