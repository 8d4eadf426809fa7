/** One final block: its header, what certifies it, and its transactions, page by page. */
import { encodeHeader } from "../../primitives/block.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import { isHeld, isWhole } from "../../storage/history.ts";
import { writePlace } from "../../transport/cursor-place.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import type { BlockAnswer, BlockQuery } from "../../transport/ledger-lists.ts";
import { Refusal } from "../../transport/refusal.ts";
import { storedHeader } from "../sync/stored-header.ts";
import { type BlockListParts, CertificateSearch } from "./block-list.ts";
import type { ListIdentity } from "./list-cursor.ts";
import { placeIn, placesAfter, stateOf } from "./list-range.ts";
import { interrupted, type ReadMeter } from "./list-reads.ts";
import {
  TransactionReader,
  type TransactionReaderParts,
  transactionReads,
} from "./transaction-reader.ts";

export interface SingleBlockParts extends BlockListParts, TransactionReaderParts {
  readonly context: TransactionReaderParts["context"];
  readonly store: {
    readonly blocks: Pick<
      Store["blocks"],
      "history" | "loadHeader" | "loadFinalization" | "loadHeightOf"
    >;
    readonly seals: Pick<Store["seals"], "loadAtOrAbove">;
  };
}

/** Its height by its hash, its header, its finalization and its seal. */
const READS_BESIDE_TRANSACTIONS = 4;

export class SingleBlock {
  readonly #parts: SingleBlockParts;
  readonly #reader: TransactionReader;

  constructor(parts: SingleBlockParts) {
    this.#parts = parts;
    this.#reader = new TransactionReader(parts);
  }

  async block(query: BlockQuery, call: CallContext): Promise<BlockAnswer | Refusal> {
    const most = READS_BESIDE_TRANSACTIONS + transactionReads(query.pageSize);
    return await this.#parts.reads.metered(call, most, async (meter) => {
      meter.take(READS_BESIDE_TRANSACTIONS);
      const at = await this.#locate(query.block);
      return at instanceof Refusal ? at : await this.#answer(at, query, { call, meter });
    });
  }

  async #answer(
    at: Height,
    { pageSize, cursor }: BlockQuery,
    { call, meter }: { readonly call: CallContext; readonly meter: ReadMeter },
  ): Promise<BlockAnswer | Refusal> {
    const { context, view, store, finalizer, cursors, receipts } = this.#parts;
    const { committed } = finalizer;
    const list: ListIdentity = { name: "block", newestFirst: false, filters: [at] };
    const after = placeIn(cursors, list, cursor);
    if (after instanceof Refusal) return after;
    const certificates = new CertificateSearch(store);
    const header = await storedHeader(store.blocks, at);
    const finalization = await certificates.finalization(at);
    const seal = await certificates.seal(at);
    const places = placesAfter({ from: at, to: at }, false, after);
    const { signal } = call;
    const page = places && (await this.#reader.read(places, { pageSize, meter, signal }));
    if (signal.aborted) return interrupted();
    if (page === "dropped") return receipts.refusePruned(at);
    return {
      block: await certificates.describe(context, header),
      headerBytes: encodeHeader(header),
      ...(finalization.height === at && { finalization: finalization.certificate }),
      ...(seal?.height === at && { seal: seal.seal }),
      transactions: page?.transactions ?? [],
      nextCursor: page?.last && cursors.write(list, writePlace(page.last)),
      ...stateOf(committed, view),
    };
  }

  async #locate(block: BlockQuery["block"]): Promise<Height | Refusal> {
    const { store, finalizer } = this.#parts;
    const { history } = store.blocks;
    const tip = finalizer.committed.state.height;
    const at = block.by === "height" ? block.height : await store.blocks.loadHeightOf(block.hash);
    if (at !== undefined && at > 0 && at <= tip && isHeld(history, at)) return at;
    const isMissing = at === undefined ? !isWhole(history) : at > 0 && at <= tip;
    if (isMissing) {
      return new Refusal("HISTORY_INCOMPLETE", {
        message: `blocks ${history.below + 1} to ${history.from - 1} are still to come at this node`,
        field: block.by,
      });
    }
    return new Refusal("NOT_FOUND", {
      message: `this node holds no final block of that ${block.by}; its newest has height ${tip}`,
      field: block.by,
    });
  }
}
