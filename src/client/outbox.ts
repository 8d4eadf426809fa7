/**
 * Payments of one wallet that end in one verifiable state, though programs and gateways die: a payment is signed and durable before anything of it is sent,
 * and its same bytes are sent again, through any gateway and after any restart, until its end is proven and durable too.
 */
import type { Amount } from "../primitives/amount.ts";
import { assert } from "../primitives/assert.ts";
import { utf8 } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { type OperationId, parseUuid } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { decodeSignedOperation } from "../primitives/operation.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { Refusal } from "../transport/refusal.ts";
import { pause, realTimers } from "../transport/timers.ts";
import type { LedgerClient } from "./ledger-client.ts";
import { LedgerError } from "./ledger-error.ts";
import { type BookedPayment, OutboxBook } from "./outbox-book.ts";
import { forgottenText, paymentText, receiptText, voidText } from "./outbox-records.ts";
import { OutboxSender } from "./outbox-sender.ts";
import type { OutboxStorage } from "./outbox-storage.ts";
import type { VerifiedReceipt } from "./receipt-verifier.ts";
import { RecordWriter } from "./record-writer.ts";
import { endOf, isSamePayment, type OutboxPayment, type SettledPayment } from "./settlement.ts";
import { findVoid } from "./void-payments.ts";
import type { Wallet } from "./wallet.ts";

export interface OutboxOptions {
  readonly ledger: LedgerClient;
  /** The payer, with its key. */
  readonly wallet: Wallet;
  /** From `openOutboxFile`; the outbox closes it. */
  readonly storage: OutboxStorage;
  /** An applied payment waits for the group's seal, by default, or only for the votes that make it final, which prove it as well. */
  readonly until?: "final" | "sealed" | undefined;
  /** A gateway that gives no outcome for so long is left, milliseconds; default 15 s. */
  readonly silenceMs?: number | undefined;
  /** Milliseconds since the epoch; default: the machine's clock. */
  readonly now?: (() => number) | undefined;
}

export interface PaymentTerms {
  readonly to: string;
  /** "0.25 EUR", or minor units of an asset. */
  readonly amount: string | { readonly asset: string; readonly amount: Amount };
  /** At most `LIMITS.referenceLengthMax` bytes of UTF-8. */
  readonly reference?: string | undefined;
  /** Chosen once for each payment, and kept with what is paid: the same id again is the same payment. Default: a random one. */
  readonly id?: string | undefined;
  /** The time in which it may be applied, milliseconds; default: half an hour, or half of what the network allows. */
  readonly lifetimeMs?: number | undefined;
}

