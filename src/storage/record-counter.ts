/** Counts the records of a store by their keys. */
import type { Bytes } from "../primitives/bytes.ts";
import { KeyCounts } from "../primitives/key-counts.ts";
import type { RecordCounts } from "./contracts.ts";
import { letterOf, RECORD_LETTERS } from "./keys.ts";

export class RecordCounter {
  readonly #letters = new KeyCounts<string>();

  add(key: Bytes): void {
    this.#letters.add(letterOf(key));
  }

  get counts(): RecordCounts {
    return {
      all: this.#letters.total,
      headers: this.#of(RECORD_LETTERS.header),
      bodies: this.#of(RECORD_LETTERS.body),
      results: this.#of(RECORD_LETTERS.results),
      finalizations: this.#of(RECORD_LETTERS.finalization),
      blockHashes: this.#of(RECORD_LETTERS.blockHash),
      operations: this.#of(RECORD_LETTERS.operation),
      creations: this.#of(RECORD_LETTERS.creation),
      entries: this.#of(RECORD_LETTERS.entry),
      declines: this.#of(RECORD_LETTERS.decline),
    };
  }

  #of(letter: string): number {
    return this.#letters.of(letter);
  }
}
