// The network's throughput of the last minute, by block time: exact for each whole second, and forgotten after it.
import { expect, it } from "vitest";
import { Throughput } from "../../../src/node/clients/throughput.ts";

const BEGIN = 1_700_000_000_000;

function blocks(...given: readonly (readonly [time: number, operations: number])[]) {
  return given.map(([time, length]) => ({
    block: { header: { time: BEGIN + time } },
    operations: { length },
  }));
}

it("has the operations of each whole second, also where a second has several blocks or none", () => {
  const clock = { now: BEGIN };
  const throughput = new Throughput({ wall: () => clock.now });
  throughput.committed(blocks([0, 3], [400, 4], [999, 1], [1_000, 7], [3_500, 9]));
  clock.now = BEGIN + 3_999;
  expect(throughput.figures.operations.slice(-4)).toEqual([0, 8, 7, 0]);
  clock.now = BEGIN + 4_000;
  expect(throughput.figures.operations).toHaveLength(60);
  expect(throughput.figures.operations.slice(-4)).toEqual([8, 7, 0, 9]);
  clock.now = BEGIN + 63_000;
  expect(throughput.figures.operations.filter((count) => count > 0)).toEqual([9]);
  clock.now = BEGIN + 64_000;
  expect(throughput.figures.operations.every((count) => count === 0)).toBe(true);
});

it("goes by the newest block where the node's own clock is behind", () => {
  const throughput = new Throughput({ wall: () => BEGIN - 500_000 });
  throughput.committed(blocks([0, 5], [1_200, 2]));
  expect(throughput.figures.operations.slice(-2)).toEqual([0, 5]);
});

it("has the median time from block to block, of the last 256 and of the last minute", () => {
  const clock = { now: BEGIN };
  const throughput = new Throughput({ wall: () => clock.now });
  throughput.committed(blocks([0, 1], [9_000, 1]));
  expect(throughput.figures.blockMsMedian).toBeUndefined();
  throughput.committed(blocks([9_100, 1], [9_300, 1]));
  clock.now = BEGIN + 9_300;
  expect(throughput.figures.blockMsMedian).toBe(200);
  throughput.committed(
    blocks(...Array.from({ length: 300 }, (_, i) => [9_310 + 10 * i, 0] as const)),
  );
  expect(throughput.figures.blockMsMedian).toBe(10);
  clock.now = BEGIN + 80_000;
  expect(throughput.figures.blockMsMedian).toBeUndefined();
});
