/**
 * The door of a port for callers with credentials. Connections are let in at a rate before TLS begins, and those that have
 * shown no valid credential have a part of the places only (T9): half for strangers, a quarter for addresses from which a
 * credential was valid, which have a rate of their own. No principal takes all the places that are left. The port of a node
 * without access control, which is on loopback, has a rate alone.
 */
import type { Socket } from "node:net";
import type { Principal } from "../access/principal.ts";
import { KeyCounts } from "../primitives/key-counts.ts";
import { AddressRates, type Lane, type LaneRates } from "./address-rates.ts";
import { callerPrefix } from "./call-bounds.ts";
import { KnownAddresses } from "./known-addresses.ts";
import { Refusal } from "./refusal.ts";
import type { TransportLog } from "./transport-log.ts";
import { UnprovenSockets } from "./unproven-sockets.ts";

/** The bounds of a door. */
export interface DoorBounds {
  readonly rates: LaneRates;
  /** Connections that have shown no valid credential, from an address where one was valid; absent: none is asked for. */
  readonly unprovenAtKnownMax?: number;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
}

export interface CallerAdmissionParts extends DoorBounds {
  readonly connectionsMax: number;
  readonly refusedMessage: string;
  readonly log: TransportLog;
}

/**
 * Parts of the places. Strangers, unproven connections from known addresses, and one principal together leave a sixteenth to
 * the others.
 */
const SHARES = { strangers: 1 / 2, stranger: 1 / 4, unprovenAtKnown: 1 / 4, principal: 3 / 16 };
/** The hint for a principal that has all its connections, milliseconds. */
const RETRY_MS = 1_000;

export class CallerAdmission {
  readonly #parts: CallerAdmissionParts;
  readonly #rates: AddressRates;
  readonly #unproven = new UnprovenSockets();
  readonly #known = new KnownAddresses();
  /** Connections on which a credential was valid, by the first principal that it named. */
  readonly #proven = new KeyCounts<Principal>();

  constructor(parts: CallerAdmissionParts) {
    this.#parts = parts;
    this.#rates = new AddressRates({ ...parts, isKnown: (prefix) => this.#known.has(prefix) });
  }

  /** True if TLS may begin on the connection; otherwise the caller must end it. */
  admit(socket: Socket): boolean {
    const prefix = callerPrefix(socket);
    const lane = this.#rates.laneFor(prefix);
    if (lane === undefined) return false;
    const { unprovenAtKnownMax } = this.#parts;
    if (unprovenAtKnownMax === undefined) return true;
    this.#unproven.add(socket, { lane, prefix, cancel: () => undefined });
    this.#makeRoom(lane, prefix, unprovenAtKnownMax);
    return true;
  }

  /**
   * A valid credential was shown on the connection: it takes one of the principal's places now. Gives the refusal if the
   * principal has no more of them; the connection then stays among those that have shown none.
   */
  proved(socket: Socket, principal: Principal): Refusal | undefined {
    this.#known.add(callerPrefix(socket), principal);
    const max = this.#share("principal");
    if (this.#proven.of(principal) >= max) return tooManyConnections(principal, max);
    const proven = this.#unproven.remove(socket);
    if (proven === undefined) return undefined;
    this.#proven.add(principal);
    proven.once("close", () => this.#proven.add(principal, -1));
    return undefined;
  }

  /** Keeps the newest connection: a caller with a credential shows it at once, before its connection is the oldest. */
  #makeRoom(lane: Lane, prefix: string, atKnownMax: number): void {
    const unproven = this.#unproven;
    const isKnown = lane === "known";
    const maxOfOne = isKnown ? atKnownMax : this.#share("stranger");
    if (unproven.from(lane, prefix) > maxOfOne) unproven.dropOldest(lane, prefix);
    const maxOfAll = this.#share(isKnown ? "unprovenAtKnown" : "strangers");
    if (unproven.in(lane) > maxOfAll) unproven.dropOldest(lane);
  }

  #share(of: keyof typeof SHARES): number {
    return Math.max(1, Math.floor(this.#parts.connectionsMax * SHARES[of]));
  }
}

function tooManyConnections(principal: Principal, max: number): Refusal {
  return new Refusal("TOO_MANY_REQUESTS", {
    message: `${principal} has ${max} connections to this port, as many as one caller may have`,
    remedy: "Send the call over one of the connections that are open, or close others first.",
    metadata: { retryAfterMs: String(RETRY_MS) },
  });
}
