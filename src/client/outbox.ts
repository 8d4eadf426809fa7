/**
 * Payments of one wallet that end in one verifiable state, though programs and gateways die: a payment is signed and durable before anything of it is sent,
 * and its same bytes are sent again, through any gateway and after any restart, until its end is proven and durable too.
 */
import { assert } from "../primitives/assert.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { OperationId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { decodeSignedOperation } from "../primitives/operation.ts";
import type { Refusal } from "../transport/refusal.ts";
import type { LedgerClient } from "./ledger-client.ts";
import { LedgerError } from "./ledger-error.ts";
import { type BookedPayment, damaged, OutboxBook } from "./outbox-book.ts";
import { forgottenText, paymentText, receiptText, voidText } from "./outbox-records.ts";
import { OutboxSender } from "./outbox-sender.ts";
import type { OutboxStorage } from "./outbox-storage.ts";
import { PaymentEnder } from "./payment-ender.ts";
import { type PaymentTerms, readTerms } from "./payment-terms.ts";
import type { VerifiedReceipt } from "./receipt-verifier.ts";
import { RecordWriter } from "./record-writer.ts";
import {
  endBy,
  isSamePayment,
  type OutboxPayment,
  type SettledOutboxPayment,
} from "./settlement.ts";
import type { Wallet } from "./wallet.ts";

export interface OutboxOptions {
  readonly ledger: LedgerClient;
  /** The payer, with its key. */
  readonly wallet: Wallet;
  /** From `openOutboxFile`, or `openOutboxDatabase` in a web page; the outbox closes it. */
  readonly storage: OutboxStorage;
  /** An applied payment waits for the group's seal, by default, or only for the votes that make it final, which prove it as well. */
  readonly until?: "final" | "sealed" | undefined;
  /** A gateway that gives no outcome for so long is left, milliseconds; default 15 s. */
  readonly silenceMs?: number | undefined;
  /** Milliseconds since the epoch; default: the machine's clock. */
  readonly now?: (() => number) | undefined;
}

