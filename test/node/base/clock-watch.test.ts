// A node notices that its wall clock was set, while it runs or between two runs.
import { beforeEach, expect, it } from "vitest";
import { ClockWatch } from "../../../src/node/base/clock-watch.ts";
import { Clock } from "../../whole-nodes/clock.ts";

const WALL = 1_700_000_000_000;

let world: Clock;
let aheadMs: number;
let steps: number[];
let warnings: unknown[];
let watch: ClockWatch;

beforeEach(() => {
  world = new Clock(5_000);
  aheadMs = 0;
  steps = [];
  warnings = [];
  const silent = () => undefined;
  watch = new ClockWatch({
    system: {
      monotonic: () => world.now,
      wall: () => WALL + world.now + aheadMs,
      after: (delayMs, action) => world.after(delayMs, action),
    },
    log: {
      debug: silent,
      info: silent,
      warn: (fields: unknown) => void warnings.push(fields),
      error: silent,
    },
    onStep: (byMs) => steps.push(byMs),
  });
});

it.each([600_000, -600_000, 150, -150])("a step of %i ms is told once", async (byMs) => {
  watch.start(WALL, 1_000);
  await world.runFor(3_000);
  aheadMs = byMs;
  await world.runFor(5_000);
  expect(steps).toEqual([byMs]);
  expect(warnings).toEqual([{ byMs }]);
});

it("there and back within one look is nothing to be seen, there and back over two is two steps", async () => {
  watch.start(WALL, 1_000);
  aheadMs = 600_000;
  await world.runFor(500);
  aheadMs = 0;
  await world.runFor(2_000);
  expect(steps).toEqual([]);
  aheadMs = 600_000;
  await world.runFor(3_000);
  aheadMs = 0;
  await world.runFor(3_000);
  expect(steps).toEqual([600_000, -600_000]);
});

it("a clock that is slewed is not one that is set", async () => {
  watch.start(WALL, 1_000);
  for (let second = 0; second < 3_600; second++) {
    aheadMs += 0.5;
    await world.runFor(1_000);
  }
  expect(steps).toEqual([]);
});

it("a start whose clock is behind the last block by more than is tolerated says so", () => {
  watch.start(WALL + world.now + 1_000, 1_000);
  expect(warnings).toEqual([]);
  watch.start(WALL + world.now + 1_001, 1_000);
  expect(warnings).toMatchObject([{ behindMs: 1_001 }]);
});

it("a stopped watch looks no more", async () => {
  watch.start(WALL, 1_000);
  watch.stop();
  aheadMs = 600_000;
  await world.runFor(5_000);
  expect(steps).toEqual([]);
});
