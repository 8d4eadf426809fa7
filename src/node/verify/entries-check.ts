/** Checks the entries that blocks made in the statements of wallets, from the wallets after the newest block downwards. */
import type { LedgerContext } from "../../ledger/context.ts";
import { findWallet, type State } from "../../ledger/state.ts";
import { completeEntries, draftStatements, type Standing } from "../../ledger/statement.ts";
import { assert } from "../../primitives/assert.ts";
import { decodeHeader } from "../../primitives/block.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { WalletId } from "../../primitives/ids.ts";
import { height } from "../../primitives/numbers.ts";
import { decodeOperation } from "../../primitives/operation.ts";
import type { Store } from "../../storage/contracts.ts";
import { decodeResults } from "../execution/commit.ts";
import { FoundFault, UNREADABLE } from "./found-fault.ts";
import type { IndexCheck } from "./index-check.ts";

/**
 * Of all blocks from the one of `state` down to the lowest above which no contents are dropped. Their contents and `state` were
 * checked before. Throws FoundFault.
 */
export async function checkEntries(
  {
    context,
    store,
    indexes,
  }: {
    readonly context: LedgerContext;
    readonly store: Pick<Store, "blocks" | "operations">;
    readonly indexes: IndexCheck;
  },
  state: State,
): Promise<void> {
  const standings = new Map<WalletId, Standing>();
  for (let number: number = state.height; number >= store.blocks.bodiesFrom; number--) {
    const at = height(number);
    const where = `block ${at}`;
    const block = await store.blocks.loadBlock(at);
    const bytes = await store.operations.loadResults(at);
    if (block === undefined || bytes === undefined) throw new FoundFault(where, "is missing");
    const header = decodeHeader(block.header);
    const results = decodeResults(bytes);
    if (header instanceof EncodingError || results instanceof EncodingError) {
      throw new FoundFault(where, UNREADABLE);
    }
    const operations = block.operations.map((one) => {
      const operation = decodeOperation(context.networkId, one);
      if (operation instanceof EncodingError) throw new FoundFault(where, UNREADABLE);
      return operation;
    });
    const { entries } = draftStatements(context, operations, results);
    for (const { wallet } of entries) {
      if (standings.has(wallet)) continue;
      const record = findWallet(context, state, wallet);
      assert(record !== undefined, "an applied operation leaves its wallets");
      standings.set(wallet, record);
    }
    await indexes.checkEntries(at, completeEntries(entries, header.time, standings));
  }
}
