/**
 * The link from this node to one peer. It exchanges registrations, then keeps one long stream open for all frequent
 * messages. When the stream ends, it starts over after growing pauses, or at once when the peer is heard from. While
 * it is down, no message is kept for the peer: at `onConnected` the node sends what matters then.
 */
import type { LinkRequest } from "../../gen/countersign/v1/peer_service_pb.ts";
import { Backoff, type BackoffRange } from "./backoff.ts";
import { batchToMessage } from "./convert-peer.ts";
import { LinkOutbox } from "./link-outbox.ts";
import type { LinkBatch } from "./peer-api.ts";
import type { PeerClient, PeerFailure } from "./peer-client.ts";
import type { TransportTimers } from "./timers.ts";
import type { TransportLog } from "./transport-log.ts";

export interface PeerLinkOptions {
  /** For the log. */
  readonly nodeId: string;
  readonly client: PeerClient;
  /**
   * Registers with the peer before every stream; undefined lets the stream open. `signal`: the answer is no longer
   * needed.
   */
  readonly greet: (signal: AbortSignal) => Promise<PeerFailure | undefined>;
  /** The stream is open: the node sends what the peer must know. */
  readonly onConnected: () => void;
  readonly onDisconnected: (failure: PeerFailure) => void;
  readonly timers: TransportTimers;
  readonly log: TransportLog;
  readonly backoff?: BackoffRange;
  /** Bytes that may wait to be sent; by default those of a small network. */
  readonly outboxBytesMax?: number | undefined;
}

const BACKOFF: BackoffRange = { minMs: 50, maxMs: 2_000 };
/**
 * Failed attempts after which an absent peer is worth a warning: 15 s if each is refused at once. Before that the
 * peer is starting or stopping.
 */
const FAILURES_UNREMARKABLE = 12;

const NOTHING = { items: 0, bytes: 0 };

/** Numbers of one link; those of items and bytes count from the start of the process. */
export interface LinkFigures {
  /** Streams. */
  readonly opened: number;
  readonly queuedItems: number;
  readonly queuedBytes: number;
  readonly sentItems: number;
  readonly sentBytes: number;
  readonly dropped: number;
}

export class PeerLink {
  readonly #options: PeerLinkOptions;
  readonly #backoff: BackoffRange;
  readonly #pause: Backoff;
  readonly #end = new AbortController();
  #outbox: LinkOutbox | undefined;
  #droppedBefore = 0;
  /** By the streams that have ended. */
  readonly #sentBefore = { items: 0, bytes: 0 };
  #opened = 0;
  #lastFailure = "";
  /** Attempts since the last stream. */
  #failures = 0;
  #warned = false;
  #running: Promise<void> | undefined;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? BACKOFF;
    this.#pause = new Backoff(this.#backoff, options.timers);
  }

  get isConnected(): boolean {
    return this.#outbox !== undefined;
  }

  /** The number of messages that did not reach the stream, because it was down or the outbox was full. */
  get dropped(): number {
    return this.#droppedBefore + (this.#outbox?.dropped ?? 0);
  }

  get figures(): LinkFigures {
    const { items: queuedItems, bytes: queuedBytes } = this.#outbox?.waiting ?? NOTHING;
    const { items, bytes } = this.#outbox?.taken ?? NOTHING;
    return {
      opened: this.#opened,
      queuedItems,
      queuedBytes,
      sentItems: this.#sentBefore.items + items,
      sentBytes: this.#sentBefore.bytes + bytes,
      dropped: this.dropped,
    };
  }

  open(): void {
    this.#running ??= this.#run();
  }

  /** The peer has called: without a stream, dials it now. */
  heard(): void {
    if (!this.isConnected) this.#pause.hurry();
  }

  /** Ends the stream; settles when everything has stopped. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#outbox?.wake();
    await this.#running;
  }

  /** Queues messages; without room or a stream, they are dropped and counted. */
  send(batch: Partial<LinkBatch>): void {
    if (this.#outbox === undefined) this.#droppedBefore += sizeOf(batch);
    else this.#outbox.add(batch);
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const refused = await this.#options.greet(signal);
      if (signal.aborted) return;
      if (refused !== undefined) this.#report(refused);
      const lasted = refused === undefined && (await this.#stream());
      if (lasted) this.#pause.restart();
      await this.#pause.wait(signal);
    }
  }

  /** Runs one stream from its beginning to its end; true if it lasted longer than the longest pause. */
  async #stream(): Promise<boolean> {
    const { client, nodeId, log, onConnected, onDisconnected, timers } = this.#options;
    let lasted = false;
    const cancel = timers.after(this.#backoff.maxMs, () => {
      lasted = true;
    });
    const outbox = new LinkOutbox(this.#options.outboxBytesMax);
    // Not AbortSignal.any, which is asked for every batch, and each time looks at all of them.
    const ended = new AbortController();
    const { signal } = ended;
    const end = () => ended.abort();
    this.#end.signal.addEventListener("abort", end, { once: true });
    this.#outbox = outbox;
    this.#opened += 1;
    const link = client.link(batchesOf(outbox, signal), signal);
    this.#lastFailure = "";
    this.#failures = 0;
    this.#warned = false;
    log.info({ peer: nodeId }, "linked");
    onConnected();
    const failure = await link;
    cancel();
    this.#outbox = undefined;
    this.#droppedBefore += outbox.dropped;
    this.#sentBefore.items += outbox.taken.items;
    this.#sentBefore.bytes += outbox.taken.bytes;
    this.#end.signal.removeEventListener("abort", end);
    // The batches are still waiting for a message.
    ended.abort();
    outbox.wake();
    if (!this.#end.signal.aborted) this.#report(failure);
    onDisconnected(failure);
    return lasted;
  }

  /** Logs each new reason once: a peer that is down for a day is two lines, not a hundred thousand. */
  #report({ kind, message, refusal }: PeerFailure): void {
    const { nodeId, log } = this.#options;
    const text = `${kind}: ${message}`;
    this.#failures += 1;
    const isAway = kind === "unreachable" || refusal?.reason === "SHUTTING_DOWN";
    const matters = !isAway || this.#failures > FAILURES_UNREMARKABLE;
    if (text === this.#lastFailure && matters === this.#warned) return;
    this.#lastFailure = text;
    this.#warned = matters;
    const fields = { peer: nodeId, why: text };
    if (matters) log.warn(fields, "not linked");
    else log.info(fields, "not linked");
  }
}

/** Messages queued in one turn go out as one batch; the next batch is made only when the stream has room for it. */
async function* batchesOf(outbox: LinkOutbox, signal: AbortSignal): AsyncGenerator<LinkRequest> {
  while (!signal.aborted) {
    const batch = outbox.take();
    if (batch === undefined) await outbox.filled();
    else yield batchToMessage(batch);
  }
}

function sizeOf({ consensusMessages, seals, operations }: Partial<LinkBatch>): number {
  return (consensusMessages?.length ?? 0) + (seals?.length ?? 0) + (operations?.length ?? 0);
}
