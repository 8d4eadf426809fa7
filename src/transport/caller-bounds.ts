/** The bounds of a listener for callers with credentials: their calls, and the connections that its door lets in. */
import { assert } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Rate } from "../primitives/token-bucket.ts";
import { CallBounds } from "./call-bounds.ts";
import type { DoorBounds } from "./caller-admission.ts";
import { OrderRoom } from "./order-room.ts";
import type { RefusedCallsParts } from "./refused-calls.ts";

/** The bounds by which the calls of a caller are counted. */
export type CountedBy = "calls" | "wallets" | "anonymous";

export interface CallerBounds {
  /** Counted under principals. */
  readonly calls: CallBounds<string>;
  /** Calls signed with a wallet's key, counted under principals. */
  readonly wallets: CallBounds<string>;
  /** Calls without a valid credential, counted under addresses. */
  readonly anonymous: CallBounds<string>;
  /** The first health probes of each address, which take nothing from `anonymous`; absent: they all take from it. */
  readonly probes?: CallBounds<string>;
  /** Lists, by what their calls are counted as; absent: the listener serves none. */
  readonly lists?: Readonly<Record<CountedBy, CallBounds<string>>>;
  /** Orders of all callers; absent: their number is not bounded by their pace. */
  readonly orders?: OrderRoom;
  /** Streams of events, in the same way. */
  readonly streams?: Readonly<Record<CountedBy, CallBounds<string>>>;
  readonly door: DoorBounds;
  /** Calls that are refused before they are counted; absent: they are not bounded. */
  readonly refused?: Pick<RefusedCallsParts, "rates" | "now">;
}

/** Orders may wait for so many of the shortest view timeouts of the network. A payment takes less than one where nothing is amiss. */
const ORDER_VIEWS = 3;

/**
 * For the client listener of a node that asks for credentials. `now`: milliseconds; only differences matter. `viewTimeoutMs`: of
 * the network.
 */
export function clientBounds(now: () => number, viewTimeoutMs: number): CallerBounds {
  const { clientHandshakes: rates, unprovenPerClientAddressMax: unprovenAtKnownMax } = LIMITS;
  const anonymous = anonymousCalls(LIMITS.anonymousCalls, now);
  const door = { rates, unprovenAtKnownMax, now };
  const refused = { rates: LIMITS.refusedCallsOfClients, now };
  const lists = listCalls(now);
  const streams = eventStreams(now);
  const probes = anonymousCalls(LIMITS.probesOfClients, now);
  const calls = clientCalls(now);
  const orders = orderRoom(now, viewTimeoutMs);
  const wallets = walletCalls(now);
  return { calls, wallets, anonymous, probes, lists, orders, streams, door, refused };
}

/**
 * For that of a node without access control: all its callers are on the machine itself, and share everything. Refused calls cut
 * no connection, because the next one could be that of any other caller.
 */
export function openBounds(now: () => number, viewTimeoutMs: number): CallerBounds {
  const calls = clientCalls(now);
  const rate = LIMITS.handshakesOnLoopback;
  const rates = { strangers: rate, stranger: rate, known: rate };
  const lists = listCalls(now);
  const { calls: all } = eventStreams(now);
  const streams = { calls: all, wallets: all, anonymous: all };
  const orders = orderRoom(now, viewTimeoutMs);
  return { calls, wallets: calls, anonymous: calls, lists, orders, streams, door: { rates, now } };
}

function orderRoom(now: () => number, viewTimeoutMs: number): OrderRoom {
  return new OrderRoom({ spanMs: ORDER_VIEWS * viewTimeoutMs, now });
}

/** For each listener of the operator. */
export function operatorBounds(now: () => number): CallerBounds {
  const { operatorHandshakes: rates, unprovenPerOperatorAddressMax: unprovenAtKnownMax } = LIMITS;
  const calls = new CallBounds<string>({
    rate: LIMITS.callsOfOperator,
    underWayPerCallerMax: LIMITS.callsPerOperatorMax,
    underWayMax: LIMITS.operatorCallsMax,
    callersMax: LIMITS.operatorConnectionsMax,
    now,
  });
  // A wallet's key is good for no call of the operator.
  const anonymous = anonymousCalls(LIMITS.anonymousCallsOfOperator, now);
  const probes = anonymousCalls(LIMITS.probesOfOperator, now);
  return { calls, wallets: anonymous, anonymous, probes, door: { rates, unprovenAtKnownMax, now } };
}

/** They hold their answers until these are read. */
function listCalls(now: () => number): Record<CountedBy, CallBounds<string>> {
  const { ofOneMax, ofNamedMax, ofAnonymousMax } = LIMITS.listsOfClients;
  const named = underWay(ofOneMax, ofNamedMax, now);
  return { calls: named, wallets: named, anonymous: underWay(ofOneMax, ofAnonymousMax, now) };
}

for (const { ofOneMax, ofAllMax } of Object.values(LIMITS.eventStreams)) {
  assert(4 * ofOneMax <= ofAllMax, "one caller has at most a quarter of the streams of its kind");
}

/** They stay open. The owners of wallets, of whom there is no end, have room of their own. */
function eventStreams(now: () => number): Record<CountedBy, CallBounds<string>> {
  const { named, wallets, anonymous } = LIMITS.eventStreams;
  return {
    calls: underWay(named.ofOneMax, named.ofAllMax, now),
    wallets: underWay(wallets.ofOneMax, wallets.ofAllMax, now),
    anonymous: underWay(anonymous.ofOneMax, anonymous.ofAllMax, now),
  };
}

/** Bounds on the calls under way; their rate is counted with all other calls. */
function underWay(ofOneMax: number, ofAllMax: number, now: () => number): CallBounds<string> {
  return new CallBounds<string>({
    rate: LIMITS.callsOfClient,
    underWayPerCallerMax: ofOneMax,
    underWayMax: ofAllMax,
    callersMax: LIMITS.clientsRemembered,
    now,
  });
}

interface AnonymousLimits {
  readonly ofAddress: Rate;
  readonly ofAll: Rate;
  readonly underWayPerAddressMax: number;
  readonly underWayMax: number;
}

function anonymousCalls(limits: AnonymousLimits, now: () => number): CallBounds<string> {
  return new CallBounds({
    rate: limits.ofAddress,
    rateOfAll: limits.ofAll,
    underWayPerCallerMax: limits.underWayPerAddressMax,
    underWayMax: limits.underWayMax,
    callersMax: LIMITS.clientsRemembered,
    now,
  });
}

function walletCalls(now: () => number): CallBounds<string> {
  const { ofWallet, underWayOfOneMax, underWayMax } = LIMITS.walletCalls;
  return new CallBounds({
    rate: ofWallet,
    underWayPerCallerMax: underWayOfOneMax,
    underWayMax,
    callersMax: LIMITS.clientsRemembered,
    now,
  });
}

function clientCalls(now: () => number): CallBounds<string> {
  return new CallBounds({
    rate: LIMITS.callsOfClient,
    underWayPerCallerMax: LIMITS.callsPerClientMax,
    underWayMax: LIMITS.clientCallsMax,
    callersMax: LIMITS.clientsRemembered,
    now,
  });
}
