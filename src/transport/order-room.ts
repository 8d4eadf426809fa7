/**
 * Room for orders: single calls that wait until the network has ordered their operation. A node lets as many wait as it has answered
 * in a short time. More would wait for as long as they are more, and cost all others memory and time (T9).
 */
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import { Refusal } from "./refusal.ts";

/** A pace is measured over this time, milliseconds. */
const WINDOW_MS = 1_000;
/** The weight of the newest window in the pace: blocks come in bursts. */
const WEIGHT = 0.25;
/** An order that is answered sooner was not waited for, milliseconds: its result was there before. */
const WAITED_MS_MIN = 20;

/** One object, so that its answer is made once. It is no fault of the caller. */
export const ROOM_IS_FULL = new Refusal("TOO_MANY_REQUESTS", {
  message: "this node has as many orders under way as it answers in time",
  remedy: "Send it again after retryAfterMs, with the same id if it has one.",
  metadata: { retryAfterMs: "1000" },
});

export interface OrderRoomOptions {
  /** There is room for as many orders as are answered in this time, milliseconds; for `LIMITS.ordersUnderWayMin` in any case. */
  readonly spanMs: number;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
}

export class OrderRoom {
  readonly #options: OrderRoomOptions;
  readonly #underWay = new KeyCounts<string>();
  /** Orders answered in a window, the mean of the latest ones. */
  #pace = 0;
  /** In the present window. */
  #answered = 0;
  #windowEnd: number;

  constructor(options: OrderRoomOptions) {
    this.#options = options;
    this.#windowEnd = options.now() + WINDOW_MS;
  }

  /** The refusal of an order of this caller now; undefined if there is room: for a caller with less than its share, always. */
  refusalFor(caller: string): Refusal | undefined {
    this.#measure();
    const { total, size } = this.#underWay;
    const most = Math.max(
      LIMITS.ordersUnderWayMin,
      (this.#pace * this.#options.spanMs) / WINDOW_MS,
    );
    return total < most || this.#underWay.of(caller) < most / size ? undefined : ROOM_IS_FULL;
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
      if (hasResult && this.#options.now() - begun >= WAITED_MS_MIN) this.#answered += 1;
    };
  }

  #measure(): void {
    const late = this.#options.now() - this.#windowEnd;
    if (late < 0) return;
    const idle = Math.floor(late / WINDOW_MS);
    this.#windowEnd += (1 + idle) * WINDOW_MS;
    const answered = this.#answered;
    this.#answered = 0;
    // While all wait, nothing shows how many would be answered.
    const waits = this.#underWay.total > 0;
    if (answered > 0 || !waits) this.#pace += WEIGHT * (answered - this.#pace);
    if (!waits) this.#pace *= (1 - WEIGHT) ** idle;
  }
}