const SILENCE_MS = 15_000;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #book: OutboxBook;
  readonly #writer: RecordWriter;
  readonly #sender: OutboxSender;
  readonly #end = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #ender: PaymentEnder;
  #failure: unknown;

  private constructor(options: OutboxOptions, book: OutboxBook) {
    const { ledger, wallet, storage, until = "sealed", silenceMs = SILENCE_MS } = options;
    this.#options = options;
    this.#book = book;
    this.#writer = new RecordWriter(storage, () => book.batches());
    this.#sender = new OutboxSender({
      ...{ gateways: ledger.gateways, trust: ledger.trust, until, silenceMs },
      bytesOf: (id) => {
        const payment = book.get(id);
        const isOver = payment?.end !== undefined || this.#ender.isCancelled(id);
        return isOver ? undefined : payment?.bytes;
      },
      onResult: (id, receipt) => void this.#settleBy(id, receipt),
      onRefused: (id, refusal) => this.#refused(id, refusal),
    });
    this.#ender = new PaymentEnder({
      ...{ ledger, wallet, now: () => this.#now() },
      open: () => book.open().map(({ transfer }) => transfer),
      onReceipt: (id, receipt) => this.#settleBy(id, receipt),
      onVoid: (id, proof) => this.#settle(id, voidText(id, proof), proof),
    });
    for (const { transfer } of book.open()) this.#sender.send(transfer.id);
    this.#running = Promise.all([
      this.#sender.run(this.#end.signal),
      this.#ender.run(this.#end.signal),
    ]).catch((error: unknown) => this.#fail(error));
  }

  /** Goes on with what the storage holds. Throws LedgerError OUTBOX_DAMAGED, and closes the storage if it throws. Must be closed. */
  static async open(options: OutboxOptions): Promise<Outbox> {
    const { ledger, wallet, storage } = options;
    try {
      const book = OutboxBook.read(ledger.trust, wallet.id, storage.batches);
      if (book.hasForgotten) await storage.replace(book.batches());
      return new Outbox(options, book);
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  /**
   * Settles when the payment is signed and durable; from then on it is sent until it has an end. The same id with the same terms is
   * the same payment. Throws LedgerError INVALID, ID_IN_USE, OUTBOX_FULL or CLOSED, and then nothing is sent.
   */
  async pay(terms: PaymentTerms): Promise<OutboxPayment> {
    this.#check();
    const asked = readTerms(this.#options, this.#now(), terms);
    const { id } = asked;
    const known = this.#book.get(id);
    if (known !== undefined) {
      if (!isSamePayment(known.transfer, { ...known.transfer, ...asked, validUntil: 0 })) {
        throw new LedgerError("ID_IN_USE", `id: ${id} is that of another payment of this outbox`);
      }
      await known.written;
      return this.#shown(known);
    }
    if (this.#book.size >= LIMITS.paymentsOfOutboxMax) {
      throw new LedgerError("OUTBOX_FULL", "too many payments are kept; forget what is handled");
    }
    const bytes = this.#options.wallet.transferBytes(asked);
    const { hash, networkId } = this.#options.ledger.trust;
    const signed = decodeSignedOperation(hash, networkId, bytes);
    assert(!(signed instanceof EncodingError), "what is signed here can be read");
    assert(signed.operation.kind === "transfer", "a payment is a transfer");
    const payment = this.#book.add(signed.operation, bytes);
    payment.written = this.#writer.add(paymentText(bytes));
    try {
      await payment.written;
    } catch (error) {
      this.#book.remove(id);
      throw this.#writeFailed(error);
    }
    payment.written = undefined;
    this.#sender.send(id);
    return this.#shown(payment);
  }

  /** Undefined if it is not in the outbox. Throws LedgerError OUTBOX_DAMAGED if its receipt proves nothing any more. */
  payment(id: string): OutboxPayment | undefined {
    const payment = this.#book.get(id as OperationId);
    return payment === undefined ? undefined : this.#shown(payment);
  }

  /** All that are not forgotten, in the order in which they were signed. */
  *payments(): Generator<OutboxPayment, void> {
    for (const payment of this.#book.all()) yield this.#shown(payment);
  }

  /** Settles when the payment has its end. Throws LedgerError INVALID if it is not in the outbox, and CLOSED or OUTBOX_FAILED. */
  async outcome(
    id: string,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<SettledOutboxPayment> {
    for (;;) {
      const payment = this.payment(id);
      if (payment === undefined) throw new LedgerError("INVALID", `id: ${id} is not in the outbox`);
      if (payment.state !== "open") return payment;
      await this.#untilSettled(signal);
    }
  }

  /**
   * Stops sending a payment, and settles when it has its end: it was made, was declined, or is never made. Of the payment and its
   * cancellation the one that is ordered first counts. After a restart, cancel it again: the wish is not kept.
   */
  async cancel(id: string, options: { signal?: AbortSignal } = {}): Promise<SettledOutboxPayment> {
    const payment = this.#book.get(id as OperationId);
    if (payment !== undefined && payment.end === undefined) {
      this.#sender.drop(payment.transfer.id);
      this.#ender.cancel(payment.transfer.id);
    }
    return await this.outcome(id, options);
  }

  /**
   * Each payment when it has its end, first those that had it when the outbox was opened. Handle it, then `forget` it: after a
   * restart, those that are not forgotten come again.
   */
  async *settled({
    signal,
  }: {
    signal?: AbortSignal;
  } = {}): AsyncGenerator<SettledOutboxPayment, void> {
    for (let at = 0; ; ) {
      const id = this.#book.settledAt(at);
      if (id === undefined) {
        await this.#untilSettled(signal);
        continue;
      }
      at += 1;
      const payment = this.payment(id);
      if (payment !== undefined && payment.state !== "open") yield payment;
    }
  }

  /** Settles when it is durable that these payments are handled; they and their receipts leave the outbox. */
  async forget(...ids: readonly string[]): Promise<void> {
    this.#check();
    const known = ids.flatMap((id) => this.#book.get(id as OperationId) ?? []);
    const open = known.find(({ end }) => end === undefined);
    if (open !== undefined) {
      throw new LedgerError("INVALID", `id: payment ${open.transfer.id} has no end yet`);
    }
    const forgotten = known.map(({ transfer }) => transfer.id);
    try {
      await Promise.all(forgotten.map((id) => this.#writer.add(forgottenText(id))));
    } catch (error) {
      throw this.#writeFailed(error);
    }
    for (const id of forgotten) this.#book.remove(id);
  }

  /** Stops sending. What has no end is sent again when the outbox is opened again; it may be ordered meanwhile. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#book.tell();
    await this.#running;
    await this.#writer.idle();
    await this.#options.storage.close();
  }

  #refused(id: OperationId, refusal: Refusal): void {
    const payment = this.#book.get(id);
    if (payment !== undefined) payment.refusal = refusal;
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  async #settleBy(id: OperationId, receipt: VerifiedReceipt): Promise<void> {
    const payment = this.#book.get(id);
    const { timings } = this.#options.ledger.genesis;
    if (payment === undefined || endBy(timings, payment.transfer, receipt) === undefined) return;
    await this.#settle(id, receiptText(id, receipt.receipt), receipt);
  }

  /** Makes the end of a payment durable, and then tells it. The first end is the only one. */
  async #settle(id: OperationId, record: string, end: BookedPayment["end"]): Promise<void> {
    const payment = this.#book.get(id);
    if (payment === undefined || payment.end !== undefined || payment.isSettling) return;
    payment.isSettling = true;
    this.#sender.drop(id);
    try {
      await this.#writer.add(record);
      this.#book.settle(id, end);
    } catch (error) {
      this.#fail(error);
    }
  }

  #shown({ transfer, end, refusal }: BookedPayment): OutboxPayment {
    const { id, to, asset, amount, reference, validUntil } = transfer;
    const terms = { id, to, asset, amount, reference, validUntil };
    if (end === undefined) return { ...terms, state: "open", refusal };
    if ("nodes" in end) return { ...terms, state: "never", proof: { kind: "void", ...end } };
    const receipt = this.#book.verified(end);
    const { result } = receipt;
    const state = endBy(this.#options.ledger.genesis.timings, transfer, receipt);
    if (state === undefined) throw damaged(`the receipt of payment ${id} is of another operation`);
    if (state === "never") return { ...terms, state, proof: { kind: "receipt", receipt } };
    return result.status === "applied"
      ? { ...terms, state: "applied", receipt }
      : { ...terms, state: "declined", reason: result.reason, receipt };
  }

  async #untilSettled(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#check();
    await this.#book.untilSettled(signal);
    signal?.throwIfAborted();
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#end.signal.aborted) throw new LedgerError("CLOSED", "the outbox is closed");
  }

  /** A full outbox still sends and settles what it has; another failure of the storage ends it. */
  #writeFailed(error: unknown): unknown {
    const isFull = error instanceof LedgerError && error.code === "OUTBOX_FULL";
    if (!isFull) this.#fail(error);
    return error;
  }

  /** Nothing is known to be durable any more: the outbox ends, and every wait with it. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#end.abort();
    this.#book.tell();
  }
}
