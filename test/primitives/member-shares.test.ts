/** T13: the shares of members add up in a network of any size. */
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { roomOfSender, unpaidOfClients } from "../../src/primitives/member-shares.ts";

const SIZES = Array.from({ length: LIMITS.validatorsMax - 3 }, (_, i) => i + 4);

describe("T9: free orders of the clients of one gateway", () => {
  it.each(["perSecond", "burst"] as const)("are no more than its peers take from it: %s", (of) => {
    for (const members of SIZES) {
      const { sponsored, uncovered } = unpaidOfClients(members);
      const sum = sponsored[of] + uncovered[of];
      expect(sum, `${members} members`).toBeLessThan(roomOfSender(members).unpaid[of]);
    }
  });

  it("have their full rate in a network of four, and a few have a turn in the largest", () => {
    expect(unpaidOfClients(4)).toEqual(LIMITS.unpaidOfClients);
    for (const { perSecond, burst } of Object.values(unpaidOfClients(LIMITS.validatorsMax))) {
      expect(perSecond).toBeGreaterThan(1);
      expect(burst).toBeGreaterThan(4);
    }
  });
});
