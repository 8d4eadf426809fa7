/**
 * A chain that grows, the feed of its events, and a node's clock and timers that a test moves. Time passes only while all that
 * runs waits for a timer, so no test depends on the speed of a machine.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { EventFeed } from "../../../src/node/clients/event-feed.ts";
import { Followers } from "../../../src/node/clients/followers.ts";
import { ListCursors } from "../../../src/node/clients/list-cursor.ts";
import { ListReads } from "../../../src/node/clients/list-reads.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import type { Sink, SinkProblem } from "../../../src/node/sinks/delivery.ts";
import type { SinkMessage } from "../../../src/node/sinks/message-reader.ts";
import type { SignedOperation } from "../../../src/primitives/operation.ts";
import { MemoryDisk } from "../../../src/storage/memory-store.ts";
import type { LedgerEvent } from "../../../src/transport/ledger-events.ts";
import type { Random } from "../../support/world/random.ts";
import { CALL, ListRig, network } from "../clients/list-rig.ts";

const { context } = network;
/** Turns of the event loop after which what can go on without a timer has done so, or the test is wrong. */
const TURNS_MAX = 10_000;

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

export class SinkTime {
  #now = 1_000_000;
  /** The wall clock less the time that has passed. */
  wallOffset = 1_800_000_000_000;
  readonly #timers = new Set<Timer>();

  readonly system = {
    monotonic: () => this.#now,
    wall: () => this.#now + this.wallOffset,
    after: (ms: number, action: () => void) => {
      const timer = { at: this.#now + Math.max(0, ms), action };
      this.#timers.add(timer);
      return () => void this.#timers.delete(timer);
    },
    entropy: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  };

  get now(): number {
    return this.#now;
  }

  /** Milliseconds until the next timer. */
  get restMs(): number {
    return Math.min(...[...this.#timers].map(({ at }) => at)) - this.#now;
  }

  /** Settles when everything waits for a timer. */
  async quiet(): Promise<void> {
    let calm = 0;
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      await nextTurn();
      calm = this.#timers.size > 0 ? calm + 1 : 0;
      // A wait that has just begun may be ended by news that is on its way.
      if (calm > 20) return;
    }
    throw new Error("nothing waits for time");
  }

  /** Time passes, timer by timer. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await this.quiet();
      const [first] = [...this.#timers].sort((left, right) => left.at - right.at);
      if (first === undefined || first.at > end) break;
      this.#now = first.at;
      this.#timers.delete(first);
      first.action();
    }
    this.#now = end;
  }
}

/** A chain with its feed. */
export class SinkRig {
  readonly rig: ListRig;
  readonly time = new SinkTime();
  readonly disk: MemoryDisk;
  readonly feed: EventFeed;
  readonly #followers: Followers;

  private constructor(rig: ListRig, disk: MemoryDisk) {
    this.rig = rig;
    this.disk = disk;
    const { store, finalizer } = rig;
    const { system } = this.time;
    this.#followers = new Followers(system);
    this.feed = new EventFeed({
      context,
      ownership: { mayRead: async (_, { scopes }) => scopes.has("read:all") },
      view: { isLagging: false },
      store,
      receipts: new Receipts({ context, store, finalizer }),
      finalizer,
      cursors: new ListCursors(context),
      // Of the machine: on a clock that stands still, a rate is soon used up.
      reads: new ListReads(() => performance.now() * 1_000),
      followers: this.#followers,
    });
  }

  static async start(random: Random): Promise<SinkRig> {
    const disk = new MemoryDisk();
    return new SinkRig(await ListRig.start(random, disk), disk);
  }

  async grow(blocks: number): Promise<void> {
    await this.#tell(() => this.rig.grow(blocks));
  }

  async commit(...bodies: readonly (readonly SignedOperation[])[]): Promise<void> {
    await this.#tell(() => this.rig.commit(...bodies));
  }

  async #tell(act: () => Promise<void>): Promise<void> {
    const before = this.rig.chain.executed.length;
    await act();
    const fresh = this.rig.chain.executed.slice(before);
    const touched = fresh.flatMap(({ execution }) => execution.touched.map(({ id }) => id));
    this.#followers.committed(touched);
  }
}

export const READER = { caller: { ...CALL.caller, principal: "webhook:test" }, countedAs: "test" };

export const placeName = (event: LedgerEvent) => {
  const { height, index } = event.kind === "entry" ? event.entry : event.transaction;
  return `${height}.${index}`;
};

/** A receiver that remembers the ids of what it took, as docs/webhooks.md asks. */
export class KeepingSink implements Sink {
  /** Places of the events of messages that it had not taken before. */
  readonly events: string[] = [];
  readonly ids = new Set<string>();
  /** Ids of all that it was asked to take, in order. */
  readonly asked: string[] = [];
  isClosed = false;
  /** Gives the problem of an attempt; absent: it takes all. */
  refuses: (message: SinkMessage) => SinkProblem | undefined = () => undefined;
  /** Called when it has taken a message and before it says so. */
  onTaken: () => void = () => undefined;

  async deliver(message: SinkMessage): Promise<SinkProblem | undefined> {
    this.asked.push(message.id);
    const problem = this.refuses(message);
    if (problem !== undefined) return problem;
    if (!this.ids.has(message.id)) {
      this.ids.add(message.id);
      this.events.push(...message.events.map(placeName));
    }
    this.onTaken();
    return undefined;
  }

  close(): void {
    this.isClosed = true;
  }
}
