/**
 * Bounds on the callers of the client listener and of the operator's listeners (T9, T13), as a part of LIMITS (limits.ts): their
 * connections, calls, refusals and credentials.
 */
export declare const CALLER_LIMITS: {
    /**
     * The client listener: connections in all and of one address, streams of one connection, calls under way in all and
     * of one address.
     */
    readonly clientConnectionsMax: 2000;
    readonly connectionsPerClientMax: 1000;
    readonly streamsPerClientConnectionMax: 256;
    readonly clientCallsMax: 16384;
    readonly callsPerClientMax: 8192;
    /** Calls of one caller on the client port that came together and wait to begin: half a second of them. */
    readonly waitingCallsPerClientMax: 1024;
    /**
     * The client listener before TLS begins: handshakes of all addresses where no credential was valid, of one of them, and of
     * one where one was; and, for a node without access control, of loopback, where all callers share one address.
     */
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
    /**
     * Connections from one address where a credential was valid, that have yet to show one. All such addresses together have a
     * quarter of the connections, strangers half: the last quarter is left to connections with a credential. And the number of
     * such addresses that one principal makes.
     */
    readonly unprovenPerClientAddressMax: 200;
    readonly knownAddressesOfPrincipalMax: 16;
    /**
     * Calls without a valid credential, at a node that asks for one: their rates, of one address and in all, and those under way. The
     * rest is left to callers with a credential.
     */
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
    /**
     * Health probes on the client port and at the operator's address, which other calls take nothing from: the rate of one address is
     * ample for load balancers and Kubernetes. At the operator's address the rate of all serves 40 addresses, more than the
     * listener has connections. A probe that lasts longer than `probeMs`, because its body does not come, its answer is not
     * read or it watches, counts as any other call from then on; so there is a place for each that comes within the rate.
     */
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
    /**
     * Refused calls at a node that asks for credentials: of one address on connections that have shown no valid one, of all such
     * addresses, and of one address on connections that have. Beyond the rate, the connection is closed.
     */
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
    /**
     * Signed reads: milliseconds between the signature and its check, in both directions; and the checks, of 60 to 80 µs
     * each, for one address, for all addresses where no signature held, and for all others. A check beyond them is not made.
     */
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
    /** Their calls, which have passed these rates: the rate of one wallet; those under way, of one wallet and in all. */
    readonly walletCalls: {
        readonly ofWallet: {
            readonly perSecond: 50;
            readonly burst: 200;
        };
        readonly underWayOfOneMax: 64;
        readonly underWayMax: 1024;
    };
    /** Calls of one client address; beyond the rate they are refused. The rate is remembered for this many addresses. */
    readonly callsOfClient: {
        readonly perSecond: 5000;
        readonly burst: 10000;
    };
    readonly clientsRemembered: 4096;
    /**
     * Lists whose answers are not read yet: of one caller; of all callers with a credential; of all without one. A page has
     * up to half a megabyte.
     */
    readonly listsOfClients: {
        readonly ofOneMax: 8;
        readonly ofNamedMax: 64;
        readonly ofAnonymousMax: 16;
    };
    /**
     * Streams of events that are open: of callers with a credential that an operator can revoke, of those that sign with the key of their
     * wallet, and of addresses without a credential; of one, and of all of its kind. An idle one holds some tens of kilobytes.
     */
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
    /**
     * Events of one message; the interval at which a stream without events tells how far it is, and at which the
     * credential of its caller is judged again, milliseconds.
     */
    readonly eventsOfMessageMax: 100;
    readonly heartbeatMs: 5000;
    readonly recheckMs: 1000;
    /**
     * Streams of signed transfers: those of one caller and in all; of each, the operations under way, those of one message, and
     * the milliseconds for which it may have nothing under way.
     */
    readonly submitStreams: {
        readonly ofOneMax: 8;
        readonly max: 256;
        readonly underWayMax: 1024;
        readonly perMessageMax: 256;
        readonly idleMs: 60000;
    };
    /**
     * Invalid credentials, each counted once: of one address, and with one beginning. The numbers of remembered
     * addresses, beginnings and credentials. Valid tokens of a node, and its tokens that are no longer valid.
     */
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
    /** Access tokens: bytes of one, its longest life, those that are remembered; bytes of a key set; the checks of new ones. */
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
    /** Names of tokens that a node remembers after their tokens. */
    readonly tokenNamesMax: 100000;
    /**
     * All clients of one node together: wallets without money, and transfers that their wallet does not cover beside
     * its payments under way. They cost their authors nothing, and every node a millisecond or two. Fewer in large
     * networks (member-shares.ts).
     */
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
    /**
     * Each of the operator's two listeners: connections, calls under way in all and of one caller; at its address handshakes and
     * unproven connections; calls of one caller, bytes of a question and of an answer.
     */
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
    /** Records in one answer about evidence, and the longest wait for the orders of a node that is taken out of service, milliseconds. */
    readonly evidenceAnswerMax: 100;
    /**
     * Webhooks: endpoints, dead letters of one, and the sizes of what an operator says of one; the events of one message and its
     * bytes, bytes of an answer's head and of its body that are read, and the text about a failure that is kept.
     */
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
};
