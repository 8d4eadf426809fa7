// Streams of events over a chain that grows: cursors, heartbeats, what is refused, and what many streams cost.
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Caller, tokenPrincipal } from "../../../src/access/principal.ts";
import { EventStreams } from "../../../src/node/clients/event-stream.ts";
import { Followers } from "../../../src/node/clients/followers.ts";
import { ListCursors } from "../../../src/node/clients/list-cursor.ts";
import { ListReads, type Reader } from "../../../src/node/clients/list-reads.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import type { WalletId } from "../../../src/primitives/ids.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { History } from "../../../src/storage/history.ts";
import type { EventsAnswer, EventsQuery } from "../../../src/transport/ledger-events.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { EventQueue } from "../../support/world/event-queue.ts";
import { Random } from "../../support/world/random.ts";
import { answered, CALL, ListRig, network, WALLETS } from "./list-rig.ts";

const { context } = network;
const SEED = Number(process.env["EVENT_SEED"] ?? Date.now() % 1_000_000);

interface Shape {
  readonly isOwner?: (wallet: WalletId) => boolean;
  readonly history?: History;
}

/** Streams over the chain of a rig, on virtual time. */
class Follow {
  readonly rig: ListRig;
  readonly time = new EventQueue(0);
  readonly followers: Followers;
  readonly streams: EventStreams;
  readonly reads: ListReads;
  /** Blocks whose operations were read. */
  readonly bodies: number[] = [];

  constructor(rig: ListRig, { isOwner = () => true, history }: Shape = {}) {
    this.rig = rig;
    const { store, finalizer } = rig;
    const receipts = new Receipts({ context, store, finalizer });
    const { time } = this;
    const system = {
      monotonic: () => time.now,
      after: (ms: number, run: () => void) => {
        let isOn = true;
        time.after(ms, () => isOn && run());
        return () => {
          isOn = false;
        };
      },
    };
    this.followers = new Followers(system);
    this.reads = new ListReads(system.monotonic);
    const { blocks } = store;
    this.streams = new EventStreams({
      context,
      ownership: { mayRead: async ({ id }) => isOwner(id) },
      view: { isLagging: false },
      store: {
        ...store,
        blocks: {
          history: history ?? blocks.history,
          bodiesFrom: blocks.bodiesFrom,
          loadHeader: (at) => blocks.loadHeader(at),
        },
      },
      receipts: {
        contentsOf: (at) => {
          this.bodies.push(at);
          return receipts.contentsOf(at);
        },
        refusePruned: (at) => receipts.refusePruned(at),
      },
      finalizer,
      cursors: new ListCursors(context),
      reads: this.reads,
      followers: this.followers,
      system,
    });
  }

  open(query: EventsQuery, reader: Reader = CALL): Consumer {
    return new Consumer(this, query, reader);
  }

  /** As a node does when blocks are committed. */
  async grow(blocks: number): Promise<void> {
    const before = this.rig.chain.executed.length;
    await this.rig.grow(blocks);
    const fresh = this.rig.chain.executed.slice(before);
    this.followers.committed(
      fresh.flatMap(({ execution }) => execution.touched.map(({ id }) => id)),
    );
  }
}

class Consumer {
  readonly #end = new AbortController();
  readonly #answers: AsyncGenerator<EventsAnswer | Refusal>;

  constructor({ streams }: Follow, query: EventsQuery, reader: Reader) {
    this.#answers = streams.events(query, { ...CALL, ...reader, signal: this.#end.signal });
  }

  async next(): Promise<EventsAnswer> {
    return answered(await this.answer());
  }

  async answer(): Promise<EventsAnswer | Refusal> {
    const { value, done } = await this.#answers.next();
    if (done === true || value === undefined) return expect.fail("the stream has ended");
    return value;
  }

  async refusal(): Promise<Refusal> {
    const answer = await this.answer();
    if (answer instanceof Refusal) return answer;
    return expect.fail("it is no refusal");
  }

  async leave(): Promise<void> {
    this.#end.abort();
    await this.#answers.return(undefined);
  }
}

const NAMED: Caller = { ...CALL.caller, principal: tokenPrincipal("reader") };

/** True of the wallet or transaction that the rig began with, which is older than a stream that begins now. */
const isFirst = (follow: Follow, wallet: WalletId | undefined, place: string) =>
  wallet === undefined ? place.startsWith("1.") : place === modelOf(follow, wallet)[0];

const names = ({ events }: EventsAnswer) =>
  events.map((event) => {
    const { height: at, index } = event.kind === "entry" ? event.entry : event.transaction;
    return `${at}.${index}`;
  });

