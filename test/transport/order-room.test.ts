/** T9: so many orders are under way as a node answers in a short time, and one caller leaves room for others. */
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { OrderRoom } from "../../src/transport/order-room.ts";
import { Refusal } from "../../src/transport/refusal.ts";

const { usual: USUAL, overloaded: OVERLOADED } = LIMITS.ordersUnderWayMin;
const SPAN_MS = 1_800;

class Bench {
  nowMs = 0;
  readonly room = new OrderRoom({ spanMs: SPAN_MS, now: () => this.nowMs });

  /** Lets in as many orders as there is room for; gives what ends each. */
  fill(caller = "shop", most = 10_000): ((hasResult: boolean) => void)[] {
    const ends: ((hasResult: boolean) => void)[] = [];
    while (ends.length < most) {
      const end = this.room.begin(caller);
      if (end instanceof Refusal) break;
      ends.push(end);
    }
    return ends;
  }

  /** So many orders of each second end, one way or the other. */
  pass(seconds: number, perSecond: number, { hasResult = true, waitedMs = 20 } = {}): void {
    for (let second = 0; second < seconds; second++) {
      for (let i = 0; i < perSecond; i++) {
        const [end] = this.fill("shop", 1);
        this.nowMs += waitedMs;
        end?.(hasResult);
        this.nowMs -= waitedMs;
      }
      this.nowMs += 1_000;
    }
  }
}

describe("T9: orders under way", () => {
  it("are so many at first, and the next is refused, to be tried again", () => {
    const bench = new Bench();
    const ends = bench.fill();
    expect(ends.length).toBe(USUAL);
    expect(bench.room.begin("shop")).toMatchObject({
      reason: "TOO_MANY_REQUESTS",
      metadata: { retryAfterMs: "1000" },
    });
    ends[0]?.(true);
    expect(bench.fill().length).toBe(1);
  });

  it("may be as many as are answered in the span, and fewer again when the pace falls", () => {
    const bench = new Bench();
    bench.pass(30, 2_000);
    const most = bench.fill();
    expect(most.length).toBeGreaterThan(0.99 * 3_600);
    expect(most.length).toBeLessThanOrEqual(3_600);
    for (const end of most) end(false);
    bench.nowMs += 1_000;
    const later = bench.fill();
    expect(later.length).toBeGreaterThan(0.7 * 3_600);
    expect(later.length).toBeLessThan(0.8 * 3_600);
    for (const end of later) end(false);
    bench.nowMs += 3_600_000;
    expect(bench.fill().length).toBe(USUAL);
  });

  it("gain no room by refusals, nor by results that were there before", () => {
    for (const quick of [{ hasResult: false }, { waitedMs: 19 }]) {
      const bench = new Bench();
      bench.pass(30, 2_000, quick);
      expect(bench.fill().length).toBe(USUAL);
    }
  });

  it("keep their room while all of them wait", () => {
    const bench = new Bench();
    bench.pass(30, 2_000);
    const waiting = bench.fill().length;
    bench.nowMs += 60_000;
    expect(bench.fill().length).toBe(0);
    expect(waiting).toBeGreaterThan(3_500);
    bench.nowMs += 60_000;
    expect(bench.fill("other").length).toBeGreaterThan(1_600);
  });

  it("keep most of their room through a stall after which they are answered", () => {
    const bench = new Bench();
    bench.pass(30, 2_000);
    const ends = bench.fill("shop", 3_000);
    bench.nowMs += 30_000;
    for (const end of ends.slice(1)) end(true);
    bench.nowMs += 1_000;
    const room = bench.fill().length;
    expect(room).toBeGreaterThan(2_450);
    expect(room).toBeLessThan(3_000);
  });

  /** For so many seconds more orders come than there is room for; one block of so many seconds after the other answers the oldest. */
  function overload(bench: Bench, { seconds = 300, blockMs = 2_000, perBlock = 600 }): number {
    const waiting: ((hasResult: boolean) => void)[] = [];
    let most = 0;
    for (let ms = 10; ms <= seconds * 1_000; ms += 10) {
      bench.nowMs += 10;
      waiting.push(...bench.fill());
      if (ms > (seconds - 20) * 1_000) most = Math.max(most, waiting.length);
      if (ms % blockMs === 0) for (const end of waiting.splice(0, perBlock)) end(true);
    }
    for (const end of waiting) end(true);
    return most;
  }

  it.each([200, 500, 1_000, 1_500])(
    "of a slow network are as many as it answers in the span, by blocks of %i ms",
    (blockMs) => {
      // 200 a second, of which 360 come in the span.
      const most = overload(new Bench(), { blockMs, perBlock: (200 * blockMs) / 1_000 });
      expect(most).toBeGreaterThan(0.85 * 360);
      expect(most).toBeLessThan(1.15 * 360);
    },
  );

  it("of a slow network are a few in any case, and as many as before once it is quiet", () => {
    const bench = new Bench();
    const most = overload(bench, { perBlock: 20 });
    expect(most).toBeGreaterThanOrEqual(OVERLOADED);
    expect(most).toBeLessThan(1.05 * OVERLOADED);
    bench.nowMs += 60_000;
    expect(bench.fill().length).toBe(USUAL);
  });

  it("of a slow network are as many as before while none is refused", () => {
    const bench = new Bench();
    for (let second = 0; second < 60; second++) {
      const ends = bench.fill("shop", 10);
      bench.nowMs += 5_000;
      for (const end of ends) end(true);
    }
    expect(bench.fill().length).toBe(USUAL);
  });

  it("are no fewer because a caller holds its places for long, while others are answered soon", () => {
    const bench = new Bench();
    const held = bench.fill("holds");
    for (let second = 0; second < 60; second++) {
      const ends = bench.fill("shop", 10);
      bench.nowMs += 100;
      for (const end of ends) end(true);
      bench.nowMs += 900;
      for (const end of held.splice(0, 4)) end(true);
      held.push(...bench.fill("holds"));
    }
    expect(bench.fill("shop").length).toBe(USUAL / 2);
  });

  it("of one caller leave a part to each other one, also where they take all that there is room for", () => {
    const bench = new Bench();
    const ends = bench.fill("greedy");
    expect(bench.fill("other").length).toBe(USUAL / 2);
    // What ends is left to callers with less than their part.
    for (const end of ends.slice(0, 10)) end(true);
    expect(bench.fill("greedy").length).toBe(0);
    for (let caller = 0; caller < 2 * USUAL; caller++) {
      expect(bench.fill(`caller ${caller}`, 1).length).toBe(1);
    }
  });
});
