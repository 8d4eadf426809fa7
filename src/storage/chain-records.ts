/**
 * Writes the finalized chain: one atomic batch for each commit, with the blocks, their index and the state after
 * them.
 */
import { assert } from "../primitives/assert.ts";
import { type Height, height } from "../primitives/numbers.ts";
import {
  type BlockRecords,
  blockChanges,
  droppedBody,
  putBodiesFrom,
  putHistory,
  putTip,
} from "./block-records.ts";
import type { ChainTip, ChainWriter, Commit, FinalizedBlock, PastBlocks } from "./contracts.ts";
import { filledDownTo, isWhole } from "./history.ts";
import type { JournalRecords } from "./journal-records.ts";
import type { Change } from "./key-value.ts";
import { numberedKey } from "./keys.ts";
import type { OperationRecords } from "./operation-records.ts";
import { put, type Records } from "./records.ts";
import { stateChanges } from "./state-records.ts";
import { statementChanges } from "./statement-records.ts";

export interface ChainRecordsParts {
  readonly records: Records;
  readonly blocks: BlockRecords;
  readonly operations: OperationRecords;
  readonly journal: JournalRecords;
}

export class ChainRecords implements ChainWriter {
  readonly #parts: ChainRecordsParts;
  /** The height of the last commit called, durable or not. */
  #calledHeight: Height | undefined;

  constructor(parts: ChainRecordsParts) {
    this.#parts = parts;
    this.#calledHeight = parts.blocks.tip?.height;
  }

  async commit(commit: Commit): Promise<void> {
    const { records, blocks, operations } = this.#parts;
    const tip = lastOf(commit.blocks, this.#calledHeight ?? 0);
    this.#calledHeight = tip.height;
    await records.write(this.#commitChanges(commit, tip));
    operations.placed(commit.blocks);
    blocks.written({ tip });
  }

  async startFrom(commit: Commit): Promise<void> {
    const { records, blocks, operations } = this.#parts;
    const [block, ...more] = commit.blocks;
    const below = this.#calledHeight ?? height(0);
    assert(block !== undefined && more.length === 0, "a snapshot is of one block");
    assert(isWhole(blocks.history), "there is one hole at a time");
    assert(block.height > below + 1, "a snapshot lies above what is held");
    const tip = { height: block.height, hash: block.hash };
    this.#calledHeight = tip.height;
    const history = { snapshot: tip.height, from: tip.height, below };
    await records.write([...this.#commitChanges(commit, tip), putHistory(history)]);
    operations.placed(commit.blocks);
    blocks.written({ tip, history });
  }

  async fill(past: PastBlocks): Promise<void> {
    const { records, blocks, operations } = this.#parts;
    const { from, below } = blocks.history;
    const lowest = past.blocks.at(-1);
    assert(lowest !== undefined && lowest.height > below, "blocks of the hole");
    assert(
      past.blocks.every((block, index) => block.height === from - 1 - index),
      "blocks of the past descend without a gap",
    );
    const changes = past.blocks.flatMap((block) => this.#blockChanges(block));
    for (const { height: at, certificate } of past.finalizations) {
      changes.push(put(numberedKey("finalization", at), certificate));
    }
    for (const { height: at, seal } of past.seals) changes.push(put(numberedKey("seal", at), seal));
    const history = filledDownTo(blocks.history, lowest.height);
    await records.write([...changes, putHistory(history)]);
    operations.placed(past.blocks);
    blocks.written({ history });
  }

  async prune(to: Height, kept: ReadonlySet<Height>): Promise<void> {
    const { records, blocks } = this.#parts;
    assert(isWhole(blocks.history), "a history with a hole is not pruned");
    assert(to <= (blocks.tip?.height ?? 0), "the tip keeps its body");
    const changes: Change[] = [putBodiesFrom(to)];
    for (let at: number = blocks.bodiesFrom; at < to; at++) {
      if (!kept.has(height(at))) changes.push(...droppedBody(height(at)));
    }
    // First, so that no reader takes a body that is being dropped for one that is missing.
    blocks.written({ bodiesFrom: to });
    await records.write(changes);
  }

  #commitChanges(commit: Commit, tip: ChainTip): Change[] {
    const changes = commit.blocks.flatMap((block) => this.#blockChanges(block));
    for (const change of stateChanges(commit)) changes.push(change);
    changes.push(put(numberedKey("finalization", tip.height), commit.finalization), putTip(tip));
    if (commit.pruneJournalBelow !== undefined) {
      for (const change of this.#parts.journal.pruning(commit.pruneJournalBelow)) {
        changes.push(change);
      }
    }
    return changes;
  }

  #blockChanges(block: FinalizedBlock): Change[] {
    return [
      ...blockChanges(block),
      ...this.#parts.operations.changes(block),
      ...statementChanges(block),
    ];
  }
}

/** The last of `blocks`, which must be children of one another and of the block at `parent`. */
function lastOf(blocks: readonly FinalizedBlock[], parent: number): ChainTip {
  const last = blocks.at(-1);
  assert(last !== undefined, "a commit has a block");
  const first = last.height - blocks.length + 1;
  assert(first === parent + 1, `commit of block ${first} above ${parent}`);
  assert(
    blocks.every((block, index) => block.height === first + index),
    "blocks of a commit ascend without a gap",
  );
  return { height: last.height, hash: last.hash };
}
