/**
 * Watches the memory of this process. The state is in memory and only grows. Operators are warned long before the
 * limit; later, new wallets are refused, so that the node neither dies nor becomes unable to start again (T15).
 */
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { LIMITS } from "../../primitives/limits.ts";
import type { Log } from "./log.ts";
import type { System } from "./system.ts";

/** The used part of the process's memory limit, 0 to 1; includes garbage that is not collected yet. */
export type ReadMemory = () => number;

/** The larger of two parts: of the heap that the runtime allows, and of the memory of the machine or container. */
export const readMemory: ReadMemory = () => {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  const constrained = process.constrainedMemory();
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.max(used / limit, process.memoryUsage.rss() / total);
};

/** The interval of readings, and the number remembered: garbage makes a reading too high, never too low. */
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

  /** The lowest reading of the last minute: roughly the memory in use after a collection. */
  get used(): number {
    return Math.min(...this.#readings);
  }

  /** True if there is no room for records that stay for ever. */
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
