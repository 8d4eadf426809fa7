/** The ceremony record: everything of the key ceremony that the state holds, and its canonical bytes. */
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { type Decoder, Encoder, EncodingError } from "../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Epoch, epoch, type ValidatorIndex, validatorIndex } from "../primitives/numbers.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import type { CertificateSignature } from "../primitives/vote.ts";
import type { CeremonyOutcome, CiphertextsRecord, Round1Record } from "./ceremony-judge.ts";

interface Common {
  /** The epoch whose key is made. */
  readonly epoch: Epoch;
  /** Number of the latest attempt; 0 before the first. */
  readonly attempt: number;
  /** Validators left out: of the running or final attempt, or of the next one. Ascending, at most f. */
  readonly excluded: readonly ValidatorIndex[];
}

/** The end of the latest attempt, which gave no key. */
export type CeremonyEnding =
  | {
      readonly kind: "complaint";
      readonly complainer: ValidatorIndex;
      readonly accused: ValidatorIndex;
      readonly blamed: ValidatorIndex;
    }
  | { readonly kind: "deadline"; readonly missing: readonly ValidatorIndex[] };

/** No attempt runs; the next *open* that names the computed members starts one. */
export interface CeremonyIdle extends Common {
  readonly kind: "idle";
  readonly ending: CeremonyEnding | undefined;
}

/** An attempt runs. Lists of steps are ascending by member, not in the order of arrival. */
export interface CeremonyRunning extends Common {
  readonly kind: "running";
  /** Block time of the *open*, milliseconds. */
  readonly openedAt: number;
  readonly round1: readonly Round1Record[];
  readonly ciphertexts: readonly CiphertextsRecord[];
  /** Computed when the last ciphertexts are ordered. */
  readonly outcome: CeremonyOutcome | undefined;
  /** A member that confirmed, with its identity signature over the key certificate's bytes. */
  readonly confirmations: readonly CertificateSignature[];
}

/** Every member confirmed: the group key is final. */
export interface CeremonyFinal extends Common {
  readonly kind: "final";
  readonly outcome: CeremonyOutcome;
  readonly confirmations: readonly CertificateSignature[];
}

export type CeremonyRecord = CeremonyIdle | CeremonyRunning | CeremonyFinal;

export function ceremonyBefore(first: Epoch): CeremonyIdle {
  return { kind: "idle", epoch: first, attempt: 0, excluded: [], ending: undefined };
}

const KINDS = ["idle", "running", "final"] as const satisfies readonly CeremonyRecord["kind"][];

export function encodeCeremonyRecord(networkId: NetworkId, record: CeremonyRecord): Bytes {
  const encoder = new Encoder()
    .tag(TAGS.ceremonyRecord)
    .fixed(networkId, DIGEST_LENGTH)
    .u8(KINDS.indexOf(record.kind))
    .u64(record.epoch)
    .u32(record.attempt)
    .list(record.excluded, writeIndex);
  if (record.kind === "idle") return encoder.optional(record.ending, writeEnding).finish();
  if (record.kind === "running") {
    encoder.u64(record.openedAt).list(record.round1, writeRound1);
    encoder.list(record.ciphertexts, writeCiphertexts);
  }
  return encoder
    .optional(record.outcome, writeOutcome)
    .list(record.confirmations, writeConfirmation)
    .finish();
}

/** Reads a record back, and leaves the decoder behind it. It does not check again that the steps fit together. */
export function readCeremonyRecord(decoder: Decoder, networkId: NetworkId): CeremonyRecord {
  decoder.tag(TAGS.ceremonyRecord);
  if (!equalBytes(decoder.fixed(DIGEST_LENGTH), networkId)) {
    throw new EncodingError("wrongNetwork", "the ceremony record names another network");
  }
  const kind = KINDS[decoder.u8()];
  const common = {
    epoch: epoch(decoder.safeU64()),
    attempt: decoder.u32(),
    excluded: decoder.list(LIMITS.validatorsMax, readIndex),
  };
  if (kind === "idle") return { kind, ...common, ending: decoder.optional(readEnding) };
  if (kind === "running") return { kind, ...common, ...readRunning(decoder) };
  const outcome = decoder.optional(readOutcome);
  const confirmations = decoder.list(LIMITS.validatorsMax, readConfirmation);
  if (kind === "final" && outcome !== undefined) {
    return { kind, ...common, outcome, confirmations };
  }
  throw new EncodingError("malformed", "no kind of ceremony record is like that");
}