/** All that a stream of this query has, read from its beginning in one go. */
async function wholeOf(follow: Follow, walletId?: WalletId): Promise<string[]> {
  const consumer = follow.open({ walletId, fromHeight: height(0) });
  const found: string[] = [];
  const top = follow.rig.chain.height;
  await consumer.next();
  // The place of the end is told by a heartbeat at the latest.
  for (let at = 0; at < top; ) {
    const answer = consumer.next();
    await nextTurn();
    follow.time.runUntil(follow.time.now + LIMITS.heartbeatMs);
    const { events, cursor } = await answer;
    found.push(...names({ events } as EventsAnswer));
    at = Buffer.from(cursor, "base64url").readUInt32BE(4);
  }
  await consumer.leave();
  return found;
}

function modelOf({ rig }: Follow, walletId?: WalletId): string[] {
  if (walletId !== undefined) {
    return (rig.model.get(walletId) ?? []).map(({ height: at, index }) => `${at}.${index}`);
  }
  return rig.chain.executed.flatMap(({ block, operations }) =>
    operations.map((_, index) => `${block.header.height}.${index}`),
  );
}

describe(`streams of events (EVENT_SEED=${SEED})`, () => {
  it("show a wallet its entries and the whole ledger its transactions, from any height, in order", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const follow = new Follow(rig);
    await follow.grow(60);
    for (const walletId of [...WALLETS, undefined]) {
      expect(await wholeOf(follow, walletId)).toEqual(modelOf(follow, walletId));
    }
    expect(follow.followers.size).toBe(0);
  });

  it("go on from any cursor that they gave, and begin with what is new without one", async () => {
    const random = new Random(SEED);
    const rig = await ListRig.start(random);
    const follow = new Follow(rig);
    const early = follow.open({});
    const { cursor: start, events } = await early.next();
    expect(events).toEqual([]);
    await follow.grow(30);
    const wanted = modelOf(follow).slice(rig.chain.executed[0]?.operations.length);
    const cursors = [start];
    const seen: string[] = [];
    while (seen.length < wanted.length) {
      const answer = await early.next();
      seen.push(...names(answer));
      cursors.push(...answer.events.map(({ cursor }) => cursor));
    }
    expect(seen).toEqual(wanted);
    for (let pick = 0; pick < 20; pick++) {
      const from = random.below(wanted.length);
      const later = follow.open({ cursor: cursors[from] });
      expect((await later.next()).cursor).toBe(cursors[from]);
      const rest: string[] = [];
      while (rest.length < wanted.length - from) rest.push(...names(await later.next()));
      expect(rest).toEqual(wanted.slice(from));
      await later.leave();
    }
    await early.leave();
  });

  it("wake for the wallets that a block changes, and not for others", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const follow = new Follow(rig);
    const [alice, bob, quiet] = [WALLETS[0], WALLETS[1], WALLETS.at(-1)];
    const consumer = follow.open({ walletId: alice });
    const other = follow.open({ walletId: quiet });
    await Promise.all([consumer.next(), other.next()]);
    const news = consumer.next();
    let woken = false;
    const silence = other.next().then((answer) => {
      woken = true;
      return answer;
    });
    follow.followers.committed([bob ?? expect.fail()]);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    while ((rig.model.get(alice ?? expect.fail())?.length ?? 0) < 2) await follow.grow(1);
    expect(names(await news)).toEqual(modelOf(follow, alice).slice(1));
    expect(woken).toBe(false);
    // The heartbeat tells the consumer of a quiet wallet how far it is.
    follow.time.runUntil(LIMITS.heartbeatMs);
    const beat = await silence;
    expect(beat).toMatchObject({ events: [], height: rig.chain.height });
    const resumed = follow.open({ walletId: quiet, cursor: answered(beat).cursor });
    expect(answered(await resumed.next()).cursor).toBe(answered(beat).cursor);
    for (const one of [consumer, other, resumed]) await one.leave();
    expect(follow.followers.size).toBe(0);
  });

  it("read a block once for all that follow the whole ledger, and give them one answer", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const follow = new Follow(rig);
    const consumers = Array.from({ length: 50 }, () => follow.open({}));
    await Promise.all(consumers.map((one) => one.next()));
    const news = Promise.all(consumers.map((one) => one.next()));
    // One commit: all of them go on to the same height.
    await follow.grow(12);
    const [first, ...others] = await news;
    expect(first?.events.length).toBeGreaterThan(0);
    for (const answer of others) expect(answer).toBe(first);
    expect(new Set(follow.bodies).size).toBe(follow.bodies.length);
    for (const one of consumers) await one.leave();
  });

  it("keep nothing for a consumer that does not ask: its next answers are read when it does", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const follow = new Follow(rig);
    const slow = follow.open({});
    await slow.next();
    await follow.grow(40);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(follow.bodies).toEqual([]);
    const seen: string[] = [];
    const wanted = modelOf(follow).slice(rig.chain.executed[0]?.operations.length);
    while (seen.length < wanted.length) {
      const answer = await slow.next();
      expect(answer.events.length).toBeLessThanOrEqual(LIMITS.eventsOfMessageMax);
      seen.push(...names(answer));
    }
    expect(seen).toEqual(wanted);
    await slow.leave();
  });

  it("wait for their turn if lists are read faster than is allowed, and go on", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const follow = new Follow(rig);
    await follow.grow(40);
    const wanted = modelOf(follow, WALLETS[0]);
    expect(follow.reads.begin(CALL, 38_580)).toBeUndefined();
    const consumer = follow.open({ walletId: WALLETS[0], fromHeight: height(1) });
    await consumer.next();
    let isOver = false;
    const throttled = consumer.next().finally(() => {
      isOver = true;
    });
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(isOver).toBe(false);
    follow.time.runUntil(1_000);
    expect(names(await throttled)).toEqual(wanted.slice(0, LIMITS.eventsOfMessageMax));
    await consumer.leave();
  });

  it.each([
    { stream: "the whole ledger", wallet: undefined },
    { stream: "a wallet", wallet: WALLETS[0] },
  ])(
    "T9: of $stream go on while many callers read small lists as fast as they may",
    async ({ wallet }) => {
      const rig = await ListRig.start(new Random(SEED));
      const follow = new Follow(rig);
      // A principal of its own, among others of its kind.
      const others = Array.from({ length: 8 }, (_, i) => ({
        caller: NAMED,
        countedAs: `other ${i}`,
      }));
      const flood = () => {
        for (const reader of others) while (follow.reads.begin(reader, 1) === undefined);
      };
      const consumer = follow.open({ walletId: wallet }, { caller: NAMED, countedAs: "follower" });
      await consumer.next();
      flood();
      const seen: string[] = [];
      for (let block = 0; block < 60; block++) {
        await follow.grow(1);
        const wanted = modelOf(follow, wallet).filter((place) => !isFirst(follow, wallet, place));
        while (seen.length < wanted.length) {
          const next = consumer.next();
          // No time passes: what there is must do, however little.
          seen.push(...names(await next));
        }
        expect(seen).toEqual(wanted);
        // All that comes back is taken by others at once.
        follow.time.runUntil(follow.time.now + 100);
        flood();
      }
      await consumer.leave();
    },
  );
});

