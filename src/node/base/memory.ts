/**
 * Watches the memory of this process. State lives in memory and only grows: an operator hears of a shortage long
 * before the end, and then new wallets are refused, so that the node neither dies nor is unable to start again (T15).
 */
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { LIMITS } from "../../primitives/limits.ts";
import type { Log } from "./log.ts";
import type { System } from "./system.ts";

/** The part of its memory limit that the process uses, 0 to 1; garbage that was not collected yet counts. */
export type ReadMemory = () => number;

/** The larger one of two parts: of the heap that the runtime allows, and of what the machine or its container has. */
export const readMemory: ReadMemory = () => {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  const constrained = process.constrainedMemory();
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.max(used / limit, process.memoryUsage.rss() / total);
};

/** Readings apart, and how many of them are remembered: garbage makes a reading too high, never too low. */
const READ_EVERY_MS = 5_000;
const READINGS = 12;

export class MemoryWatch {
  readonly #parts: {
    readonly read: ReadMemory;
    readonly after: System["after"];
    readonly log: Log;
  };
  readonly #readings: number[] = [];
  #isShort = false;
  #isFull = false;
  #cancel: (() => void) | undefined;

  constructor(parts: {
    readonly read: ReadMemory;
    readonly after: System["after"];
    readonly log: Log;
  }) {
    this.#parts = parts;
    this.#look();
  }

  /** The lowest reading of the last minute: what is left after a collection, about. */
  get used(): number {
    return Math.min(...this.#readings);
  }

  /** No room for what stays for ever. */
  get isFull(): boolean {
    return this.#isFull;
  }

  start(): void {
    this.#cancel = this.#parts.after(READ_EVERY_MS, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  #look(): void {
    this.#readings.push(this.#parts.read());
    if (this.#readings.length > READINGS) this.#readings.shift();
    const { log } = this.#parts;
    const percent = Math.round(this.used * 100);
    const { noticePart, refusalPart, easedBy } = LIMITS.memory;
    const wasFull = this.#isFull;
    const wasShort = this.#isShort;
    this.#isFull = this.used >= refusalPart - (wasFull ? easedBy : 0);
    this.#isShort = this.used >= noticePart - (wasShort ? easedBy : 0);
    if (this.#isFull && !wasFull) {
      log.error(
        { percent },
        "memory is nearly used up: new wallets are refused; give it more memory",
      );
    } else if (this.#isShort && !wasShort) {
      log.warn(
        { percent },
        "memory runs short: give this node more before new wallets are refused",
      );
    } else if (!this.#isShort && wasShort) log.info({ percent }, "memory is ample again");
  }
}
