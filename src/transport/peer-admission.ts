/**
 * The door of the peer port. A handshake costs this node a signature and two checks, and a socket is a place that a
 * member may want, so connections are let in at a rate before TLS begins, and those that have not proved a member's
 * identity have a tenth of the sockets and little time (T2). An address where a member was has a rate and places of its
 * own, so that strangers elsewhere take nothing from a member that comes back.
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { AddressRates, type Lane } from "./address-rates.ts";
import { callerPrefix } from "./call-bounds.ts";
import type { MemberAddresses } from "./member-addresses.ts";
import { peerSockets } from "./peer-sockets.ts";
import { startTimer } from "./timers.ts";
import type { TransportLog } from "./transport-log.ts";
import { UnprovenSockets } from "./unproven-sockets.ts";

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

/** The time that a dialling node waits. */
const PROOF_MS = 5_000;

export class PeerAdmission {
  readonly #parts: PeerAdmissionParts;
  readonly #places: Readonly<Record<"strangers" | "stranger" | "members", number>>;
  readonly #rates: AddressRates;
  readonly #unproven = new UnprovenSockets();

  constructor(parts: PeerAdmissionParts) {
    this.#parts = parts;
    const { members, addresses, now, log } = parts;
    const { strangers } = peerSockets(members);
    this.#places = {
      strangers,
      stranger: Math.ceil(strangers / 2),
      // As peer-sockets.ts counts them; a member may have more addresses than it uses.
      members: members * LIMITS.addressesOfMemberMax * LIMITS.unprovenPerMemberAddressMax,
    };
    this.#rates = new AddressRates({
      rates: LIMITS.peerHandshakes,
      isKnown: (prefix) => addresses.membersAt(prefix) > 0,
      refusedMessage: "connections to the peer port are refused",
      now,
      log,
    });
  }

  /** Connections that have not proved a member's identity and are not from an address of a member. */
  get strangers(): number {
    return this.#unproven.in("strangers");
  }

  /** True if TLS may begin on the connection; otherwise the caller must end it. */
  admit(socket: Socket): boolean {
    const prefix = callerPrefix(socket);
    const lane = this.#rates.laneFor(prefix);
    if (lane === undefined) return false;
    const cancel = startTimer(this.#parts.proofMs ?? PROOF_MS, () => socket.destroy());
    this.#unproven.add(socket, { lane, prefix, cancel });
    this.#makeRoom(lane, prefix);
    return true;
  }

  /**
   * The other side of the connection has proved that it is this member: the connection now takes a place of the
   * member.
   */
  proved(socket: Socket | TLSSocket, member: ValidatorIndex): void {
    this.#unproven.remove(socket);
    const { remoteAddress } = socket;
    if (remoteAddress !== undefined) this.#parts.addresses.add(member, remoteAddress);
  }

  /**
   * Keeps the newest connection. The rates give each connection the time for a handshake before it becomes the
   * oldest.
   */
  #makeRoom(lane: Lane, prefix: string): void {
    const unproven = this.#unproven;
    if (lane === "known") {
      const max = LIMITS.unprovenPerMemberAddressMax * this.#parts.addresses.membersAt(prefix);
      if (unproven.from(lane, prefix) > max) unproven.dropOldest(lane, prefix);
      if (unproven.in(lane) > this.#places.members) unproven.dropOldest(lane);
      return;
    }
    if (unproven.from(lane, prefix) > this.#places.stranger) unproven.dropOldest(lane, prefix);
    if (unproven.in(lane) > this.#places.strangers) unproven.dropOldest(lane);
  }
}
