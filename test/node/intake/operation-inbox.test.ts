import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { OperationInbox } from "../../../src/node/intake/operation-inbox.ts";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { rateOfMember, roomOfSender } from "../../../src/primitives/member-shares.ts";
import { type ValidatorIndex, validatorIndex } from "../../../src/primitives/numbers.ts";

const room = roomOfSender(4);
/** First byte of an operation that costs its maker nothing, in this test. */
const UNPAID = 1;
const [busy, quiet] = [validatorIndex(1), validatorIndex(2)];

function operations(count: number, size = 10): Bytes[] {
  return Array.from({ length: count }, () => new Uint8Array(size));
}

/** An inbox that records its operations in the order in which they are admitted. */
class Rig {
  readonly taken: ValidatorIndex[] = [];
  readonly failures: unknown[] = [];
  now = 0;
  forged = 0;
  /** Admission of operations waits for this. */
  open: Promise<void> = Promise.resolve();
  /** The operations that cost their makers nothing, in the order of their checks. */
  readonly unpaid: { readonly sender: ValidatorIndex; readonly bytes: Bytes }[] = [];
  readonly timers = new Map<() => void, number>();
  readonly inbox = new OperationInbox({
    intake: {
      fromPeer: async (sender, few) => {
        await this.open;
        for (const _ of few) this.taken.push(sender);
        return { forged: this.forged, unpaid: few.filter(([kind]) => kind === UNPAID) };
      },
      unpaidFromPeer: async (sender, few) => {
        this.unpaid.push(...few.map((bytes) => ({ sender, bytes })));
        return { forged: 0, unpaid: [] };
      },
    },
    room: room.inbox,
    unpaid: room.unpaid,
    rate: rateOfMember("operationsOfPeer", 4),
    system: {
      monotonic: () => this.now,
      after: (delayMs, action) => {
        this.timers.set(action, this.now + delayMs);
        return () => this.timers.delete(action);
      },
    },
    fail: (error) => this.failures.push(error),
  });

  /** A second in small steps. */
  async passSecond(): Promise<void> {
    for (let step = 0; step < 100; step++) {
      this.now += 10;
      for (const [action, at] of this.timers) {
        if (at > this.now) continue;
        this.timers.delete(action);
        action();
      }
      await this.inbox.idle();
    }
  }

  countOf(sender: ValidatorIndex): number {
    return this.taken.filter((each) => each === sender).length;
  }
}

