/**
 * Reads transactions from the blocks themselves: the place of an operation is its key, so a page begins anywhere at the cost
 * of the first. The body of a block is read whole, so a call is bounded by the bodies that it reads, and by the headers of
 * blocks without operations that it passes over.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { assert, unreachable } from "../../primitives/assert.ts";
import type { Header } from "../../primitives/block.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import { decodeOperation } from "../../primitives/operation.ts";
import type { Result } from "../../primitives/result.ts";
import type { OperationLocation, PlaceRange, Store } from "../../storage/contracts.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";
import type { OrderedOperation, ReceiptQuery } from "../../transport/ledger-api.ts";
import type { TransactionInfo } from "../../transport/ledger-lists.ts";
import { orderedOf } from "../../transport/ordered-operation.ts";
import { Yielder } from "../base/yielding.ts";
import type { BlockContents, Dropped } from "../execution/result-trees.ts";
import { storedHeader } from "../sync/stored-header.ts";
import { endOf } from "./list-range.ts";
import type { ReadMeter } from "./list-reads.ts";
import type { Receipts } from "./receipts.ts";

export interface TransactionReaderParts {
  readonly context: Pick<LedgerContext, "hash" | "networkId">;
  readonly store: { readonly blocks: Pick<Store["blocks"], "loadHeader"> };
  readonly receipts: Pick<Receipts, "contentsOf" | "refusePruned">;
}

export interface TransactionPage {
  readonly transactions: readonly TransactionInfo[];
  /** The last place that was looked at; absent if no operation follows it. */
  readonly last?: OperationLocation | undefined;
}

interface PageBounds {
  readonly pageSize: number;
  readonly meter: ReadMeter;
  readonly signal: AbortSignal;
}

/** Of one call. */
const HEADERS_MAX = 1_000;
/** Of one call; the first body is always read. */
export const BODY_READS_MAX = 2_000;
/** A body costs as much as these records, and one for each of these many operations in it, listed or not. */
const READS_PER_BODY = 4;
const OPERATIONS_PER_READ = 8;
assert(
  bodyReads(LIMITS.blockOperationsMax) <= BODY_READS_MAX,
  "the largest body is within the bound of a call",
);
/** Number of operations decoded, or headers read, before other work gets a turn: some two milliseconds. */
const PER_TURN = 64;

/** The records that are enough for a page that begins in this block. */
export function blockReads({ operationCount }: Pick<Header, "operationCount">, pageSize: number) {
  return 1 + bodyReads(operationCount) + Math.min(operationCount, pageSize);
}

/** The most records that a page reads. */
export function transactionReads(pageSize: number): number {
  return pageSize + HEADERS_MAX + BODY_READS_MAX;
}

export class TransactionReader {
  readonly #parts: TransactionReaderParts;

  constructor(parts: TransactionReaderParts) {
    this.#parts = parts;
  }

  /** "dropped": the contents of a block of the range are held no more. */
  async read(places: PlaceRange, bounds: PageBounds): Promise<TransactionPage | Dropped> {
    const { pageSize, meter, signal } = bounds;
    const turns = new Yielder(PER_TURN);
    const transactions: TransactionInfo[] = [];
    let last: OperationLocation | undefined;
    let [headers, bodies] = [0, 0];
    for (const at of heightsOf(places)) {
      if (headers === HEADERS_MAX || meter.left === 0 || signal.aborted)
        return { transactions, last };
      headers += 1;
      meter.take(1);
      await turns.count(1);
      const header = await storedHeader(this.#parts.store.blocks, at);
      const indexes = indexesOf(places, header);
      const cost = bodyReads(header.operationCount);
      if (indexes.length > 0) {
        if (transactions.length === pageSize) return { transactions, last };
        if (bodies > 0 && bodies + cost > BODY_READS_MAX) return { transactions, last };
        const listed = Math.min(indexes.length, pageSize - transactions.length);
        if (cost + listed > meter.left) return { transactions, last };
        bodies += cost;
        meter.take(cost);
        const contents = await this.#parts.receipts.contentsOf(at);
        if (contents === "dropped") return contents;
        for (const index of indexes) {
          if (transactions.length === pageSize) return { transactions, last };
          last = { height: at, index };
          await turns.count(1);
          const transaction = this.#transactionAt(header, contents, index);
          if (transaction === undefined) continue;
          meter.take(1);
          transactions.push(transaction);
        }
      }
      last = endOf(at, places.newestFirst);
    }
    return { transactions };
  }

  /** Undefined for an operation of nodes only. */
  #transactionAt(
    { height: at, time }: Header,
    { operations, results }: BlockContents,
    index: number,
  ): TransactionInfo | undefined {
    const { context } = this.#parts;
    const [bytes, result] = [operations[index], results[index]];
    const operation = bytes && decodeOperation(context.networkId, bytes);
    if (operation === undefined || operation instanceof EncodingError || result === undefined) {
      throw new StorageCorruption(`block ${at}`, `operation ${index} cannot be read`);
    }
    const ordered = orderedOf(context, operation);
    if (ordered === undefined) return undefined;
    return {
      height: at,
      index,
      time,
      operation: ordered,
      result,
      receipt: receiptOf(ordered, result),
    };
  }
}

/** The records that the body of a block of so many operations costs. */
export function bodyReads(operations: number): number {
  return READS_PER_BODY + Math.ceil(operations / OPERATIONS_PER_READ);
}

/** The index of receipts knows a creation by the wallet that it made. */
function receiptOf(ordered: OrderedOperation, { status }: Result): ReceiptQuery | undefined {
  switch (ordered.kind) {
    case "transfer":
      return { kind: "transfer", from: ordered.transfer.from, id: ordered.transfer.id };
    case "cancellation":
      return { kind: "transfer", from: ordered.cancellation.from, id: ordered.cancellation.id };
    case "creation":
      return status === "applied" ? { kind: "creation", walletId: ordered.walletId } : undefined;
    default:
      return unreachable(ordered);
  }
}

/** Of all blocks of the range, in its order. */
function* heightsOf({ from, to, newestFirst }: PlaceRange): Generator<Height> {
  // Behind the last place of a block comes the next block.
  const lowest = from.height + (from.index < LIMITS.blockOperationsMax ? 0 : 1);
  for (let i = 0; i <= to.height - lowest; i++) {
    yield height(newestFirst ? to.height - i : lowest + i);
  }
}

/** The places within a block that are in the range, in its order. */
function indexesOf(
  { from, to, newestFirst }: PlaceRange,
  { height: at, operationCount }: Header,
): number[] {
  const low = at === from.height ? from.index : 0;
  const high = Math.min(operationCount - 1, at === to.height ? to.index : operationCount - 1);
  const indexes = Array.from({ length: Math.max(0, high - low + 1) }, (_, i) => low + i);
  return newestFirst ? indexes.reverse() : indexes;
}
