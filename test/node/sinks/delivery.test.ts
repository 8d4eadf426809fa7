// Deliveries to a receiver that is down, refuses, or dies: nothing is missed, nothing is repeated under another id, and nothing is
// dropped. Time is the test's own.
import { describe, expect, it } from "vitest";
import { Delivery } from "../../../src/node/sinks/delivery.ts";
import { MessageReader } from "../../../src/node/sinks/message-reader.ts";
import { GIVEN_UP_ATTEMPTS, retryWaitMs } from "../../../src/node/sinks/retry-pace.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { Store, StoredWebhook, WebhookProgress } from "../../../src/storage/contracts.ts";
import { MemoryDisk, openMemoryStore } from "../../../src/storage/memory-store.ts";
import { transfer } from "../../ledger/fixture.ts";
import { sweep } from "../../support/sweep.ts";
import { Random } from "../../support/world/random.ts";
import { network } from "../clients/list-rig.ts";
import { KeepingSink, READER, SinkRig } from "./sink-rig.ts";

const SEED = Number(process.env["SINK_SEED"] ?? Date.now() % 1_000_000);
const CRASHES = sweep({ share: 50, all: 200 });
const HOUR_MS = 3_600_000;
/** Of one message; blocks have up to five. */
const EVENTS_MAX = 3;
const NEVER = new AbortController().signal;
const NAME = "shop";
const DOWN = { problem: "the answer has the status 500" };
const log = { info: () => undefined, warn: () => undefined };
const webhook: StoredWebhook = {
  name: NAME,
  url: "https://shop.example.org/",
  isPrivate: false,
  createdAt: 1,
};

interface Begun {
  readonly rig: SinkRig;
  readonly sink: KeepingSink;
  readonly delivery: Delivery;
  readonly failures: unknown[];
}

/** A delivery of the whole ledger from its beginning, which runs. */
async function begin(
  random: Random,
  { deadLetters = 0 }: { readonly deadLetters?: number } = {},
): Promise<Begun> {
  const rig = await SinkRig.start(random);
  const { webhooks } = rig.rig.store;
  const progress = { place: rig.feed.before(height(0)) };
  await webhooks.add(webhook, progress);
  const sink = new KeepingSink();
  const delivery = open(rig, { sink, store: rig.rig.store, progress, deadLetters });
  const failures: unknown[] = [];
  delivery.start((error) => failures.push(error));
  return { rig, sink, delivery, failures };
}

function open(
  { feed, time }: SinkRig,
  parts: {
    readonly sink: KeepingSink;
    readonly store: Store;
    readonly progress: WebhookProgress;
    readonly deadLetters?: number;
  },
): Delivery {
  const { sink, store, progress, deadLetters = 0 } = parts;
  return new Delivery({
    name: NAME,
    sink,
    reader: (place) =>
      new MessageReader({
        ...{ feed, walletId: undefined, place, reader: READER },
        eventsMax: EVENTS_MAX,
      }),
    progress,
    deadLetters,
    givesUp: true,
    records: store.webhooks,
    system: time.system,
    log,
  });
}

const eventsOf = ({ rig }: SinkRig) =>
  rig.chain.executed.flatMap(({ block, operations }) =>
    operations.map((_, index) => `${block.header.height}.${index}`),
  );

