/** The connections of a port that have not proved an identity, by lane and address, the oldest first. */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { KeyCounts } from "../primitives/key-counts.ts";
import type { Lane } from "./address-rates.ts";

interface Unproven {
  readonly socket: Socket;
  readonly prefix: string;
  readonly lane: Lane;
  /** Ends its time. */
  readonly cancel: () => void;
}

export class UnprovenSockets {
  /** By the other side's address and port. */
  readonly #sockets = new Map<string, Unproven>();
  readonly #counts: Readonly<Record<Lane, KeyCounts<string>>> = {
    strangers: new KeyCounts(),
    known: new KeyCounts(),
  };

  /** `cancel` is called once, when the connection has proved an identity or is over. */
  add(
    socket: Socket,
    { lane, prefix, cancel }: Pick<Unproven, "lane" | "prefix" | "cancel">,
  ): void {
    const key = keyOf(socket);
    if (key === undefined) {
      cancel();
      return;
    }
    this.#sockets.set(key, { socket, prefix, lane, cancel });
    this.#counts[lane].add(prefix);
    socket.once("close", () => {
      if (this.#sockets.get(key)?.socket === socket) this.#forget(key);
    });
  }

  /** The connection has proved an identity. Gives it as it was added; undefined if it is over, or was removed before. */
  remove(socket: Socket | TLSSocket): Socket | undefined {
    const key = keyOf(socket);
    return key === undefined ? undefined : this.#forget(key);
  }

  /** Connections in a lane. */
  in(lane: Lane): number {
    return this.#counts[lane].total;
  }

  /** Those of one address. */
  from(lane: Lane, prefix: string): number {
    return this.#counts[lane].of(prefix);
  }

  /** Ends the oldest connection of a lane, or of one address in it. */
  dropOldest(lane: Lane, prefix?: string): void {
    for (const [key, one] of this.#sockets) {
      if (one.lane !== lane || (prefix !== undefined && one.prefix !== prefix)) continue;
      this.#forget(key);
      one.socket.resetAndDestroy();
      return;
    }
  }

  #forget(key: string): Socket | undefined {
    const known = this.#sockets.get(key);
    if (known === undefined) return undefined;
    known.cancel();
    this.#sockets.delete(key);
    this.#counts[known.lane].add(known.prefix, -1);
    return known.socket;
  }
}

/** Undefined once the connection is over. */
function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
