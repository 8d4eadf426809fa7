/** Records of results, and the index of operations: the location of each operation, and of each wallet's creation. */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, height } from "../primitives/numbers.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import type { FinalizedBlock, OperationIndex, OperationLocation } from "./contracts.ts";
import type { Change } from "./key-value.ts";
import { creationKey, numberedKey, operationLocationKey } from "./keys.ts";
import { put, type Records, readRecord } from "./records.ts";

export class OperationRecords implements OperationIndex {
  readonly #records: Records;
  /** Locations that are being written, by operation key, because the records do not have them yet. */
  readonly #placing = new Map<string, Height>();
  /** Keys that were searched for and not found, and have not been placed since: a commit need not search for them again. */
  readonly #absent = new RecencyMap<string, true>();
  /** Blocks whose changes were made, written or not. */
  #blocksBegun = 0;

  constructor(records: Records) {
    this.#records = records;
  }

  async loadResults(at: Height): Promise<Bytes | undefined> {
    return this.#records.loadLarge(numberedKey("results", at));
  }

  async loadOperation(key: string): Promise<OperationLocation | undefined> {
    const recordKey = operationLocationKey(key);
    const [begun, isPlacing] = [this.#blocksBegun, this.#placing.has(key)];
    const found = locationIn(recordKey, await this.#records.search(recordKey));
    if (found !== undefined) return found;
    // A search sees the store as it was when it began: a block of that time or since may hold the operation by now.
    if (isPlacing || begun !== this.#blocksBegun) return this.#loadLocation(recordKey);
    this.#absent.remember(key, true, LIMITS.absentOperationsMax);
    return undefined;
  }

  async loadCreation(wallet: WalletId): Promise<OperationLocation | undefined> {
    return this.#loadLocation(creationKey(wallet));
  }

  /** The changes that write a block's results and index; the caller calls `placed` once they are durable. */
  changes(block: FinalizedBlock): Change[] {
    const { height: at, operations, operationKeys } = block;
    assert(operationKeys.length === operations.length, "every operation of a block has its key");
    this.#blocksBegun += 1;
    const changes = [put(numberedKey("results", at), block.results)];
    operationKeys.forEach((operationKey, index) => {
      const key = operationLocationKey(operationKey);
      const held = this.#placing.get(operationKey) ?? this.#storedHeight(operationKey, key);
      // A block of the history fill comes after the blocks above it, but its location is still the first.
      if (held !== undefined && held <= at) return;
      changes.push(put(key, location(at, index)));
      this.#placing.set(operationKey, at);
    });
    for (const { wallet, index } of block.creations) {
      changes.push(put(creationKey(wallet), location(at, index)));
    }
    return changes;
  }

  /** The records have it now. */
  placed(blocks: readonly FinalizedBlock[]): void {
    for (const { height: at, operationKeys } of blocks) {
      for (const key of operationKeys) if (this.#placing.get(key) === at) this.#placing.delete(key);
    }
  }

  /** Of the location of this operation, which is placed next. */
  #storedHeight(operationKey: string, key: Bytes): Height | undefined {
    if (!this.#absent.has(operationKey)) return this.#loadLocation(key)?.height;
    this.#absent.delete(operationKey);
    return undefined;
  }

  #loadLocation(key: Bytes): OperationLocation | undefined {
    return locationIn(key, this.#records.load(key));
  }
}

function locationIn(key: Bytes, stored: Bytes | undefined): OperationLocation | undefined {
  return (
    stored &&
    readRecord(key, stored, (decoder) => ({
      height: height(decoder.safeU64()),
      index: decoder.u32(),
    }))
  );
}

/** Encoded as `Encoder` would do it, but faster: a commit has a thousand of these. */
function location(at: Height, index: number): Bytes {
  const bytes = Buffer.allocUnsafe(12);
  bytes.writeBigUInt64BE(BigInt(at));
  bytes.writeUInt32BE(index, 8);
  return bytes;
}
