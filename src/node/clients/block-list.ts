/** The final blocks, page by page: their headers, and the heights of what certifies them. */
import type { LedgerContext } from "../../ledger/context.ts";
import { encodeHeader } from "../../primitives/block.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import { decodeStrict, Encoder, EncodingError } from "../../primitives/encoding.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import { coverOf } from "../../seal/target.ts";
import type { Store, StoredFinalization, StoredSeal } from "../../storage/contracts.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import type { BlockInfo, BlockListAnswer, BlockListQuery } from "../../transport/ledger-lists.ts";
import { Refusal } from "../../transport/refusal.ts";
import { Yielder } from "../base/yielding.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { storedHeader } from "../sync/stored-header.ts";
import { type ListCursors, type ListIdentity, wrongCursor } from "./list-cursor.ts";
import { type HeightRange, heightRange, searchReads, stateOf } from "./list-range.ts";
import type { ListReads, ReadMeter } from "./list-reads.ts";
import type { NodeView } from "./node-view.ts";

export interface BlockListParts {
  readonly context: Pick<LedgerContext, "hash">;
  readonly view: Pick<NodeView, "isLagging">;
  readonly store: {
    readonly blocks: Pick<Store["blocks"], "history" | "loadHeader" | "loadFinalization">;
    readonly seals: Pick<Store["seals"], "loadAtOrAbove">;
  };
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly cursors: ListCursors;
  readonly reads: ListReads;
}

/** Records of one block: its header, its finalization and its seal. */
const READS_PER_BLOCK = 3;
/** Number of blocks read before other work gets a turn: some two milliseconds. */
const BLOCKS_PER_TURN = 64;
/** Of a height in a cursor, bytes. */
const HEIGHT_LENGTH = 8;

export class BlockList {
  readonly #parts: BlockListParts;

  constructor(parts: BlockListParts) {
    this.#parts = parts;
  }

  async blocks(query: BlockListQuery, call: CallContext): Promise<BlockListAnswer | Refusal> {
    const { cursors, reads } = this.#parts;
    const after = heightIn(cursors, query);
    if (after instanceof Refusal) return after;
    const most = searchReads(query) + READS_PER_BLOCK * query.pageSize;
    return await reads.metered(call, most, (meter) => this.#page(query, after, meter));
  }

  async #page(
    query: BlockListQuery,
    after: Height | undefined,
    meter: ReadMeter,
  ): Promise<BlockListAnswer> {
    const { view, store, finalizer, cursors } = this.#parts;
    const { committed } = finalizer;
    meter.take(searchReads(query));
    const range = await heightRange(store.blocks, committed, query);
    const { from, to, last } = pageOf(range, query, after);
    const blocks = await this.#read(from, to, meter);
    return {
      blocks: query.newestFirst ? blocks.toReversed() : blocks,
      nextCursor: last === undefined ? undefined : cursors.write(identityOf(query), bytesOf(last)),
      ...stateOf(committed, view),
      completeFrom: range.completeFrom,
    };
  }

  /** Upwards in both directions: a certificate serves the blocks below it. */
  async #read(from: number, to: number, meter: ReadMeter): Promise<BlockInfo[]> {
    const { context, store } = this.#parts;
    const certificates = new CertificateSearch(store);
    const turns = new Yielder(BLOCKS_PER_TURN);
    const blocks: BlockInfo[] = [];
    for (let at = from; at <= to; at++) {
      meter.take(READS_PER_BLOCK);
      await turns.count(1);
      const header = await storedHeader(store.blocks, height(at));
      blocks.push(await certificates.describe(context, header));
    }
    return blocks;
  }
}

/** Finds what certifies blocks that are asked for upwards, and remembers the last of each kind. */
export class CertificateSearch {
  readonly #store: BlockListParts["store"];
  #finalization: StoredFinalization | undefined;
  /** "none": there is no seal at this height or above. */
  #seal: StoredSeal | "none" | undefined;

  constructor(store: BlockListParts["store"]) {
    this.#store = store;
  }

  async describe({ hash }: Pick<LedgerContext, "hash">, header: BlockInfo["header"]) {
    const finalization = await this.finalization(header.height);
    const seal = await this.seal(header.height);
    return {
      hash: hash(encodeHeader(header)),
      header,
      finalizationHeight: finalization.height,
      sealHeight: seal?.height,
    };
  }

  async finalization(at: Height): Promise<StoredFinalization> {
    if (this.#finalization === undefined || this.#finalization.height < at) {
      this.#finalization = await this.#store.blocks.loadFinalization(at);
    }
    if (this.#finalization !== undefined) return this.#finalization;
    throw new StorageCorruption(`the finalization of block ${at}`, "it is missing");
  }

  /** The seal that covers the block at this height, if one does. */
  async seal(at: Height): Promise<StoredSeal | undefined> {
    if (this.#seal === undefined || (this.#seal !== "none" && this.#seal.height < at)) {
      this.#seal = (await this.#store.seals.loadAtOrAbove(at)) ?? "none";
    }
    return this.#seal !== "none" && this.#seal.height <= coverOf(at) ? this.#seal : undefined;
  }
}

/** The heights of the page that follows `after`; `last`: where the next one goes on, if there are more. */
function pageOf(
  range: HeightRange,
  { newestFirst, pageSize }: BlockListQuery,
  after: Height | undefined,
): { readonly from: number; readonly to: number; readonly last?: number } {
  const from = after === undefined || newestFirst ? range.from : Math.max(range.from, after + 1);
  const to = after === undefined || !newestFirst ? range.to : Math.min(range.to, after - 1);
  if (to - from < pageSize) return { from, to };
  const last = newestFirst ? to - pageSize + 1 : from + pageSize - 1;
  return newestFirst ? { from: last, to, last } : { from, to: last, last };
}

function identityOf({ newestFirst, ...query }: BlockListQuery): ListIdentity {
  const { fromHeight, toHeight, fromTime, toTime } = query;
  return { name: "blocks", newestFirst, filters: [fromHeight, toHeight, fromTime, toTime] };
}

function heightIn(cursors: ListCursors, query: BlockListQuery): Height | Refusal | undefined {
  if (query.cursor === undefined) return undefined;
  const bytes = cursors.read(identityOf(query), query.cursor, HEIGHT_LENGTH);
  if (bytes instanceof Refusal) return bytes;
  const at = decodeStrict(bytes, (decoder) => height(decoder.safeU64()));
  return at instanceof EncodingError ? wrongCursor(identityOf(query)) : at;
}

function bytesOf(at: number): Bytes {
  return new Encoder().u64(at).finish();
}
