/** Calls that wait: for an operation or a height to become final, or for a seal. A commit or a new seal wakes them. */
import { assert } from "../../primitives/assert.ts";
import { DeadlineIndex } from "../../primitives/deadline-index.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { coverOf } from "../../seal/target.ts";
import type { OperationLocation } from "../../storage/contracts.ts";

/** The end of a wait without a result. */
export type WaitEnd = "aborted" | "expired";

type Settle<T> = (value: T | WaitEnd) => void;

interface OperationWait {
  readonly validUntil: number;
  readonly settle: Settle<OperationLocation>;
}

/** Room for seals of several milestones. */
const SEALS_REMEMBERED = 512;

export class Waiters {
  readonly #operations = new Map<string, Set<OperationWait>>();
  readonly #deadlines = new DeadlineIndex<OperationWait>();
  /** By the height that is waited for. */
  readonly #heights = {
    final: new Map<number, Set<Settle<"reached">>>(),
    sealed: new Map<number, Set<Settle<"reached">>>(),
  };
  readonly #reached: { final: number; sealed: number };
  /** The latest seals in the order of their arrival. */
  readonly #seals: number[] = [];
  readonly #waitsMax: number;
  #waits = 0;

  constructor(
    reached: { readonly final: number; readonly sealed: number },
    waitsMax: number = LIMITS.finalityWaitsMax,
  ) {
    this.#reached = { ...reached };
    this.#waitsMax = waitsMax;
    if (reached.sealed > 0) this.#seals.push(reached.sealed);
  }

  /** Calls that wait. */
  get size(): number {
    return this.#waits;
  }

  get isFull(): boolean {
    return this.#waits >= this.#waitsMax;
  }

  get finalHeight(): number {
    return this.#reached.final;
  }

  get sealedHeight(): number {
    return this.#reached.sealed;
  }

  /** Settles when a committed block holds the key, or when final time is past the operation's window. */
  operation(
    key: string,
    validUntil: number,
    signal: AbortSignal,
  ): Promise<OperationLocation | WaitEnd> {
    assert(!this.isFull, "the caller checks isFull before it waits");
    return this.#wait<OperationLocation>(signal, (settle) => {
      const wait = { validUntil, settle };
      const set = this.#operations.get(key) ?? new Set<OperationWait>();
      this.#operations.set(key, set.add(wait));
      this.#deadlines.add(wait, validUntil);
      return () => {
        this.#deadlines.delete(wait, validUntil);
        set.delete(wait);
        if (set.size === 0 && this.#operations.get(key) === set) this.#operations.delete(key);
      };
    });
  }

  /**
   * Settles when a height at or above `height` is committed, or when a seal covers `height`: its own or one above it,
   * up to the next milestone. Settles at once as aborted if there is no room.
   */
  height(
    level: "final" | "sealed",
    height: number,
    signal: AbortSignal,
  ): Promise<"reached" | WaitEnd> {
    const reached = level === "final" ? this.#reached.final >= height : this.#isCovered(height);
    if (reached) return Promise.resolve("reached");
    if (this.isFull) return Promise.resolve("aborted");
    const heights = this.#heights[level];
    return this.#wait<"reached">(signal, (settle) => {
      const set = heights.get(height) ?? new Set();
      heights.set(height, set.add(settle));
      return () => {
        set.delete(settle);
        if (set.size === 0 && heights.get(height) === set) heights.delete(height);
      };
    });
  }

  /** A block is committed: answers the calls that wait for its operations, and those whose window its time has closed. */
  committed(block: {
    readonly height: number;
    /** Block time - grace: deadlines before it are over. */
    readonly earliestDeadline: number;
    readonly locations: ReadonlyMap<string, OperationLocation>;
  }): void {
    for (const [key, location] of block.locations) {
      for (const { settle } of this.#operations.get(key) ?? []) settle(location);
    }
    const over = this.#deadlines.takeBefore(block.earliestDeadline, this.#waitsMax);
    for (const { settle } of over) settle("expired");
    this.#reached.final = Math.max(this.#reached.final, block.height);
    this.#settle("final", (height) => height <= block.height);
  }

  sealed(height: number): void {
    this.#reached.sealed = Math.max(this.#reached.sealed, height);
    this.#seals.push(height);
    if (this.#seals.length > SEALS_REMEMBERED) this.#seals.shift();
    this.#settle("sealed", (wanted) => isCoveredBy(wanted, height));
  }

  #settle(level: "final" | "sealed", isReached: (height: number) => boolean): void {
    for (const [height, set] of this.#heights[level]) {
      if (!isReached(height)) continue;
      for (const settle of set) settle("reached");
    }
  }

  /** Heights below the oldest remembered seal count as covered: the store decides. */
  #isCovered(height: number): boolean {
    const [oldest] = this.#seals;
    if (oldest !== undefined && height < oldest) return true;
    return this.#seals.some((sealed) => isCoveredBy(height, sealed));
  }

  #wait<T>(signal: AbortSignal, enter: (settle: Settle<T>) => () => void): Promise<T | WaitEnd> {
    if (signal.aborted) return Promise.resolve("aborted");
    this.#waits += 1;
    return new Promise((resolve) => {
      const settle: Settle<T> = (value) => {
        signal.removeEventListener("abort", abort);
        leave();
        this.#waits -= 1;
        resolve(value);
      };
      const abort = () => settle("aborted");
      const leave = enter(settle);
      signal.addEventListener("abort", abort, { once: true });
    });
  }
}

function isCoveredBy(height: number, sealed: number): boolean {
  return sealed >= height && sealed <= coverOf(height);
}
