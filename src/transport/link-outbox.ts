/**
 * The bounded queue of messages for one link. Consensus messages go first. When their half is full, the oldest are
 * dropped, because newer ones are of newer views; when the operations' half is full, new ones are not accepted.
 * Dropped messages are counted, and their senders repeat those that still matter (T3).
 */
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { SealNotice } from "../seal/messages.ts";
import type { LinkBatch } from "./peer-api.ts";

/** Bytes for which one seal is charged. */
export const SEAL_NOTICE_BYTES = 128;

/** A queue that counts its bytes; removing its first item costs nothing. */
class Queue<T> {
  #items: { readonly value: T; readonly bytes: number }[] = [];
  #head = 0;
  bytes = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get nextBytes(): number | undefined {
    return this.#items[this.#head]?.bytes;
  }

  push(value: T, bytes: number): void {
    this.#items.push({ value, bytes });
    this.bytes += bytes;
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    this.bytes -= item.bytes;
    // What was taken is held no longer.
    const isEmpty = this.#head === this.#items.length;
    if (isEmpty || (this.#head > 1024 && this.#head * 2 > this.#items.length)) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item.value;
  }
}

export class LinkOutbox {
  readonly #halfBytesMax: number;
  readonly #consensusMessages = new Queue<Bytes>();
  readonly #seals = new Queue<SealNotice>();
  readonly #operations = new Queue<Bytes>();
  #dropped = 0;
  readonly #taken = { items: 0, bytes: 0 };
  #wake: (() => void) | undefined;

  constructor(bytesMax: number = LIMITS.linkOutboxBytesMax) {
    this.#halfBytesMax = bytesMax / 2;
  }

  /** Number of items dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Items that wait, and their bytes. */
  get waiting(): { readonly items: number; readonly bytes: number } {
    const queues = [this.#consensusMessages, this.#seals, this.#operations];
    return {
      items: queues.reduce((sum, { length }) => sum + length, 0),
      bytes: queues.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /** Items that were taken to be sent, and their bytes. */
  get taken(): { readonly items: number; readonly bytes: number } {
    return this.#taken;
  }

  get isEmpty(): boolean {
    return this.#consensusMessages.length + this.#seals.length + this.#operations.length === 0;
  }

  add(batch: Partial<LinkBatch>): void {
    for (const message of batch.consensusMessages ?? []) {
      this.#addUrgent(this.#consensusMessages, message, message.length);
    }
    for (const seal of batch.seals ?? []) this.#addUrgent(this.#seals, seal, SEAL_NOTICE_BYTES);
    for (const operation of batch.operations ?? []) this.#addOperation(operation);
    if (!this.isEmpty) this.#wake?.();
  }

  /** The next batch; undefined if there is none. A batch has at least one item, even a very large one. */
  take(): LinkBatch | undefined {
    if (this.isEmpty) return undefined;
    const room = { bytes: LIMITS.linkBatchBytesMax, items: LIMITS.linkBatchItemsMax };
    const consensusMessages = this.#takeFrom(this.#consensusMessages, room);
    const seals = this.#takeFrom(this.#seals, room);
    room.bytes = Math.min(room.bytes, LIMITS.linkOperationsBytesMax);
    const operations = this.#takeFrom(this.#operations, room);
    return { consensusMessages, seals, operations };
  }

  /** Settles when there is an item, or when `wake` is called. */
  filled(): Promise<void> {
    if (!this.isEmpty) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  wake(): void {
    this.#wake?.();
  }

  #addUrgent<T>(queue: Queue<T>, value: T, bytes: number): void {
    queue.push(value, bytes);
    while (this.#consensusMessages.bytes + this.#seals.bytes > this.#halfBytesMax) {
      const oldest = this.#consensusMessages.length > 0 ? this.#consensusMessages : this.#seals;
      oldest.shift();
      this.#dropped += 1;
    }
  }

  #addOperation(operation: Bytes): void {
    if (this.#operations.bytes + operation.length > this.#halfBytesMax) this.#dropped += 1;
    else this.#operations.push(operation, operation.length);
  }

  /** Takes items while they fit into what is left of a batch. */
  #takeFrom<T>(queue: Queue<T>, room: { bytes: number; items: number }): T[] {
    const taken: T[] = [];
    for (;;) {
      const bytes = queue.nextBytes;
      const isFirst = room.items === LIMITS.linkBatchItemsMax;
      if (bytes === undefined || room.items === 0 || (bytes > room.bytes && !isFirst)) return taken;
      const item = queue.shift();
      if (item === undefined) return taken;
      taken.push(item);
      room.bytes -= bytes;
      room.items -= 1;
      this.#taken.bytes += bytes;
      this.#taken.items += 1;
    }
  }
}
