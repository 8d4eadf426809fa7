/**
 * The cryptography of a key ceremony as far as the ledger needs it. The ledger keeps the order, membership and
 * deadlines of the steps. The judge, which the host hands in, opens packages and ciphertexts. Every answer must be a
 * pure function of its arguments, because all nodes have to reach the same verdict.
 */
import type { Bytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import type { Epoch, ValidatorIndex } from "../primitives/numbers.ts";

/** Everything that an attempt's messages are bound to. */
export interface CeremonyContext {
  readonly networkId: Digest;
  readonly epoch: Epoch;
  /** From 1, rising by one with every open. */
  readonly attempt: number;
  /** Ascending genesis indices; a member's FROST identifier is its index + 1, for ever. */
  readonly members: readonly ValidatorIndex[];
  /** t, the quorum of the genesis (K6). */
  readonly threshold: number;
}

/** One member's ordered round-1 operation. */
export interface Round1Record {
  readonly member: ValidatorIndex;
  /** Commitments and proof of knowledge, in the judge's own encoding. */
  readonly package: Bytes;
  /** X25519 public key, of this attempt only. */
  readonly ephemeralKey: Bytes;
}

/** One member's ordered shares operation: the other members ascending, each with its encrypted share. */
export interface CiphertextsRecord {
  readonly member: ValidatorIndex;
  readonly ciphertexts: readonly {
    readonly to: ValidatorIndex;
    readonly ciphertext: Bytes;
  }[];
}

/** The outcome that every honest member computes from the ordered steps of a ceremony without a liar. */
export interface CeremonyOutcome {
  readonly groupKey: Bytes;
  /** All members, ascending. */
  readonly verifyingShares: readonly { readonly member: ValidatorIndex; readonly share: Bytes }[];
  readonly transcriptHash: Digest;
}

/** A member's claim that the share sent to it is wrong, with the key that lets every node check the claim. */
export interface ComplaintRecord {
  readonly complainer: ValidatorIndex;
  readonly accused: ValidatorIndex;
  /** The complainer's X25519 secret of this attempt. */
  readonly ephemeralSecret: Bytes;
}

export interface CeremonyJudge {
  /** False for a package or an ephemeral key that no honest member would send; the step is then declined. */
  acceptsRound1(context: CeremonyContext, record: Round1Record): boolean;
  /** Called with the records of all members, ascending. */
  outcome(
    context: CeremonyContext,
    round1: readonly Round1Record[],
    ciphertexts: readonly CiphertextsRecord[],
  ): CeremonyOutcome;
  /** The liar: the accused, or the complainer if the accused did nothing wrong or the secret is not its own. */
  blame(
    context: CeremonyContext,
    round1: readonly Round1Record[],
    ciphertexts: readonly CiphertextsRecord[],
    complaint: ComplaintRecord,
  ): ValidatorIndex;
}
