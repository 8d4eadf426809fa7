/** What this node answers its clients: writes go to the gateway, reads are answered from the committed state (L26). */

import type { LedgerContext } from "../../ledger/context.ts";
import { findWallet } from "../../ledger/state.ts";
import { createdWalletId } from "../../primitives/operations/wallet-creation.ts";
import type { Store } from "../../storage/contracts.ts";
import { isWhole } from "../../storage/history.ts";
import type {
  Call,
  CreationCommand,
  LedgerApi,
  ReceiptAnswer,
  ReceiptQuery,
  TransferCommand,
  WalletAnswer,
  WalletQuery,
} from "../../transport/ledger-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { System } from "../base/system.ts";
import type { Committed } from "../execution/finalizer.ts";
import { withCallDeadline } from "./call-deadline.ts";
import type { Gateway } from "./gateway.ts";
import type { NodeView } from "./node-view.ts";
import type { Receipts } from "./receipts.ts";
import { historyIncomplete, poolFull, unknownWallet } from "./refusals.ts";
import type { SealWait } from "./seal-wait.ts";
import type { Waiters } from "./waiters.ts";

export interface LedgerDeskParts {
  readonly context: LedgerContext;
  readonly gateway: Gateway;
  readonly view: NodeView;
  readonly receipts: Receipts;
  readonly seals: SealWait;
  readonly waiters: Waiters;
  readonly store: Pick<Store, "blocks" | "operations">;
  readonly system: System;
  readonly committed: () => Committed;
}

export class LedgerDesk implements LedgerApi {
  readonly #parts: LedgerDeskParts;

  constructor(parts: LedgerDeskParts) {
    this.#parts = parts;
  }

  createWallet(command: CreationCommand, call: Call) {
    return this.#parts.gateway.createWallet(command, call);
  }

  transfer(command: TransferCommand, call: Call) {
    return this.#parts.gateway.transfer(command, call);
  }

  async getWallet({ id, minHeight }: WalletQuery, call: Call): Promise<WalletAnswer | Refusal> {
    const { context, gateway, view, waiters, system, committed } = this.#parts;
    if (minHeight !== undefined && minHeight > committed().state.height) {
      if (waiters.isFull) return poolFull();
      const reached = await withCallDeadline(system, call, (signal) =>
        waiters.height("final", minHeight, signal),
      );
      if (reached !== "reached") {
        return new Refusal("LAGGING", {
          message: `this node is at height ${committed().state.height}, below ${minHeight}`,
          field: "minHeight",
        });
      }
    }
    const { state, header } = committed();
    const record = findWallet(context, state, id);
    if (record === undefined) return unknownWallet(id, "id");
    const wallet = gateway.describe(record);
    return { wallet, height: state.height, blockTime: header.time, lagging: view.isLagging };
  }

  async getReceipt(query: ReceiptQuery): Promise<ReceiptAnswer | Refusal> {
    const { store, receipts, context, seals } = this.#parts;
    const location =
      query.kind === "transfer"
        ? await store.operations.loadOperation(`${query.from}/${query.id}`)
        : await store.operations.loadCreation(query.walletId);
    if (location === undefined) {
      const field = query.kind === "transfer" ? "id" : "walletId";
      if (!isWhole(store.blocks.history)) return historyIncomplete(field, store.blocks.history);
      return new Refusal("NOT_FOUND", {
        message: "no final block that this node holds has such an operation",
        field,
      });
    }
    const ordered = await receipts.load(location);
    if (ordered instanceof Refusal) return ordered;
    const { operation, result, receipt } = ordered;
    const unsealed = seals.unsealed(receipt);
    const body = operation.operation;
    if (body.kind === "transfer") {
      return { operation: { kind: "transfer", transfer: body }, result, receipt, unsealed };
    }
    if (body.kind !== "walletCreation") {
      return new Refusal("NOT_FOUND", { message: "that is no operation of a wallet", field: "id" });
    }
    const walletId = createdWalletId(context, body);
    const created = { kind: "creation", walletId, creation: body } as const;
    return { operation: created, result, receipt, unsealed };
  }

  listPeers() {
    return this.#parts.view.listPeers();
  }

  getNetwork() {
    return this.#parts.view.getNetwork();
  }

  getStatus() {
    return this.#parts.view.getStatus();
  }
}
