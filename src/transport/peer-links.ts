/** All links of a node: one to each peer, and the messages sent on them. */
import { roomOfMember } from "../primitives/member-shares.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { BackoffRange } from "./backoff.ts";
import type { LinkBatch } from "./peer-api.ts";
import type { PeerClient, PeerFailure } from "./peer-client.ts";
import { type LinkFigures, PeerLink } from "./peer-link.ts";
import type { TransportTimers } from "./timers.ts";
import type { TransportLog } from "./transport-log.ts";

export interface Peer {
  readonly index: ValidatorIndex;
  /** Name in the genesis. */
  readonly nodeId: string;
  readonly client: PeerClient;
}

export interface PeerLinksOptions {
  /** All members but this node. */
  readonly peers: readonly Peer[];
  /** Exchanges registrations with a peer before every stream; undefined lets the stream open. */
  readonly greet: (peer: Peer, signal: AbortSignal) => Promise<PeerFailure | undefined>;
  /** A stream is open: the node sends what the peer must know. */
  readonly onConnected: (peer: ValidatorIndex) => void;
  readonly onDisconnected: (peer: ValidatorIndex) => void;
  readonly timers: TransportTimers;
  readonly log: TransportLog;
  readonly backoff?: BackoffRange;
}

export class PeerLinks {
  readonly #links = new Map<ValidatorIndex, PeerLink>();
  readonly #clients = new Map<ValidatorIndex, PeerClient>();

  constructor(options: PeerLinksOptions) {
    const { timers, log, backoff } = options;
    const { outboxBytesMax } = roomOfMember(options.peers.length + 1);
    for (const peer of options.peers) {
      const link = new PeerLink({
        nodeId: peer.nodeId,
        client: peer.client,
        greet: (signal) => options.greet(peer, signal),
        onConnected: () => options.onConnected(peer.index),
        onDisconnected: () => options.onDisconnected(peer.index),
        timers,
        log,
        outboxBytesMax,
        ...(backoff === undefined ? {} : { backoff }),
      });
      this.#links.set(peer.index, link);
      this.#clients.set(peer.index, peer.client);
    }
  }

  /** Number of open streams. */
  get connectedCount(): number {
    return [...this.#links.values()].filter((link) => link.isConnected).length;
  }

  /** The number of messages that never reached a stream. */
  get dropped(): number {
    return [...this.#links.values()].reduce((sum, link) => sum + link.dropped, 0);
  }

  /** Of one peer. */
  droppedOf(peer: ValidatorIndex): number {
    return this.#links.get(peer)?.dropped ?? 0;
  }

  isConnected(peer: ValidatorIndex): boolean {
    return this.#links.get(peer)?.isConnected ?? false;
  }

  figures(peer: ValidatorIndex): LinkFigures | undefined {
    return this.#links.get(peer)?.figures;
  }

  /** For calls that are rare: fetching, sealing. */
  client(peer: ValidatorIndex): PeerClient | undefined {
    return this.#clients.get(peer);
  }

  /** A peer has called this node. */
  heard(from: ValidatorIndex): void {
    this.#links.get(from)?.heard();
  }

  open(): void {
    for (const link of this.#links.values()) link.open();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }

  /** Queues messages on the streams; without room or a stream, they are dropped and counted. */
  send(to: ValidatorIndex | "all", batch: Partial<LinkBatch>): void {
    const links = to === "all" ? this.#links.values() : [this.#links.get(to)];
    for (const link of links) link?.send(batch);
  }
}
