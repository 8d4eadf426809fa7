/** The payments that an outbox holds, as its records say it. */
import type { Bytes } from "../primitives/bytes.ts";
import type { OperationId, WalletId } from "../primitives/ids.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { Receipt } from "../primitives/receipt.ts";
import type { Refusal } from "../transport/refusal.ts";
import { LedgerError } from "./ledger-error.ts";
import {
  paymentText,
  readBatch,
  readRecord,
  receiptText,
  type VoidProof,
  voidText,
  writeBatch,
} from "./outbox-records.ts";
import { type Trust, type VerifiedReceipt, verifyReceipt } from "./receipt-verifier.ts";

export interface BookedPayment {
  readonly transfer: Transfer;
  readonly bytes: Bytes;
  /** Its end, durable: a receipt, or the word of more than f nodes. */
  end: Receipt | VerifiedReceipt | VoidProof | undefined;
  /** Its end is on the way to the disk. */
  isSettling: boolean;
  refusal: Refusal | undefined;
  /** Until it is durable. */
  written: Promise<void> | undefined;
}

export class OutboxBook {
  /** True if records stand in the storage that nothing needs. */
  readonly hasForgotten: boolean;
  readonly #trust: Trust;
  readonly #payments = new Map<OperationId, BookedPayment>();
  readonly #settled: OperationId[] = [];
  #settling = Promise.withResolvers<void>();

  private constructor(trust: Trust, hasForgotten: boolean) {
    this.#trust = trust;
    this.hasForgotten = hasForgotten;
  }

  /** Throws LedgerError OUTBOX_DAMAGED for records that no outbox of this wallet has written. */
  static read(trust: Trust, walletId: WalletId, batches: readonly string[]): OutboxBook {
    const records = batches.flatMap((batch, i) =>
      readBatch(batch).map((text) => {
        const record = readRecord(trust, text);
        if (record !== undefined) return record;
        throw damaged(`record ${i + 1} cannot be read`);
      }),
    );
    const book = new OutboxBook(
      trust,
      records.some(({ kind }) => kind === "forgotten"),
    );
    for (const record of records) {
      if (record.kind === "payment") {
        const { from, id } = record.transfer;
        if (from !== walletId) throw damaged(`payment ${id} is of another wallet`);
        if (book.get(id) !== undefined) throw damaged(`payment ${id} stands there twice`);
        book.add(record.transfer, record.bytes);
        continue;
      }
      const payment = book.get(record.id);
      if (payment === undefined) throw damaged(`payment ${record.id} is missing`);
      if (record.kind === "forgotten") {
        book.remove(record.id);
      } else if (payment.end !== undefined) {
        throw damaged(`payment ${record.id} has two ends`);
      } else if (record.kind === "receipt") {
        book.settle(record.id, record.receipt);
      } else book.settle(record.id, record.proof);
    }
    return book;
  }

  get size(): number {
    return this.#payments.size;
  }

  get(id: OperationId): BookedPayment | undefined {
    return this.#payments.get(id);
  }

  all(): readonly BookedPayment[] {
    return [...this.#payments.values()].filter(({ written }) => written === undefined);
  }

  /** Those without an end, durable. */
  open(): readonly BookedPayment[] {
    return this.all().filter(({ end }) => end === undefined);
  }

  add(transfer: Transfer, bytes: Bytes): BookedPayment {
    const payment: BookedPayment = {
      ...{ transfer, bytes, end: undefined, isSettling: false },
      ...{ refusal: undefined, written: undefined },
    };
    this.#payments.set(transfer.id, payment);
    return payment;
  }

  remove(id: OperationId): void {
    this.#payments.delete(id);
  }

  settle(id: OperationId, end: BookedPayment["end"]): void {
    const payment = this.#payments.get(id);
    if (payment === undefined) return;
    payment.end = end;
    this.#settled.push(id);
    this.tell();
  }

  /** The payments that have an end, in the order in which they got it. */
  settledAt(place: number): OperationId | undefined {
    return this.#settled[place];
  }

  /** Until some payment gets its end, the signal aborts, or `tell` is called. */
  async untilSettled(signal: AbortSignal | undefined): Promise<void> {
    const { promise } = this.#settling;
    if (signal === undefined) return await promise;
    const aborted = Promise.withResolvers<void>();
    const end = (): void => aborted.resolve();
    signal.addEventListener("abort", end, { once: true });
    await Promise.race([promise, aborted.promise]);
    signal.removeEventListener("abort", end);
  }

  /** Wakes all that wait. */
  tell(): void {
    this.#settling.resolve();
    this.#settling = Promise.withResolvers();
  }

  /** A receipt from the storage is verified again: the disk may have changed it. */
  verified(end: Receipt | VerifiedReceipt): VerifiedReceipt {
    if ("valid" in end) return end;
    const receipt = verifyReceipt(this.#trust, end);
    if (receipt.valid) return receipt;
    throw damaged(`a receipt proves nothing any more: ${receipt.field} ${receipt.problem}`);
  }

  /** All that is durable and not forgotten. */
  batches(): readonly string[] {
    return this.all().map(({ transfer: { id }, bytes, end }) => {
      const payment = paymentText(bytes);
      if (end === undefined) return payment;
      if ("nodes" in end) return writeBatch([payment, voidText(id, end)]);
      return writeBatch([payment, receiptText(id, "receipt" in end ? end.receipt : end)]);
    });
  }
}

export function damaged(what: string): LedgerError {
  return new LedgerError(
    "OUTBOX_DAMAGED",
    `the outbox is damaged: ${what}. Put it back as it was: it says which payments may have been made`,
  );
}
