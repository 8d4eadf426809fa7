/**
 * The result trees of blocks, as receipts need them. Reading a tree of the largest block takes 0.2 s, so it is read
 * in small pieces, few blocks at a time, once for all waiting receipts, and kept in a cache.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { assert } from "../../primitives/assert.ts";
import { type Bytes, concatBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { levelsAbove, type MerkleLevels, merkleLevels } from "../../primitives/merkle-tree.ts";
import type { Height } from "../../primitives/numbers.ts";
import { decodeSignedOperation, type SignedOperation } from "../../primitives/operation.ts";
import { RecencyMap } from "../../primitives/recency-map.ts";
import { type Result, resultLeafHash } from "../../primitives/result.ts";
import type { Store } from "../../storage/contracts.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";
import { yieldToOthers } from "../base/yielding.ts";
import type { ExecutedBlock } from "./application.ts";
import { decodeResults } from "./commit.ts";

/** Operations stay encoded: decoded they take ten times as much room. */
export interface BlockContents {
  readonly operations: readonly Bytes[];
  /** As many as operations. */
  readonly results: readonly Result[];
}

/** The part shared by all receipts of one block. */
export interface ResultTree extends BlockContents {
  /** Over the hashes of the result leaves. */
  readonly levels: MerkleLevels;
  /** Approximate memory of this entry, bytes. */
  readonly bytes: number;
}

/** The block is final, and its contents are held no more (`keepBlocks`). */
export type Dropped = "dropped";

export interface ResultTreesParts {
  readonly context: LedgerContext;
  readonly store: Pick<Store, "blocks" | "operations">;
  /** Size limit of the cache, bytes. */
  readonly bytesMax: number;
}

/** Bytes that an operation takes besides its encoding: its result and two digests. */
const BYTES_PER_OPERATION = 256;
assert(
  LIMITS.blockBytesMax + LIMITS.blockOperationsMax * BYTES_PER_OPERATION <=
    LIMITS.keptResultsBytesMax,
  "the largest block is kept",
);
/**
 * Number of leaves made before other work gets a turn: 2 ms. A power of two, so that their subtrees are subtrees of
 * the whole.
 */
const LEAVES_PER_TURN = 128;
/** Number of blocks read at a time. */
const READERS_MAX = 2;

export class ResultTrees {
  readonly #parts: ResultTreesParts;
  readonly #kept = new RecencyMap<Height, ResultTree>();
  #keptBytes = 0;
  readonly #reading = new Map<Height, Promise<ResultTree | Dropped>>();
  readonly #waiting: (() => void)[] = [];
  #readers = 0;

  constructor(parts: ResultTreesParts) {
    this.#parts = parts;
  }

  /** Keeps the tree of a block that was just written, so that it need not be read back. */
  remember({ block, execution }: ExecutedBlock): void {
    const { header, operations } = block;
    if (operations.length === 0) return;
    const { results, resultLevels } = execution;
    this.#keep(header.height, treeOf(operations, results, resultLevels));
  }

