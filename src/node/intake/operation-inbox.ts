/**
 * Operations of peers that were not looked at yet. They are taken in beside everything else, a few of each sender in turn,
 * so that no vote waits for the signatures of operations and no sender for another's; those that cost their makers nothing
 * wait for a rate of their sender (T5). What finds no room is lost: it is sent again while there is work (R6), and a
 * proposal that names it fetches it.
 */
import type { Bytes } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { type Rate, TokenBucket } from "../../primitives/token-bucket.ts";
import { CHECKS_PER_TURN } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import { yieldToOthers } from "../base/yielding.ts";
import type { Intake } from "./intake.ts";

export interface OperationInboxParts {
  readonly intake: Pick<Intake, "fromPeer" | "unpaidFromPeer">;
  /** Of one sender. */
  readonly room: {
    readonly operationsMax: number;
    readonly bytesMax: number;
    readonly unpaidMax: number;
    readonly unpaidBytesMax: number;
  };
  /** Of one sender: how fast its operations are checked that cost their makers nothing. */
  readonly unpaid: Rate;
  readonly system: Pick<System, "monotonic" | "after">;
  readonly fail: (error: unknown) => void;
}

/** Between two looks at what waits for its rate: a few at a time, not each by itself. */
const TURN_MS = 20;
/** A larger one counts as several. */
const BYTES_OF_AN_OPERATION = 4096;

/** Operations in the order they came. */
class Queue {
  readonly #operations: Bytes[] = [];
  #bytes = 0;

  get length(): number {
    return this.#operations.length;
  }

  get first(): Bytes | undefined {
    return this.#operations[0];
  }

  /** False if it is full. */
  add(operation: Bytes, room: { readonly count: number; readonly bytes: number }): boolean {
    const isFull = this.length >= room.count || this.#bytes + operation.length > room.bytes;
    if (isFull) return false;
    this.#operations.push(operation);
    this.#bytes += operation.length;
    return true;
  }

  take(count: number): Bytes[] {
    const taken = this.#operations.splice(0, count);
    for (const { length } of taken) this.#bytes -= length;
    return taken;
  }

  clear(): void {
    this.take(this.length);
  }
}

interface Sender {
  readonly fresh: Queue;
  readonly rate: TokenBucket;
  /** They were looked at, and are not checked before their time. */
  readonly unpaid: Queue;
  readonly unpaidRate: TokenBucket;
}

export class OperationInbox {
  readonly #parts: OperationInboxParts;
  readonly #senders = new Map<ValidatorIndex, Sender>();
  #working: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed = false;
  #dropped = 0;

  constructor(parts: OperationInboxParts) {
    this.#parts = parts;
  }

  /** The number of operations that found no room, or came faster than their sender may send. */
  get dropped(): number {
    return this.#dropped;
  }

  add(from: ValidatorIndex, operations: readonly Bytes[]): void {
    if (this.#closed || operations.length === 0) return;
    const sender = this.#senderOf(from);
    const { room, system } = this.#parts;
    const now = system.monotonic();
    for (const bytes of operations) {
      const ofFresh = { count: room.operationsMax, bytes: room.bytesMax };
      if (!sender.rate.take(1, now) || !sender.fresh.add(bytes, ofFresh)) this.#dropped += 1;
    }
    this.#wake();
  }

  /** Settles when nothing waits any more but for its rate. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Takes nothing more in; settles when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    for (const { fresh, unpaid } of this.#senders.values()) {
      fresh.clear();
      unpaid.clear();
    }
    await this.#working;
  }

  #senderOf(from: ValidatorIndex): Sender {
    const held = this.#senders.get(from);
    if (held !== undefined) return held;
    const now = this.#parts.system.monotonic();
    const sender = {
      fresh: new Queue(),
      rate: new TokenBucket(LIMITS.operationsOfPeer, now),
      unpaid: new Queue(),
      unpaidRate: new TokenBucket(this.#parts.unpaid, now),
    };
    this.#senders.set(from, sender);
    return sender;
  }

  #wake(): void {
    if (!this.#closed && this.#isDue) this.#working ??= this.#work();
  }

  get #isDue(): boolean {
    return [...this.#senders.values()].some(
      (sender) => sender.fresh.length > 0 || this.#unpaidWaitMs(sender) === 0,
    );
  }

  async #work(): Promise<void> {
    try {
      // Looked at without a pause before the end: what comes in after it begins anew.
      while (this.#isDue) await this.#round();
    } catch (error) {
      this.#parts.fail(error);
    } finally {
      this.#working = undefined;
      this.#setTimer();
    }
  }

  /** A few of every sender. */
  async #round(): Promise<void> {
    const { intake } = this.#parts;
    for (const [from, sender] of this.#senders) {
      const few = sender.fresh.take(CHECKS_PER_TURN);
      if (few.length > 0) {
        const { forged, unpaid } = await intake.fromPeer(from, few);
        this.#charge(sender, forged);
        this.#putOff(sender, unpaid);
        await yieldToOthers();
      }
      const due = this.#takeUnpaid(sender);
      if (due.length === 0) continue;
      const { forged } = await intake.unpaidFromPeer(from, due);
      this.#charge(sender, forged);
      await yieldToOthers();
    }
  }

  /** Honest members pass on only what they have checked by the same rule: they never pay this. */
  #charge({ rate }: Sender, forged: number): void {
    if (forged > 0)
      rate.charge(forged * LIMITS.forgedOperationCost, this.#parts.system.monotonic());
  }

  /** Every node keeps the same ones, in the same order: so a proposal names few that others have not checked. */
  #putOff({ unpaid }: Sender, operations: readonly Bytes[]): void {
    const { unpaidMax: count, unpaidBytesMax: bytes } = this.#parts.room;
    if (this.#closed) return;
    for (const operation of operations) {
      if (!unpaid.add(operation, { count, bytes })) this.#dropped += 1;
    }
  }

  #takeUnpaid({ unpaid, unpaidRate }: Sender): Bytes[] {
    const now = this.#parts.system.monotonic();
    const due: Bytes[] = [];
    while (due.length < CHECKS_PER_TURN) {
      const { first } = unpaid;
      if (first === undefined || !unpaidRate.take(costOf(first), now)) break;
      due.push(...unpaid.take(1));
    }
    return due;
  }

  /** Milliseconds until the first that waits for its rate may be checked; undefined if none waits. */
  #unpaidWaitMs({ unpaid, unpaidRate }: Sender): number | undefined {
    const { first } = unpaid;
    if (first === undefined) return undefined;
    // To count what has come back until now.
    unpaidRate.take(0, this.#parts.system.monotonic());
    return unpaidRate.waitMs(costOf(first));
  }

  #setTimer(): void {
    this.#cancelTimer?.();
    const waits = [...this.#senders.values()].flatMap((sender) => this.#unpaidWaitMs(sender) ?? []);
    if (this.#closed || waits.length === 0) return;
    const delayMs = Math.max(TURN_MS, Math.min(...waits));
    this.#cancelTimer = this.#parts.system.after(delayMs, () => {
      this.#wake();
      // A timer that was a moment early.
      if (this.#working === undefined) this.#setTimer();
    });
  }
}

function costOf({ length }: Bytes): number {
  return 1 + Math.floor(length / BYTES_OF_AN_OPERATION);
}
