/** The signed statement between nodes in sealing (S9): the sender's own result, and its question. */
import { unreachable } from "../primitives/assert.ts";
import type { Header } from "../primitives/block.ts";
import { type Bytes, concatBytes, equalBytes } from "../primitives/bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  type Epoch,
  epoch,
  type Height,
  height,
  type ValidatorIndex,
  validatorIndex,
} from "../primitives/numbers.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, type Signature } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import type {
  MemberCommitment,
  NonceCommitment,
  SealAnswer,
  SealRequest,
} from "../seal/messages.ts";
import type { SealTarget } from "../seal/target.ts";

/** The result of executing a final block, as the node itself computed it. */
export interface ComputedResult {
  /** Of the block's header. */
  readonly epoch: Epoch;
  readonly height: Height;
  readonly blockHash: Digest;
  readonly operationsRoot: Digest;
  readonly resultsRoot: Digest;
  readonly stateRoot: Digest;
}

export interface VerificationStatement {
  readonly networkId: NetworkId;
  readonly sender: ValidatorIndex;
  /** The sender's own result for the header to be sealed; absent if the target is not a header. */
  readonly computed?: ComputedResult | undefined;
  /** The question; absent in a differing result, which asks nothing. */
  readonly request?: SealRequest | undefined;
}

export interface SignedVerification {
  readonly statement: VerificationStatement;
  /** By the sender's identity key, over `encodeVerification`. */
  readonly signature: Signature;
}

export type VerificationAnswer =
  | SealAnswer
  /** The callee's own differing result, as signed evidence. */
  | { readonly kind: "differingResult"; readonly verification: SignedVerification };

/** The bytes a node signs with its identity key. */
export function encodeVerification(statement: VerificationStatement): Bytes {
  return new Encoder()
    .tag(TAGS.verification)
    .fixed(statement.networkId, DIGEST_LENGTH)
    .u16(statement.sender)
    .optional(statement.computed, writeComputed)
    .optional(statement.request, writeRequest)
    .finish();
}

/** A statement with its signature, as it is stored as evidence. */
export function encodeSignedVerification({ statement, signature }: SignedVerification): Bytes {
  return concatBytes(encodeVerification(statement), signature);
}

/** Reads a statement and its signature; the caller checks the signature. */
export function decodeSignedVerification(bytes: Bytes): SignedVerification | EncodingError {
  const end = Math.max(0, bytes.length - SIGNATURE_LENGTH);
  const statement = decodeStrict(bytes.subarray(0, end), (decoder) => {
    decoder.tag(TAGS.verification);
    return {
      networkId: decoder.fixed(DIGEST_LENGTH),
      sender: validatorIndex(decoder.u16()),
      computed: decoder.optional(readComputed),
      request: decoder.optional(readRequest),
    };
  });
  if (statement instanceof EncodingError) return statement;
  return { statement, signature: bytes.slice(end) };
}

/** The result in a header; `blockHash` is the hash of its block. */
export function resultOf(header: Header, blockHash: Digest): ComputedResult {
  const { epoch, height, operationsRoot, resultsRoot, stateRoot } = header;
  return { epoch, height, blockHash, operationsRoot, resultsRoot, stateRoot };
}

export function sameResult(left: ComputedResult, right: ComputedResult): boolean {
  return (
    left.epoch === right.epoch &&
    left.height === right.height &&
    equalBytes(left.blockHash, right.blockHash) &&
    equalBytes(left.operationsRoot, right.operationsRoot) &&
    equalBytes(left.resultsRoot, right.resultsRoot) &&
    equalBytes(left.stateRoot, right.stateRoot)
  );
}

function writeComputed(computed: ComputedResult, encoder: Encoder): void {
  encoder
    .u64(computed.epoch)
    .u64(computed.height)
    .fixed(computed.blockHash, DIGEST_LENGTH)
    .fixed(computed.operationsRoot, DIGEST_LENGTH)
    .fixed(computed.resultsRoot, DIGEST_LENGTH)
    .fixed(computed.stateRoot, DIGEST_LENGTH);
}

function writeRequest(request: SealRequest, encoder: Encoder): void {
  switch (request.kind) {
    case "commitment":
      encoder.u8(1).u64(request.epoch).optional(request.spent, writePair);
      return;
    case "sign":
      encoder.u8(2);
      writeTarget(request.target, encoder);
      encoder.u64(request.session.run).u64(request.session.number);
      encoder.list(request.commitments, writeCommitment);
      return;
    default:
      unreachable(request);
  }
}

function writeTarget(target: SealTarget, encoder: Encoder): void {
  const height = target.kind === "header" ? target.height : undefined;
  encoder.u64(target.epoch).optional(height, (value) => encoder.u64(value));
}

function writeCommitment({ member, commitment }: MemberCommitment, encoder: Encoder): void {
  encoder.u16(member);
  writePair(commitment, encoder);
}

function writePair({ hiding, binding }: NonceCommitment, encoder: Encoder): void {
  encoder.fixed(hiding, PUBLIC_KEY_LENGTH).fixed(binding, PUBLIC_KEY_LENGTH);
}

function readComputed(decoder: Decoder): ComputedResult {
  return {
    epoch: epoch(decoder.safeU64()),
    height: height(decoder.safeU64()),
    blockHash: decoder.fixed(DIGEST_LENGTH),
    operationsRoot: decoder.fixed(DIGEST_LENGTH),
    resultsRoot: decoder.fixed(DIGEST_LENGTH),
    stateRoot: decoder.fixed(DIGEST_LENGTH),
  };
}

function readRequest(decoder: Decoder): SealRequest {
  const kind = decoder.u8();
  if (kind === 1) {
    const ofEpoch = epoch(decoder.safeU64());
    return { kind: "commitment", epoch: ofEpoch, spent: decoder.optional(readPair) };
  }
  if (kind !== 2) throw new EncodingError("malformed", "unknown kind of request");
  return {
    kind: "sign",
    target: readTarget(decoder),
    session: { run: decoder.safeU64(), number: decoder.safeU64() },
    commitments: decoder.list(LIMITS.validatorsMax, (inner) => ({
      member: validatorIndex(inner.u16()),
      commitment: readPair(inner),
    })),
  };
}

function readTarget(decoder: Decoder): SealTarget {
  const ofEpoch = epoch(decoder.safeU64());
  const at = decoder.optional((inner) => height(inner.safeU64()));
  return at === undefined
    ? { kind: "test", epoch: ofEpoch }
    : { kind: "header", epoch: ofEpoch, height: at };
}

function readPair(decoder: Decoder): NonceCommitment {
  return { hiding: decoder.fixed(PUBLIC_KEY_LENGTH), binding: decoder.fixed(PUBLIC_KEY_LENGTH) };
}
