/** A coordinator's record of its signers: unused commitments, blame, and failures in the last session. */
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { type MemberCommitment, type NonceCommitment, textOf } from "./messages.ts";
import { NONCE_LIFETIME_MS } from "./nonces.ts";

/** Shorter than the life of a pair, to leave time for the request and the answer. */
const COMMITMENT_USE_MS = NONCE_LIFETIME_MS - 10_000;

interface Standing {
  unused?: { readonly commitment: NonceCommitment; readonly since: number } | undefined;
  /** The last commitment put into a request. It is never used again. */
  spent?: NonceCommitment | undefined;
  /** Proved wrong by its own message, and not asked again while this process runs. */
  blamed: boolean;
  /** Failed in its last session, and is asked after all others. */
  suspect: boolean;
}

export class Roster {
  readonly #signers: ReadonlyMap<ValidatorIndex, Standing>;
  readonly #preference: readonly ValidatorIndex[];

  /** Members are asked in genesis order, starting with the coordinator itself. */
  constructor(members: readonly ValidatorIndex[], self: ValidatorIndex) {
    this.#signers = new Map(
      members.map((member) => [member, { blamed: false, suspect: false }] as const),
    );
    this.#preference = [
      ...members.filter((member) => member >= self),
      ...members.filter((member) => member < self),
    ];
  }

  isTrusted(member: ValidatorIndex): boolean {
    return this.#signers.get(member)?.blamed === false;
  }

  blame(member: ValidatorIndex): void {
    this.#change(member, { blamed: true, unused: undefined });
  }

  setSuspect(member: ValidatorIndex, suspect: boolean): void {
    this.#change(member, { suspect });
  }

  /** Keeps an unused commitment, whose points the caller has checked. */
  keep(member: ValidatorIndex, commitment: NonceCommitment, now: number): void {
    const spent = this.spent(member);
    if (spent !== undefined && textOf(spent) === textOf(commitment)) return;
    this.#change(member, { unused: { commitment, since: now } });
  }

  /** The members that are neither blamed nor in `without`, in order of preference. */
  candidates(without: ReadonlySet<ValidatorIndex>): ValidatorIndex[] {
    const candidates = this.#preference.filter(
      (member) => this.isTrusted(member) && !without.has(member),
    );
    const isSuspect = (member: ValidatorIndex) => this.#signers.get(member)?.suspect === true;
    return [
      ...candidates.filter((member) => !isSuspect(member)),
      ...candidates.filter((member) => isSuspect(member)),
    ];
  }

  spent(member: ValidatorIndex): NonceCommitment | undefined {
    return this.#signers.get(member)?.spent;
  }

  hasUnused(member: ValidatorIndex, now: number): boolean {
    const since = this.#signers.get(member)?.unused?.since;
    return since !== undefined && now - since >= 0 && now - since < COMMITMENT_USE_MS;
  }

  /** Returns the members' commitments, ascending by member, and marks them spent. */
  spend(members: readonly ValidatorIndex[]): MemberCommitment[] {
    const list: MemberCommitment[] = [];
    for (const member of members.toSorted((left, right) => left - right)) {
      const commitment = this.#signers.get(member)?.unused?.commitment;
      if (commitment === undefined) continue;
      this.#change(member, { unused: undefined, spent: commitment });
      list.push({ member, commitment });
    }
    return list;
  }

  #change(member: ValidatorIndex, change: Partial<Standing>): void {
    const standing = this.#signers.get(member);
    if (standing !== undefined) Object.assign(standing, change);
  }
}