describe("a stream is refused", () => {
  const opened = async (shape: Shape, query: EventsQuery) => {
    const rig = await ListRig.start(new Random(SEED));
    const follow = new Follow(rig, shape);
    await follow.grow(10);
    return await follow.open(query).refusal();
  };

  it("of a wallet that is not the caller's, as of one that does not exist", async () => {
    const foreign = await opened({ isOwner: () => false }, { walletId: WALLETS[0] });
    const absent = await opened({}, { walletId: `${WALLETS[0]?.slice(0, -1)}0` as WalletId });
    expect(foreign).toMatchObject({ reason: "UNKNOWN_WALLET", field: "walletId" });
    expect(absent).toMatchObject({ reason: "UNKNOWN_WALLET", field: "walletId" });
  });

  it("from a cursor of another stream, and from bytes that are none", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const follow = new Follow(rig);
    const { cursor } = await follow.open({ walletId: WALLETS[0] }).next();
    for (const query of [{ cursor }, { walletId: WALLETS[1], cursor }, { cursor: "AAAA" }]) {
      const refusal = await follow.open(query).refusal();
      expect(refusal).toMatchObject({ reason: "MALFORMED", field: "cursor" });
    }
  });

  it("below the hole in the history of its node, and not above", async () => {
    const history = { snapshot: height(8), from: height(6), below: height(2) };
    const refusal = await opened({ history }, { fromHeight: height(5) });
    expect(refusal).toMatchObject({ reason: "HISTORY_INCOMPLETE" });
    const rig = await ListRig.start(new Random(SEED));
    const follow = new Follow(rig, { history });
    await follow.grow(10);
    const consumer = follow.open({ fromHeight: height(6) });
    expect((await consumer.next()).events).toEqual([]);
    await consumer.leave();
  });

  it("while it goes on, if the wallet is not the caller's any more", async () => {
    let isOwn = true;
    const rig = await ListRig.start(new Random(SEED));
    const follow = new Follow(rig, { isOwner: () => isOwn });
    const consumer = follow.open({ walletId: WALLETS[0], fromHeight: height(1) });
    await consumer.next();
    expect((await consumer.next()).events).toHaveLength(1);
    isOwn = false;
    const refusal = consumer.refusal();
    await nextTurn();
    follow.time.runUntil(LIMITS.heartbeatMs);
    expect(await refusal).toMatchObject({ reason: "UNKNOWN_WALLET" });
    await consumer.leave();
    expect(follow.followers.size).toBe(0);
  });
});
