/** Reads of clients: wallets from the committed state (L26), receipts from the stored chain. */
import { readsForeignWallets } from "../../access/call-scopes.ts";
import type { Caller } from "../../access/principal.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { findWallet } from "../../ledger/state.ts";
import { unreachable } from "../../primitives/assert.ts";
import type { WalletId } from "../../primitives/ids.ts";
import type { Height } from "../../primitives/numbers.ts";
import { keyInScope } from "../../primitives/operation.ts";
import type { OperationLocation, Store } from "../../storage/contracts.ts";
import { isWhole } from "../../storage/history.ts";
import { readEntry } from "../../storage/statement-standing.ts";
import type {
  CallContext,
  ReceiptAnswer,
  ReceiptQuery,
  WalletAnswer,
  WalletQuery,
} from "../../transport/ledger-api.ts";
import { orderedOf } from "../../transport/ordered-operation.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { System } from "../base/system.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { withCallDeadline } from "./call-deadline.ts";
import type { Custody } from "./custody.ts";
import type { NodeView } from "./node-view.ts";
import type { Ownership } from "./ownership.ts";
import type { Receipts } from "./receipts.ts";
import { historyIncomplete, poolFull, unknownWallet } from "./refusals.ts";
import type { SealWait } from "./seal-wait.ts";
import type { Waiters } from "./waiters.ts";
import { walletAt } from "./wallet-at.ts";
import { walletInfo } from "./wallet-info.ts";
import type { WalletProofs } from "./wallet-proofs.ts";

export interface ReadsParts {
  readonly context: LedgerContext;
  readonly custody: Pick<Custody, "custodianOf">;
  readonly ownership: Pick<Ownership, "mayRead" | "isCreator">;
  readonly view: Pick<NodeView, "isLagging">;
  readonly receipts: Receipts;
  readonly seals: Pick<SealWait, "unsealed">;
  readonly proofs: Pick<WalletProofs, "prove">;
  readonly waiters: Pick<Waiters, "isFull" | "height">;
  readonly store: Pick<Store, "blocks" | "operations" | "statements" | "state">;
  readonly system: System;
  readonly finalizer: Pick<Finalizer, "committed">;
}

export class Reads {
  readonly #parts: ReadsParts;

  constructor(parts: ReadsParts) {
    this.#parts = parts;
  }

