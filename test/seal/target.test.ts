import { describe, expect, it } from "vitest";
import { epoch } from "../../src/primitives/numbers.ts";
import { coordinatorOf, covers, rankOf, startsAt } from "../../src/seal/target.ts";
import { index } from "./fixture.ts";
import { headerTarget, testTarget } from "./seal-world.ts";

describe("S3: the coordinator", () => {
  it("of height h is validator h mod n, then the others in genesis order", () => {
    for (const n of [2, 4, 7]) {
      for (const h of [0, 1, 5, 64, 1_000_003]) {
        const order = Array.from({ length: n }, (_, rank) =>
          coordinatorOf(headerTarget(h), rank, n),
        );
        expect(order[0]).toBe(h % n);
        expect(new Set(order).size).toBe(n);
        order.forEach((validator, rank) => {
          expect(rankOf(headerTarget(h), validator, n)).toBe(rank);
        });
      }
    }
  });

  it("of rank k starts k timeouts after the header is final", () => {
    expect(startsAt(1_000, 0, 300)).toBe(1_000);
    expect(startsAt(1_000, 3, 300)).toBe(1_900);
  });

  it("of the test message is validator 0 first", () => {
    expect(coordinatorOf(testTarget, 0, 4)).toBe(0);
    expect(rankOf(testTarget, index(3), 4)).toBe(3);
  });
});

describe("S2: a seal", () => {
  it("covers heights below it down to the multiple of 64 before, and nothing else", () => {
    expect(covers(headerTarget(1), headerTarget(64))).toBe(true);
    expect(covers(headerTarget(1), headerTarget(65))).toBe(false);
    expect(covers(headerTarget(64), headerTarget(64))).toBe(true);
    expect(covers(headerTarget(64), headerTarget(65))).toBe(false);
    expect(covers(headerTarget(65), headerTarget(64))).toBe(false);
    expect(covers(headerTarget(65), { ...headerTarget(66), epoch: epoch(2) })).toBe(false);
    expect(covers(headerTarget(65), testTarget)).toBe(false);
    expect(covers(testTarget, testTarget)).toBe(true);
  });
});
