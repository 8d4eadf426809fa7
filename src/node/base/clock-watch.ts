/**
 * Notices that the wall clock was set, or that this process stood still: the wall clock then jumps against the
 * monotonic one.
 */
import type { Log } from "./log.ts";
import type { System } from "./system.ts";

export interface ClockWatchParts {
  readonly system: Pick<System, "monotonic" | "wall" | "after">;
  readonly log: Log;
  /** `byMs`: forwards; negative: back. Work that waits for a time of day may be due. */
  readonly onStep: (byMs: number) => void;
}

const LOOK_MS = 1_000;
/** A time service slews half a millisecond in a second, and two readings are a few microseconds apart. */
const STEP_MS = 100;

export class ClockWatch {
  readonly #parts: ClockWatchParts;
  /** The wall clock's reading minus the monotonic one's. */
  #lead: number;
  #cancel: (() => void) | undefined;

  constructor(parts: ClockWatchParts) {
    this.#parts = parts;
    this.#lead = this.#read();
  }

  /** `ledgerTime`: the time of the last block here, which was right once. */
  start(ledgerTime: number, toleranceMs: number): void {
    const { log, system } = this.#parts;
    this.#lead = this.#read();
    const behindMs = ledgerTime - system.wall();
    if (behindMs > toleranceMs) {
      log.warn({ behindMs, ledgerTime }, "the wall clock is behind the time of the last block");
    }
    this.#lookLater();
  }

  stop(): void {
    this.#cancel?.();
  }

  #read(): number {
    const { system } = this.#parts;
    return system.wall() - system.monotonic();
  }

  #lookLater(): void {
    this.#cancel = this.#parts.system.after(LOOK_MS, () => {
      this.#look();
      this.#lookLater();
    });
  }

  #look(): void {
    const lead = this.#read();
    const byMs = lead - this.#lead;
    this.#lead = lead;
    if (Math.abs(byMs) < STEP_MS) return;
    this.#parts.log.warn({ byMs }, "the wall clock was set, or the machine slept");
    this.#parts.onStep(byMs);
  }
}