  async wallet(query: WalletQuery, call: CallContext): Promise<WalletAnswer | Refusal> {
    const { context, ownership, view, finalizer, proofs } = this.#parts;
    const { id, minHeight, atHeight, prove = false } = query;
    const late =
      (await this.#await(minHeight, "minHeight", call)) ??
      (await this.#await(atHeight, "atHeight", call));
    if (late !== undefined) return late;
    const { state, header } = finalizer.committed;
    const record = findWallet(context, state, id);
    const mayRead = record === undefined ? prove : await ownership.mayRead(record, call.caller);
    if (!mayRead) return unknownWallet(id, "id");
    const lagging = view.isLagging;
    if (prove) {
      const proven = await proofs.prove(query, record, call);
      return proven instanceof Refusal ? proven : { ...proven, lagging };
    }
    if (record === undefined) return unknownWallet(id, "id");
    if (atHeight !== undefined) {
      const past = await walletAt(this.#parts, record, atHeight);
      return past instanceof Refusal ? past : { ...past, lagging };
    }
    const wallet = walletInfo(this.#parts, record);
    return { wallet, height: state.height, blockTime: header.time, lagging };
  }

  /** Waits until this node has a final block of this height. */
  async #await(
    at: Height | undefined,
    field: "minHeight" | "atHeight",
    call: CallContext,
  ): Promise<Refusal | undefined> {
    const { waiters, system, finalizer } = this.#parts;
    if (at === undefined || at <= finalizer.committed.state.height) return undefined;
    if (waiters.isFull) return poolFull();
    const reached = await withCallDeadline(system, call, (signal) =>
      waiters.height("final", at, signal),
    );
    if (reached === "reached") return undefined;
    const message = `this node is at height ${finalizer.committed.state.height}, below ${at}`;
    return new Refusal("LAGGING", { message, field });
  }

  /** One that is neither of nor for a wallet of the caller's own is answered as if there were none. */
  async receipt(query: ReceiptQuery, caller: Caller): Promise<ReceiptAnswer | Refusal> {
    const { context, receipts, seals } = this.#parts;
    const { field, location } = await this.#locate(query);
    // Before anything is read that only exists if the receipt does: the time of the answer tells no more than the answer.
    const isOwn = await this.#isOwn(query, caller);
    if (location === undefined) return this.#noReceipt(field);
    if (!isOwn && !(await this.#isPayee(query, location, caller))) return this.#noReceipt(field);
    const found = await receipts.load(location);
    if (found instanceof Refusal) return found;
    const ordered = orderedOf(context, found.operation.operation);
    if (ordered === undefined) {
      return new Refusal("NOT_FOUND", { message: "that is no operation of a wallet", field });
    }
    const { history } = this.#parts.store.blocks;
    if (ordered.kind === "cancellation" && !isWhole(history)) {
      // Clients take it for what was ordered first under the id, and the payment may be in the blocks that are missing.
      return historyIncomplete(field, history);
    }
    const { result, receipt } = found;
    return { operation: ordered, result, receipt, unsealed: seals.unsealed(receipt) };
  }

  #noReceipt(field: string): Refusal {
    const { history } = this.#parts.store.blocks;
    if (!isWhole(history)) return historyIncomplete(field, history);
    return new Refusal("NOT_FOUND", {
      message: "no final block that this node holds has such an operation",
      field,
    });
  }

  /** True for a query about the caller's own wallet, or about a creation that the gateway signed for the principal. */
  async #isOwn(query: ReceiptQuery, caller: Caller): Promise<boolean> {
    const { ownership } = this.#parts;
    if (readsForeignWallets(caller)) return true;
    if (query.kind === "transfer") return await this.#mayRead(query.from, caller);
    const { walletId } = query;
    const isCreator = await ownership.isCreator(walletId, caller.principal);
    return isCreator || (await this.#mayRead(walletId, caller));
  }

  /** The payee of a transfer may see it too: only the block tells the payee, to a caller that knows payer and id. */
  async #isPayee(
    query: ReceiptQuery,
    location: OperationLocation,
    caller: Caller,
  ): Promise<boolean> {
    if (query.kind !== "transfer") return false;
    const found = await this.#parts.receipts.operationAt(location);
    if (found === undefined) return await this.#isPayeeOfPruned(query.from, location, caller);
    const { operation } = found;
    return operation.kind === "transfer" && (await this.#mayRead(operation.to, caller));
  }

  /** The payee must not take a pruned payment for none: the payer's statement, which stays, names the payee of each that was made. */
  async #isPayeeOfPruned(
    payer: WalletId,
    location: OperationLocation,
    caller: Caller,
  ): Promise<boolean> {
    const { statements } = this.#parts.store;
    const place = { from: location, to: location, newestFirst: false, limit: 1 };
    for await (const stored of statements.entries(payer, place)) {
      const { counterparty } = readEntry(payer, stored);
      return counterparty !== undefined && (await this.#mayRead(counterparty, caller));
    }
    return false;
  }

  async #mayRead(wallet: WalletId, caller: Caller): Promise<boolean> {
    const { context, ownership, finalizer } = this.#parts;
    const record = findWallet(context, finalizer.committed.state, wallet);
    return record !== undefined && (await ownership.mayRead(record, caller));
  }

  /** Finds the operation, and names the field of the query that identifies it. */
  async #locate(
    query: ReceiptQuery,
  ): Promise<{ readonly field: string; readonly location: OperationLocation | undefined }> {
    const { operations } = this.#parts.store;
    switch (query.kind) {
      case "transfer": {
        const key = keyInScope(query.from, query.id);
        return { field: "id", location: await operations.loadOperation(key) };
      }
      case "creation":
        return { field: "walletId", location: await operations.loadCreation(query.walletId) };
      default:
        return unreachable(query);
    }
  }
}
