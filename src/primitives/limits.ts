/**
 * The bounds that must agree with one another or that operators and callers meet, with the relations between them: of
 * the protocol, of what a node keeps for others, and of how fast they may ask (T13). A caller that goes beyond one is
 * refused, slowed down or not kept. A bound that concerns one file alone stands in that file.
 */
import { assert } from "./assert.ts";

export const LIMITS = {
  /** Longest delay of a timer: Node fires after one millisecond what is longer. 24.8 days. */
  timerMsMax: 2_147_483_647,
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
  /** Wallets without money of one sponsor: the genesis sets its own limit at or below this. */
  unfundedPerSponsorMax: 10_000_000,
  /** Consensus: a leader's restraint, to which the others hold it. */
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
  /** Fields of a link's message or a question, and of an answer, in all depths: a fiftieth and a sixth of a second. */
  peerMessageFieldsMax: 16_384,
  peerAnswerFieldsMax: 131_072,
  /** An answer that is an error, or to a link. */
  peerErrorBytesMax: 64 * 1024,
  clientMessageBytesMax: 256 * 1024,
  /** Fields of a client's binary message, values of its JSON; and what a packed binary message may be unpacked. */
  clientMessageFieldsMax: 2_048,
  clientUnpackedBytesMax: 16 * 1024,
  /** Links: what one batch gathers, unless a single item is larger, and what waits to be sent to one peer. */
  linkBatchItemsMax: 2_000,
  linkBatchBytesMax: 1024 * 1024,
  linkOutboxBytesMax: 32 * 1024 * 1024,
  /** Links: what one message may have. A batch is smaller, and so is the largest thing that is said in one. */
  linkMessageBytesMax: 2 * 1024 * 1024,
  /** Links: operations in one batch, so that a vote never waits behind more of them on a slow line. */
  linkOperationsBytesMax: 128 * 1024,
  /** Flow-control window between nodes; at the 64 KiB of HTTP/2 a busy link waits for window updates. */
  peerWindowBytes: 1024 * 1024,
  /** Blocks in one answer to a peer that catches up. */
  fetchedBlocksMax: 256,
  /** Blocks that a node catching up holds, or expects of peers, beyond those it executes now. */
  fetchAheadBytesMax: 64 * 1024 * 1024,
  /** Wallet records in one answer to a node that starts from a snapshot: a few milliseconds of work, and their sizes. */
  snapshotAnswerBytesMax: 128 * 1024,
  /** One peer: such answers; beyond that they come later. */
  snapshotAnswersOfPeer: { perSecond: 40, burst: 40 },
  /** One such record: those with a sponsor are two bytes longer than the others. */
  walletRecordBytesMin: 64,
  walletRecordBytesMax: 256,
  /** Lifetime of a snapshot for its readers, and the age from which a newer one is taken, milliseconds. */
  snapshotKeptMs: 600_000,
  snapshotFreshMs: 300_000,
  /** Blocks that a node catching up holds before a finalization above proves them. */
  unprovenBytesMax: 256 * 1024 * 1024,
  /** DER of the certificate by which a peer proves its identity. */
  peerCertificateBytesMax: 4 * 1024,
  journalIdLengthMax: 64,
  /**
   * The pool: payments of one sender, a peer or this node for its clients, and bytes of all its operations; other kinds
   * have a part of that (`ROOM` in src/mempool/kinds.ts). In large networks the totals below bound it.
   */
  pool: { operationsPerSenderMax: 10_000, bytesPerSenderMax: 16 * 1024 * 1024 },
  /** Operations of one sender that wait for a wallet which is not known yet. */
  waitingOperationsPerSenderMax: 1_000,
  /** Operations of one peer that were received and not looked at yet. */
  inboxOperationsPerSenderMax: 10_000,
  inboxBytesPerSenderMax: 8 * 1024 * 1024,
  /** Each of these three for all senders together, shared out evenly. */
  operationsOfAllSendersMax: 40_000,
  operationBytesOfAllSendersMax: 64 * 1024 * 1024,
  /** One final block: pooled or waiting operations that it drops because their window is over; the next drops more. */
  expiredPerBlockMax: 5_000,
  /** One block: used ids that it forgets because their window is over; the next forgets more. */
  forgottenIdsPerBlockMax: 12_000,
  /** One block in the making: pooled operations tried in vain; none are expected. */
  refusedPerBlockMax: 1_000,
  /** One block: steps of the key ceremony, of which each may be large. The last one may go beyond it. */
  ceremonyBytesPerBlockMax: 1024 * 1024,
  /**
   * Signatures of consensus messages, of all peers together: with a check of 60 µs about a quarter of the thread. Votes that
   * are counted at once are not among them: of each member three kinds in three views.
   */
  consensusChecks: { perSecond: 4_000, burst: 1_000 },
  /** One peer: consensus messages that the core is asked about; beyond that its link is read more slowly. */
  messagesOfPeer: { perSecond: 1_000, burst: 2_000 },
  laneVotesRemembered: 64,
  /** For how long the votes of a member wait like all else after one that did not hold, milliseconds. */
  laneBarredMs: 60_000,
  /** One peer: seals; beyond that its link is read more slowly. */
  sealsOfPeer: { perSecond: 500, burst: 1_500 },
  /** One peer: its operations; beyond that they are dropped. One that no honest node passes on counts for many. */
  operationsOfPeer: { perSecond: 10_000, burst: 20_000 },
  forgedOperationCost: 100,
  /**
   * Operations of all peers together that cost their makers nothing (`UNPAID` in src/mempool/kinds.ts), shared out evenly: of
   * 4 KiB each, a larger one counts as several. With up to 200 µs of checks each they take a fifth of the thread.
   */
  unpaidOperationsOfPeers: { perSecond: 1_000, burst: 2_400 },
  /** And how many of them wait for that rate. */
  unpaidOperationsWaitingMax: 8_000,
  /** One peer: calls, links among them; beyond that they begin later. Each costs about a millisecond. */
  callsOfPeer: { perSecond: 100, burst: 400 },
  /** A call that would begin later than that is refused: what waits may have sent a window of bytes already. */
  callWaitMsMax: 500,
  /** The peer listener: connections of one member, its calls under way, streams of one connection. */
  connectionsPerMemberMax: 8,
  callsPerMemberMax: 32,
  streamsPerPeerConnectionMax: 128,
  /**
   * Answers to members that are built or not read yet. A member has one in room of its own, f members and so many more at a
   * time; bytes of all further answers, of all members and of one; how long one may take to be read, milliseconds.
   */
  unreadAnswers: {
    ownBesideFaults: 4,
    sharedBytesMax: 32 * 1024 * 1024,
    sharedBytesPerMemberMax: 10 * 1024 * 1024,
    readMs: 30_000,
  },
  /** One peer: operations that it asks for by their hash, bytes of blocks, and questions about seals. */
  operationsAskedByPeer: { perSecond: 20_000, burst: 40_000 },
  blockBytesAskedByPeer: { perSecond: 32 * 1024 * 1024, burst: 128 * 1024 * 1024 },
  sealQuestionsOfPeer: { perSecond: 50, burst: 200 },
  /** One peer: registrations; each costs a check and a look at the store, and a link needs one. */
  registrationsOfPeer: { perSecond: 5, burst: 50 },
  /** Callers on the client port who show what a member signed, all together: questions about seals, and registrations. */
  sealQuestionsOfStrangers: { perSecond: 10, burst: 50 },
  registrationsOfStrangers: { perSecond: 5, burst: 50 },
  /** The client listener: connections in all and from one address, streams of one connection, calls under way. */
  clientConnectionsMax: 2_000,
  connectionsPerClientMax: 1_000,
  streamsPerClientConnectionMax: 256,
  clientCallsMax: 16_384,
  callsPerClientMax: 8_192,
  /** One client address: calls; beyond that they are refused. Of so many addresses the rate is remembered. */
  callsOfClient: { perSecond: 5_000, burst: 10_000 },
  clientsRemembered: 4_096,
  /**
   * All clients of one node: wallets without money, and transfers above what the payments under way leave their wallet. They
   * cost their authors nothing, and every node a millisecond or two.
   */
  unpaidOfClients: {
    sponsored: { perSecond: 25, burst: 100 },
    uncovered: { perSecond: 10, burst: 50 },
  },
  /** The operator's listener: connections, calls under way, calls of one caller, bytes of a question and of an answer. */
  operatorConnectionsMax: 32,
  operatorCallsMax: 32,
  callsOfOperator: { perSecond: 50, burst: 200 },
  operatorMessageBytesMax: 64 * 1024,
  operatorAnswerBytesMax: 4 * 1024 * 1024,
  /** Records in one answer about evidence, and the longest wait for the orders of a node that is taken out of service, milliseconds. */
  evidenceAnswerMax: 100,
  drainWaitMsMax: 3_600_000,
  /** Results of blocks for receipts: what is kept of them, and how many blocks are waited for to be read back. */
  keptResultsBytesMax: 64 * 1024 * 1024,
  resultsReadMax: 256,
  /** Clients that wait for something to become final or sealed; a call waits for one thing at a time, or two. */
  finalityWaitsMax: 50_000,
  /** The log: lines of one kind, besides these of one kind about one member, kinds that are told apart, and the length of a text in a line. */
  logLinesOfKind: { perSecond: 0.2, burst: 50 },
  logLinesOfMember: { perSecond: 0.02, burst: 3 },
  logKindsMax: 256,
  logTextLengthMax: 2_000,
  /** Parts of its memory: from when on a node says that it runs short, refuses new wallets, and no longer does. */
  memory: { noticePart: 0.6, refusalPart: 0.8, easedBy: 0.05 },
  /** Questions in one stream of server reflection, and streams that watch a node's health. */
  reflectionQuestionsMax: 1_000,
  healthWatchersMax: 100,
} as const;