describe("T5: the inbox for operations of peers", () => {
  it("takes everything that is sent, also what comes while it works", async () => {
    const rig = new Rig();
    rig.inbox.add(busy, operations(100));
    await setImmediate();
    rig.inbox.add(quiet, operations(50));
    await rig.inbox.idle();
    rig.inbox.add(busy, operations(1));
    await rig.inbox.idle();
    expect([rig.countOf(busy), rig.countOf(quiet), rig.inbox.dropped]).toEqual([101, 50, 0]);
  });

  it("lets no sender wait for another's many", async () => {
    const rig = new Rig();
    rig.inbox.add(busy, operations(5_000));
    rig.inbox.add(quiet, operations(1));
    await rig.inbox.idle();
    expect(rig.taken.indexOf(quiet)).toBeLessThan(100);
  });

  it("gives everything else a turn again and again", async () => {
    const rig = new Rig();
    rig.inbox.add(busy, operations(1_600));
    let turns = 0;
    while (rig.taken.length < 1_600) {
      await setImmediate();
      turns += 1;
    }
    expect(turns).toBeGreaterThanOrEqual(50);
  });

  it("keeps no more of one sender than its count and its bytes, and still takes the others'", async () => {
    for (const size of [10, LIMITS.operationBytesMax]) {
      const rig = new Rig();
      const gate = Promise.withResolvers<void>();
      rig.open = gate.promise;
      rig.inbox.add(busy, operations(LIMITS.inboxOperationsPerSenderMax + 500, size));
      rig.inbox.add(quiet, operations(3));
      gate.resolve();
      await rig.inbox.idle();
      const room = Math.floor(LIMITS.inboxBytesPerSenderMax / size);
      const kept = Math.min(LIMITS.inboxOperationsPerSenderMax, room);
      expect(rig.countOf(busy)).toBe(kept);
      expect(rig.inbox.dropped).toBe(LIMITS.inboxOperationsPerSenderMax + 500 - kept);
      expect(rig.countOf(quiet)).toBe(3);
    }
  });

  it("drops what comes faster than the rate of its sender, and takes again when time has passed", async () => {
    const rig = new Rig();
    const { burst, perSecond } = LIMITS.operationsOfPeer;
    for (let sent = 0; sent < burst + 1_000; sent += 1_000) {
      rig.inbox.add(busy, operations(1_000));
      await rig.inbox.idle();
    }
    expect(rig.countOf(busy)).toBe(burst);
    rig.now = 1_000;
    rig.inbox.add(busy, operations(perSecond));
    await rig.inbox.idle();
    expect(rig.countOf(busy)).toBe(burst + perSecond);
  });

  it("hears little more of one who sends what no honest member passes on", async () => {
    const rig = new Rig();
    rig.forged = 16;
    for (let batch = 0; batch < 100; batch++) {
      rig.inbox.add(busy, operations(16));
      await rig.inbox.idle();
    }
    expect(rig.countOf(busy)).toBeLessThan(2 * (LIMITS.operationsOfPeer.burst / 100));
  });

  it("has what costs its maker nothing checked at a rate of its sender, in the order it came", async () => {
    const rig = new Rig();
    const { burst, perSecond } = room.unpaid;
    const free = Array.from({ length: burst + 1_000 }, (_, i) => Uint8Array.of(UNPAID, i >> 8, i));
    rig.inbox.add(busy, free);
    rig.inbox.add(quiet, [...free.slice(0, 3), ...operations(3)]);
    await rig.inbox.idle();
    const of = (sender: ValidatorIndex) =>
      rig.unpaid.filter((one) => one.sender === sender).map(({ bytes }) => bytes);
    expect(of(busy)).toEqual(free.slice(0, burst));
    expect(of(quiet), "another waits for nothing").toEqual(free.slice(0, 3));
    await rig.passSecond();
    expect(of(busy).length).toBeGreaterThan(burst + perSecond * 0.95);
    expect(of(busy)).toEqual(free.slice(0, of(busy).length));
    expect(of(busy).length).toBeLessThanOrEqual(burst + perSecond);
    for (let second = 0; second < 1_000 / perSecond; second++) await rig.passSecond();
    expect(of(busy)).toEqual(free);
    expect([rig.inbox.dropped, rig.timers.size]).toEqual([0, 0]);
  });

  it("keeps a bounded part of what costs its maker nothing, and payments have their room beside it", async () => {
    const rig = new Rig();
    const { unpaidMax } = room.inbox;
    const free = Array.from({ length: 5_000 }, () => Uint8Array.of(UNPAID));
    rig.inbox.add(busy, free);
    await rig.inbox.idle();
    expect(rig.inbox.dropped).toBe(free.length - room.unpaid.burst - unpaidMax);
    rig.inbox.add(busy, operations(100));
    await rig.inbox.idle();
    expect(rig.countOf(busy)).toBe(free.length + 100);
    await rig.inbox.close();
    await rig.passSecond();
    expect(rig.unpaid).toHaveLength(room.unpaid.burst);
  });

  it("is told to stop: looks at nothing more, and what fails on the way is reported", async () => {
    const rig = new Rig();
    const gate = Promise.withResolvers<void>();
    rig.open = gate.promise;
    rig.inbox.add(busy, operations(100));
    const closed = rig.inbox.close();
    gate.reject(new Error("the store is closed"));
    await closed;
    rig.inbox.add(busy, operations(100));
    await rig.inbox.idle();
    expect(rig.taken).toEqual([]);
    expect(rig.failures).toMatchObject([{ message: "the store is closed" }]);
  });
});

describe("the operations that have come in by now", () => {
  it("are awaited until they are judged, and no later ones", async () => {
    const rig = new Rig();
    await rig.inbox.arrived();
    const opened = Promise.withResolvers<void>();
    rig.open = opened.promise;
    rig.inbox.add(busy, operations(3));
    rig.inbox.add(quiet, operations(2));
    let judged: number | undefined;
    const arrived = rig.inbox.arrived().then(() => {
      judged = rig.taken.length;
    });
    await setImmediate();
    expect(judged).toBeUndefined();
    opened.resolve();
    await arrived;
    expect(judged).toBe(5);
    await rig.inbox.idle();
  });

  it("are awaited in part only if one member sends a flood", async () => {
    const rig = new Rig();
    rig.inbox.add(busy, operations(1_000));
    rig.inbox.add(quiet, operations(1));
    await rig.inbox.arrived();
    expect(rig.taken).toContain(quiet);
    expect(rig.taken.length).toBeLessThan(200);
    await rig.inbox.idle();
    expect(rig.taken).toHaveLength(1_001);
  });

  it("are awaited no longer when the inbox is closed", async () => {
    const rig = new Rig();
    const opened = Promise.withResolvers<void>();
    rig.open = opened.promise;
    rig.inbox.add(busy, operations(1_000));
    const arrived = rig.inbox.arrived();
    const closed = rig.inbox.close();
    await arrived;
    opened.resolve();
    await closed;
  });
});
