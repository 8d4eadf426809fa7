/**
 * Every bound on data from outside, and the relations between the bounds (T13): of the protocol, of files and
 * messages, of the data that a node keeps for others, and of the rate of their questions. A node refuses a caller
 * beyond a bound, slows it down, or drops its data. A bound on a node's own work stands in the file that does that
 * work.
 */
import { assert } from "./assert.ts";
import { CALLER_LIMITS } from "./caller-limits.ts";

export const LIMITS = {
  /** Longest delay of a timer, 24.8 days: Node fires a longer one after one millisecond. */
  timerMsMax: 2_147_483_647,
  /** Genesis. */
  validatorsMax: 100,
  assetsMax: 16,
  /** Digits behind the point. */
  assetScaleMax: 18,
  issuersMax: 256,
  nameLengthMax: 64,
  /** The number of the newest ruleset that can ever be: two bytes encode it. */
  rulesetMax: 65_535,
  /** Blocks within which an approved ruleset may be activated: for so long a member promises to know it. */
  rulesetPlanBlocksMax: 10_000_000,
  /** Rulesets whose heights a genesis names. */
  rulesetStartsMax: 16,
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
  /** Consensus: blocks with operations that may be above the final one; voters hold a leader to it. */
  unfinalBlocksWithOperationsMax: 8,
  /** Consensus: if so many operations wait, a leader holds none of them back (R8). */
  operationsWorthABlock: 128,
  /** Consensus: the number of views behind the current one whose votes are kept, and in which a node may still vote. */
  lateViewsMax: 64,
  /** Consensus: views above the final one whose nullifications are kept. */
  nullificationsMax: 8192,
  /**
   * Consensus: the highest block whose body is fetched, above the final one; a node farther behind catches up
   * instead.
   */
  fetchedHeightsMax: 1024,
  /** Consensus: wrong relays that are checked in one view: the largest take a twelfth of a second together (R32). */
  wrongRelaysPerViewMax: 4,
  /** Consensus: certificates in one message. */
  certificatesPerMessageMax: 64,
  /** Consensus: own finalize votes of earlier views that are sent again. */
  repeatedVotesMax: 8,
  /** Consensus: answers to one peer's questions within an eighth of the shortest timeout. */
  answersPerIntervalMax: 8,
  /** Seals: every height divisible by this is sealed besides the tip. */
  sealInterval: 64,
  /** Messages between nodes. */
  peerMessageBytesMax: 16 * 1024 * 1024,
  /** A question to a node, in every message but the link's; the largest one names the operations of a block. */
  peerQuestionBytesMax: 512 * 1024,
  /**
   * Fields at all depths of a link's message or a question, and of an answer: they cost a fiftieth and a sixth of a
   * second.
   */
  peerMessageFieldsMax: 16_384,
  peerAnswerFieldsMax: 131_072,
  /** An answer that is an error, or one to a link. */
  peerErrorBytesMax: 64 * 1024,
  clientMessageBytesMax: 256 * 1024,
  /** Fields of a client's binary message, or values of its JSON; and the unpacked size of a packed binary message. */
  clientMessageFieldsMax: 2_048,
  clientUnpackedBytesMax: 16 * 1024,
  /**
   * Links: items and bytes that one batch collects, unless a single item is larger; and bytes that wait to be sent to
   * one peer.
   */
  linkBatchItemsMax: 2_000,
  linkBatchBytesMax: 1024 * 1024,
  linkOutboxBytesMax: 32 * 1024 * 1024,
  /** Links: the size of one message. A batch is smaller, and so is every consensus message. */
  linkMessageBytesMax: 2 * 1024 * 1024,
  /** Links: operations in one batch. On a slow line, a vote waits behind no more than these. */
  linkOperationsBytesMax: 128 * 1024,
  /** Flow-control window between nodes; with HTTP/2's default of 64 KiB, a busy link waits for window updates. */
  peerWindowBytes: 1024 * 1024,
  /** Blocks in one answer to a peer that catches up. */
  fetchedBlocksMax: 256,
  /** Blocks that a node catching up holds or expects from peers, besides those that it executes now. */
  fetchAheadBytesMax: 64 * 1024 * 1024,
  /** Wallet records in one answer to a node that starts from a snapshot: a few milliseconds of work. */
  snapshotAnswerBytesMax: 128 * 1024,
  /** Such answers to one peer; beyond the rate they are delayed. */
  snapshotAnswersOfPeer: { perSecond: 40, burst: 40 },
  /** The size of one such record; those with a sponsor are two bytes longer than the others. */
  walletRecordBytesMin: 64,
  walletRecordBytesMax: 256,
  /** Milliseconds for which a snapshot is kept for its readers, and the age at which a newer one is taken. */
  snapshotKeptMs: 600_000,
  snapshotFreshMs: 300_000,
  /** Blocks that a node catching up holds before a finalization above proves them. */
  unprovenBytesMax: 256 * 1024 * 1024,
  /** A vote with its tag, subject, signer and signature. */
  voteBytesMax: 256,
  /** An inclusion path in a tree of 2^32 leaves. */
  receiptPathLengthMax: 32,
  /** A proof in a file, in either form; and the entries of a statement in it. */
  proofBytesMax: 64 * 1024 * 1024,
  /** The states of the last heights that a node keeps for proofs. */
  provenStatesMax: 64,
  statementProofEntriesMax: 100_000,
  /** DER of the certificate by which a peer proves its identity. */
  peerCertificateBytesMax: 4 * 1024,
  journalIdLengthMax: 64,
  /**
   * The pool: payments of one sender (a peer, or this node for its clients), and bytes of all its operations; other
   * kinds have a share of that (`ROOM` in src/mempool/kinds.ts). In large networks the totals below are the bound.
   */
  pool: { operationsPerSenderMax: 10_000, bytesPerSenderMax: 16 * 1024 * 1024 },
  /** Operations of one sender that wait for a wallet that is not known yet. */
  waitingOperationsPerSenderMax: 1_000,
  /** Operations of one peer that were received and not checked yet. */
  inboxOperationsPerSenderMax: 10_000,
  inboxBytesPerSenderMax: 8 * 1024 * 1024,
  /** The total of each of these three for all senders, divided evenly among them. */
  operationsOfAllSendersMax: 40_000,
  operationBytesOfAllSendersMax: 64 * 1024 * 1024,
  /**
   * Pooled or waiting operations that one final block drops because their window is over; the next blocks drop the
   * rest.
   */
  expiredPerBlockMax: 5_000,
  /** Used ids that one block forgets because their window is over; the next blocks forget the rest. */
  forgottenIdsPerBlockMax: 12_000,
  /** Pooled operations that a leader tries in vain while it builds one block; none are expected. */
  refusedPerBlockMax: 1_000,
  /** Bytes of ceremony steps in one block, of which each may be large. The last one may exceed it. */
  ceremonyBytesPerBlockMax: 1024 * 1024,
  /**
   * Signature checks of consensus messages of all peers together: with 60 µs for each, about a quarter of the thread.
   * Votes that are counted at once do not count: three kinds in three views for each member.
   */
  consensusChecks: { perSecond: 4_000, burst: 1_000 },
  /** Consensus messages of one peer that reach the core; beyond the rate, its link is read more slowly. */
  messagesOfPeer: { perSecond: 1_000, burst: 2_000 },
  /** Messages of one member whose checks wait. A further one is dropped, as if a check had failed. */
  checkJobsPerMemberMax: 256,
  laneVotesRemembered: 64,
  /** Milliseconds for which a member's votes wait like other messages after one of them failed its check. */
  laneBarredMs: 60_000,
  /** Seals of one peer for headers that are not final here yet. A newer one covers older headers too. */
  earlySealsPerMemberMax: 20,
  /** Seals of one peer; beyond the rate, its link is read more slowly. */
  sealsOfPeer: { perSecond: 500, burst: 1_500 },
  /** Operations of one peer; beyond the rate they are dropped. One that no honest node passes on is charged as many. */
  operationsOfPeer: { perSecond: 10_000, burst: 20_000 },
  forgedOperationCost: 100,
  /**
   * Operations of all peers together that cost their makers nothing (`UNPAID` in src/mempool/kinds.ts), divided
   * evenly: of 4 KiB each; a larger one counts as several. With up to 200 µs of checks each, they take a fifth of the
   * thread.
   */
  unpaidOperationsOfPeers: { perSecond: 1_000, burst: 2_400 },
  /** The number of them that may wait for that rate. */
  unpaidOperationsWaitingMax: 8_000,
  /**
   * The longest wait of one peer for its rate, milliseconds. It pays for the questions that it gave up too, but not for
   * hours.
   */
  memberDebtMsMax: 60_000,
  /** Calls of one peer, including links; beyond the rate they are delayed. Each costs about a millisecond. */
  callsOfPeer: { perSecond: 100, burst: 400 },
  /** A call that would be delayed longer is refused, because a waiting call may have sent a whole window of bytes. */
  callWaitMsMax: 500,
  /** Refused calls of one peer; beyond the rate, its connection is closed. */
  refusedCallsOfPeer: { perSecond: 200, burst: 2_000 },
  /** The peer listener: connections of one member, its calls under way, streams of one connection. */
  connectionsPerMemberMax: 8,
  /**
   * The peer listener before an identity is proved: handshakes of all addresses at which no member was, of one of them, and of
   * one at which a member was. Each costs about two milliseconds.
   */
  peerHandshakes: {
    strangers: { perSecond: 10, burst: 40 },
    stranger: { perSecond: 3, burst: 20 },
    known: { perSecond: 10, burst: 80 },
  },
  /**
   * Addresses of one member: those of its announced name, and those of its last proofs; and connections from one of them that
   * have yet to prove an identity.
   */
  announcedAddressesOfMemberMax: 4,
  addressesOfMemberMax: 2,
  unprovenPerMemberAddressMax: 4,
  /** Sockets of the peer listener in the smallest network. */
  peerSocketsMin: 160,
  callsPerMemberMax: 32,
  streamsPerPeerConnectionMax: 128,
  /**
   * Answers to members that are not built or not read yet. Each member may have one in reserved room, which has f
   * places and this many more, and this many bytes for all of them, or as many as one block each. Further answers share
   * a number of bytes, of which one member may take a part. An answer must be read within the given milliseconds.
   */
  unreadAnswers: {
    ownBesideFaults: 4,
    ownBytesMax: 96 * 1024 * 1024,
    sharedBytesMax: 32 * 1024 * 1024,
    sharedBytesPerMemberMax: 10 * 1024 * 1024,
    readMs: 30_000,
  },
  /** Operations that one peer asks for by hash, bytes of blocks, and questions about seals. */
  operationsAskedByPeer: { perSecond: 20_000, burst: 40_000 },
  blockBytesAskedByPeer: { perSecond: 32 * 1024 * 1024, burst: 128 * 1024 * 1024 },
  sealQuestionsOfPeer: { perSecond: 50, burst: 200 },
  /** Registrations of one peer; each costs a check and a read of the store, and a link needs one. */
  registrationsOfPeer: { perSecond: 5, burst: 50 },
  /**
   * Callers on the client port that present a member's signed message, all together: questions about seals, and
   * registrations.
   */
  sealQuestionsOfStrangers: { perSecond: 10, burst: 50 },
  registrationsOfStrangers: { perSecond: 5, burst: 50 },
  /** Both listeners: the head of a request. A host in it: the longest DNS name, its last dot, and a port. */
  requestHeadBytesMax: 16 * 1024,
  hostPortLengthMax: 260,
  ...CALLER_LIMITS,
  /** The longest wait of a call, for callers that name no deadline or a distant one, milliseconds. */
  clientWaitMsMax: 30_000,
  /** Number of bodies under one id, equal but for the deadline, that are tried for one call. */
  bodiesPerCallMax: 4,
  /** Results of blocks for receipts: bytes in the cache, and blocks that may wait to be read. */
  keptResultsBytesMax: 64 * 1024 * 1024,
  resultsReadMax: 256,
  /** Proofs for receipts that are kept: a kilobyte each at the tip, and one header for each block below a seal. */
  keptProofsMax: 256,
  /** Keys of operations that the store was found not to hold: 150 bytes each, as many as pools hold operations. */
  absentOperationsMax: 40_000,
  /** Keys of wallets in the trie that are kept: 300 bytes each. */
  walletKeysKeptMax: 16_384,
  /** Decoded wallet records kept beside the encoded ones; a power of two. */
  recentValuesMax: 16_384,
  /** Custodial wallets whose owner was proven from the chain, so that it need not be read again. */
  provenOwnersMax: 65_536,
  /** Clients that wait for finality or a seal; each call has one or two waits at a time. */
  finalityWaitsMax: 50_000,
  /**
   * The log: lines of one kind, further lines of one kind about one member, number of kinds, and length of a text in
   * a line.
   */
  logLinesOfKind: { perSecond: 0.2, burst: 50 },
  logLinesOfMember: { perSecond: 0.02, burst: 3 },
  logKindsMax: 256,
  logTextLengthMax: 2_000,
  /**
   * Used parts of the memory at which a node warns and at which it refuses new wallets, and the drop at which it
   * accepts them again.
   */
  memory: { noticePart: 0.6, refusalPart: 0.8, easedBy: 0.05 },
  /** JSON: objects and lists within one another, and values with the escaped characters of texts. */
  jsonDepthMax: 64,
  jsonPartsMax: 300_000,
  /** Files that a command or a start reads whole; a larger one is refused by its name. */
  files: {
    genesisBytesMax: 1024 * 1024,
    configBytesMax: 256 * 1024,
    memberBytesMax: 16 * 1024,
    /** Certificates in PEM, the authorities of a whole machine among them. */
    certificatesBytesMax: 1024 * 1024,
    /** Lists of revoked certificates: some 6,000 entries. */
    revocationsBytesMax: 256 * 1024,
    /** A key, a passphrase, a request that is kept, what says whose a folder is. */
    smallBytesMax: 64 * 1024,
    walletNamesBytesMax: 1024 * 1024,
    evidenceBytesMax: 128 * 1024 * 1024,
    /** Payments to make, as a table; what is signed for them. */
    paymentsBytesMax: 16 * 1024 * 1024,
    paymentsJournalBytesMax: 128 * 1024 * 1024,
    /** Payments of a program and what became of them; a receipt takes two to three kilobytes. */
    outboxBytesMax: 256 * 1024 * 1024,
    /** The list of a backup's files: some 150 bytes each. */
    backupManifestBytesMax: 4 * 1024 * 1024,
    /** All encrypted key files of a node: two keys, a share, and a secret for each webhook endpoint. */
    backupKeysBytesMax: 1024 * 1024,
  },
  /** A backup: its files and their size, and the key and the value of one record. */
  backup: {
    filesMax: 16_384,
    fileBytesMax: 64 * 1024 * 1024,
    keyBytesMax: 4 * 1024,
    valueBytesMax: 32 * 1024 * 1024,
  },
  /** A user's own names for wallets. */
  walletNamesMax: 10_000,
  /** Payments that one command makes from a file: their outcomes are held in memory. */
  paymentsOfFileMax: 100_000,
  /** Payments of an outbox that are not forgotten: they are held in memory. */
  paymentsOfOutboxMax: 50_000,
  passphraseBytesMax: 1024,
  /** Cost parameters that a key file may name for its key derivation. */
  scrypt: { costMax: 2 ** 20, blockSizeMax: 8, parallelizationMax: 16 },
  /**
   * Evidence for one member and kind: the first record is proof, and a second shows that it was no accident; with
   * more, one member could take the room of others. Evidence in all. Differing results of one member that are logged
   * and stored in one run.
   */
  evidencePerFaultMax: 2,
  evidenceRecordsMax: 1_024,
  accusationsPerMemberMax: 16,
  /** The audit log: a larger file is followed by the next, and beyond this number of files the oldest is removed. */
  auditFiles: { fileBytesMax: 16 * 1024 * 1024, filesMax: 64 },
  /** Questions in one stream of server reflection, and streams that watch a node's health, in all and of one caller. */
  reflectionQuestionsMax: 1_000,
  healthWatchersMax: 100,
  healthWatchersPerCallerMax: 20,
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
  // A seal has four fields, in itself and in its target.
  7 * LIMITS.linkBatchItemsMax <= LIMITS.peerMessageFieldsMax &&
    LIMITS.blockOperationsMax <= LIMITS.peerMessageFieldsMax,
  "a link's message and the largest question have room for their fields",
);
assert(
  // An operation has a network id and a signature, so at least 96 bytes. A block has six fields.
  LIMITS.peerMessageBytesMax / 2 / 96 + LIMITS.blockOperationsMax + 7 * LIMITS.fetchedBlocksMax <=
    LIMITS.peerAnswerFieldsMax,
  "an answer with blocks has room for their operations",
);
assert(
  // A verification names a signer for each member, with five fields and at most 96 bytes.
  10 * LIMITS.validatorsMax <= LIMITS.clientMessageFieldsMax &&
    128 * LIMITS.validatorsMax <= LIMITS.clientUnpackedBytesMax,
  "the largest message of a client has room for its fields",
);
assert(
  LIMITS.linkBatchBytesMax + LIMITS.linkOperationsBytesMax + 64 * LIMITS.linkBatchItemsMax <=
    LIMITS.linkMessageBytesMax &&
    // The largest items: the leaf hashes of a proposal, and certificates with the votes of all members.
    LIMITS.blockOperationsMax * 34 + LIMITS.headerBytesMax <= LIMITS.linkBatchBytesMax &&
    LIMITS.certificatesPerMessageMax * LIMITS.validatorsMax * 128 <= LIMITS.linkBatchBytesMax,
  "a batch, and the largest consensus message, fit into one message of a link",
);
assert(
  2 * LIMITS.peerMessageBytesMax <= LIMITS.fetchAheadBytesMax,
  "a node catching up asks two peers at once",
);
assert(
  // Two peers give them, each half, so that one of them may lie.
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
assert(
  LIMITS.submitStreams.ofOneMax * LIMITS.submitStreams.underWayMax >= LIMITS.callsPerClientMax &&
    4 * LIMITS.submitStreams.perMessageMax <= LIMITS.clientMessageFieldsMax &&
    LIMITS.submitStreams.ofOneMax <= LIMITS.submitStreams.max / 2,
  "a caller can use its calls over streams, a full message is read, and others have streams too",
);
assert(LIMITS.callsPerClientMax <= LIMITS.callsOfClient.burst, "calls under way may begin at once");
for (const probes of [LIMITS.probesOfClients, LIMITS.probesOfOperator]) {
  const within = ({ perSecond, burst }: { perSecond: number; burst: number }) =>
    burst + (perSecond * LIMITS.probeMs) / 1_000;
  assert(
    probes.underWayMax >= within(probes.ofAll) &&
      probes.underWayPerAddressMax >= within(probes.ofAddress),
    "probes that last take no place from those that come after them",
  );
}
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
assert(
  // A record with a block is two objects, a list and two texts beside its headers; four values are around all of them.
  LIMITS.evidenceRecordsMax * (LIMITS.fetchedBlocksMax + 5) + 5 <= LIMITS.jsonPartsMax,
  "a file with all the evidence of a full store can be read",
);
assert(LIMITS.memberDebtMsMax <= LIMITS.timerMsMax, "a timer waits for the longest debt");
assert(
  2 * LIMITS.blockBytesMax <= LIMITS.backup.valueBytesMax &&
    160 * LIMITS.backup.filesMax <= LIMITS.files.backupManifestBytesMax &&
    2 * LIMITS.backupAnswerBytesMax <= LIMITS.operatorAnswerBytesMax,
  "a backup has room for every record, a manifest for every file, and an answer for a part",
);
