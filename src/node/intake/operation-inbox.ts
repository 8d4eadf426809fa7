/**
 * Operations that peers sent and that nobody has looked at yet. They are taken in beside everything else, a few of each
 * sender in turn, so that no vote waits for the signatures of operations and no sender for another's (T5).
 * What finds no room is lost: it is sent again while there is work (R6), and a proposal that names it fetches it.
 */
import { setImmediate } from "node:timers/promises";
import type { Bytes } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { TokenBucket } from "../../primitives/token-bucket.ts";
import type { System } from "../base/system.ts";
import type { PeerIntake } from "./intake.ts";

export interface OperationInboxParts {
  /** Looks at a few operations of one sender. */
  readonly take: (sender: ValidatorIndex, operations: readonly Bytes[]) => Promise<PeerIntake>;
  /** Of one sender. */
  readonly room: { readonly operationsMax: number; readonly bytesMax: number };
  readonly monotonic: System["monotonic"];
  readonly fail: (error: unknown) => void;
}

/** Operations checked before others get a turn: about a millisecond of signatures. */
const CHECKS_PER_TURN = 16;

interface Waiting {
  readonly operations: Bytes[];
  bytes: number;
  readonly rate: TokenBucket;
}

export class OperationInbox {
  readonly #parts: OperationInboxParts;
  readonly #senders = new Map<ValidatorIndex, Waiting>();
  #working: Promise<void> | undefined;
  #closed = false;
  #dropped = 0;

  constructor(parts: OperationInboxParts) {
    this.#parts = parts;
  }

  /** How many operations found no room, or came faster than their sender may send. */
  get dropped(): number {
    return this.#dropped;
  }

  add(sender: ValidatorIndex, operations: readonly Bytes[]): void {
    if (this.#closed || operations.length === 0) return;
    const waiting = this.#waitingOf(sender);
    const { room } = this.#parts;
    const now = this.#parts.monotonic();
    for (const bytes of operations) {
      const isFull =
        waiting.operations.length >= room.operationsMax ||
        waiting.bytes + bytes.length > room.bytesMax;
      if (isFull || !waiting.rate.take(1, now)) {
        this.#dropped += 1;
        continue;
      }
      waiting.operations.push(bytes);
      waiting.bytes += bytes.length;
    }
    if (this.#isFilled) this.#working ??= this.#work();
  }

  /** Settles when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Takes nothing more in; settles when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#senders.values()) waiting.operations.length = 0;
    await this.#working;
  }

  #waitingOf(sender: ValidatorIndex): Waiting {
    const held = this.#senders.get(sender);
    if (held !== undefined) return held;
    const rate = new TokenBucket(LIMITS.operationsOfPeer, this.#parts.monotonic());
    const waiting = { operations: [], bytes: 0, rate };
    this.#senders.set(sender, waiting);
    return waiting;
  }

  async #work(): Promise<void> {
    try {
      // Looked at without a pause before the end: what comes in after it begins anew.
      while (this.#isFilled) await this.#round();
    } catch (error) {
      this.#parts.fail(error);
    } finally {
      this.#working = undefined;
    }
  }

  get #isFilled(): boolean {
    return [...this.#senders.values()].some(({ operations }) => operations.length > 0);
  }

  /** A few of every sender. */
  async #round(): Promise<void> {
    for (const [sender, waiting] of this.#senders) {
      const few = waiting.operations.splice(0, CHECKS_PER_TURN);
      if (few.length === 0) continue;
      for (const bytes of few) waiting.bytes -= bytes.length;
      const { forged } = await this.#parts.take(sender, few);
      // Honest members pass on only what they have checked by the same rule: they never pay this.
      if (forged > 0)
        waiting.rate.charge(forged * LIMITS.forgedOperationCost, this.#parts.monotonic());
      await setImmediate();
    }
  }
}
