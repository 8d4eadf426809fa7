/**
 * Numbers every batch, so that the next start notices a missing one between two others. An engine may silently skip a
 * damaged part of its log and continue with what follows; a vote forgotten that way would be cast twice.  The newest
 * numbers are kept in a ring, which must cover all batches that are only in the engine's log (store-factory.ts
 * asserts it). A loss at the very end of the log looks like a crash before the last write; the amnesia check covers
 * that (A5, R29).
 */
import type { Bytes } from "../primitives/bytes.ts";
import { protect, unprotect } from "./checksum.ts";
import { type Change, entriesIn, type KeyValue } from "./key-value.ts";
import { describeKey, numberedKey, numberOfKey, wholeKind } from "./keys.ts";
import { StorageCorruption } from "./storage-errors.ts";

const BATCHES = wholeKind(numberedKey("batch", 0));

export const BATCH_NUMBERS_KEPT = 32_768;
/** A lower bound of the average batch: a vote with its overhead. */
export const BATCH_BYTES_MIN = 256;

/** The change that marks batch `number`. */
export function batchNumberChange(number: number): Change {
  const key = numberedKey("batch", number % BATCH_NUMBERS_KEPT);
  return { type: "put", key, value: protect(key, numberedKey("batch", number)) };
}

/** The number of the next batch; throws StorageCorruption if an earlier one is missing. */
export async function nextBatchNumber(keyValue: Pick<KeyValue, "parts">): Promise<number> {
  const numbers: number[] = [];
  for await (const { key, value } of entriesIn(keyValue, BATCHES)) {
    numbers.push(readNumber(key, unprotect(key, value)));
  }
  const next = numbers.reduce((highest, number) => Math.max(highest, number), -1) + 1;
  const oldest = Math.max(0, next - BATCH_NUMBERS_KEPT);
  const present = new Set(numbers.filter((number) => number >= oldest));
  for (let number = oldest; number < next; number++) {
    if (present.has(number)) continue;
    throw new StorageCorruption(
      `write ${number} of ${next}`,
      "it is missing from the store although later ones are there (a damaged log)",
    );
  }
  return next;
}

/** The value is the key that the number would have without the ring. */
function readNumber(key: Bytes, value: Bytes): number {
  const number = numberOfKey(value);
  if (numberOfKey(key) === number % BATCH_NUMBERS_KEPT) return number;
  throw new StorageCorruption(describeKey(key), `it holds number ${number}`);
}
