/**
 * Serves blocks to peers that lack them: upwards from a height, or downwards from a block with everything that the
 * store has of each.
 */
import type { Core } from "../../consensus/core.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Block } from "../../primitives/block.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { answerBytesMax } from "../../primitives/member-shares.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import { isHeld } from "../../storage/history.ts";
import type { BlocksQuery, FetchedBlock, FetchedBlocks } from "../../transport/peer-api.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { readStored } from "../execution/restore.ts";

export interface BlockServerParts {
  readonly context: LedgerContext;
  readonly consensus: { readonly core: Pick<Core, "block"> };
  readonly store: Pick<Store, "blocks" | "operations" | "seals">;
  readonly finalizer: Pick<Finalizer, "committed">;
}

interface DownwardBounds {
  readonly above: Height;
  readonly count: number;
  readonly headersOnly: boolean;
}

export class BlockServer {
  readonly #parts: BlockServerParts;
  /** One block is given however large it is. */
  readonly #answerBytesMax: number;

  constructor(parts: BlockServerParts) {
    this.#parts = parts;
    const { context, finalizer } = parts;
    const members = context.members(finalizer.committed.state.epoch).length;
    this.#answerBytesMax = answerBytesMax(members, context.genesis.limits.blockBytesMax);
  }

  async serve({ start, count, headersOnly, withResults }: BlocksQuery): Promise<FetchedBlocks> {
    const finalHeight = this.#parts.finalizer.committed.state.height;
    if (start.kind === "height") {
      return await this.#upwards(start.height, { count, headersOnly, finalHeight });
    }
    const bounds = { above: start.above, count, headersOnly };
    const blocks =
      withResults === true
        ? await this.#downwardsWithResults(start.hash, bounds)
        : await this.#downwards(start.hash, bounds);
    return { blocks, finalHeight };
  }

  /** Final blocks only. */
  async #downwardsWithResults(hash: Digest, bounds: DownwardBounds): Promise<FetchedBlock[]> {
    const { store } = this.#parts;
    const blocks: FetchedBlock[] = [];
    let size = 0;
    let at = await store.blocks.loadHeightOf(hash);
    for (; at !== undefined && at > bounds.above && blocks.length < bounds.count; ) {
      const block = await store.blocks.loadBlock(at);
      const results = await store.operations.loadResults(at);
      if (block === undefined || results === undefined) break;
      size += sizeOf(block.operations) + results.length + LIMITS.headerBytesMax;
      if (size > this.#answerBytesMax && blocks.length > 0) break;
      const proof = await store.blocks.loadFinalization(at);
      blocks.push({
        header: block.header,
        operations: bounds.headersOnly ? [] : block.operations,
        results,
        finalization: proof?.height === at ? proof.certificate : undefined,
        seal: await store.seals.load(at),
      });
      at = at > 1 ? height(at - 1) : undefined;
    }
    return blocks;
  }

  async #downwards(hash: Digest, bounds: DownwardBounds): Promise<FetchedBlock[]> {
    const { core } = this.#parts.consensus;
    const blocks: FetchedBlock[] = [];
    let size = 0;
    for (
      let next: Digest | undefined = hash;
      next !== undefined && blocks.length < bounds.count;
    ) {
      const block: Block | undefined = core.block(next) ?? (await this.#stored(next));
      if (block === undefined || block.header.height <= bounds.above) break;
      size += sizeOf(block.operations);
      if (size > this.#answerBytesMax && blocks.length > 0) break;
      const operations = bounds.headersOnly ? [] : block.operations;
      blocks.push({ header: block.headerBytes, operations });
      next = block.header.parentHash;
    }
    return blocks;
  }

  async #upwards(
    from: Height,
    bounds: { readonly count: number; readonly headersOnly: boolean; readonly finalHeight: Height },
  ): Promise<FetchedBlocks> {
    const { store } = this.#parts;
    const { finalHeight, count, headersOnly } = bounds;
    const blocks: FetchedBlock[] = [];
    let size = 0;
    const { history } = store.blocks;
    // The next block lies in a hole of the history.
    const top = from <= history.below ? history.below : finalHeight;
    const last = Math.min(top, from + count - 1);
    // The genesis is no stored block.
    if (last < from || from < 1 || !isHeld(history, from)) return { blocks, finalHeight };
    if (from < store.blocks.bodiesFrom) return { blocks, finalHeight };
    for await (const block of store.blocks.ascending(from, height(last))) {
      size += sizeOf(block.operations);
      if (size > this.#answerBytesMax && blocks.length > 0) break;
      blocks.push({ header: block.header, operations: headersOnly ? [] : block.operations });
    }
    // The batch ends at a block that has its own finalization, so that the batch proves itself.
    for (let count = blocks.length; count > 0; count--) {
      const highest = height(from + count - 1);
      const proof = await store.blocks.loadFinalization(highest);
      if (proof?.height !== highest) continue;
      return { blocks: blocks.slice(0, count), finalization: proof.certificate, finalHeight };
    }
    return { blocks, finalHeight };
  }

  async #stored(hash: Digest): Promise<Block | undefined> {
    const { blocks } = this.#parts.store;
    const at = await blocks.loadHeightOf(hash);
    const stored = at === undefined ? undefined : await blocks.loadBlock(at);
    return stored === undefined ? undefined : readStored(hash, stored);
  }
}

function sizeOf(operations: readonly Bytes[]): number {
  let size: number = LIMITS.headerBytesMax;
  for (const operation of operations) size += operation.length;
  return size;
}
