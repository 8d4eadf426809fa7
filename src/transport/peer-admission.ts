/**
 * The door of the peer port. A handshake costs this node a signature and two checks, and a socket is a place that a
 * member may want, so connections are let in at a rate before TLS begins, and those that have not proved a member's
 * identity have a tenth of the sockets and little time (T2). An address where a member was has a rate and places of its
 * own, so that strangers elsewhere take nothing from a member that comes back.
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import { TokenBucket } from "../primitives/token-bucket.ts";
import { callerPrefix } from "./call-bounds.ts";
import type { MemberAddresses } from "./member-addresses.ts";
import { peerSockets } from "./peer-sockets.ts";
import type { TransportLog } from "./ports.ts";
import { startTimer } from "./timers.ts";

export interface PeerAdmissionParts {
  /** Number of members of the network. */
  readonly members: number;
  readonly addresses: MemberAddresses;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
  readonly log: TransportLog;
  /** The time in which a connection must prove an identity, milliseconds. */
  readonly proofMs?: number | undefined;
}

type Lane = "strangers" | "members";

/** A connection that has not proved a member's identity. */
interface Unproven {
  readonly socket: Socket;
  readonly prefix: string;
  readonly lane: Lane;
  /** Ends its time. */
  readonly cancel: () => void;
}

/** The time that a dialling node waits. */
const PROOF_MS = 5_000;
const REPORT_MS = 60_000;

export class PeerAdmission {
  readonly #parts: PeerAdmissionParts;
  readonly #places: { readonly strangers: number; readonly stranger: number };
  readonly #strangersRate: TokenBucket;
  readonly #rates = new RecencyMap<string, TokenBucket>();
  /** By the other side's address and port, the oldest first. */
  readonly #unproven = new Map<string, Unproven>();
  readonly #strangersAt = new KeyCounts<string>();
  readonly #membersAt = new KeyCounts<string>();
  #refused = 0;
  #reportedAt: number;

  constructor(parts: PeerAdmissionParts) {
    this.#parts = parts;
    const { strangers } = peerSockets(parts.members);
    this.#places = { strangers, stranger: Math.ceil(strangers / 2) };
    this.#strangersRate = new TokenBucket(LIMITS.handshakesOfStrangers, parts.now());
    this.#reportedAt = parts.now() - REPORT_MS;
  }

  /** Connections that have not proved a member's identity and are not from an address of a member. */
  get strangers(): number {
    return this.#strangersAt.total;
  }

  /** True if TLS may begin on the connection; otherwise the caller must end it. */
  admit(socket: Socket): boolean {
    const prefix = callerPrefix(socket);
    const key = keyOf(socket);
    const lane = key === undefined ? undefined : this.#laneFor(prefix);
    if (key === undefined || lane === undefined) {
      this.#report(prefix);
      return false;
    }
    const cancel = startTimer(this.#parts.proofMs ?? PROOF_MS, () => socket.destroy());
    this.#unproven.set(key, { socket, prefix, lane, cancel });
    this.#countsOf(lane).add(prefix);
    socket.once("close", () => {
      if (this.#unproven.get(key)?.socket === socket) this.#forget(key);
    });
    this.#makeRoom(lane, prefix);
    return true;
  }

  /**
   * The other side of the connection has proved that it is this member: the connection now takes a place of the
   * member.
   */
  proved(socket: Socket | TLSSocket, member: ValidatorIndex): void {
    const key = keyOf(socket);
    if (key === undefined) return;
    this.#forget(key);
    this.#parts.addresses.add(member, socket.remoteAddress ?? "");
  }

  #laneFor(prefix: string): Lane | undefined {
    const { addresses, now } = this.#parts;
    const hasMembers = addresses.membersAt(prefix) > 0;
    if (hasMembers && this.#rateOf("members", prefix).take(1, now())) return "members";
    // Checks its own rate first, so that an address beyond that takes nothing from the common rate.
    const mayTry = this.#rateOf("strangers", prefix).take(1, now());
    return mayTry && this.#strangersRate.take(1, now()) ? "strangers" : undefined;
  }

  #rateOf(lane: Lane, prefix: string): TokenBucket {
    const key = `${lane} ${prefix}`;
    const { now } = this.#parts;
    const { handshakesOfStranger, handshakesAtMember } = LIMITS;
    const rate = lane === "members" ? handshakesAtMember : handshakesOfStranger;
    const bucket = this.#rates.get(key) ?? new TokenBucket(rate, now());
    this.#rates.set(key, bucket);
    for (const [oldest] of this.#rates) {
      if (this.#rates.size <= LIMITS.clientsRemembered) break;
      this.#rates.delete(oldest);
    }
    return bucket;
  }

  /**
   * Keeps the newest connection. The rates give each connection the time for a handshake before it becomes the
   * oldest.
   */
  #makeRoom(lane: Lane, prefix: string): void {
    if (lane === "members") {
      const max = LIMITS.unprovenPerMemberAddressMax * this.#parts.addresses.membersAt(prefix);
      if (this.#membersAt.of(prefix) > max) this.#dropOldest(lane, prefix);
      return;
    }
    if (this.#strangersAt.of(prefix) > this.#places.stranger) this.#dropOldest(lane, prefix);
    if (this.#strangersAt.total > this.#places.strangers) this.#dropOldest(lane);
  }

  #dropOldest(lane: Lane, prefix?: string): void {
    for (const [key, one] of this.#unproven) {
      if (one.lane !== lane || (prefix !== undefined && one.prefix !== prefix)) continue;
      this.#forget(key);
      one.socket.resetAndDestroy();
      return;
    }
  }

  #forget(key: string): void {
    const known = this.#unproven.get(key);
    if (known === undefined) return;
    known.cancel();
    this.#unproven.delete(key);
    this.#countsOf(known.lane).add(known.prefix, -1);
  }

  #countsOf(lane: Lane): KeyCounts<string> {
    return lane === "members" ? this.#membersAt : this.#strangersAt;
  }

  /** Logs one line a minute, however many connections are refused. */
  #report(from: string): void {
    const { now, log } = this.#parts;
    this.#refused += 1;
    if (now() - this.#reportedAt < REPORT_MS) return;
    log.warn({ from, refused: this.#refused }, "connections to the peer port are refused");
    this.#reportedAt = now();
    this.#refused = 0;
  }
}

/** Undefined once the connection is over. */
function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
