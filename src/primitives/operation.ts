/** Operations: what a block orders. Their canonical bytes, signatures, hashes and the key of their id. */
import type { Amount } from "./amount.ts";
import { type Bytes, concatBytes, equalBytes, toHex } from "./bytes.ts";
import { Decoder, Encoder, EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash } from "./hash.ts";
import { type NetworkId, type OperationId, readUuid, type WalletId, writeUuid } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { leafHash } from "./merkle-tree.ts";
import { type ValidatorIndex, validatorIndex } from "./numbers.ts";
import { OPERATION_KINDS, readFields, writeFields } from "./operation-fields.ts";
import {
  PUBLIC_KEY_LENGTH,
  type PublicKey,
  SIGNATURE_LENGTH,
  type Signature,
} from "./signature.ts";
import { TAGS } from "./tags.ts";

interface Common {
  /** Whose signature makes it valid: issuer or wallet key, paying wallet's key, member's identity key. */
  readonly author: PublicKey;
  /** Chosen by the author; unique per paying wallet (transfers) or per author (all others). */
  readonly id: OperationId;
  /** Milliseconds since the epoch; the last block time at which it may be applied. */
  readonly validUntil: number;
}

export interface WalletCreation extends Common {
  readonly kind: "walletCreation";
  /** The new wallet's key; its id is derived from it and from the operation's id (the creation id). */
  readonly publicKey: PublicKey;
  /** Code of an asset in the genesis. */
  readonly asset: string;
  /** Created money; absent for zero. With it the author is an issuer, without it the wallet's own key. */
  readonly initialBalance?: Amount | undefined;
}

export interface Transfer extends Common {
  readonly kind: "transfer";
  readonly from: WalletId;
  readonly to: WalletId;
  /** Code of an asset in the genesis: that of both wallets. It says what `amount` counts. */
  readonly asset: string;
  readonly amount: Amount;
  /** Free text of the payer, at most `LIMITS.referenceLengthMax` bytes of UTF-8. */
  readonly reference?: string | undefined;
}

/** Ceremony steps (K1); the author is a validator's identity key. */
export interface CeremonyOpen extends Common {
  readonly kind: "ceremonyOpen";
  readonly attempt: number;
  /** Ascending. */
  readonly members: readonly ValidatorIndex[];
  readonly threshold: number;
}

export interface CeremonyRound1 extends Common {
  readonly kind: "ceremonyRound1";
  readonly attempt: number;
  readonly package: Bytes;
  /** X25519, of this attempt only. */
  readonly ephemeralKey: Bytes;
}

export interface CeremonyShares extends Common {
  readonly kind: "ceremonyShares";
  readonly attempt: number;
  readonly ciphertexts: readonly { readonly to: ValidatorIndex; readonly ciphertext: Bytes }[];
}

export interface CeremonyConfirm extends Common {
  readonly kind: "ceremonyConfirm";
  readonly attempt: number;
  readonly transcriptHash: Digest;
  readonly groupKey: PublicKey;
  readonly verifyingShares: readonly { readonly member: ValidatorIndex; readonly share: Bytes }[];
  /** The member's identity signature over the key certificate's bytes. */
  readonly certificateSignature: Signature;
}

export interface CeremonyComplaint extends Common {
  readonly kind: "ceremonyComplaint";
  readonly attempt: number;
  readonly accused: ValidatorIndex;
  /** The complainer's X25519 secret of this attempt, so that all can judge. */
  readonly ephemeralSecret: Bytes;
}

export type CeremonyStep =
  | CeremonyOpen
  | CeremonyRound1
  | CeremonyShares
  | CeremonyConfirm
  | CeremonyComplaint;

export type Operation = WalletCreation | Transfer | CeremonyStep;
export type OperationKind = Operation["kind"];

/** The custody-key signature of the member that lets a wallet without money in. */
export interface Sponsor {
  readonly validator: ValidatorIndex;
  readonly signature: Signature;
}

