/**
 * The shares of one member, and of the clients of one node, in the bounds that hold for all members together (T13): the more
 * members a network has, the smaller they are.
 */
import { LIMITS } from "./limits.ts";
import type { Rate } from "./token-bucket.ts";

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

/** Of what its peers check for a gateway; the rest is for steps of the ceremony, and for what bunches on the way. */
const CLIENTS_PART = 0.8;

/** The rates of all clients of a gateway together: no more than its peers take from it, in a network of so many members. */
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
