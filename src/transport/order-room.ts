/**
 * Room for orders: single calls that wait until the network has ordered their operation. A node lets as many wait as it has answered
 * in a short time. More would wait for as long as they are more, and cost all others memory and time (T9).
 */
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import { Refusal } from "./refusal.ts";

/** A pace is measured over this time at least, milliseconds. */
const WINDOW_MS = 1_000;
/** The weight of a window of this length in the pace: blocks come in bursts. */
const WEIGHT = 0.25;
/** A longer window weighs no more than so many, and counts as no longer than so many: what made it long may be over. */
const WEIGHT_WINDOWS_MAX = 2;
const WINDOWS_MAX = 4;
/** An order that is answered sooner was not waited for, milliseconds: its result was there before. */
const WAITED_MS_MIN = 20;

/** One object, so that its answer is made once. It is no fault of the caller. */
export const ROOM_IS_FULL = new Refusal("TOO_MANY_REQUESTS", {
  message: "this node has as many orders under way as it answers in time",
  remedy: "Send it again after retryAfterMs, with the same id if it has one.",
  metadata: { retryAfterMs: "1000" },
});

export interface OrderRoomOptions {
  /** There is room for as many orders as are answered in this time, milliseconds; see also `LIMITS.ordersUnderWayMin`. */
  readonly spanMs: number;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
}

/** A window up to now. */
interface Seen {
  readonly since: number;
  /** Of the first answer in it. */
  firstAt: number | undefined;
  answered: number;
  /** Answers that took more than half of the span. */
  slow: number;
}

export class OrderRoom {
  readonly #options: OrderRoomOptions;
  readonly #underWay = new KeyCounts<string>();
  /** In orders; no whole number. */
  #room: number = LIMITS.ordersUnderWayMin.usual;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #seen: Seen;

  constructor(options: OrderRoomOptions) {
    this.#options = options;
    this.#seen = seenFrom(options.now());
  }

  /** The refusal of an order of this caller now; undefined if there is room: for a caller with less than its share, always. */
  refusalFor(caller: string): Refusal | undefined {
    this.#measure();
    const { total, size } = this.#underWay;
    if (total < this.#room || this.#underWay.of(caller) < this.#room / size) return undefined;
    this.#refusedAt = this.#options.now();
    return ROOM_IS_FULL;
  }

  /** Begins an order: gives the refusal, or the function to call once, with or without a result. */
  begin(caller: string): Refusal | ((hasResult: boolean) => void) {
    const refusal = this.refusalFor(caller);
    if (refusal !== undefined) return refusal;
    const begun = this.#options.now();
    this.#underWay.add(caller);
    return (hasResult) => {
      this.#measure();
      this.#underWay.add(caller, -1);
      const waitedMs = this.#options.now() - begun;
      if (!hasResult || waitedMs < WAITED_MS_MIN) return;
      this.#seen.firstAt ??= this.#options.now();
      this.#seen.answered += 1;
      if (waitedMs > this.#options.spanMs / 2) this.#seen.slow += 1;
    };
  }

  #measure(): void {
    const { spanMs } = this.#options;
    const now = this.#options.now();
    const { since, firstAt, answered, slow } = this.#seen;
    if (now - since < WINDOW_MS) return;
    const waits = this.#underWay.total > 0;
    // While all wait, nothing shows how many would be answered. The answers of a block come together, after a time without any.
    if (waits && (firstAt === undefined || now - firstAt < WINDOW_MS)) return;
    const windows = (now - since) / WINDOW_MS;
    this.#seen = seenFrom(now);
    const inSpan = (answered / Math.min(windows, WINDOWS_MAX)) * (spanMs / WINDOW_MS);
    const isOverloaded = now - this.#refusedAt < spanMs + WINDOW_MS && slow > answered / 2;
    const { usual, overloaded } = LIMITS.ordersUnderWayMin;
    const aim = Math.max(inSpan, isOverloaded ? overloaded : usual);
    const weight = 1 - (1 - WEIGHT) ** (waits ? Math.min(windows, WEIGHT_WINDOWS_MAX) : windows);
    this.#room += weight * (aim - this.#room);
  }
}

function seenFrom(since: number): Seen {
  return { since, firstAt: undefined, answered: 0, slow: 0 };
}
