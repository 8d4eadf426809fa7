/** The fields of each kind of operation in the canonical encoding. Absent fields are encoded as absent. */
import { amount } from "./amount.ts";
import { unreachable } from "./assert.ts";
import { type Decoder, type Encoder, EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH } from "./hash.ts";
import { readUuid, writeUuid } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { type ValidatorIndex, validatorIndex } from "./numbers.ts";
import type { Operation, OperationKind, WalletCreation } from "./operation.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "./signature.ts";

/** The kind byte is the position here plus one; never reorder. */
export const OPERATION_KINDS = [
  "walletCreation",
  "transfer",
  "ceremonyOpen",
  "ceremonyRound1",
  "ceremonyShares",
  "ceremonyConfirm",
  "ceremonyComplaint",
] as const satisfies readonly OperationKind[];

const X25519_LENGTH = 32;
type Common = Pick<WalletCreation, "author" | "id" | "validUntil">;

export function writeFields(encoder: Encoder, operation: Operation): void {
  switch (operation.kind) {
    case "walletCreation":
      encoder.fixed(operation.publicKey, PUBLIC_KEY_LENGTH).string(operation.asset);
      encoder.optional(operation.initialBalance, (value) => encoder.u64(value));
      return;
    case "transfer":
      writeUuid(encoder, operation.from);
      writeUuid(encoder, operation.to);
      encoder.string(operation.asset).u64(operation.amount);
      encoder.optional(operation.reference, (value) => encoder.string(value));
      return;
    case "ceremonyOpen":
      encoder.u32(operation.attempt);
      encoder.list(operation.members, (member) => encoder.u16(member)).u16(operation.threshold);
      return;
    case "ceremonyRound1":
      encoder.u32(operation.attempt).bytes(operation.package);
      encoder.fixed(operation.ephemeralKey, X25519_LENGTH);
      return;
    case "ceremonyShares":
      encoder.u32(operation.attempt);
      encoder.list(operation.ciphertexts, (item) => encoder.u16(item.to).bytes(item.ciphertext));
      return;
    case "ceremonyConfirm":
      encoder.u32(operation.attempt).fixed(operation.transcriptHash, DIGEST_LENGTH);
      encoder.fixed(operation.groupKey, PUBLIC_KEY_LENGTH);
      encoder.list(operation.verifyingShares, (item) =>
        encoder.u16(item.member).fixed(item.share, PUBLIC_KEY_LENGTH),
      );
      encoder.fixed(operation.certificateSignature, SIGNATURE_LENGTH);
      return;
    case "ceremonyComplaint":
      encoder.u32(operation.attempt).u16(operation.accused);
      encoder.fixed(operation.ephemeralSecret, X25519_LENGTH);
      return;
    default:
      unreachable(operation);
  }
}

export function readFields(decoder: Decoder, kind: OperationKind, common: Common): Operation {
  switch (kind) {
    case "walletCreation":
      return { kind, ...common, ...readWalletCreation(decoder) };
    case "transfer":
      return {
        kind,
        ...common,
        from: readUuid(decoder),
        to: readUuid(decoder),
        asset: decoder.string(LIMITS.nameLengthMax),
        amount: amount(decoder.u64()),
        reference: decoder.optional((inner) => inner.string(LIMITS.referenceLengthMax)),
      };
    case "ceremonyOpen":
      return {
        kind,
        ...common,
        attempt: decoder.u32(),
        members: decoder.list(LIMITS.validatorsMax, readIndex),
        threshold: decoder.u16(),
      };
    case "ceremonyRound1":
      return {
        kind,
        ...common,
        attempt: decoder.u32(),
        package: decoder.bytes(LIMITS.ceremonyPackageBytesMax),
        ephemeralKey: decoder.fixed(X25519_LENGTH),
      };
    case "ceremonyShares":
      return {
        kind,
        ...common,
        attempt: decoder.u32(),
        ciphertexts: decoder.list(LIMITS.validatorsMax, (inner) => ({
          to: readIndex(inner),
          ciphertext: inner.bytes(LIMITS.ciphertextBytesMax),
        })),
      };
    case "ceremonyConfirm":
      return {
        kind,
        ...common,
        attempt: decoder.u32(),
        transcriptHash: decoder.fixed(DIGEST_LENGTH),
        groupKey: decoder.fixed(PUBLIC_KEY_LENGTH),
        verifyingShares: decoder.list(LIMITS.validatorsMax, (inner) => ({
          member: readIndex(inner),
          share: inner.fixed(PUBLIC_KEY_LENGTH),
        })),
        certificateSignature: decoder.fixed(SIGNATURE_LENGTH),
      };
    case "ceremonyComplaint":
      return {
        kind,
        ...common,
        attempt: decoder.u32(),
        accused: readIndex(decoder),
        ephemeralSecret: decoder.fixed(X25519_LENGTH),
      };
    default:
      return unreachable(kind);
  }
}

function readIndex(decoder: Decoder): ValidatorIndex {
  return validatorIndex(decoder.u16());
}

function readWalletCreation(decoder: Decoder): Omit<WalletCreation, "kind" | keyof Common> {
  const publicKey = decoder.fixed(PUBLIC_KEY_LENGTH);
  const asset = decoder.string(LIMITS.nameLengthMax);
  const initialBalance = decoder.optional((inner) => amount(inner.u64()));
  if (initialBalance === 0n) {
    throw new EncodingError("malformed", "an initial balance of zero is encoded as absent");
  }
  return { publicKey, asset, initialBalance };
}
