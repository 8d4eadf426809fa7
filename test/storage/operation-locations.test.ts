/** The index of operations: what was searched for when an operation came in is not searched for when its block is written. */
import { beforeEach, describe, expect, it } from "vitest";
import { height } from "../../src/primitives/numbers.ts";
import type { Change, KeyValue } from "../../src/storage/key-value.ts";
import { OperationRecords } from "../../src/storage/operation-records.ts";
import { Records } from "../../src/storage/records.ts";
import { WriteQueue } from "../../src/storage/write-queue.ts";
import { sampleBlock } from "./sample-chain.ts";

const KEY = "11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222";

/** Counts how it is read; a search ends when the test lets it. */
class CountedEntries implements KeyValue {
  readonly #entries = new Map<string, Uint8Array>();
  gets = 0;
  searches = 0;
  searching: Promise<void> = Promise.resolve();

  get(key: Uint8Array): Uint8Array | undefined {
    this.gets += 1;
    return this.#held(key);
  }

  async search(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.searches += 1;
    const found = this.#held(key);
    await this.searching;
    return found;
  }

  async getLarge(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#held(key);
  }

  async *parts(): AsyncGenerator<never> {
    yield* [];
  }

  async write(changes: readonly Change[]): Promise<void> {
    for (const { key, ...change } of changes) {
      if (change.type === "put") this.#entries.set(Buffer.from(key).toString("hex"), change.value);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #held(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(Buffer.from(key).toString("hex"));
  }
}

describe("the location of an operation", () => {
  let entries: CountedEntries;
  let operations: OperationRecords;
  let records: Records;

  beforeEach(() => {
    entries = new CountedEntries();
    records = new Records(entries, new WriteQueue(entries, 0));
    operations = new OperationRecords(records);
  });

  function blockAt(at: number) {
    const block = { ...sampleBlock(at), operationKeys: [KEY], creations: [] };
    return { ...block, operations: block.operations.slice(0, 1) };
  }

  async function order(at: number): Promise<void> {
    const one = blockAt(at);
    await records.write(operations.changes(one));
    operations.placed([one]);
  }

  it("is written without a search if one found nothing when the operation came in", async () => {
    expect(await operations.loadOperation(KEY)).toBeUndefined();
    await order(7);
    expect([entries.gets, entries.searches]).toEqual([0, 1]);
    await order(9);
    expect(await operations.loadOperation(KEY)).toEqual({ height: height(7), index: 0 });
  });

  it("stays the first one when the operation is ordered again, searched for or not", async () => {
    await order(7);
    await order(9);
    expect(entries.gets).toBe(2);
    await operations.loadOperation(KEY);
    await order(11);
    expect(await operations.loadOperation(KEY)).toEqual({ height: height(7), index: 0 });
  });

  it("stays the first one, and is found, when its block was being written when the search began", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    entries.searching = promise;
    const one = blockAt(7);
    const changes = operations.changes(one);
    const search = operations.loadOperation(KEY);
    await records.write(changes);
    operations.placed([one]);
    resolve();
    expect(await search).toEqual({ height: height(7), index: 0 });
    await order(9);
    expect(await operations.loadOperation(KEY)).toEqual({ height: height(7), index: 0 });
  });

  it("stays the first one, and is found, when its block came while it was searched for", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    entries.searching = promise;
    const search = operations.loadOperation(KEY);
    await order(7);
    resolve();
    expect(await search).toEqual({ height: height(7), index: 0 });
    await order(9);
    expect(await operations.loadOperation(KEY)).toEqual({ height: height(7), index: 0 });
  });
});