function readRunning(decoder: Decoder) {
  return {
    openedAt: decoder.safeU64(),
    round1: decoder.list(LIMITS.validatorsMax, readRound1),
    ciphertexts: decoder.list(LIMITS.validatorsMax, readCiphertexts),
    outcome: decoder.optional(readOutcome),
    confirmations: decoder.list(LIMITS.validatorsMax, readConfirmation),
  };
}

function writeIndex(index: ValidatorIndex, encoder: Encoder): void {
  encoder.u16(index);
}

function readIndex(decoder: Decoder): ValidatorIndex {
  return validatorIndex(decoder.u16());
}

function writeEnding(ending: CeremonyEnding, encoder: Encoder): void {
  const isComplaint = ending.kind === "complaint";
  encoder.boolean(isComplaint);
  if (isComplaint) encoder.u16(ending.complainer).u16(ending.accused).u16(ending.blamed);
  else encoder.list(ending.missing, writeIndex);
}

function readEnding(decoder: Decoder): CeremonyEnding {
  if (!decoder.boolean()) {
    return { kind: "deadline", missing: decoder.list(LIMITS.validatorsMax, readIndex) };
  }
  const complainer = readIndex(decoder);
  const accused = readIndex(decoder);
  return { kind: "complaint", complainer, accused, blamed: readIndex(decoder) };
}

function writeRound1(record: Round1Record, encoder: Encoder): void {
  encoder.u16(record.member).bytes(record.package).bytes(record.ephemeralKey);
}

function readRound1(decoder: Decoder): Round1Record {
  return {
    member: readIndex(decoder),
    package: decoder.bytes(LIMITS.ceremonyPackageBytesMax),
    ephemeralKey: decoder.bytes(PUBLIC_KEY_LENGTH),
  };
}

function writeCiphertexts(record: CiphertextsRecord, encoder: Encoder): void {
  encoder.u16(record.member);
  encoder.list(record.ciphertexts, (item) => encoder.u16(item.to).bytes(item.ciphertext));
}

function readCiphertexts(decoder: Decoder): CiphertextsRecord {
  return {
    member: readIndex(decoder),
    ciphertexts: decoder.list(LIMITS.validatorsMax, (inner) => ({
      to: readIndex(inner),
      ciphertext: inner.bytes(LIMITS.ciphertextBytesMax),
    })),
  };
}

function writeOutcome(outcome: CeremonyOutcome, encoder: Encoder): void {
  encoder.fixed(outcome.groupKey, PUBLIC_KEY_LENGTH);
  encoder.list(outcome.verifyingShares, (item) =>
    encoder.u16(item.member).fixed(item.share, PUBLIC_KEY_LENGTH),
  );
  encoder.fixed(outcome.transcriptHash, DIGEST_LENGTH);
}

function readOutcome(decoder: Decoder): CeremonyOutcome {
  return {
    groupKey: decoder.fixed(PUBLIC_KEY_LENGTH),
    verifyingShares: decoder.list(LIMITS.validatorsMax, (inner) => ({
      member: readIndex(inner),
      share: inner.fixed(PUBLIC_KEY_LENGTH),
    })),
    transcriptHash: decoder.fixed(DIGEST_LENGTH),
  };
}

function writeConfirmation(item: CertificateSignature, encoder: Encoder): void {
  encoder.u16(item.signer).fixed(item.signature, SIGNATURE_LENGTH);
}

function readConfirmation(decoder: Decoder): CertificateSignature {
  return { signer: readIndex(decoder), signature: decoder.fixed(SIGNATURE_LENGTH) };
}
