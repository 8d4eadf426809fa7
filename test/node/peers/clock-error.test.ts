// A node's verdict on its own clock: one lying peer, or one peer with a wrong clock, makes no node call a right clock
// wrong.
import { describe, expect, it } from "vitest";
import { type ClockReading, clockError, clockOffset } from "../../../src/node/peers/clock-error.ts";
import { faultsTolerated } from "../../../src/primitives/validators.ts";
import { Random } from "../../support/world/random.ts";

const LIMIT = 10_000;

function errorOf(nodes: number, ...aheadMs: readonly number[]): number | undefined {
  const readings = aheadMs.map((ahead) => ({ aheadMs: ahead, errorMs: 1 }));
  return clockError(readings, { faults: faultsTolerated(nodes), limitMs: LIMIT });
}

const FAR = 600_000;

describe("T8: the own clock is called wrong", () => {
  it.each([
    ["by three peers of four", 4, [FAR, FAR + 2, FAR - 2], FAR],
    ["behind, by three of four", 4, [-FAR, -FAR, -FAR], -FAR],
    ["by two of four, the third being away", 4, [FAR, FAR + 20], FAR],
    ["by two of four, the third lying that it is right", 4, [FAR, FAR, 0], FAR],
    ["by both others of three", 3, [FAR, FAR], FAR],
    ["by the only other of two: one of them is wrong, and neither can say which", 2, [FAR], FAR],
    ["by four of seven, two lying", 7, [FAR, FAR, FAR, FAR, 0, -FAR], FAR],
  ] as const)("%s", (_, nodes, aheadMs, expected) => {
    expect(errorOf(nodes, ...aheadMs)).toBe(expected);
  });
});

describe("T8: the own clock is not called wrong", () => {
  it.each([
    ["by one peer of four, however far", 4, [0, 0, FAR]],
    ["by the only one of four that answers", 4, [FAR]],
    ["by two that say the contrary", 4, [FAR, -FAR]],
    ["by the one wrong clock of three", 3, [0, FAR]],
    ["by two of seven that lie", 7, [FAR, FAR, 0, 0, 0, 0]],
    ["by three of seven, for with the own one four say otherwise", 7, [FAR, FAR, FAR, 0, 0, 0]],
    ["by no peer", 4, []],
    ["within the limit", 4, [LIMIT, LIMIT, LIMIT]],
  ] as const)("%s", (_, nodes, aheadMs) => {
    expect(errorOf(nodes, ...aheadMs)).toBeUndefined();
  });

  it("where the way of the answers may be all of it", () => {
    const slow: ClockReading = { aheadMs: LIMIT + 900, errorMs: 1_000 };
    const limits = { faults: 1, limitMs: LIMIT };
    expect(clockError([slow, slow, slow], limits)).toBeUndefined();
    expect(clockError([slow, slow, slow], { ...limits, limitMs: LIMIT - 200 })).toBeDefined();
  });
});

it("f liars among the peers of a node neither accuse nor acquit it", () => {
  const random = new Random(7, 1);
  for (let round = 0; round < 2_000; round++) {
    const nodes = random.between(4, 13);
    const faults = faultsTolerated(nodes);
    const isWrong = random.chance(0.5);
    const truth = isWrong ? random.pick([FAR, -FAR]) : 0;
    // If the own clock is wrong, this node is one of the f.
    const liars = isWrong ? faults - 1 : faults;
    const readings = Array.from({ length: nodes - 1 }, (_, place) => {
      const lie = random.pick([0, FAR, -FAR, 1e15, -1e15]);
      return { aheadMs: place < liars ? lie : truth + random.between(-200, 200), errorMs: 5 };
    });
    const error = clockError(readings, { faults, limitMs: LIMIT });
    if (!isWrong) expect(error).toBeUndefined();
    else expect(Math.abs((error ?? 0) - truth)).toBeLessThanOrEqual(200);
  }
});

describe("the offset that is shown", () => {
  const offsetOf = (...aheadMs: readonly number[]) =>
    clockOffset(
      aheadMs.map((ahead) => ({ aheadMs: ahead, errorMs: 1 })),
      { faults: 1 },
    );

  it("is the middle one, and a liar only one of its neighbours", () => {
    expect(offsetOf(-3, 5, FAR)).toBe(5);
    expect(offsetOf(-3, 5, -FAR)).toBe(-3);
  });

  it("is none while only f have told", () => {
    expect(offsetOf(5)).toBeUndefined();
    expect(offsetOf(5, 7)).toBe(5);
  });
});
