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
  /** Consensus: a leader's restraint. */
  unfinalBlocksWithOperationsMax: 8,
  /** Consensus: views behind the current one whose votes are kept and in which a late vote may be said. */
  lateViewsMax: 64,
  /** Consensus: views above the final one whose nullifications are kept. */
  nullificationsMax: 8192,
  /** Consensus: how far above the final block bodies are fetched; beyond that a node catches up instead. */
  fetchedHeightsMax: 1024,
  /** Consensus: certificates in one message. */
  certificatesPerMessageMax: 64,
  /** Consensus: own votes of earlier views that are sent again. */
  repeatedVotesMax: 8,
  /** Consensus: answers to one peer within one interval of an eighth of the shortest timeout. */
  answersPerIntervalMax: 8,
  /** Seals: every height divisible by this is sealed besides the tip. */
  sealInterval: 64,
  /** Messages between nodes. */
  peerMessageBytesMax: 16 * 1024 * 1024,
  /** A question to a node, of all its messages but the link's; the largest names the operations of a block. */
  peerQuestionBytesMax: 512 * 1024,
  clientMessageBytesMax: 256 * 1024,
  /** Links: what one batch gathers, unless a single item is larger, and what waits to be sent to one peer. */
  linkBatchItemsMax: 2_000,
  linkBatchBytesMax: 1024 * 1024,
  linkOutboxBytesMax: 32 * 1024 * 1024,
  /** Flow-control window between nodes; at the 64 KiB of HTTP/2 a busy link waits for window updates. */
  peerWindowBytes: 1024 * 1024,
  /** Blocks in one answer to a peer that catches up. */
  fetchedBlocksMax: 256,
  /** Blocks that a node catching up holds before a finalization above proves them. */
  unprovenBytesMax: 256 * 1024 * 1024,
  /** DER of the certificate by which a peer proves its identity. */
  peerCertificateBytesMax: 4 * 1024,
  journalIdLengthMax: 64,
  /** Questions in one stream of server reflection, and streams that watch a node's health. */
  reflectionQuestionsMax: 1_000,
  healthWatchersMax: 100,
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
assert(LIMITS.repeatedVotesMax < LIMITS.lateViewsMax, "what is sent again is still kept");
assert(LIMITS.lateViewsMax < LIMITS.nullificationsMax, "a late vote has its way to a parent");
assert(
  LIMITS.certificatesPerMessageMax * LIMITS.validatorsMax * 128 < LIMITS.peerMessageBytesMax,
  "an answer with certificates fits into one message between nodes",
);
assert(
  LIMITS.blockOperationsMax * 34 + 256 < LIMITS.peerQuestionBytesMax,
  "all operations of a block are asked for in one question",
);
assert(
  LIMITS.linkBatchBytesMax + LIMITS.blockBytesMax < LIMITS.peerMessageBytesMax,
  "a batch fits into one message between nodes",
);
assert(
  LIMITS.unfinalBlocksWithOperationsMax * LIMITS.blockBytesMax <= LIMITS.unprovenBytesMax,
  "what honest leaders order before finality is caught up in one go",
);
assert(LIMITS.peerMessageBytesMax < LIMITS.linkOutboxBytesMax, "one message never fills an outbox");
assert(
  LIMITS.validatorsMax * 32 + 256 < LIMITS.ceremonyPackageBytesMax,
  "a round-1 package of the largest threshold fits",
);