/** An operation with its signatures, as pools, blocks and proofs hold it. */
export interface SignedOperation {
  readonly operation: Operation;
  readonly signature: Signature;
  readonly sponsor?: Sponsor | undefined;
  /** Canonical bytes with signatures: the leaf of the operations tree. */
  readonly bytes: Bytes;
  /** Canonical bytes that the signatures cover. */
  readonly unsignedBytes: Bytes;
  /** The operation hash: hash of `unsignedBytes`. "Same body" compares this. */
  readonly hash: Digest;
  /** RFC 9162 leaf hash of `bytes`. */
  readonly leafHash: Digest;
  /** Scope and id; no two results within a window share it. */
  readonly key: string;
}

/** The bytes an author signs: tag, network id, kind, author, id, deadline, and every field (L2). */
export function encodeOperation(networkId: NetworkId, operation: Operation): Bytes {
  const encoder = new Encoder()
    .tag(TAGS.operation)
    .fixed(networkId, DIGEST_LENGTH)
    .u8(OPERATION_KINDS.indexOf(operation.kind) + 1)
    .fixed(operation.author, PUBLIC_KEY_LENGTH);
  writeUuid(encoder, operation.id);
  encoder.u64(operation.validUntil);
  writeFields(encoder, operation);
  return encoder.finish();
}

/** "wallet id/id" for a transfer, "author/id" for everything else (L4). */
export function operationKey(operation: Operation): string {
  const scope = operation.kind === "transfer" ? operation.from : toHex(operation.author);
  return `${scope}/${operation.id}`;
}

/** Joins an operation with signatures made elsewhere; checks neither. */
export function assembleOperation(
  hash: Hash,
  networkId: NetworkId,
  parts: { operation: Operation; signature: Signature; sponsor?: Sponsor | undefined },
): SignedOperation {
  const unsignedBytes = encodeOperation(networkId, parts.operation);
  const signatures = new Encoder()
    .fixed(parts.signature, SIGNATURE_LENGTH)
    .optional(parts.sponsor, (sponsor, encoder) => {
      encoder.u16(sponsor.validator).fixed(sponsor.signature, SIGNATURE_LENGTH);
    });
  const bytes = concatBytes(unsignedBytes, signatures.finish());
  return describe(hash, { ...parts, bytes, unsignedBytes });
}

/** Reads one operation with signatures; the signatures themselves are not checked here. */
export function decodeSignedOperation(
  hash: Hash,
  networkId: NetworkId,
  bytes: Bytes,
): SignedOperation | EncodingError {
  if (bytes.length > LIMITS.operationBytesMax) {
    return new EncodingError("limit", `an operation has at most ${LIMITS.operationBytesMax} bytes`);
  }
  try {
    const decoder = new Decoder(bytes);
    const operation = readOperation(decoder, networkId);
    const unsignedBytes = bytes.slice(0, decoder.offset);
    const signature = decoder.fixed(SIGNATURE_LENGTH);
    const sponsor = decoder.optional((inner) => ({
      validator: validatorIndex(inner.u16()),
      signature: inner.fixed(SIGNATURE_LENGTH),
    }));
    decoder.end();
    return describe(hash, { operation, signature, sponsor, bytes, unsignedBytes });
  } catch (error) {
    if (error instanceof EncodingError) return error;
    throw error;
  }
}

/** Reads the part that signatures cover, and leaves the decoder behind it. */
export function readOperation(decoder: Decoder, networkId: NetworkId): Operation {
  decoder.tag(TAGS.operation);
  if (!equalBytes(decoder.fixed(DIGEST_LENGTH), networkId)) {
    throw new EncodingError("wrongNetwork", "the operation names another network");
  }
  const kind = OPERATION_KINDS[decoder.u8() - 1];
  if (kind === undefined) throw new EncodingError("malformed", "unknown kind of operation");
  const author = decoder.fixed(PUBLIC_KEY_LENGTH);
  const id = readUuid(decoder);
  const validUntil = decoder.safeU64();
  return readFields(decoder, kind, { author, id, validUntil });
}

function describe(
  hash: Hash,
  parts: Omit<SignedOperation, "hash" | "leafHash" | "key">,
): SignedOperation {
  return {
    ...parts,
    hash: hash(parts.unsignedBytes),
    leafHash: leafHash(hash, parts.bytes),
    key: operationKey(parts.operation),
  };
}
