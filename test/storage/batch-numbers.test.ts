import { describe, expect, it } from "vitest";
import type { Bytes } from "../../src/primitives/bytes.ts";
import {
  BATCH_NUMBERS_KEPT,
  batchNumberChange,
  nextBatchNumber,
} from "../../src/storage/batch-numbers.ts";

/** The ring after the batches of these numbers. */
function ringAfter(numbers: Iterable<number>): Map<string, { key: Bytes; value: Bytes }> {
  const entries = new Map<string, { key: Bytes; value: Bytes }>();
  for (const number of numbers) {
    const change = batchNumberChange(number);
    if (change.type === "put") entries.set(Buffer.from(change.key).toString("hex"), change);
  }
  return entries;
}

function engineOf(ring: Map<string, { key: Bytes; value: Bytes }>) {
  return {
    parts: async function* () {
      yield [...ring.values()];
    },
  };
}

function* upTo(next: number, without = -1): Generator<number> {
  for (let number = 0; number < next; number++) if (number !== without) yield number;
}

describe("A5: batch numbers", () => {
  it.each([0, 1, 100, BATCH_NUMBERS_KEPT, BATCH_NUMBERS_KEPT + 1, 2 * BATCH_NUMBERS_KEPT + 77])(
    "go on after %i batches",
    async (count) => {
      expect(await nextBatchNumber(engineOf(ringAfter(upTo(count))))).toBe(count);
    },
  );

  it.each([
    [10, 0],
    [10, 8],
    [BATCH_NUMBERS_KEPT + 50, 60],
    [BATCH_NUMBERS_KEPT + 50, BATCH_NUMBERS_KEPT + 3],
    [3 * BATCH_NUMBERS_KEPT, 2 * BATCH_NUMBERS_KEPT],
  ])("of %i batches show that batch %i is missing", async (count, without) => {
    const ring = ringAfter(upTo(count, without));
    await expect(nextBatchNumber(engineOf(ring))).rejects.toThrow(`write ${without} of ${count}`);
  });
});
