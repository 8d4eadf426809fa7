/** Records of members: registrations, witnessed votes and approvals of rulesets. */
import type { Bytes } from "../primitives/bytes.ts";
import { type ValidatorIndex, validatorIndex } from "../primitives/numbers.ts";
import type { ApprovalRecords, Registrations, WitnessedVotes } from "./contracts.ts";
import type { Range } from "./key-value.ts";
import { approvalKey, registrationKey, validatorOfKey, voteKey, wholeKind } from "./keys.ts";
import { put, type Records } from "./records.ts";

const REGISTRATIONS = wholeKind(registrationKey(validatorIndex(0)));
const VOTES = wholeKind(voteKey(validatorIndex(0)));
const APPROVALS = wholeKind(approvalKey(validatorIndex(0)));

export class RegistrationRecords implements Registrations {
  readonly #records: Records;
  readonly #held: Map<ValidatorIndex, Bytes>;

  private constructor(records: Records, held: Map<ValidatorIndex, Bytes>) {
    this.#records = records;
    this.#held = held;
  }

  static async open(records: Records): Promise<RegistrationRecords> {
    return new RegistrationRecords(records, await loadAll(records, REGISTRATIONS));
  }

  async save(
    validator: ValidatorIndex,
    registration: Bytes,
    replaces: (held: Bytes) => boolean,
  ): Promise<{ saved: true } | { saved: false; held: Bytes }> {
    const held = this.#held.get(validator);
    if (held !== undefined && !replaces(held)) {
      // The held value may still be on its way to the disk.
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

  load(): Promise<ReadonlyMap<ValidatorIndex, Bytes>> {
    return loadAll(this.#records, VOTES);
  }
}

export class MemberApprovalRecords implements ApprovalRecords {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async save(validator: ValidatorIndex, approval: Bytes): Promise<void> {
    await this.#records.write([put(approvalKey(validator), approval)]);
  }

  load(): Promise<ReadonlyMap<ValidatorIndex, Bytes>> {
    return loadAll(this.#records, APPROVALS);
  }
}

async function loadAll(records: Records, range: Range): Promise<Map<ValidatorIndex, Bytes>> {
  const held = new Map<ValidatorIndex, Bytes>();
  for await (const { key, value } of records.range(range)) {
    held.set(validatorIndex(validatorOfKey(key)), value);
  }
  return held;
}
