/**
 * The signer's unused nonce pairs, one for each coordinator. A pair lives only in memory, for at most 60 s. It is removed
 * before it signs and never returns, even if signing fails: a nonce that signs two messages reveals the share (S5; RFC
 * 9591 section 7.3).
 */
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { commitNonces, type Nonces } from "./frost-signing.ts";
import { type NonceCommitment, textOf } from "./messages.ts";
import type { KeyShare } from "./seal-key.ts";
import type { SigningGroup } from "./signing-group.ts";
import type { Entropy } from "./suite.ts";

export const NONCE_LIFETIME_MS = 60_000;

interface Pair {
  readonly nonces: Nonces;
  readonly commitment: NonceCommitment;
  readonly madeAt: number;
}

export class NonceStore {
  readonly #group: SigningGroup;
  readonly #share: KeyShare;
  readonly #entropy: Entropy;
  readonly #pairs = new Map<ValidatorIndex, Pair>();

  constructor(parts: { group: SigningGroup; share: KeyShare; entropy: Entropy }) {
    this.#group = parts.group;
    this.#share = parts.share;
    this.#entropy = parts.entropy;
  }

  /**
   * The commitment of the unused pair for this coordinator. Makes a fresh pair if none is alive, or if the coordinator
   * has `spent` the current one on a request that never arrived.
   */
  offer(coordinator: ValidatorIndex, now: number, spent?: NonceCommitment): NonceCommitment {
    const held = this.#alive(coordinator, now)?.commitment;
    if (held !== undefined && (spent === undefined || textOf(held) !== textOf(spent))) return held;
    this.#discard(coordinator);
    const { signingShare } = this.#share;
    const { nonces, commitment } = commitNonces(this.#group, signingShare, this.#entropy);
    this.#pairs.set(coordinator, { nonces, commitment, madeAt: now });
    return commitment;
  }

  /** Removes and returns the coordinator's unused pair, if its commitment is exactly this one. */
  take(coordinator: ValidatorIndex, commitment: NonceCommitment, now: number): Nonces | undefined {
    const held = this.#alive(coordinator, now);
    if (held === undefined || textOf(held.commitment) !== textOf(commitment)) return undefined;
    this.#pairs.delete(coordinator);
    return held.nonces;
  }

  /** If the clock went back, the age of a pair is unknown, so the pair counts as expired. */
  #alive(coordinator: ValidatorIndex, now: number): Pair | undefined {
    const held = this.#pairs.get(coordinator);
    if (held === undefined) return undefined;
    const age = now - held.madeAt;
    if (age >= 0 && age < NONCE_LIFETIME_MS) return held;
    this.#discard(coordinator);
    return undefined;
  }

  #discard(coordinator: ValidatorIndex): void {
    const held = this.#pairs.get(coordinator);
    if (held !== undefined) destroy(held.nonces);
    this.#pairs.delete(coordinator);
  }
}

/** Overwrites a pair, after which it can sign nothing. */
export function destroy(nonces: Nonces): void {
  nonces.hiding.fill(0);
  nonces.binding.fill(0);
}
