/** Checks that the indexes of a store lead to what a block holds: its operations, creations, entries and declined payments. */
import type { LedgerContext } from "../../ledger/context.ts";
import type { DeclinedPayment, PlacedEntry } from "../../ledger/statement.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Height } from "../../primitives/numbers.ts";
import { decodeSignedOperation, type SignedOperation } from "../../primitives/operation.ts";
import type { Result } from "../../primitives/result.ts";
import type { OperationLocation, Store } from "../../storage/contracts.ts";
import { creationsOf } from "../execution/commit.ts";
import { FoundFault } from "./found-fault.ts";

export interface IndexCheckParts {
  readonly context: LedgerContext;
  readonly store: Pick<Store, "blocks" | "operations" | "statements">;
}

/** All of its checks throw FoundFault. */
export class IndexCheck {
  readonly #parts: IndexCheckParts;
  /** Of records that lead to the blocks that were checked. */
  readonly counts = { operations: 0, creations: 0, entries: 0, declines: 0 };

  constructor(parts: IndexCheckParts) {
    this.#parts = parts;
  }

  async checkOperations(at: Height, operations: readonly SignedOperation[]): Promise<void> {
    for (const [index, operation] of operations.entries()) {
      if (await this.#isIndexed(operation, { height: at, index })) continue;
      throw new FoundFault(
        `block ${at}`,
        `holds an operation, number ${index}, that its id does not lead to`,
      );
    }
  }

  async checkCreations(
    at: Height,
    operations: readonly SignedOperation[],
    results: readonly Result[],
  ): Promise<void> {
    const { context, store } = this.#parts;
    for (const { wallet, index } of creationsOf(context, operations, results)) {
      const found = await store.operations.loadCreation(wallet);
      this.counts.creations += 1;
      if (found?.height === at && found.index === index) continue;
      throw new FoundFault(`block ${at}`, `created wallet ${wallet}, whose record leads elsewhere`);
    }
  }

  async checkEntries(at: Height, entries: readonly PlacedEntry[]): Promise<void> {
    for (const { wallet, index, record } of entries) {
      const range = onlyAt({ height: at, index });
      const found = await firstOf(this.#parts.store.statements.entries(wallet, range));
      this.counts.entries += 1;
      if (found !== undefined && equalBytes(found.record, record)) continue;
      throw new FoundFault(
        `block ${at}`,
        `made an entry of wallet ${wallet} that the store does not have`,
      );
    }
  }

  async checkDeclines(at: Height, declines: readonly DeclinedPayment[]): Promise<void> {
    for (const { wallet, index } of declines) {
      const range = onlyAt({ height: at, index });
      const found = await firstOf(this.#parts.store.statements.declines(wallet, range));
      this.counts.declines += 1;
      if (found !== undefined) continue;
      throw new FoundFault(
        `block ${at}`,
        `declined a payment of wallet ${wallet} that is not in its index`,
      );
    }
  }

  /**
   * An id may be used again after its window; the index keeps its first location. What is there cannot be told if the contents of that
   * block are dropped.
   */
  async #isIndexed({ key }: SignedOperation, here: OperationLocation): Promise<boolean> {
    const { context, store } = this.#parts;
    const found = await store.operations.loadOperation(key);
    if (found === undefined || found.height > here.height) return false;
    if (found.height === here.height) {
      this.counts.operations += 1;
      return found.index === here.index;
    }
    const block = await store.blocks.loadBlock(found.height);
    if (block === undefined) return found.height > 0 && found.height < store.blocks.bodiesFrom;
    const earlier = block.operations[found.index];
    if (earlier === undefined) return false;
    const operation = decodeSignedOperation(context.hash, context.networkId, earlier);
    return !(operation instanceof EncodingError) && operation.key === key;
  }
}

function onlyAt(here: OperationLocation) {
  return { from: here, to: here, newestFirst: false, limit: 1 };
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
