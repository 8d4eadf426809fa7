/**
 * Ends payments whose time is over, or that their owner cancels: by the receipt of what was ordered under their id, which is their
 * cancellation if nothing else was; and if they could not be cancelled in time, by the word of more than f nodes.
 */
import type { OperationId } from "../primitives/ids.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import { pause, realTimers } from "../transport/timers.ts";
import { cancel } from "./cancel.ts";
import type { LedgerClient } from "./ledger-client.ts";
import { LedgerError } from "./ledger-error.ts";
import type { VoidProof } from "./outbox-records.ts";
import type { VerifiedReceipt } from "./receipt-verifier.ts";
import { findVoid } from "./void-payments.ts";
import type { Wallet } from "./wallet.ts";

export interface PaymentEnderParts {
  readonly ledger: LedgerClient;
  /** The payer. */
  readonly wallet: Wallet;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The payments that have no end yet. */
  readonly open: () => readonly Transfer[];
  /** A receipt may prove nothing of the payment. */
  readonly onReceipt: (id: OperationId, receipt: VerifiedReceipt) => Promise<void>;
  readonly onVoid: (id: OperationId, proof: VoidProof) => Promise<void>;
}

/** Between two looks at the payments, milliseconds. */
const LOOK_MS = 1_000;
/** In which some gateway must answer a cancellation, milliseconds. */
const CANCEL_MS = 10_000;
/** Payments that are ended together. */
const AT_ONCE = 64;

export class PaymentEnder {
  readonly #parts: PaymentEnderParts;
  readonly #cancelled = new Set<OperationId>();

  constructor(parts: PaymentEnderParts) {
    this.#parts = parts;
  }

  /** Does not wait for its time to be over. */
  cancel(id: OperationId): void {
    this.#cancelled.add(id);
  }

  isCancelled(id: OperationId): boolean {
    return this.#cancelled.has(id);
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { open, now } = this.#parts;
    while (!signal.aborted) {
      const isDue = ({ id, validUntil }: Transfer): boolean =>
        now() >= validUntil || this.#cancelled.has(id);
      const due = open().filter(isDue);
      for (let at = 0; at < due.length && !signal.aborted; at += AT_ONCE) {
        const some = due.slice(at, at + AT_ONCE);
        await Promise.all(some.map((payment) => this.#cancel(payment, signal)));
        const left = new Set(open());
        await this.#findVoid(
          some.filter((payment) => left.has(payment)),
          signal,
        );
      }
      await pause(realTimers, LOOK_MS, signal);
    }
  }

  async #cancel(payment: Transfer, signal: AbortSignal): Promise<void> {
    const { ledger, wallet, now, onReceipt } = this.#parts;
    const { trust, genesis, gateways } = ledger;
    const terms = { wallet, payment, trust, timings: genesis.timings, now: now() };
    try {
      const { answer } = await gateways.ask(
        ({ calls }, end) => cancel(calls, terms, { signal: end }),
        { timeoutMs: CANCEL_MS, signal },
      );
      await onReceipt(payment.id, answer.receipt);
    } catch (error) {
      // No gateway answered, or took the cancellation; the next look asks again.
      if (!(error instanceof LedgerError) && !signal.aborted) throw error;
    }
  }

  async #findVoid(payments: readonly Transfer[], signal: AbortSignal): Promise<void> {
    const { ledger, wallet, now, onVoid } = this.#parts;
    const { graceMs } = ledger.genesis.timings;
    const past = payments.filter(({ validUntil }) => now() > validUntil + graceMs);
    if (past.length === 0) return;
    const found = await findVoid({
      ...{ gateways: ledger.gateways.all, wallet, payments: past, graceMs, signal },
      faultsTolerated: Math.floor((ledger.trust.validators.length - 1) / 3),
    });
    for (const [id, nodes] of found) await onVoid(id, { nodes });
  }
}