  /** The tree of a stored block; "busy" if too many other blocks are waiting to be read. */
  async of(at: Height): Promise<ResultTree | Dropped | "busy"> {
    const kept = this.#inMemory(at);
    if (kept !== undefined) return kept;
    const reading = this.#reading.get(at);
    if (reading !== undefined) return await reading;
    if (this.#reading.size >= LIMITS.resultsReadMax) return "busy";
    const read = this.#readInTurn(at);
    this.#reading.set(at, read);
    return await read;
  }

  /** Only the operations of a stored block: they need no tree. */
  async operationsOf(at: Height): Promise<readonly Bytes[] | Dropped> {
    const { blocks } = this.#parts.store;
    const block = this.#inMemory(at) ?? (await blocks.loadBlock(at));
    if (block === undefined && at < blocks.bodiesFrom) return "dropped";
    assert(block !== undefined, "the index names blocks that exist");
    return block.operations;
  }

  /** Operations and results of a stored block, without the tree over them. Throws StorageCorruption if they are damaged. */
  async contentsOf(at: Height): Promise<BlockContents | Dropped> {
    const kept = this.#inMemory(at);
    if (kept !== undefined) return kept;
    const { blocks, operations: index } = this.#parts.store;
    const block = await blocks.loadBlock(at);
    const bytes = await index.loadResults(at);
    const isMissing = block === undefined || bytes === undefined;
    if (isMissing && at < blocks.bodiesFrom) return "dropped";
    const results = bytes === undefined ? undefined : decodeResults(bytes);
    if (block === undefined || results === undefined || results instanceof EncodingError) {
      throw new StorageCorruption(`block ${at}`, "it, or its results, cannot be read");
    }
    const { operations } = block;
    if (results.length !== operations.length) {
      throw new StorageCorruption(
        `the results of block ${at}`,
        "it has another number of operations",
      );
    }
    return { operations, results };
  }

  decode(bytes: Bytes): SignedOperation {
    const { hash, networkId } = this.#parts.context;
    const operation = decodeSignedOperation(hash, networkId, bytes);
    assert(!(operation instanceof EncodingError), "stored operations read back");
    return operation;
  }

  /** Contents that are dropped are not shown for as long as they happen to be in memory. */
  #inMemory(at: Height): ResultTree | undefined {
    return at < this.#parts.store.blocks.bodiesFrom ? undefined : this.#kept.get(at);
  }

  async #readInTurn(at: Height): Promise<ResultTree | Dropped> {
    if (this.#readers < READERS_MAX) this.#readers += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const tree = await this.#read(at);
      if (tree !== "dropped") this.#keep(at, tree);
      return tree;
    } finally {
      this.#reading.delete(at);
      const next = this.#waiting.shift();
      if (next === undefined) this.#readers -= 1;
      else next();
    }
  }

  async #read(at: Height): Promise<ResultTree | Dropped> {
    const contents = await this.contentsOf(at);
    if (contents === "dropped") return contents;
    const { operations, results } = contents;
    return treeOf(operations, results, await this.#levels(operations, results));
  }

  /** Hashes full subtrees first, then the levels above. The last subtree may be shallower; its root then moves up unchanged. */
  async #levels(operations: readonly Bytes[], results: readonly Result[]): Promise<MerkleLevels> {
    const { context } = this.#parts;
    const { hash } = context;
    const subtrees: MerkleLevels[] = [];
    for (let from = 0; from < operations.length; from += LEAVES_PER_TURN) {
      const leafHashes = operations.slice(from, from + LEAVES_PER_TURN).map((bytes, place) => {
        const result = results[from + place];
        assert(result !== undefined, "one result for each operation");
        return resultLeafHash(context, this.decode(bytes), result);
      });
      subtrees.push(merkleLevels(hash, leafHashes));
      await yieldToOthers();
    }
    const [first] = subtrees;
    if (first === undefined || subtrees.length === 1) return first ?? [];
    const lower = first
      .slice(0, -1)
      .map((_, level) => concatBytes(...subtrees.map((levels) => levels[level] ?? rootOf(levels))));
    return [...lower, ...levelsAbove(hash, concatBytes(...subtrees.map(rootOf)))];
  }

  #keep(at: Height, tree: ResultTree): void {
    this.#keptBytes += tree.bytes - (this.#kept.get(at)?.bytes ?? 0);
    this.#kept.set(at, tree);
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#keptBytes <= this.#parts.bytesMax) return;
      this.#kept.delete(oldest);
      this.#keptBytes -= bytes;
    }
  }
}

function treeOf(
  operations: readonly Bytes[],
  results: readonly Result[],
  levels: MerkleLevels,
): ResultTree {
  const bytes = operations.reduce((sum, one) => sum + one.length + BYTES_PER_OPERATION, 0);
  return { operations, results, levels, bytes };
}

function rootOf(levels: MerkleLevels): Digest {
  return levels.at(-1) ?? new Uint8Array();
}
