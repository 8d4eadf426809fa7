/** T9: so many orders are under way as a node answers in a short time, and one caller leaves room for others. */
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { OrderRoom } from "../../src/transport/order-room.ts";
import { Refusal } from "../../src/transport/refusal.ts";

const { ordersUnderWayMin: LEAST } = LIMITS;
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
  it("are so many at least, and the next is refused, to be tried again", () => {
    const bench = new Bench();
    const ends = bench.fill();
    expect(ends.length).toBe(LEAST);
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
    expect(bench.fill().length).toBe(LEAST);
  });

  it("gain no room by refusals, nor by results that were there before", () => {
    for (const quick of [{ hasResult: false }, { waitedMs: 19 }]) {
      const bench = new Bench();
      bench.pass(30, 2_000, quick);
      expect(bench.fill().length).toBe(LEAST);
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

  it("keep their room when the first is answered after a stall in which none came", () => {
    const bench = new Bench();
    bench.pass(30, 2_000);
    const ends = bench.fill("shop", 500);
    bench.nowMs += 30_000;
    for (const end of ends) end(true);
    expect(bench.fill().length).toBeGreaterThan(3_000);
  });

  it("of one caller leave a part to each other one, also where they take all that there is room for", () => {
    const bench = new Bench();
    const ends = bench.fill("greedy");
    expect(bench.fill("other").length).toBe(LEAST / 2);
    // What ends is left to callers with less than their part.
    for (const end of ends.slice(0, 10)) end(true);
    expect(bench.fill("greedy").length).toBe(0);
    for (let caller = 0; caller < 2 * LEAST; caller++) {
      expect(bench.fill(`caller ${caller}`, 1).length).toBe(1);
    }
  });
});
