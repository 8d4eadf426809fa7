/** Every bound of the protocol in one place, with the relations that must hold between them. */
import { assert } from "./assert.ts";

export const LIMITS = {
  /** Genesis. */
  validatorsMax: 100,
  assetsMax: 16,
  issuersMax: 256,
  nameLengthMax: 64,
  addressLengthMax: 255,
  /** Operations. */
  referenceLengthMax: 140,
  operationBytesMax: 64 * 1024,
  ceremonyPackageBytesMax: 8 * 1024,
  ciphertextBytesMax: 256,
  /** Blocks: the genesis sets its own limits at or below these. */
  blockOperationsMax: 10_000,
  blockBytesMax: 8 * 1024 * 1024,
  headerBytesMax: 1024,
  /** Consensus: certificates of a leader's restraint, and of what is kept beyond the current view. */
  unfinalBlocksWithOperationsMax: 8,
  /** Seals: every height divisible by this is sealed besides the tip. */
  sealInterval: 64,
  /** Messages between nodes. */
  peerMessageBytesMax: 16 * 1024 * 1024,
  clientMessageBytesMax: 256 * 1024,
} as const;

assert(LIMITS.operationBytesMax < LIMITS.blockBytesMax, "a block holds at least one operation");
assert(
  LIMITS.blockBytesMax + LIMITS.headerBytesMax < LIMITS.peerMessageBytesMax,
  "a block fits into one message between nodes",
);
assert(
  LIMITS.validatorsMax * (LIMITS.ciphertextBytesMax + 8) < LIMITS.operationBytesMax,
  "all ciphertexts of a ceremony member fit into one operation",
);
assert(
  LIMITS.validatorsMax * 32 + 256 < LIMITS.ceremonyPackageBytesMax,
  "a round-1 package of the largest threshold fits",
);
