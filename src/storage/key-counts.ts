/** Counts the records of a store by their keys. */
import type { Bytes } from "../primitives/bytes.ts";
import type { RecordCounts } from "./contracts.ts";
import { letterOf, RECORD_LETTERS } from "./keys.ts";

export class KeyCounts {
  readonly #counts = new Map<string, number>();
  #all = 0;

  add(key: Bytes): void {
    const letter = letterOf(key);
    this.#all += 1;
    this.#counts.set(letter, this.#of(letter) + 1);
  }

  get counts(): RecordCounts {
    return {
      all: this.#all,
      headers: this.#of(RECORD_LETTERS.header),
      bodies: this.#of(RECORD_LETTERS.body),
      results: this.#of(RECORD_LETTERS.results),
      finalizations: this.#of(RECORD_LETTERS.finalization),
      blockHashes: this.#of(RECORD_LETTERS.blockHash),
      operations: this.#of(RECORD_LETTERS.operation),
      creations: this.#of(RECORD_LETTERS.creation),
    };
  }

  #of(letter: string): number {
    return this.#counts.get(letter) ?? 0;
  }
}
