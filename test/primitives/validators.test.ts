import { describe, expect, it } from "vitest";
import { faultsTolerated, leaderOf, quorumOf } from "../../src/primitives/validators.ts";

describe("quorum arithmetic", () => {
  it("any two quorums share an honest member, and the honest alone make one, for every n", () => {
    for (let n = 2; n <= 200; n++) {
      const f = faultsTolerated(n);
      const quorum = quorumOf(n);
      expect(3 * f + 1).toBeLessThanOrEqual(n);
      expect(3 * (f + 1) + 1).toBeGreaterThan(n);
      expect(2 * quorum - n).toBeGreaterThan(f);
      expect(n - f).toBe(quorum);
    }
  });

  it.each([
    [2, 0, 2],
    [3, 0, 3],
    [4, 1, 3],
    [7, 2, 5],
    [10, 3, 7],
    [31, 10, 21],
  ])("%i validators tolerate %i faults with a quorum of %i", (n, f, quorum) => {
    expect([faultsTolerated(n), quorumOf(n)]).toEqual([f, quorum]);
  });

  it("R1: leads in genesis order, view by view", () => {
    expect([0, 1, 2, 3, 4, 5].map((view) => leaderOf(4, view))).toEqual([0, 1, 2, 3, 0, 1]);
  });
});
