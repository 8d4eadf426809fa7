/**
 * The door of a port for callers with credentials. Connections are let in at a rate before TLS begins, and those that have
 * shown no valid credential have a part of the places only (T9): half for strangers, a quarter for addresses from which a
 * credential was valid. Such an address has a rate and places of its own. The port of a node without access control, which is on loopback, has a rate alone.
 */
import type { Socket } from "node:net";
import { LIMITS } from "../primitives/limits.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import { AddressRates, type Lane, type LaneRates } from "./address-rates.ts";
import { callerPrefix } from "./call-bounds.ts";
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

export class CallerAdmission {
  readonly #parts: CallerAdmissionParts;
  readonly #strangersMax: number;
  /** Of all addresses where a credential was valid. */
  readonly #knownMax: number;
  readonly #strangerMax: number;
  readonly #rates: AddressRates;
  readonly #unproven = new UnprovenSockets();
  /** Addresses from which a credential was valid, the last ones. */
  readonly #known = new RecencyMap<string, true>();

  constructor(parts: CallerAdmissionParts) {
    this.#parts = parts;
    this.#strangersMax = Math.floor(parts.connectionsMax / 2);
    this.#strangerMax = Math.ceil(this.#strangersMax / 2);
    this.#knownMax = Math.floor(parts.connectionsMax / 4);
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

  /** A valid credential was shown on the connection, which now takes none of the strangers' places. */
  proved(socket: Socket): void {
    this.#unproven.remove(socket);
    this.#known.remember(callerPrefix(socket), true, LIMITS.clientsRemembered);
  }

  /** Keeps the newest connection: a caller with a credential shows it at once, before its connection is the oldest. */
  #makeRoom(lane: Lane, prefix: string, atKnownMax: number): void {
    const unproven = this.#unproven;
    const max = lane === "known" ? atKnownMax : this.#strangerMax;
    if (unproven.from(lane, prefix) > max) unproven.dropOldest(lane, prefix);
    const allMax = lane === "known" ? this.#knownMax : this.#strangersMax;
    if (unproven.in(lane) > allMax) unproven.dropOldest(lane);
  }
}
