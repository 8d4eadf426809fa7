/** Seals, registrations, votes of others, the journal's identity, custodial operations and evidence over records. */
import { assert } from "../primitives/assert.ts";
import { type Bytes, equalBytes, toHex } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { type Height, height, type ValidatorIndex, validatorIndex } from "../primitives/numbers.ts";
import { SIGNATURE_LENGTH } from "../primitives/signature.ts";
import {
  type CustodyJournal,
  type CustodyKey,
  EVIDENCE_PER_FAULT_MAX,
  type EvidenceRecords,
  type Fault,
  type JournalIdentity,
  type JournalIdentityRecord,
  type Registrations,
  type Seals,
  type StoredSeal,
  type WitnessedVotes,
} from "./contracts.ts";
import type { Entry } from "./key-value.ts";
import {
  custodyKey,
  evidenceKey,
  faultOfKey,
  numberedKey,
  numberOfKey,
  registrationKey,
  singleKey,
  validatorOfKey,
  voteKey,
  wholeKind,
} from "./keys.ts";
import { del, put, type Records, readRecord } from "./records.ts";

const SEALS = wholeKind(numberedKey("seal", 0));
const REGISTRATIONS = wholeKind(registrationKey(validatorIndex(0)));
const VOTES = wholeKind(voteKey(validatorIndex(0)));
const EVIDENCE = wholeKind(evidenceKey({ member: validatorIndex(0), kind: "differingResult" }, 0));
const IDENTITY_KEY = singleKey("journalIdentity");
const JOURNAL_ID_LENGTH_MAX = 64;

export class SealRecords implements Seals {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async save(at: Height, seal: Bytes): Promise<void> {
    assert(seal.length === SIGNATURE_LENGTH, "a seal has 64 bytes");
    await this.#records.write([put(numberedKey("seal", at), seal)]);
  }

  async load(at: Height): Promise<Bytes | undefined> {
    return this.#records.load(numberedKey("seal", at));
  }

  async loadAtOrAbove(at: Height): Promise<StoredSeal | undefined> {
    return sealOf(await this.#records.atOrAbove(numberedKey("seal", at), SEALS.below));
  }

  async loadHighest(): Promise<StoredSeal | undefined> {
    return sealOf(await this.#records.first({ ...SEALS, reverse: true }));
  }

  async forget(at: Height): Promise<void> {
    await this.#records.write([del(numberedKey("seal", at))]);
  }
}

function sealOf(entry: Entry | undefined): StoredSeal | undefined {
  return entry && { height: height(numberOfKey(entry.key)), seal: entry.value };
}

export class RegistrationRecords implements Registrations {
  readonly #records: Records;
  readonly #held: Map<ValidatorIndex, Bytes>;

  private constructor(records: Records, held: Map<ValidatorIndex, Bytes>) {
    this.#records = records;
    this.#held = held;
  }

  static async open(records: Records): Promise<RegistrationRecords> {
    const held = new Map<ValidatorIndex, Bytes>();
    for await (const { key, value } of records.range(REGISTRATIONS)) {
      held.set(validatorIndex(validatorOfKey(key)), value);
    }
    return new RegistrationRecords(records, held);
  }

  async save(
    validator: ValidatorIndex,
    registration: Bytes,
    replaces: (held: Bytes) => boolean,
  ): Promise<{ saved: true } | { saved: false; held: Bytes }> {
    const held = this.#held.get(validator);
    if (held !== undefined && !replaces(held)) {
      // What is held may still be on its way to the disk.
      await this.#records.drain();
      return { saved: false, held };
    }
    this.#held.set(validator, registration);
    await this.#records.write([put(registrationKey(validator), registration)]);
    return { saved: true };
  }

  async load(): Promise<ReadonlyMap<ValidatorIndex, Bytes>> {
    return new Map(this.#held);
  }
}

export class WitnessedVoteRecords implements WitnessedVotes {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async save(votes: ReadonlyMap<ValidatorIndex, Bytes>): Promise<void> {
    if (votes.size === 0) return;
    await this.#records.write([...votes].map(([validator, vote]) => put(voteKey(validator), vote)));
  }

  async load(): Promise<ReadonlyMap<ValidatorIndex, Bytes>> {
    const held = new Map<ValidatorIndex, Bytes>();
    for await (const { key, value } of this.#records.range(VOTES)) {
      held.set(validatorIndex(validatorOfKey(key)), value);
    }
    return held;
  }
}

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
    const stored = this.#records.load(IDENTITY_KEY);
    return (
      stored &&
      readRecord(IDENTITY_KEY, stored, (decoder) => ({
        journalId: decoder.bytes(JOURNAL_ID_LENGTH_MAX),
        starts: decoder.safeU64(),
        firstView: decoder.safeU64(),
        amnesiac: decoder.boolean(),
        rejoined: decoder.boolean(),
      }))
    );
  }

  async save(identity: JournalIdentity): Promise<void> {
    const { journalId, starts, firstView, amnesiac, rejoined } = identity;
    assert(journalId.length >= 1 && journalId.length <= JOURNAL_ID_LENGTH_MAX, "journal id");
    const value = new Encoder()
      .bytes(journalId)
      .u64(starts)
      .u64(firstView)
      .boolean(amnesiac)
      .boolean(rejoined)
      .finish();
    await this.#records.write([put(IDENTITY_KEY, value)]);
  }
}

export class CustodyRecords implements CustodyJournal {
  readonly #records: Records;
  /** What is being written, so that two calls with one id cannot both find nothing. */
  readonly #writing = new Map<string, Promise<Bytes>>();

  constructor(records: Records) {
    this.#records = records;
  }

  async putIfAbsent(entry: CustodyKey, signed: Bytes): Promise<Bytes> {
    const key = custodyKey(entry.caller, entry.id);
    const name = toHex(key);
    const held = this.#writing.get(name) ?? this.#records.load(key);
    if (held !== undefined) return held;
    const writing = this.#records.write([put(key, signed)]).then(() => signed);
    this.#writing.set(name, writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(name);
    }
  }

  async load(entry: CustodyKey): Promise<Bytes | undefined> {
    return this.#records.load(custodyKey(entry.caller, entry.id));
  }
}

export class EvidenceRecordList implements EvidenceRecords {
  readonly #records: Records;
  /** By fault; a fault's records are numbered as they are listed. */
  readonly #held: Map<string, Bytes[]>;

  private constructor(records: Records, held: Map<string, Bytes[]>) {
    this.#records = records;
    this.#held = held;
  }

  static async open(records: Records): Promise<EvidenceRecordList> {
    const held = new Map<string, Bytes[]>();
    for await (const { key, value } of records.range(EVIDENCE)) {
      const fault = faultOfKey(key);
      held.set(fault, [...(held.get(fault) ?? []), value]);
    }
    return new EvidenceRecordList(records, held);
  }

  async append(fault: Fault, evidence: Bytes): Promise<"stored" | "known" | "full"> {
    const name = faultOfKey(evidenceKey(fault, 0));
    const held = this.#held.get(name) ?? [];
    if (held.some((bytes) => equalBytes(bytes, evidence))) {
      await this.#records.drain();
      return "known";
    }
    if (held.length >= EVIDENCE_PER_FAULT_MAX) return "full";
    this.#held.set(name, [...held, evidence]);
    await this.#records.write([put(evidenceKey(fault, held.length), evidence)]);
    return "stored";
  }

  async load(): Promise<readonly Bytes[]> {
    return [...this.#held]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .flatMap(([, of]) => of);
  }
}
