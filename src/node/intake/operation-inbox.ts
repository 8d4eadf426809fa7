/**
 * The inbox for operations of peers that are not checked yet. They are admitted beside the node's other work, a few
 * of each sender in turn, so that no vote waits for the signatures of operations and no sender waits for another's.
 * Operations that cost their makers nothing wait for a rate of their sender (T5). An operation without room is
 * dropped: its sender repeats it while there is work (R6), and a proposal that names it fetches it.
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
  /** The bounds for one sender. */
  readonly room: {
    readonly operationsMax: number;
    readonly bytesMax: number;
    readonly unpaidMax: number;
    readonly unpaidBytesMax: number;
  };
  /** The rate of one sender for all its operations. */
  readonly rate: Rate;
  /** For one sender: the rate at which operations that cost their makers nothing are checked. */
  readonly unpaid: Rate;
  readonly system: Pick<System, "monotonic" | "after">;
  readonly fail: (error: unknown) => void;
}

/** The pause between two looks at the operations that wait for their rate, so that a few are taken at a time. */
const TURN_MS = 20;
/** The size for which one operation is charged; a larger one counts as several. */
const BYTES_OF_AN_OPERATION = 4096;

/** A queue of operations in the order of their arrival. */
class Queue {
  readonly #operations: Bytes[] = [];
  #bytes = 0;

  get length(): number {
    return this.#operations.length;
  }

  get first(): Bytes | undefined {
    return this.#operations[0];
  }

  /** False if the queue is full. */
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

/** Of each sender so many are awaited at most: under a flood a proposal waits no longer than asking for operations takes. */
const AWAITED_MAX = 64;

interface Sender {
  readonly fresh: Queue;
  /** Fresh operations that were taken out of the queue and judged. */
  judged: number;
  /** Those that are being judged. */
  underWay: number;
  readonly rate: TokenBucket;
  /** Waiting for their rate: not checked before their time. */
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
  /** Settles when some were judged. */
  #progress = Promise.withResolvers<void>();

  constructor(parts: OperationInboxParts) {
    this.#parts = parts;
  }

  /** The number of operations dropped, for lack of room or because their sender was too fast. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Operations of all senders that are not checked yet, and those that wait for their rate. */
  get waiting(): { readonly fresh: number; readonly unpaid: number } {
    let [fresh, unpaid] = [0, 0];
    for (const sender of this.#senders.values()) {
      fresh += sender.fresh.length;
      unpaid += sender.unpaid.length;
    }
    return { fresh, unpaid };
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

  /** Settles when the inbox is empty except for operations that wait for their rate. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Settles when the operations that have come in by now are judged, of each sender the oldest only. */
  async arrived(): Promise<void> {
    const goals = [...this.#senders.values()].map((sender) => ({
      sender,
      judged: sender.judged + sender.underWay + Math.min(sender.fresh.length, AWAITED_MAX),
    }));
    while (!this.#closed && goals.some(({ sender, judged }) => sender.judged < judged)) {
      await this.#progress.promise;
    }
  }

  /** Accepts no more; settles when no operation is being admitted. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    for (const { fresh, unpaid } of this.#senders.values()) {
      fresh.clear();
      unpaid.clear();
    }
    this.#progress.resolve();
    await this.#working;
  }

  #senderOf(from: ValidatorIndex): Sender {
    const held = this.#senders.get(from);
    if (held !== undefined) return held;
    const now = this.#parts.system.monotonic();
    const sender = {
      fresh: new Queue(),
      judged: 0,
      underWay: 0,
      rate: new TokenBucket(this.#parts.rate, now),
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
      // The queues are checked without a pause before this ends, so an operation that comes later starts a new round.
      while (this.#isDue) await this.#round();
    } catch (error) {
      this.#parts.fail(error);
    } finally {
      this.#working = undefined;
      this.#setTimer();
    }
  }

  /** Takes a few operations of every sender. */
  async #round(): Promise<void> {
    const { intake } = this.#parts;
    for (const [from, sender] of this.#senders) {
      const few = sender.fresh.take(CHECKS_PER_TURN);
      if (few.length > 0) {
        sender.underWay = few.length;
        const { forged, unpaid } = await intake.fromPeer(from, few);
        this.#noteJudged(sender);
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

  #noteJudged(sender: Sender): void {
    sender.judged += sender.underWay;
    sender.underWay = 0;
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
  }

  /** Honest members check operations by the same rule before they pass them on, so they never pay this. */
  #charge({ rate }: Sender, forged: number): void {
    if (forged > 0)
      rate.charge(forged * LIMITS.forgedOperationCost, this.#parts.system.monotonic());
  }

  /**
   * Every node keeps the same operations in the same order, so a proposal names few that other nodes have not
   * checked.
   */
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

  /** Milliseconds until the first operation that waits for its rate may be checked; undefined if none waits. */
  #unpaidWaitMs({ unpaid, unpaidRate }: Sender): number | undefined {
    const { first } = unpaid;
    if (first === undefined) return undefined;
    // A cost of 0 adds the tokens that have come back since.
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
      // The timer fired a moment early.
      if (this.#working === undefined) this.#setTimer();
    });
  }
}

function costOf({ length }: Bytes): number {
  return 1 + Math.floor(length / BYTES_OF_AN_OPERATION);
}