describe(`a delivery (SINK_SEED=${SEED})`, () => {
  it("is in the order of the chain, and its place is on disk", async () => {
    const { rig, sink, delivery } = await begin(new Random(SEED));
    for (let round = 0; round < 10; round++) {
      await rig.grow(3);
      await rig.time.quiet();
      expect(sink.events).toEqual(eventsOf(rig));
    }
    expect(delivery.pendingSince).toBeUndefined();
    const [stored] = await rig.rig.store.webhooks.load();
    expect(stored?.progress).toEqual(delivery.progress);
    expect(sink.asked).toEqual([...sink.ids]);
    await delivery.stop();
  });

  it("survives a receiver that is down for an hour, with waits of five minutes at most, and says since when", async () => {
    const { rig, sink, delivery } = await begin(new Random(SEED));
    await rig.time.quiet();
    sink.refuses = () => DOWN;
    await rig.grow(5);
    await rig.time.quiet();
    const since = rig.time.system.wall();
    for (let part = 0; part < 12; part++) {
      await rig.time.pass(HOUR_MS / 12);
      await rig.grow(2);
    }
    expect(delivery.problem).toBe(DOWN.problem);
    expect(delivery.progress.failingSince).toBe(since);
    const [stored] = await rig.rig.store.webhooks.load();
    expect(stored?.progress.failingSince).toBe(since);
    // Ten waits that double, and then every five minutes at least; half of each is random.
    expect(delivery.figures.failed).toBeGreaterThan(8 + 10);
    expect(delivery.figures.failed).toBeLessThan(10 + 26);
    sink.refuses = () => undefined;
    await rig.time.pass(5 * 60_000);
    expect(sink.events).toEqual(eventsOf(rig));
    expect(delivery.progress.failingSince).toBeUndefined();
    expect({ problem: delivery.problem, deadLetters: delivery.deadLetters }).toEqual({
      problem: "",
      deadLetters: 0,
    });
    await delivery.stop();
  });

  it("is tried again at once when the operator says so", async () => {
    const { rig, sink, delivery } = await begin(new Random(SEED));
    sink.refuses = () => DOWN;
    await rig.grow(1);
    await rig.time.pass(HOUR_MS);
    sink.refuses = () => undefined;
    delivery.hurry();
    await rig.time.quiet();
    expect(sink.events).toEqual(eventsOf(rig));
    await delivery.stop();
  });

  it("gives a message up after a day, goes on behind it, and delivers it later under the same id", async () => {
    const { rig, sink, delivery } = await begin(new Random(SEED));
    await rig.time.quiet();
    // The next two messages are refused for good.
    const poison = new Set<string>();
    sink.refuses = ({ id }) => {
      if (poison.size < 2) poison.add(id);
      return poison.has(id) ? DOWN : undefined;
    };
    await rig.grow(20);
    await rig.time.pass(50 * HOUR_MS);
    expect(delivery.deadLetters).toBe(2);
    expect(delivery.figures.buried).toBe(2);
    const all = eventsOf(rig);
    expect(sink.events.length).toBeLessThan(all.length);
    await rig.time.quiet();
    // What comes later is delivered, and the dead letters are on disk.
    expect(sink.events.at(-1)).toBe(all.at(-1));
    const letters = await rig.rig.store.webhooks.deadLetters(NAME);
    expect(letters.map(({ problem }) => problem)).toEqual([DOWN.problem, DOWN.problem]);
    expect(await delivery.redeliver(NEVER)).toEqual({
      delivered: 0,
      left: 2,
      problem: DOWN.problem,
    });
    sink.refuses = () => undefined;
    expect(await delivery.redeliver(NEVER)).toEqual({ delivered: 2, left: 0, problem: "" });
    expect(sink.asked.slice(-2)).toEqual([...poison]);
    expect([...sink.events].sort()).toEqual(all.sort());
    expect(await rig.rig.store.webhooks.deadLetters(NAME)).toEqual([]);
    await delivery.stop();
  });

  it("sends and counts each dead letter once, if two operators ask for them together", async () => {
    const { rig, sink, delivery } = await begin(new Random(SEED));
    const poison = new Set<string>();
    sink.refuses = ({ id }) => {
      if (poison.size < 2) poison.add(id);
      return poison.has(id) ? DOWN : undefined;
    };
    await rig.grow(20);
    await rig.time.pass(50 * HOUR_MS);
    expect(delivery.deadLetters).toBe(2);
    sink.refuses = () => undefined;
    const both = await Promise.all([delivery.redeliver(NEVER), delivery.redeliver(NEVER)]);
    expect(both.map(({ delivered }) => delivered)).toEqual([2, 0]);
    expect(delivery.deadLetters).toBe(0);
    expect(sink.asked.slice(-2)).toEqual([...poison]);
    await delivery.stop();
  });

  it("passes over nothing that is left of a block, if it is set to the height above", async () => {
    const { rig, sink, delivery } = await begin(new Random(SEED));
    await rig.time.quiet();
    const before = sink.asked.length;
    sink.refuses = () => (sink.asked.length > before + 1 ? DOWN : undefined);
    await rig.commit(
      Array.from({ length: 2 * EVENTS_MAX }, (_, i) =>
        transfer(network, { id: `${i}`, from: "alice", to: "bob", asset: "EUR", amount: 1n }),
      ),
    );
    await rig.time.quiet();
    expect(delivery.progress.place.index).toBe(EVENTS_MAX - 1);
    await delivery.stop();
    await delivery.moveBackTo(rig.feed.before(height(delivery.progress.place.height + 1)));
    sink.refuses = () => undefined;
    delivery.start((error) => expect.fail(String(error)));
    await rig.grow(3);
    await rig.time.quiet();
    expect(sink.events).toEqual(eventsOf(rig));
    await delivery.stop();
  });

  it("gives nothing up because a clock was set forward", async () => {
    const { rig, sink, delivery } = await begin(new Random(SEED));
    sink.refuses = () => DOWN;
    await rig.grow(1);
    await rig.time.quiet();
    rig.time.wallOffset += 48 * HOUR_MS;
    // Nine waits of one second that double: 511 s together, of which half may be spared.
    await rig.time.pass(200_000);
    expect(delivery.figures.failed).toBeLessThan(GIVEN_UP_ATTEMPTS);
    expect(delivery.deadLetters).toBe(0);
    await delivery.stop();
  });

  it("waits when there is no room for a further dead letter", async () => {
    const { deadLettersMax } = LIMITS.webhooks;
    const { rig, sink, delivery } = await begin(new Random(SEED), { deadLetters: deadLettersMax });
    sink.refuses = () => DOWN;
    await rig.grow(1);
    await rig.time.pass(72 * HOUR_MS);
    expect(delivery.deadLetters).toBe(deadLettersMax);
    sink.refuses = () => undefined;
    await rig.time.pass(HOUR_MS);
    expect(sink.events).toEqual(eventsOf(rig));
    await delivery.stop();
  });

  it("keeps the pause for which a receiver asks, up to five minutes", () => {
    const entropy = () => new Uint8Array([0, 0]);
    expect(retryWaitMs(1, 30_000, entropy)).toBe(30_000);
    expect(retryWaitMs(1, 10 * HOUR_MS, entropy)).toBe(300_000);
    expect(retryWaitMs(1, 0, entropy)).toBe(500);
    expect(retryWaitMs(1_000, 0, () => new Uint8Array([255, 255]))).toBeLessThanOrEqual(300_000);
  });

  it("ends the node if its place cannot be written, and moves on to nothing", async () => {
    const rig = await SinkRig.start(new Random(SEED));
    const progress = { place: rig.feed.before(height(0)) };
    const { store, disk } = await storeWith(progress);
    const sink = new KeepingSink();
    const delivery = open(rig, { sink, store, progress });
    const full = new Error("the disk is full");
    disk.failure = full;
    const failure = await new Promise((resolve) => delivery.start(resolve));
    expect(failure).toMatchObject({ code: "writeFailed" });
    expect(sink.asked).toHaveLength(1);
    expect(delivery.progress).toEqual(progress);
    await delivery.stop();
  });

  it(`of a node that dies ${CRASHES} times, also between a delivery and its note, repeats ids alone`, async () => {
    const random = new Random(SEED);
    const { rig, sink, delivery: first } = await begin(random);
    await first.stop();
    let repeated = 0;
    // Of the node's webhooks alone; its chain goes on.
    let progress = first.progress;
    for (let crash = 0; crash < CRASHES; crash++) {
      await rig.grow(random.between(1, 4));
      const store = await storeWith(progress);
      let left = random.between(1, 6);
      const { promise: dead, resolve: die } = Promise.withResolvers<void>();
      sink.refuses = () => (left > 0 ? undefined : DOWN);
      sink.onTaken = () => {
        left -= 1;
        // The answer is on its way, and the disk is gone.
        if (left === 0) store.crash();
        if (left === 0) die();
      };
      const delivery = open(rig, { sink, store: store.store, progress });
      delivery.start(() => die());
      await Promise.race([dead, rig.time.quiet()]);
      await delivery.stop();
      store.crash();
      const asked = sink.asked.length;
      progress = (await store.reopen()).progress;
      repeated += asked - new Set(sink.asked).size;
    }
    sink.refuses = () => undefined;
    sink.onTaken = () => undefined;
    const store = await storeWith(progress);
    const last = open(rig, { sink, store: store.store, progress });
    last.start((error) => expect.fail(String(error)));
    await rig.time.quiet();
    expect(sink.events).toEqual(eventsOf(rig));
    expect(repeated).toBeGreaterThan(0);
    await last.stop();
  });
});

/** A store of webhooks alone, which can lose its power. */
async function storeWith(progress: WebhookProgress) {
  const disk = new MemoryDisk();
  const store = await openMemoryStore({ identity: network.context, disk });
  await store.webhooks.add(webhook, progress);
  return {
    store,
    disk,
    crash: () => disk.crash(),
    reopen: async () => {
      const again = await openMemoryStore({ identity: network.context, disk });
      const [held] = await again.webhooks.load();
      return held ?? expect.fail("the endpoint is stored");
    },
  };
}
