/** Reads of clients: wallets from the committed state (L26), receipts from the stored chain. */
import type { LedgerContext } from "../../ledger/context.ts";
import { findWallet } from "../../ledger/state.ts";
import { unreachable } from "../../primitives/assert.ts";
import { keyInScope } from "../../primitives/operation.ts";
import type { OperationLocation, Store } from "../../storage/contracts.ts";
import { isWhole } from "../../storage/history.ts";
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
import type { Receipts } from "./receipts.ts";
import { historyIncomplete, poolFull, unknownWallet } from "./refusals.ts";
import type { SealWait } from "./seal-wait.ts";
import type { Waiters } from "./waiters.ts";
import { walletInfo } from "./wallet-info.ts";

export interface ReadsParts {
  readonly context: LedgerContext;
  readonly custody: Custody;
  readonly view: Pick<NodeView, "isLagging">;
  readonly receipts: Receipts;
  readonly seals: SealWait;
  readonly waiters: Waiters;
  readonly store: Pick<Store, "blocks" | "operations">;
  readonly system: System;
  readonly finalizer: Pick<Finalizer, "committed">;
}

export class Reads {
  readonly #parts: ReadsParts;

  constructor(parts: ReadsParts) {
    this.#parts = parts;
  }

  async wallet(query: WalletQuery, call: CallContext): Promise<WalletAnswer | Refusal> {
    const { context, view, waiters, system, finalizer } = this.#parts;
    const { id, minHeight } = query;
    if (minHeight !== undefined && minHeight > finalizer.committed.state.height) {
      if (waiters.isFull) return poolFull();
      const reached = await withCallDeadline(system, call, (signal) =>
        waiters.height("final", minHeight, signal),
      );
      if (reached !== "reached") {
        return new Refusal("LAGGING", {
          message: `this node is at height ${finalizer.committed.state.height}, below ${minHeight}`,
          field: "minHeight",
        });
      }
    }
    const { state, header } = finalizer.committed;
    const record = findWallet(context, state, id);
    if (record === undefined) return unknownWallet(id, "id");
    const wallet = walletInfo(this.#parts, record);
    return { wallet, height: state.height, blockTime: header.time, lagging: view.isLagging };
  }

  async receipt(query: ReceiptQuery): Promise<ReceiptAnswer | Refusal> {
    const { context, store, receipts, seals } = this.#parts;
    const { field, location } = await this.#locate(query);
    if (location === undefined) {
      if (!isWhole(store.blocks.history)) return historyIncomplete(field, store.blocks.history);
      return new Refusal("NOT_FOUND", {
        message: "no final block that this node holds has such an operation",
        field,
      });
    }
    const found = await receipts.load(location);
    if (found instanceof Refusal) return found;
    const operation = orderedOf(context, found.operation.operation);
    if (operation === undefined) {
      return new Refusal("NOT_FOUND", { message: "that is no operation of a wallet", field });
    }
    const { result, receipt } = found;
    return { operation, result, receipt, unsealed: seals.unsealed(receipt) };
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