/** The most that one sender may have waiting, in the pool or on its way there, in a network of so many members. */
export function roomOfSender(members: number) {
  const operationsMax = Math.floor(LIMITS.operationsOfAllSendersMax / members);
  const bytesMax = Math.floor(LIMITS.operationBytesOfAllSendersMax / members);
  return {
    pool: {
      operationsPerSenderMax: Math.min(LIMITS.pool.operationsPerSenderMax, operationsMax),
      bytesPerSenderMax: Math.min(LIMITS.pool.bytesPerSenderMax, bytesMax),
    },
    inbox: {
      operationsMax: Math.min(LIMITS.inboxOperationsPerSenderMax, operationsMax),
      bytesMax: Math.min(LIMITS.inboxBytesPerSenderMax, bytesMax),
      unpaidMax: LIMITS.unpaidOperationsWaitingMax / members,
      unpaidBytesMax: Math.min(LIMITS.inboxBytesPerSenderMax, bytesMax) / 4,
    },
    waitingMax: Math.min(LIMITS.waitingOperationsPerSenderMax, operationsMax),
    unpaid: {
      perSecond: LIMITS.unpaidOperationsOfPeers.perSecond / members,
      burst: LIMITS.unpaidOperationsOfPeers.burst / members,
    },
  };
}

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
  // A seal has four fields in itself and its target.
  7 * LIMITS.linkBatchItemsMax <= LIMITS.peerMessageFieldsMax &&
    LIMITS.blockOperationsMax <= LIMITS.peerMessageFieldsMax,
  "a link's message and the largest question have room for their fields",
);
assert(
  // An operation has a network id and a signature: 96 bytes at least. A block has six fields.
  LIMITS.peerMessageBytesMax / 2 / 96 + LIMITS.blockOperationsMax + 7 * LIMITS.fetchedBlocksMax <=
    LIMITS.peerAnswerFieldsMax,
  "an answer with blocks has room for their operations",
);
assert(
  // A verification names a signer for each member: five fields, at most 96 bytes.
  10 * LIMITS.validatorsMax <= LIMITS.clientMessageFieldsMax &&
    128 * LIMITS.validatorsMax <= LIMITS.clientUnpackedBytesMax,
  "the largest message of a client has room for its fields",
);
assert(
  LIMITS.linkBatchBytesMax + LIMITS.linkOperationsBytesMax + 64 * LIMITS.linkBatchItemsMax <=
    LIMITS.linkMessageBytesMax &&
    // Its forms: the leaf hashes of a proposal, and certificates with the votes of all.
    LIMITS.blockOperationsMax * 34 + LIMITS.headerBytesMax <= LIMITS.linkBatchBytesMax &&
    LIMITS.certificatesPerMessageMax * LIMITS.validatorsMax * 128 <= LIMITS.linkBatchBytesMax,
  "a batch, and the largest consensus message, fit into one message of a link",
);
assert(
  2 * LIMITS.peerMessageBytesMax <= LIMITS.fetchAheadBytesMax,
  "a node catching up asks two peers at once",
);
assert(
  // Two peers give them, each its half, so that one of them may lie.
  2 * LIMITS.unfinalBlocksWithOperationsMax * LIMITS.blockBytesMax <= LIMITS.unprovenBytesMax,
  "what is ordered before finality is caught up in one go",
);
assert(LIMITS.peerMessageBytesMax < LIMITS.linkOutboxBytesMax, "one message never fills an outbox");
assert(
  LIMITS.validatorsMax * 32 + 256 < LIMITS.ceremonyPackageBytesMax,
  "a round-1 package of the largest threshold fits",
);
assert(
  LIMITS.linkOperationsBytesMax <= LIMITS.linkBatchBytesMax &&
    LIMITS.operationBytesMax <= LIMITS.linkOperationsBytesMax,
  "a batch has room for an operation",
);
assert(
  LIMITS.inboxOperationsPerSenderMax <= LIMITS.pool.operationsPerSenderMax &&
    LIMITS.inboxBytesPerSenderMax <= LIMITS.pool.bytesPerSenderMax &&
    LIMITS.waitingOperationsPerSenderMax <= LIMITS.pool.operationsPerSenderMax,
  "what waits for the pool is no more than fits into it",
);
assert(
  LIMITS.forgottenIdsPerBlockMax > LIMITS.blockOperationsMax,
  "full blocks forget ids faster than they use them",
);
assert(
  LIMITS.operationsOfAllSendersMax >= 4 * LIMITS.validatorsMax &&
    LIMITS.operationBytesOfAllSendersMax >= 4 * LIMITS.validatorsMax * LIMITS.operationBytesMax,
  "in the largest network a sender has room for a few of the largest operations",
);
assert(
  LIMITS.operationsOfAllSendersMax >= 4 * LIMITS.pool.operationsPerSenderMax &&
    LIMITS.operationBytesOfAllSendersMax >= 4 * LIMITS.pool.bytesPerSenderMax,
  "in a network of four each sender has all the room there is for one",
);
assert(
  LIMITS.linkBatchItemsMax <= LIMITS.inboxOperationsPerSenderMax &&
    LIMITS.linkBatchBytesMax <= LIMITS.inboxBytesPerSenderMax,
  "a batch of operations finds room",
);
assert(
  LIMITS.consensusChecks.burst >= 10 * LIMITS.validatorsMax,
  "certificates of a view of the largest network are checked at once after a rest",
);
assert(
  LIMITS.unpaidOperationsOfPeers.burst / LIMITS.validatorsMax >=
    1 + LIMITS.operationBytesMax / 4096,
  "in the largest network the largest operation that costs its maker nothing has its turn",
);
assert(LIMITS.laneVotesRemembered >= 9, "the votes of three views are told apart");
assert(
  LIMITS.forgedOperationCost <= LIMITS.operationsOfPeer.burst / 100,
  "a few operations that look forged silence no member",
);
assert(
  LIMITS.callsPerMemberMax <= LIMITS.streamsPerPeerConnectionMax &&
    LIMITS.callsPerMemberMax <= LIMITS.callsOfPeer.burst,
  "a member's calls fit into one connection",
);
assert(
  (LIMITS.callWaitMsMax * LIMITS.callsOfPeer.perSecond) / 1000 + LIMITS.callsPerMemberMax <=
    LIMITS.streamsPerPeerConnectionMax,
  "a member's calls under way and waiting hold no more windows than one connection has streams",
);
assert(
  LIMITS.connectionsPerClientMax <= LIMITS.clientConnectionsMax / 2 &&
    LIMITS.callsPerClientMax <= LIMITS.clientCallsMax / 2,
  "one client leaves half of the room to others",
);
assert(
  2 * LIMITS.clientCallsMax <= LIMITS.finalityWaitsMax,
  "every call that is taken on may wait",
);
assert(LIMITS.callsPerClientMax <= LIMITS.callsOfClient.burst, "calls under way may begin at once");
assert(
  LIMITS.snapshotAnswerBytesMax + LIMITS.headerBytesMax < LIMITS.peerMessageBytesMax / 2 &&
    LIMITS.walletRecordBytesMax < LIMITS.snapshotAnswerBytesMax,
  "a part of a snapshot fits into one message, and holds a wallet",
);
assert(
  LIMITS.blockBytesMax + LIMITS.headerBytesMax <= LIMITS.unreadAnswers.sharedBytesPerMemberMax &&
    3 * LIMITS.unreadAnswers.sharedBytesPerMemberMax <= LIMITS.unreadAnswers.sharedBytesMax,
  "a member has room for two of the largest answers while two others leave theirs unread",
);
assert(
  LIMITS.memory.noticePart < LIMITS.memory.refusalPart - LIMITS.memory.easedBy,
  "an operator hears of memory that runs short before anything is refused",
);
assert(LIMITS.snapshotFreshMs < LIMITS.snapshotKeptMs, "a snapshot outlives its being the newest");
