/** Results of ordered operations, applied or declined, and the leaves that prove them. */
import type { Bytes } from "./bytes.ts";
import { equalBytes } from "./bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash } from "./hash.ts";
import type { NetworkId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { writtenLeafHash } from "./merkle-tree.ts";
import { readOperation, type SignedOperation } from "./operation.ts";
import type { Operation } from "./operation-kinds.ts";
import { TAGS } from "./tags.ts";

/**
 * The reasons why an ordered operation changed nothing. The index of a reason is its code in the result leaf, so
 * reasons are only appended. So far this is also the order in which they are checked (L11), as `DeclineReason` in
 * proto promises.
 */
export const DECLINE_REASONS = [
  "expired",
  "walletExists",
  "unknownPayee",
  "assetMismatch",
  "insufficientFunds",
  "overflow",
  "ceremonyStepOutOfPlace",
  "sponsorQuotaUsed",
] as const;

export type DeclineReason = (typeof DECLINE_REASONS)[number];

export type Result =
  | { readonly status: "applied" }
  | { readonly status: "declined"; readonly reason: DeclineReason };

/** A decoded result leaf. */
export interface ResultLeaf {
  readonly operationHash: Digest;
  readonly operation: Operation;
  readonly result: Result;
}

/** The part of an operation that its leaf of the results tree holds. */
type OperationOfLeaf = Pick<SignedOperation, "hash" | "unsignedBytes">;

/** The leaf of the results tree (L17): operation hash, its fields, status, reason. */
export function encodeResultLeaf(
  networkId: NetworkId,
  operation: OperationOfLeaf,
  result: Result,
): Bytes {
  const leaf = new Encoder();
  writeResultLeaf(leaf, networkId, operation, result);
  return leaf.finish();
}

/** The hash of that leaf in the results tree. */
export function resultLeafHash(
  { hash, networkId }: { readonly hash: Hash; readonly networkId: NetworkId },
  operation: OperationOfLeaf,
  result: Result,
): Digest {
  return writtenLeafHash(hash, (leaf) => writeResultLeaf(leaf, networkId, operation, result));
}

function writeResultLeaf(
  leaf: Encoder,
  networkId: NetworkId,
  operation: OperationOfLeaf,
  result: Result,
): void {
  leaf
    .tag(TAGS.resultLeaf)
    .fixed(networkId, DIGEST_LENGTH)
    .fixed(operation.hash, DIGEST_LENGTH)
    .bytes(operation.unsignedBytes);
  writeResult(leaf, result);
}

/** Reads a result leaf back and checks that its operation hash is the hash of its operation. */
export function decodeResultLeaf(
  hash: Hash,
  networkId: NetworkId,
  bytes: Bytes,
): ResultLeaf | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.resultLeaf);
    if (!decoder.isNext(networkId)) {
      throw new EncodingError("wrongNetwork", "the result names another network");
    }
    const operationHash = decoder.fixed(DIGEST_LENGTH);
    const unsignedBytes = decoder.bytes(LIMITS.operationBytesMax);
    const operation = decodeStrict(unsignedBytes, (inner) => readOperation(inner, networkId));
    if (operation instanceof EncodingError) throw operation;
    if (!equalBytes(hash(unsignedBytes), operationHash)) {
      throw new EncodingError("malformed", "the operation hash is not the operation's");
    }
    return { operationHash, operation, result: readResult(decoder) };
  });
}

/** One byte: 0 for applied, else the decline reason's index plus one. */
export function writeResult(encoder: Encoder, result: Result): void {
  encoder.u8(result.status === "applied" ? 0 : DECLINE_REASONS.indexOf(result.reason) + 1);
}

/** Throws EncodingError for a byte that encodes no result; for use within `decodeStrict`. */
export function readResult(decoder: Decoder): Result {
  const code = decoder.u8();
  if (code === 0) return { status: "applied" };
  const reason = DECLINE_REASONS[code - 1];
  if (reason === undefined) throw new EncodingError("malformed", "unknown decline reason");
  return { status: "declined", reason };
}
