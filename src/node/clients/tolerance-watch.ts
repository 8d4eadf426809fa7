/**
 * Warns in the log that the network tolerates fewer failures than it promises: of lasting reasons at a start and when
 * the group key is made, of all reasons a minute later, when all members have had time to connect, and then every
 * hour.
 */
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Shortfall } from "./shortfalls.ts";

export interface ToleranceWatchParts {
  readonly view: { shortfalls(): readonly Shortfall[] };
  readonly finalizer: Pick<Finalizer, "keyCertificate">;
  readonly system: Pick<System, "after">;
  readonly log: Log;
}

const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;

export class ToleranceWatch {
  readonly #parts: ToleranceWatchParts;
  #hadKey = false;
  #started = false;
  #cancel: (() => void) | undefined;

  constructor(parts: ToleranceWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#started = true;
    this.observe();
    this.#lookIn(FIRST_MS);
  }

  stop(): void {
    this.#started = false;
    this.#cancel?.();
  }

  /** The committed state may have changed meanwhile. */
  observe(): void {
    if (!this.#started || this.#hadKey || this.#parts.finalizer.keyCertificate === undefined)
      return;
    this.#hadKey = true;
    this.#tell(this.#parts.view.shortfalls().filter(({ isLasting }) => isLasting));
  }

  #lookIn(delayMs: number): void {
    this.#cancel = this.#parts.system.after(delayMs, () => {
      this.#tell(this.#parts.view.shortfalls());
      this.#lookIn(EVERY_MS);
    });
  }

  #tell(shortfalls: readonly Shortfall[]): void {
    if (shortfalls.length === 0) return;
    const because = shortfalls.map(({ text }) => text);
    this.#parts.log.warn({ because }, "the network tolerates fewer failures than it promises");
  }
}