const SILENCE_MS = 15_000;
const LIFETIME_MS = 30 * 60_000;
/** Between two looks at the payments whose window is over, milliseconds. */
const LOOK_MS = 1_000;
/** Payments that are looked up together. */
const LOOKUPS_MAX = 64;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #book: OutboxBook;
  readonly #writer: RecordWriter;
  readonly #sender: OutboxSender;
  readonly #end = new AbortController();
  readonly #running: Promise<unknown>;
  /** Payments of which a gateway says that their id is taken, or their time over. */
  readonly #doubtful = new Set<OperationId>();
  #failure: unknown;

  private constructor(options: OutboxOptions, book: OutboxBook) {
    const { ledger, storage, until = "sealed", silenceMs = SILENCE_MS } = options;
    this.#options = options;
    this.#book = book;
    this.#writer = new RecordWriter(storage, () => book.batches());
    this.#sender = new OutboxSender({
      ...{ gateways: ledger.gateways, trust: ledger.trust, until, silenceMs },
      bytesOf: (id) => {
        const payment = book.get(id);
        return payment === undefined || payment.end !== undefined ? undefined : payment.bytes;
      },
      onResult: (id, receipt) => void this.#settleBy(id, receipt),
      onRefused: (id, refusal) => this.#refused(id, refusal),
    });
    for (const { transfer } of book.open()) this.#sender.send(transfer.id);
    this.#running = Promise.all([this.#sender.run(this.#end.signal), this.#lookUp()]).catch(
      (error: unknown) => this.#fail(error),
    );
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
    const asked = this.#read(terms);
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
  async outcome(id: string, { signal }: { signal?: AbortSignal } = {}): Promise<SettledPayment> {
    for (;;) {
      const payment = this.payment(id);
      if (payment === undefined) throw new LedgerError("INVALID", `id: ${id} is not in the outbox`);
      if (payment.state !== "open") return payment;
      await this.#untilSettled(signal);
    }
  }

  /**
   * Each payment when it has its end, first those that had it when the outbox was opened. Handle it, then `forget` it: after a
   * restart, those that are not forgotten come again.
   */
  async *settled({ signal }: { signal?: AbortSignal } = {}): AsyncGenerator<SettledPayment, void> {
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

  #read({ to, amount: given, reference, id, lifetimeMs }: PaymentTerms) {
    const { ledger, wallet, now = Date.now } = this.#options;
    const { lifetimeMsMax, clockSkewMs } = ledger.genesis.timings;
    const payee = parseUuid(to);
    const own = id === undefined ? ledger.newId() : parseUuid(id);
    const { asset, amount } = typeof given === "string" ? ledger.money(given) : given;
    const longest = lifetimeMsMax - 2 * clockSkewMs;
    const lifetime = lifetimeMs ?? Math.min(LIFETIME_MS, Math.floor(lifetimeMsMax / 2));
    if (payee === undefined || payee === wallet.id) {
      throw new LedgerError("INVALID", "to: must be the id of another wallet, in lower case");
    }
    if (own === undefined) throw new LedgerError("INVALID", "id: must be a UUID in lower case");
    if (amount < 1n) throw new LedgerError("INVALID", "amount: must be above 0");
    if (!ledger.genesis.assets.some(({ code }) => code === asset)) {
      throw new LedgerError("INVALID", "amount: its currency is not one of the network's");
    }
    if (utf8(reference ?? "").length > LIMITS.referenceLengthMax) {
      const most = LIMITS.referenceLengthMax;
      throw new LedgerError("INVALID", `reference: may have ${most} bytes of UTF-8 at most`);
    }
    if (!(lifetime > 0 && lifetime <= longest)) {
      throw new LedgerError("INVALID", `lifetimeMs: must be above 0, and at most ${longest}`);
    }
    return { id: own, to: payee, asset, amount, reference, validUntil: now() + lifetime };
  }

  #refused(id: OperationId, refusal: Refusal): void {
    const payment = this.#book.get(id);
    if (payment === undefined) return;
    payment.refusal = refusal;
    if (refusal.reason === "WINDOW_PAST" || refusal.reason === "ID_IN_USE") this.#doubtful.add(id);
  }

  /** Finds out what became of the payments that gateways do not take any more. */
  async #lookUp(): Promise<void> {
    const { ledger, wallet, now = Date.now } = this.#options;
    const { graceMs } = ledger.genesis.timings;
    const { signal } = this.#end;
    while (!signal.aborted) {
      const all = this.#book.open().filter(({ transfer: { id, validUntil } }) => {
        return this.#doubtful.has(id) || now() > validUntil + graceMs;
      });
      for (let at = 0; at < all.length && !signal.aborted; at += LOOKUPS_MAX) {
        const some = all.slice(at, at + LOOKUPS_MAX);
        await Promise.all(some.map(({ transfer }) => this.#lookUpReceipt(transfer)));
        const payments = some
          .filter(({ end }) => end === undefined)
          .map(({ transfer }) => transfer);
        if (payments.length === 0) continue;
        const faultsTolerated = Math.floor((ledger.trust.validators.length - 1) / 3);
        const question = { wallet, payments, graceMs, faultsTolerated, signal };
        const found = await findVoid({ gateways: ledger.gateways.all, ...question });
        for (const [id, nodes] of found) void this.#settle(id, voidText(id, { nodes }), { nodes });
      }
      await pause(realTimers, LOOK_MS, signal);
    }
  }

  async #lookUpReceipt({ from, id }: Transfer): Promise<void> {
    const { ledger, wallet } = this.#options;
    const { signal } = this.#end;
    try {
      const receipt = await ledger.receipt({ from, id }, { by: wallet, signal });
      if (receipt !== undefined) await this.#settleBy(id, receipt);
    } catch (error) {
      // No gateway answered; the next look asks again.
      if (!(error instanceof LedgerError) && !signal.aborted) throw error;
    }
  }

  async #settleBy(id: OperationId, receipt: VerifiedReceipt): Promise<void> {
    const payment = this.#book.get(id);
    if (payment === undefined || endOf(payment.transfer, receipt) === undefined) return;
    await this.#settle(id, receiptText(id, receipt.receipt), receipt);
  }

  /** Makes the end of a payment durable, and then tells it. The first end is the only one. */
  async #settle(id: OperationId, record: string, end: BookedPayment["end"]): Promise<void> {
    const payment = this.#book.get(id);
    if (payment === undefined || payment.end !== undefined || payment.isSettling) return;
    payment.isSettling = true;
    this.#sender.drop(id);
    this.#doubtful.delete(id);
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
    if ("nodes" in end) return { ...terms, state: "never", proof: end };
    const receipt = this.#book.verified(end);
    const { result } = receipt;
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
