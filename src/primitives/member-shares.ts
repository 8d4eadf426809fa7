/**
 * The shares of one member, and of one node's clients, in the bounds for all members together (T13). They shrink as
 * the network grows.
 */
import { LIMITS } from "./limits.ts";
import type { Rate } from "./token-bucket.ts";
import { faultsTolerated } from "./validators.ts";

/** The room of one sender for operations in the pool or on their way there, in a network of this many members. */
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

/** Operations that cost clients nothing and have a rate at each gateway (T9). */
export type UnpaidKind = keyof typeof LIMITS.unpaidOfClients;

/**
 * The share that clients' operations may take of a gateway's rate at its peers; the rest is for ceremony steps and
 * for bursts on the way.
 */
const CLIENTS_PART = 0.8;

/**
 * The rates of all clients of a gateway together, in a network of this many members: at most the rate at which its
 * peers accept operations from it.
 */
export function unpaidOfClients(members: number): Readonly<Record<UnpaidKind, Rate>> {
  const { sponsored, uncovered } = LIMITS.unpaidOfClients;
  const { unpaid } = roomOfSender(members);
  const part = (of: keyof Rate) =>
    Math.min(1, (CLIENTS_PART * unpaid[of]) / (sponsored[of] + uncovered[of]));
  const scaled = (rate: Rate): Rate => ({
    perSecond: rate.perSecond * part("perSecond"),
    burst: rate.burst * part("burst"),
  });
  return { sponsored: scaled(sponsored), uncovered: scaled(uncovered) };
}

/** Rates that each member has for itself, by their names in `LIMITS`. */
export type MemberRate =
  | "messagesOfPeer"
  | "sealsOfPeer"
  | "operationsOfPeer"
  | "callsOfPeer"
  | "refusedCallsOfPeer"
  | "operationsAskedByPeer"
  | "blockBytesAskedByPeer"
  | "snapshotAnswersOfPeer"
  | "sealQuestionsOfPeer"
  | "registrationsOfPeer";

/**
 * The rate of f members together, as a multiple of one member's rate in a network of four. Above 1 if an honest
 * member of a large network needs it.
 */
const OF_FAULTY: Readonly<Record<MemberRate, number>> = {
  // Two votes and a certificate of a quorum in each view: 5 tokens.
  messagesOfPeer: 4,
  sealsOfPeer: 1,
  operationsOfPeer: 1,
  callsOfPeer: 2,
  refusedCallsOfPeer: 2,
  operationsAskedByPeer: 1,
  blockBytesAskedByPeer: 1,
  // Enough to download a state while it is kept.
  snapshotAnswersOfPeer: 4,
  sealQuestionsOfPeer: 4,
  registrationsOfPeer: 4,
};

/** The largest single question or message, if a share would be smaller. */
const BURST_MIN: Partial<Readonly<Record<MemberRate, number>>> = {
  // A proposal of the most operations, and votes beside it.
  messagesOfPeer: 240,
  operationsAskedByPeer: LIMITS.blockOperationsMax,
  callsOfPeer: 32,
  registrationsOfPeer: 10,
};

/** The rate of one member in a network of this many: f of them together have at most `OF_FAULTY` (T13). */
export function rateOfMember(rate: MemberRate, members: number): Rate {
  const { perSecond, burst } = LIMITS[rate];
  const part = Math.min(1, OF_FAULTY[rate] / Math.max(1, faultsTolerated(members)));
  return {
    perSecond: perSecond * part,
    burst: Math.min(burst, Math.max(burst * part, BURST_MIN[rate] ?? 1)),
  };
}

/**
 * Memory of each kind that f members together may take by answers that they do not read, requests that they do not
 * finish, and questions that they do not answer.
 */
const UNREAD_BYTES_OF_FAULTY = 160 * 1024 * 1024;

/** The room of one member at the peer listener, and for messages that wait to be sent to it. */
export function roomOfMember(members: number) {
  const each = UNREAD_BYTES_OF_FAULTY / Math.max(1, faultsTolerated(members));
  const within = (most: number, bytes: number, least: number) =>
    Math.max(least, Math.min(most, Math.floor(each / bytes)));
  return {
    /** The link, questions, and one connection of each kind that is being replaced. */
    connectionsMax: within(LIMITS.connectionsPerMemberMax, LIMITS.peerWindowBytes, 4),
    callsMax: within(LIMITS.callsPerMemberMax, LIMITS.peerQuestionBytesMax, 8),
    outboxBytesMax: within(LIMITS.linkOutboxBytesMax, 1, 2 * LIMITS.linkMessageBytesMax),
  };
}

/**
 * Bytes of the largest answer with blocks, in a network with blocks of at most this size: f members and a few more
 * have room for one each (T7). One block always fits.
 */
export function answerBytesMax(members: number, blockBytesMax: number): number {
  const { ownBytesMax, ownBesideFaults } = LIMITS.unreadAnswers;
  const share = Math.floor(ownBytesMax / (faultsTolerated(members) + ownBesideFaults));
  const ofBlock = blockBytesMax + LIMITS.headerBytesMax;
  return Math.max(ofBlock, Math.min(LIMITS.blockBytesMax + LIMITS.headerBytesMax, share));
}
