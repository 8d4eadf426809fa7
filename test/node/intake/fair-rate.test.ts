/** T9: one rate for many callers, which none of them can use up alone. */
import { describe, expect, it } from "vitest";
import { FairRate } from "../../../src/node/intake/fair-rate.ts";

const RATE = { perSecond: 10, burst: 40 };

/** Takes until the caller is refused; gives the number taken. */
function takeAll(rate: FairRate, caller: string, now: number): number {
  let taken = 0;
  while (rate.take(caller, now) === "taken") taken += 1;
  return taken;
}

describe("a rate that callers share", () => {
  it("gives one caller alone three quarters of the burst, and then the whole rate", () => {
    const rate = new FairRate(RATE, 0);
    expect(takeAll(rate, "a", 0)).toBe(30);
    let taken = 0;
    for (let now = 100; now <= 10_000; now += 100) taken += takeAll(rate, "a", now);
    expect(taken).toBe(100);
  });

  it("leaves some for a caller that comes later, however often the first one asks", () => {
    const rate = new FairRate(RATE, 0);
    for (let now = 0; now < 60_000; now += 10) takeAll(rate, "busy", now);
    expect(takeAll(rate, "quiet", 60_000)).toBeGreaterThanOrEqual(5);
  });

  it("is shared out evenly among those that ask for more than there is", () => {
    const rate = new FairRate(RATE, 0);
    const taken = new Map<string, number>();
    for (let now = 0; now < 60_000; now += 10) {
      for (const caller of ["greedy", "b", "c"]) {
        // The first one asks ten times as often.
        const times = caller === "greedy" ? 10 : 1;
        for (let i = 0; i < times; i++) {
          if (rate.take(caller, now) !== "taken") continue;
          taken.set(caller, (taken.get(caller) ?? 0) + 1);
        }
      }
    }
    const counts = [...taken.values()];
    expect(Math.min(...counts) / Math.max(...counts)).toBeGreaterThan(0.8);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(600 + RATE.burst);
  });

  it("tells a time after which one is taken, and before which none is", () => {
    const rate = new FairRate(RATE, 0);
    takeAll(rate, "a", 0);
    takeAll(rate, "b", 0);
    for (const caller of ["a", "b", "c"]) {
      const waitMs = rate.take(caller, 0);
      if (waitMs === "taken") continue;
      const later = new FairRate(RATE, 0);
      takeAll(later, "a", 0);
      takeAll(later, "b", 0);
      if (caller === "c") takeAll(later, "c", 0);
      expect(later.take(caller, waitMs - 2)).not.toBe("taken");
      expect(later.take(caller, waitMs)).toBe("taken");
    }
  });

  it("remembers only callers that have used something", () => {
    const rate = new FairRate(RATE, 0);
    for (let now = 0, i = 0; now < 100_000; now += 10, i++) rate.take(`caller ${i}`, now);
    expect(rate.size).toBeLessThanOrEqual(2 * RATE.burst);
    rate.take("last", 200_000);
    expect(rate.size).toBe(1);
  });

  it("gives nothing back while the clock is set back", () => {
    const rate = new FairRate(RATE, 1_000);
    takeAll(rate, "a", 1_000);
    expect(rate.take("a", 500)).not.toBe("taken");
  });

  it("tells the same without taking anything", () => {
    const rate = new FairRate(RATE, 0);
    for (let asked = 0; asked < 100; asked++) expect(rate.waitMs("a", 0)).toBeUndefined();
    expect(takeAll(rate, "a", 0)).toBe(30);
    const waitMs = rate.waitMs("a", 0);
    expect(waitMs).toBe(rate.take("a", 0));
    expect(rate.waitMs("a", Number(waitMs))).toBeUndefined();
  });
});
