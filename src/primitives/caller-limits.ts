/**
 * Bounds on the callers of the client listener and of the operator's listeners (T9, T13), as a part of LIMITS (limits.ts): their
 * connections, calls, refusals and credentials.
 */
export const CALLER_LIMITS = {
  /**
   * The client listener: connections in all and of one address, streams of one connection, calls under way in all and
   * of one address.
   */
  clientConnectionsMax: 2_000,
  connectionsPerClientMax: 1_000,
  streamsPerClientConnectionMax: 256,
  clientCallsMax: 16_384,
  callsPerClientMax: 8_192,
  /**
   * The room for orders under way, single calls that wait for their result (src/transport/order-room.ts), is so large at least: `usual`,
   * but `overloaded` where an order was refused of late and most answers were slow.
   */
  ordersUnderWayMin: { usual: 512, overloaded: 192 },
  /** Calls of one caller on the client port that came together and wait to begin: half a second of them. */
  waitingCallsPerClientMax: 1_024,
  /**
   * The client listener before TLS begins: handshakes of all addresses where no credential was valid, of one of them, and of
   * one where one was; and, for a node without access control, of loopback, where all callers share one address.
   */
  clientHandshakes: {
    strangers: { perSecond: 50, burst: 200 },
    stranger: { perSecond: 10, burst: 50 },
    known: { perSecond: 20, burst: 200 },
  },
  handshakesOnLoopback: { perSecond: 40, burst: 600 },
  /**
   * Connections from one address where a credential was valid, that have yet to show one. All such addresses together have a
   * quarter of the connections, strangers half: the last quarter is left to connections with a credential. And the number of
   * such addresses that one principal makes.
   */
  unprovenPerClientAddressMax: 200,
  knownAddressesOfPrincipalMax: 16,
  /**
   * Calls without a valid credential, at a node that asks for one: their rates, of one address and in all, and those under way. The
   * rest is left to callers with a credential.
   */
  anonymousCalls: {
    ofAddress: { perSecond: 200, burst: 400 },
    ofAll: { perSecond: 1_000, burst: 2_000 },
    underWayPerAddressMax: 256,
    underWayMax: 1_024,
  },
  /**
   * Health probes on the client port and at the operator's address, which other calls take nothing from: the rate of one address is
   * ample for load balancers and Kubernetes. At the operator's address the rate of all serves 40 addresses, more than the
   * listener has connections. A probe that lasts longer than `probeMs`, because its body does not come, its answer is not
   * read or it watches, counts as any other call from then on; so there is a place for each that comes within the rate.
   */
  probeMs: 1_000,
  probesOfClients: {
    ofAddress: { perSecond: 5, burst: 20 },
    ofAll: { perSecond: 250, burst: 500 },
    underWayPerAddressMax: 25,
    underWayMax: 750,
  },
  probesOfOperator: {
    ofAddress: { perSecond: 5, burst: 20 },
    ofAll: { perSecond: 200, burst: 400 },
    underWayPerAddressMax: 25,
    underWayMax: 600,
  },
  /**
   * Refused calls at a node that asks for credentials: of one address on connections that have shown no valid one, of all such
   * addresses, and of one address on connections that have. Beyond the rate, the connection is closed.
   */
  refusedCallsOfClients: {
    stranger: { perSecond: 200, burst: 2_000 },
    strangers: { perSecond: 1_000, burst: 8_000 },
    known: { perSecond: 1_000, burst: 10_000 },
  },
  /**
   * Signed reads: milliseconds between the signature and its check, in both directions; and the checks, of 60 to 80 µs
   * each, for one address, for all addresses where no signature held, and for all others. A check beyond them is not made.
   */
  signedReads: {
    windowMs: 60_000,
    checksOfAddress: { perSecond: 200, burst: 400 },
    checksOfStrangers: { perSecond: 300, burst: 600 },
    checksOfKnown: { perSecond: 1_500, burst: 3_000 },
  },
  /** Their calls, which have passed these rates: the rate of one wallet; those under way, of one wallet and in all. */
  walletCalls: {
    ofWallet: { perSecond: 50, burst: 200 },
    underWayOfOneMax: 64,
    underWayMax: 1_024,
  },
  /** Calls of one client address; beyond the rate they are refused. The rate is remembered for this many addresses. */
  callsOfClient: { perSecond: 5_000, burst: 10_000 },
  clientsRemembered: 4_096,
  /**
   * Lists whose answers are not read yet: of one caller; of all callers with a credential; of all without one. A page has
   * up to half a megabyte.
   */
  listsOfClients: { ofOneMax: 8, ofNamedMax: 64, ofAnonymousMax: 16 },
  /**
   * Streams of events that are open: of callers with a credential that an operator can revoke, of those that sign with the key of their
   * wallet, and of addresses without a credential; of one, and of all of its kind. An idle one holds some tens of kilobytes.
   */
  eventStreams: {
    named: { ofOneMax: 16, ofAllMax: 192 },
    wallets: { ofOneMax: 2, ofAllMax: 64 },
    anonymous: { ofOneMax: 4, ofAllMax: 32 },
  },
  /**
   * Events of one message; the interval at which a stream without events tells how far it is, and at which the
   * credential of its caller is judged again, milliseconds.
   */
  eventsOfMessageMax: 100,
  heartbeatMs: 5_000,
  recheckMs: 1_000,
  /**
   * Streams of signed transfers: those of one caller and in all; of each, the operations under way, those of one message, and
   * the milliseconds for which it may have nothing under way.
   */
  submitStreams: {
    ofOneMax: 8,
    max: 256,
    underWayMax: 1_024,
    perMessageMax: 256,
    idleMs: 60_000,
  },
  /**
   * Invalid credentials, each counted once: of one address, and with one beginning. The numbers of remembered
   * addresses, beginnings and credentials. Valid tokens of a node, and its tokens that are no longer valid.
   */
  guessesOfAddress: { perSecond: 1, burst: 30 },
  guessesOfPrefix: { perSecond: 0.2, burst: 10 },
  guessesRemembered: 4_096,
  tokensMax: 1_000,
  /** Access tokens: bytes of one, its longest life, those that are remembered; bytes of a key set; the checks of new ones. */
  accessTokens: { bytesMax: 8 * 1024, lifetimeMsMax: 24 * 3_600_000, rememberedMax: 4_096 },
  keySetBytesMax: 64 * 1024,
  accessTokenChecks: {
    strangers: { perSecond: 100, burst: 200 },
    stranger: { perSecond: 10, burst: 50 },
    known: { perSecond: 50, burst: 500 },
  },
  /** Names of tokens that a node remembers after their tokens. */
  tokenNamesMax: 100_000,
  /**
   * All clients of one node together: wallets without money, and transfers that their wallet does not cover beside
   * its payments under way. They cost their authors nothing, and every node a millisecond or two. Fewer in large
   * networks (member-shares.ts).
   */
  unpaidOfClients: {
    sponsored: { perSecond: 5, burst: 25 },
    uncovered: { perSecond: 10, burst: 50 },
  },
  /**
   * Each of the operator's two listeners: connections, calls under way in all and of one caller; at its address handshakes and
   * unproven connections; calls of one caller, bytes of a question and of an answer.
   */
  operatorConnectionsMax: 32,
  operatorCallsMax: 32,
  callsPerOperatorMax: 16,
  operatorHandshakes: {
    strangers: { perSecond: 5, burst: 20 },
    stranger: { perSecond: 2, burst: 10 },
    known: { perSecond: 10, burst: 40 },
  },
  unprovenPerOperatorAddressMax: 16,
  anonymousCallsOfOperator: {
    ofAddress: { perSecond: 10, burst: 50 },
    ofAll: { perSecond: 20, burst: 100 },
    underWayPerAddressMax: 4,
    underWayMax: 8,
  },
  callsOfOperator: { perSecond: 50, burst: 200 },
  operatorMessageBytesMax: 64 * 1024,
  operatorAnswerBytesMax: 4 * 1024 * 1024,
  /** Records in one answer about evidence, and the longest wait for the orders of a node that is taken out of service, milliseconds. */
  evidenceAnswerMax: 100,
  /** Sinks that a configuration may name. */
  sinksMax: 8,
  /**
   * Webhooks: endpoints, dead letters of one, and the sizes of what an operator says of one; the events of one message and its
   * bytes, bytes of an answer's head and of its body that are read, and the text about a failure that is kept.
   */
  webhooks: {
    endpointsMax: 16,
    deadLettersMax: 1_000,
    urlLengthMax: 2_000,
    authorityBytesMax: 32 * 1024,
    eventsOfMessageMax: 100,
    bodyBytesMax: 1024 * 1024,
    answerHeadBytesMax: 16 * 1024,
    answerBytesMax: 64 * 1024,
    problemBytesMax: 512,
  },
  drainWaitMsMax: 3_600_000,
  /** A backup of a running node: bytes of one answer, and milliseconds without a question after which it ends. */
  backupAnswerBytesMax: 512 * 1024,
  backupIdleMsMax: 30_000,
} as const;
