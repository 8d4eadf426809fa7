export declare const LIMITS: {
    readonly clientConnectionsMax: 2000;
    readonly connectionsPerClientMax: 1000;
    readonly streamsPerClientConnectionMax: 256;
    readonly clientCallsMax: 16384;
    readonly callsPerClientMax: 8192;
    readonly waitingCallsPerClientMax: 1024;
    readonly clientHandshakes: {
        readonly strangers: {
            readonly perSecond: 50;
            readonly burst: 200;
        };
        readonly stranger: {
            readonly perSecond: 10;
            readonly burst: 50;
        };
        readonly known: {
            readonly perSecond: 20;
            readonly burst: 200;
        };
    };
    readonly handshakesOnLoopback: {
        readonly perSecond: 40;
        readonly burst: 600;
    };
    readonly unprovenPerClientAddressMax: 200;
    readonly knownAddressesOfPrincipalMax: 16;
    readonly anonymousCalls: {
        readonly ofAddress: {
            readonly perSecond: 200;
            readonly burst: 400;
        };
        readonly ofAll: {
            readonly perSecond: 1000;
            readonly burst: 2000;
        };
        readonly underWayPerAddressMax: 256;
        readonly underWayMax: 1024;
    };
    readonly probeMs: 1000;
    readonly probesOfClients: {
        readonly ofAddress: {
            readonly perSecond: 5;
            readonly burst: 20;
        };
        readonly ofAll: {
            readonly perSecond: 250;
            readonly burst: 500;
        };
        readonly underWayPerAddressMax: 25;
        readonly underWayMax: 750;
    };
    readonly probesOfOperator: {
        readonly ofAddress: {
            readonly perSecond: 5;
            readonly burst: 20;
        };
        readonly ofAll: {
            readonly perSecond: 200;
            readonly burst: 400;
        };
        readonly underWayPerAddressMax: 25;
        readonly underWayMax: 600;
    };
    readonly refusedCallsOfClients: {
        readonly stranger: {
            readonly perSecond: 200;
            readonly burst: 2000;
        };
        readonly strangers: {
            readonly perSecond: 1000;
            readonly burst: 8000;
        };
        readonly known: {
            readonly perSecond: 1000;
            readonly burst: 10000;
        };
    };
    readonly signedReads: {
        readonly windowMs: 60000;
        readonly checksOfAddress: {
            readonly perSecond: 200;
            readonly burst: 400;
        };
        readonly checksOfStrangers: {
            readonly perSecond: 300;
            readonly burst: 600;
        };
        readonly checksOfKnown: {
            readonly perSecond: 1500;
            readonly burst: 3000;
        };
    };
    readonly walletCalls: {
        readonly ofWallet: {
            readonly perSecond: 50;
            readonly burst: 200;
        };
        readonly underWayOfOneMax: 64;
        readonly underWayMax: 1024;
    };
    readonly callsOfClient: {
        readonly perSecond: 5000;
        readonly burst: 10000;
    };
    readonly clientsRemembered: 4096;
    readonly listsOfClients: {
        readonly ofOneMax: 8;
        readonly ofNamedMax: 64;
        readonly ofAnonymousMax: 16;
    };
    readonly eventStreams: {
        readonly named: {
            readonly ofOneMax: 16;
            readonly ofAllMax: 192;
        };
        readonly wallets: {
            readonly ofOneMax: 2;
            readonly ofAllMax: 64;
        };
        readonly anonymous: {
            readonly ofOneMax: 4;
            readonly ofAllMax: 32;
        };
    };
    readonly eventsOfMessageMax: 100;
    readonly heartbeatMs: 5000;
    readonly recheckMs: 1000;
    readonly submitStreams: {
        readonly ofOneMax: 8;
        readonly max: 256;
        readonly underWayMax: 1024;
        readonly perMessageMax: 256;
        readonly idleMs: 60000;
    };
    readonly guessesOfAddress: {
        readonly perSecond: 1;
        readonly burst: 30;
    };
    readonly guessesOfPrefix: {
        readonly perSecond: 0.2;
        readonly burst: 10;
    };
    readonly guessesRemembered: 4096;
    readonly tokensMax: 1000;
    readonly accessTokens: {
        readonly bytesMax: number;
        readonly lifetimeMsMax: number;
        readonly rememberedMax: 4096;
    };
    readonly keySetBytesMax: number;
    readonly accessTokenChecks: {
        readonly strangers: {
            readonly perSecond: 100;
            readonly burst: 200;
        };
        readonly stranger: {
            readonly perSecond: 10;
            readonly burst: 50;
        };
        readonly known: {
            readonly perSecond: 50;
            readonly burst: 500;
        };
    };
    readonly tokenNamesMax: 100000;
    readonly unpaidOfClients: {
        readonly sponsored: {
            readonly perSecond: 5;
            readonly burst: 25;
        };
        readonly uncovered: {
            readonly perSecond: 10;
            readonly burst: 50;
        };
    };
    readonly operatorConnectionsMax: 32;
    readonly operatorCallsMax: 32;
    readonly callsPerOperatorMax: 16;
    readonly operatorHandshakes: {
        readonly strangers: {
            readonly perSecond: 5;
            readonly burst: 20;
        };
        readonly stranger: {
            readonly perSecond: 2;
            readonly burst: 10;
        };
        readonly known: {
            readonly perSecond: 10;
            readonly burst: 40;
        };
    };
    readonly unprovenPerOperatorAddressMax: 16;
    readonly anonymousCallsOfOperator: {
        readonly ofAddress: {
            readonly perSecond: 10;
            readonly burst: 50;
        };
        readonly ofAll: {
            readonly perSecond: 20;
            readonly burst: 100;
        };
        readonly underWayPerAddressMax: 4;
        readonly underWayMax: 8;
    };
    readonly callsOfOperator: {
        readonly perSecond: 50;
        readonly burst: 200;
    };
    readonly operatorMessageBytesMax: number;
    readonly operatorAnswerBytesMax: number;
    readonly evidenceAnswerMax: 100;
    readonly webhooks: {
        readonly endpointsMax: 16;
        readonly deadLettersMax: 1000;
        readonly urlLengthMax: 2000;
        readonly authorityBytesMax: number;
        readonly eventsOfMessageMax: 100;
        readonly bodyBytesMax: number;
        readonly answerHeadBytesMax: number;
        readonly answerBytesMax: number;
        readonly problemBytesMax: 512;
    };
    readonly drainWaitMsMax: 3600000;
    /** Longest delay of a timer, 24.8 days: Node fires a longer one after one millisecond. */
    readonly timerMsMax: 2147483647;
    /** Genesis. */
    readonly validatorsMax: 100;
    readonly assetsMax: 16;
    /** Digits behind the point. */
    readonly assetScaleMax: 18;
    readonly issuersMax: 256;
    readonly nameLengthMax: 64;
    readonly addressLengthMax: 255;
    /** Operations. */
    readonly referenceLengthMax: 140;
    readonly operationBytesMax: number;
    readonly ceremonyPackageBytesMax: number;
    readonly ciphertextBytesMax: 256;
    /** Blocks: the genesis sets its own limits at or below these. */
    readonly blockOperationsMax: 10000;
    readonly blockBytesMax: number;
    readonly headerBytesMax: 1024;
    /** Wallets without money of one sponsor: the genesis sets its own limit at or below this. */
    readonly unfundedPerSponsorMax: 10000000;
    /** Consensus: blocks with operations that may be above the final one; voters hold a leader to it. */
    readonly unfinalBlocksWithOperationsMax: 8;
    /** Consensus: the number of views behind the current one whose votes are kept, and in which a node may still vote. */
    readonly lateViewsMax: 64;
    /** Consensus: views above the final one whose nullifications are kept. */
    readonly nullificationsMax: 8192;
    /**
     * Consensus: the highest block whose body is fetched, above the final one; a node farther behind catches up
     * instead.
     */
    readonly fetchedHeightsMax: 1024;
    /** Consensus: wrong relays that are checked in one view: the largest take a twelfth of a second together (R32). */
    readonly wrongRelaysPerViewMax: 4;
    /** Consensus: certificates in one message. */
    readonly certificatesPerMessageMax: 64;
    /** Consensus: own finalize votes of earlier views that are sent again. */
    readonly repeatedVotesMax: 8;
    /** Consensus: answers to one peer's questions within an eighth of the shortest timeout. */
    readonly answersPerIntervalMax: 8;
    /** Seals: every height divisible by this is sealed besides the tip. */
    readonly sealInterval: 64;
    /** Messages between nodes. */
    readonly peerMessageBytesMax: number;
    /** A question to a node, in every message but the link's; the largest one names the operations of a block. */
    readonly peerQuestionBytesMax: number;
    /**
     * Fields at all depths of a link's message or a question, and of an answer: they cost a fiftieth and a sixth of a
     * second.
     */
    readonly peerMessageFieldsMax: 16384;
    readonly peerAnswerFieldsMax: 131072;
    /** An answer that is an error, or one to a link. */
    readonly peerErrorBytesMax: number;
    readonly clientMessageBytesMax: number;
    /** Fields of a client's binary message, or values of its JSON; and the unpacked size of a packed binary message. */
    readonly clientMessageFieldsMax: 2048;
    readonly clientUnpackedBytesMax: number;
    /**
     * Links: items and bytes that one batch collects, unless a single item is larger; and bytes that wait to be sent to
     * one peer.
     */
    readonly linkBatchItemsMax: 2000;
    readonly linkBatchBytesMax: number;
    readonly linkOutboxBytesMax: number;
    /** Links: the size of one message. A batch is smaller, and so is every consensus message. */
    readonly linkMessageBytesMax: number;
    /** Links: operations in one batch. On a slow line, a vote waits behind no more than these. */
    readonly linkOperationsBytesMax: number;
    /** Flow-control window between nodes; with HTTP/2's default of 64 KiB, a busy link waits for window updates. */
    readonly peerWindowBytes: number;
    /** Blocks in one answer to a peer that catches up. */
    readonly fetchedBlocksMax: 256;
    /** Blocks that a node catching up holds or expects from peers, besides those that it executes now. */
    readonly fetchAheadBytesMax: number;
    /** Wallet records in one answer to a node that starts from a snapshot: a few milliseconds of work. */
    readonly snapshotAnswerBytesMax: number;
    /** Such answers to one peer; beyond the rate they are delayed. */
    readonly snapshotAnswersOfPeer: {
        readonly perSecond: 40;
        readonly burst: 40;
    };
    /** The size of one such record; those with a sponsor are two bytes longer than the others. */
    readonly walletRecordBytesMin: 64;
    readonly walletRecordBytesMax: 256;
    /** Milliseconds for which a snapshot is kept for its readers, and the age at which a newer one is taken. */
    readonly snapshotKeptMs: 600000;
    readonly snapshotFreshMs: 300000;
    /** Blocks that a node catching up holds before a finalization above proves them. */
    readonly unprovenBytesMax: number;
    /** A vote with its tag, subject, signer and signature. */
    readonly voteBytesMax: 256;
    /** An inclusion path in a tree of 2^32 leaves. */
    readonly receiptPathLengthMax: 32;
    /** DER of the certificate by which a peer proves its identity. */
    readonly peerCertificateBytesMax: number;
    readonly journalIdLengthMax: 64;
    /**
     * The pool: payments of one sender (a peer, or this node for its clients), and bytes of all its operations; other
     * kinds have a share of that (`ROOM` in src/mempool/kinds.ts). In large networks the totals below are the bound.
     */
    readonly pool: {
        readonly operationsPerSenderMax: 10000;
        readonly bytesPerSenderMax: number;
    };
    /** Operations of one sender that wait for a wallet that is not known yet. */
    readonly waitingOperationsPerSenderMax: 1000;
    /** Operations of one peer that were received and not checked yet. */
    readonly inboxOperationsPerSenderMax: 10000;
    readonly inboxBytesPerSenderMax: number;
    /** The total of each of these three for all senders, divided evenly among them. */
    readonly operationsOfAllSendersMax: 40000;
    readonly operationBytesOfAllSendersMax: number;
    /**
     * Pooled or waiting operations that one final block drops because their window is over; the next blocks drop the
     * rest.
     */
    readonly expiredPerBlockMax: 5000;
    /** Used ids that one block forgets because their window is over; the next blocks forget the rest. */
    readonly forgottenIdsPerBlockMax: 12000;
    /** Pooled operations that a leader tries in vain while it builds one block; none are expected. */
    readonly refusedPerBlockMax: 1000;
    /** Bytes of ceremony steps in one block, of which each may be large. The last one may exceed it. */
    readonly ceremonyBytesPerBlockMax: number;
    /**
     * Signature checks of consensus messages of all peers together: with 60 µs for each, about a quarter of the thread.
     * Votes that are counted at once do not count: three kinds in three views for each member.
     */
    readonly consensusChecks: {
        readonly perSecond: 4000;
        readonly burst: 1000;
    };
    /** Consensus messages of one peer that reach the core; beyond the rate, its link is read more slowly. */
    readonly messagesOfPeer: {
        readonly perSecond: 1000;
        readonly burst: 2000;
    };
    /** Messages of one member whose checks wait. A further one is dropped, as if a check had failed. */
    readonly checkJobsPerMemberMax: 256;
    readonly laneVotesRemembered: 64;
    /** Milliseconds for which a member's votes wait like other messages after one of them failed its check. */
    readonly laneBarredMs: 60000;
    /** Seals of one peer for headers that are not final here yet. A newer one covers older headers too. */
    readonly earlySealsPerMemberMax: 20;
    /** Seals of one peer; beyond the rate, its link is read more slowly. */
    readonly sealsOfPeer: {
        readonly perSecond: 500;
        readonly burst: 1500;
    };
    /** Operations of one peer; beyond the rate they are dropped. One that no honest node passes on is charged as many. */
    readonly operationsOfPeer: {
        readonly perSecond: 10000;
        readonly burst: 20000;
    };
    readonly forgedOperationCost: 100;
    /**
     * Operations of all peers together that cost their makers nothing (`UNPAID` in src/mempool/kinds.ts), divided
     * evenly: of 4 KiB each; a larger one counts as several. With up to 200 µs of checks each, they take a fifth of the
     * thread.
     */
    readonly unpaidOperationsOfPeers: {
        readonly perSecond: 1000;
        readonly burst: 2400;
    };
    /** The number of them that may wait for that rate. */
    readonly unpaidOperationsWaitingMax: 8000;
    /**
     * The longest wait of one peer for its rate, milliseconds. It pays for the questions that it gave up too, but not for
     * hours.
     */
    readonly memberDebtMsMax: 60000;
    /** Calls of one peer, including links; beyond the rate they are delayed. Each costs about a millisecond. */
    readonly callsOfPeer: {
        readonly perSecond: 100;
        readonly burst: 400;
    };
    /** A call that would be delayed longer is refused, because a waiting call may have sent a whole window of bytes. */
    readonly callWaitMsMax: 500;
    /** Refused calls of one peer; beyond the rate, its connection is closed. */
    readonly refusedCallsOfPeer: {
        readonly perSecond: 200;
        readonly burst: 2000;
    };
    /** The peer listener: connections of one member, its calls under way, streams of one connection. */
    readonly connectionsPerMemberMax: 8;
    /**
     * The peer listener before an identity is proved: handshakes of all addresses at which no member was, of one of them, and of
     * one at which a member was. Each costs about two milliseconds.
     */
    readonly peerHandshakes: {
        readonly strangers: {
            readonly perSecond: 10;
            readonly burst: 40;
        };
        readonly stranger: {
            readonly perSecond: 3;
            readonly burst: 20;
        };
        readonly known: {
            readonly perSecond: 10;
            readonly burst: 80;
        };
    };
    /**
     * Addresses of one member: those of its announced name, and those of its last proofs; and connections from one of them that
     * have yet to prove an identity.
     */
    readonly announcedAddressesOfMemberMax: 4;
    readonly addressesOfMemberMax: 2;
    readonly unprovenPerMemberAddressMax: 4;
    /** Sockets of the peer listener in the smallest network. */
    readonly peerSocketsMin: 160;
    readonly callsPerMemberMax: 32;
    readonly streamsPerPeerConnectionMax: 128;
    /**
     * Answers to members that are not built or not read yet. Each member may have one in reserved room, which has f
     * places and this many more, and this many bytes for all of them, or as many as one block each. Further answers share
     * a number of bytes, of which one member may take a part. An answer must be read within the given milliseconds.
     */
    readonly unreadAnswers: {
        readonly ownBesideFaults: 4;
        readonly ownBytesMax: number;
        readonly sharedBytesMax: number;
        readonly sharedBytesPerMemberMax: number;
        readonly readMs: 30000;
    };
    /** Operations that one peer asks for by hash, bytes of blocks, and questions about seals. */
    readonly operationsAskedByPeer: {
        readonly perSecond: 20000;
        readonly burst: 40000;
    };
    readonly blockBytesAskedByPeer: {
        readonly perSecond: number;
        readonly burst: number;
    };
    readonly sealQuestionsOfPeer: {
        readonly perSecond: 50;
        readonly burst: 200;
    };
    /** Registrations of one peer; each costs a check and a read of the store, and a link needs one. */
    readonly registrationsOfPeer: {
        readonly perSecond: 5;
        readonly burst: 50;
    };
    /**
     * Callers on the client port that present a member's signed message, all together: questions about seals, and
     * registrations.
     */
    readonly sealQuestionsOfStrangers: {
        readonly perSecond: 10;
        readonly burst: 50;
    };
    readonly registrationsOfStrangers: {
        readonly perSecond: 5;
        readonly burst: 50;
    };
    /** Both listeners: the head of a request. A host in it: the longest DNS name, its last dot, and a port. */
    readonly requestHeadBytesMax: number;
    readonly hostPortLengthMax: 260;
    /** The longest wait of a call, for callers that name no deadline or a distant one, milliseconds. */
    readonly clientWaitMsMax: 30000;
    /** Number of bodies under one id, equal but for the deadline, that are tried for one call. */
    readonly bodiesPerCallMax: 4;
    /** Results of blocks for receipts: bytes in the cache, and blocks that may wait to be read. */
    readonly keptResultsBytesMax: number;
    readonly resultsReadMax: 256;
    /** Proofs for receipts that are kept: a kilobyte each at the tip, and one header for each block below a seal. */
    readonly keptProofsMax: 256;
    /** Keys of wallets in the trie that are kept: 300 bytes each. */
    readonly walletKeysKeptMax: 16384;
    /** Custodial wallets whose owner was proven from the chain, so that it need not be read again. */
    readonly provenOwnersMax: 65536;
    /** Clients that wait for finality or a seal; each call has one or two waits at a time. */
    readonly finalityWaitsMax: 50000;
    /**
     * The log: lines of one kind, further lines of one kind about one member, number of kinds, and length of a text in
     * a line.
     */
    readonly logLinesOfKind: {
        readonly perSecond: 0.2;
        readonly burst: 50;
    };
    readonly logLinesOfMember: {
        readonly perSecond: 0.02;
        readonly burst: 3;
    };
    readonly logKindsMax: 256;
    readonly logTextLengthMax: 2000;
    /**
     * Used parts of the memory at which a node warns and at which it refuses new wallets, and the drop at which it
     * accepts them again.
     */
    readonly memory: {
        readonly noticePart: 0.6;
        readonly refusalPart: 0.8;
        readonly easedBy: 0.05;
    };
    /** JSON: objects and lists within one another, and values with the escaped characters of texts. */
    readonly jsonDepthMax: 64;
    readonly jsonPartsMax: 300000;
    /** Files that a command or a start reads whole; a larger one is refused by its name. */
    readonly files: {
        readonly genesisBytesMax: number;
        readonly configBytesMax: number;
        readonly memberBytesMax: number;
        /** Certificates in PEM, the authorities of a whole machine among them. */
        readonly certificatesBytesMax: number;
        /** Lists of revoked certificates: some 6,000 entries. */
        readonly revocationsBytesMax: number;
        /** A key, a passphrase, a request that is kept, what says whose a folder is. */
        readonly smallBytesMax: number;
        readonly walletNamesBytesMax: number;
        readonly evidenceBytesMax: number;
        /** Payments to make, as a table; what is signed for them. */
        readonly paymentsBytesMax: number;
        readonly paymentsJournalBytesMax: number;
    };
    /** A user's own names for wallets. */
    readonly walletNamesMax: 10000;
    /** Payments that one command makes from a file: their outcomes are held in memory. */
    readonly paymentsOfFileMax: 100000;
    readonly passphraseBytesMax: 1024;
    /** Cost parameters that a key file may name for its key derivation. */
    readonly scrypt: {
        readonly costMax: number;
        readonly blockSizeMax: 8;
        readonly parallelizationMax: 16;
    };
    /**
     * Evidence for one member and kind: the first record is proof, and a second shows that it was no accident; with
     * more, one member could take the room of others. Evidence in all. Differing results of one member that are logged
     * and stored in one run.
     */
    readonly evidencePerFaultMax: 2;
    readonly evidenceRecordsMax: 1024;
    readonly accusationsPerMemberMax: 16;
    /** The audit log: a larger file is followed by the next, and beyond this number of files the oldest is removed. */
    readonly auditFiles: {
        readonly fileBytesMax: number;
        readonly filesMax: 64;
    };
    /** Questions in one stream of server reflection, and streams that watch a node's health, in all and of one caller. */
    readonly reflectionQuestionsMax: 1000;
    readonly healthWatchersMax: 100;
    readonly healthWatchersPerCallerMax: 20;
};
