/**
 * Every batch carries its number, so that a batch missing between two others is noticed at the next start. LevelDB
 * itself passes over a damaged stretch of its log in silence and goes on with what follows: a vote forgotten that way
 * would be said twice.
 *
 * The newest numbers are kept in a ring. It covers what lies in LevelDB's log alone, one write buffer of 8 MiB
 * (level-store.ts), if the average batch has at least 256 bytes; a vote with its overhead has.
 * Loss at the very end of the log looks like a crash before the last write; that is the amnesia rule's (A5, R29).
 */
import { protect, unprotect } from "./checksum.ts";
import { StorageCorruption } from "./errors.ts";
import type { Change, KeyValue } from "./key-value.ts";
import { numberedKey, numberOfKey, wholeKind } from "./keys.ts";

export const BATCH_NUMBERS_KEPT = 32_768;

/** The change that marks batch `number`. */
export function batchNumberChange(number: number): Change {
  const key = numberedKey("batch", number % BATCH_NUMBERS_KEPT);
  return { type: "put", key, value: protect(key, numberedKey("batch", number)) };
}

/** The number of the next batch; throws StorageCorruption if one before it is missing. */
export async function nextBatchNumber(keyValue: Pick<KeyValue, "range">): Promise<number> {
  const numbers: number[] = [];
  for await (const { key, value } of keyValue.range(wholeKind(numberedKey("batch", 0)))) {
    const number = numberOfKey(unprotect(key, value));
    numbers.push(number);
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
