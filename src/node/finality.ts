/** Who waits for what to become final or sealed, and is told when it has. */
import { assert } from "../primitives/assert.ts";
import type { OperationLocation } from "../storage/contracts.ts";

/** Why a wait ended without what was waited for. */
export type WaitEnd = "aborted" | "expired";

type Settle<T> = (value: T | WaitEnd) => void;

interface OperationWait {
  readonly validUntil: number;
  readonly settle: Settle<OperationLocation>;
}

interface HeightWait {
  readonly height: number;
  readonly settle: Settle<"reached">;
}

/** Bounds what clients can make a node keep. */
export const WAITS_MAX = 50_000;

export class Finality {
  readonly #operations = new Map<string, Set<OperationWait>>();
  readonly #heights = { final: new Set<HeightWait>(), sealed: new Set<HeightWait>() };
  readonly #reached: { final: number; sealed: number };
  #waits = 0;

  constructor(reached: { readonly final: number; readonly sealed: number }) {
    this.#reached = { ...reached };
  }

  get isFull(): boolean {
    return this.#waits >= WAITS_MAX;
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
    const set = this.#operations.get(key) ?? new Set<OperationWait>();
    this.#operations.set(key, set);
    return this.#wait<OperationLocation>(signal, (settle) => {
      const wait = { validUntil, settle };
      set.add(wait);
      return () => {
        set.delete(wait);
        if (set.size === 0 && this.#operations.get(key) === set) this.#operations.delete(key);
      };
    });
  }

  /** Settles when a height at or above `height` is committed, or sealed. */
  height(
    level: "final" | "sealed",
    height: number,
    signal: AbortSignal,
  ): Promise<"reached" | WaitEnd> {
    if (this.#reached[level] >= height) return Promise.resolve("reached");
    const set = this.#heights[level];
    return this.#wait<"reached">(signal, (settle) => {
      const wait = { height, settle };
      set.add(wait);
      return () => set.delete(wait);
    });
  }

  /** A block is committed: its operations are answered for, and so are those whose window its time has closed. */
  committed(block: {
    readonly height: number;
    /** Block time - grace: deadlines before it are over. */
    readonly earliestDeadline: number;
    readonly locations: ReadonlyMap<string, OperationLocation>;
  }): void {
    for (const [key, location] of block.locations) {
      for (const { settle } of this.#operations.get(key) ?? []) settle(location);
    }
    for (const set of this.#operations.values()) {
      for (const { validUntil, settle } of set) {
        if (validUntil < block.earliestDeadline) settle("expired");
      }
    }
    this.#reach("final", block.height);
  }

  sealed(height: number): void {
    this.#reach("sealed", height);
  }

  #reach(level: "final" | "sealed", height: number): void {
    this.#reached[level] = Math.max(this.#reached[level], height);
    for (const wait of this.#heights[level]) if (wait.height <= height) wait.settle("reached");
  }

  #wait<T>(signal: AbortSignal, enter: (settle: Settle<T>) => () => void): Promise<T | WaitEnd> {
    if (signal.aborted) return Promise.resolve("aborted");
    assert(!this.isFull, "the caller looks at isFull before it waits");
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
