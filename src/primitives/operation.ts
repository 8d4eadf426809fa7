/** Signed operations, which blocks order: canonical bytes, signatures, hashes, and the key of the id. */
import { type Bytes, concatBytes, packBytes } from "./bytes.ts";
import { Decoder, Encoder, EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash } from "./hash.ts";
import { type NetworkId, type OperationId, readUuid, writeUuid } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { leafHash } from "./merkle-tree.ts";
import { type ValidatorIndex, validatorIndex } from "./numbers.ts";
import { encodingOf, type Operation, readFields, readKind, writeKind } from "./operation-kinds.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, type Signature } from "./signature.ts";
import { TAGS } from "./tags.ts";

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
  /** `leafHash` packed as text, for look-ups. */
  readonly leafKey: string;
  /** Scope and id; no two results within a window share it. */
  readonly key: string;
}

/** The bytes an author signs: tag, network id, kind, author, id, deadline, and every field (L2). */
export function encodeOperation(networkId: NetworkId, operation: Operation): Bytes {
  const encoder = new Encoder().tag(TAGS.operation).fixed(networkId, DIGEST_LENGTH);
  writeKind(encoder, operation);
  encoder.fixed(operation.author, PUBLIC_KEY_LENGTH);
  writeUuid(encoder, operation.id);
  encoder.u64(operation.validUntil);
  encodingOf(operation).write(encoder, operation);
  return encoder.finish();
}

/** The id within its scope: "wallet id/id" for a transfer, "author/id" for other kinds (L4). */
export function operationKey(operation: Operation): string {
  return keyInScope(encodingOf(operation).scope(operation), operation.id);
}

export function keyInScope(scope: string, id: OperationId): string {
  return `${scope}/${id}`;
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
    // A view: both live as long as the operation.
    const unsignedBytes = bytes.subarray(0, decoder.offset);
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

/** Reads the signed part of an operation with signatures. It makes no hash, so it costs a fraction of the whole. */
export function decodeOperation(networkId: NetworkId, bytes: Bytes): Operation | EncodingError {
  try {
    return readOperation(new Decoder(bytes), networkId);
  } catch (error) {
    if (error instanceof EncodingError) return error;
    throw error;
  }
}

/** Reads the signed part, and leaves the decoder behind it. */
export function readOperation(decoder: Decoder, networkId: NetworkId): Operation {
  decoder.tag(TAGS.operation);
  if (!decoder.isNext(networkId)) {
    throw new EncodingError("wrongNetwork", "the operation names another network");
  }
  const kind = readKind(decoder);
  const author = decoder.fixed(PUBLIC_KEY_LENGTH);
  const id = readUuid(decoder);
  const validUntil = decoder.safeU64();
  return readFields(decoder, kind, { author, id, validUntil });
}

type Described = Omit<SignedOperation, "hash" | "leafHash" | "leafKey" | "key">;

function describe(
  hash: Hash,
  { operation, signature, sponsor, bytes, unsignedBytes }: Described,
): SignedOperation {
  const leaf = leafHash(hash, bytes);
  return {
    operation,
    signature,
    sponsor,
    bytes,
    unsignedBytes,
    hash: hash(unsignedBytes),
    leafHash: leaf,
    leafKey: packBytes(leaf),
    key: operationKey(operation),
  };
}
