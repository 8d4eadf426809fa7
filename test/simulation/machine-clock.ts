/**
 * The clocks of one simulated machine. The monotonic one has a pace of its own, stands still while the machine sleeps,
 * and begins anew when it boots; the wall clock goes on through all that, drifts, and is set forwards and back.
 */
import type { Random } from "./random.ts";

export interface ClockPlan {
  /** The lead of the wall clock at the beginning. */
  readonly skewMs: number;
  /** By how much the wall clock gains on the world's time, in millionths. */
  readonly driftPpm: number;
  /** By how much the monotonic clock, and every timer with it, is faster than the world's time, in millionths. */
  readonly pacePpm: number;
}

const MILLION = 1_000_000;
/** The largest reading of a monotonic clock at a boot; it may be near zero. */
const BOOT_READINGS_MAX = 5_000_000;

export class MachineClock {
  readonly #world: () => number;
  readonly #plan: ClockPlan;
  readonly #began: number;
  /** The world's time when this was the monotonic clock's reading. */
  #since: number;
  #reading = 0;
  #setBy = 0;
  #wakesAt = Number.NEGATIVE_INFINITY;

  /** `world`: its time, milliseconds since the epoch. */
  constructor(world: () => number, plan: ClockPlan) {
    this.#world = world;
    this.#plan = plan;
    this.#began = world();
    this.#since = this.#began;
  }

  get monotonic(): number {
    const awakeMs = Math.max(0, this.#world() - this.#since);
    return this.#reading + Math.floor((awakeMs * (MILLION + this.#plan.pacePpm)) / MILLION);
  }

  get wall(): number {
    const { skewMs, driftPpm } = this.#plan;
    const now = this.#world();
    return Math.round(now + skewMs + this.#setBy + ((now - this.#began) * driftPpm) / MILLION);
  }

  get isAsleep(): boolean {
    return this.#world() < this.#wakesAt;
  }

  /** The rest of the machine's sleep. */
  get wakesInMs(): number {
    return Math.max(0, this.#wakesAt - this.#world());
  }

  /** The machine starts, with any reading of its monotonic clock. */
  boot(random: Random): void {
    this.#reading = random.below(BOOT_READINGS_MAX);
    this.#since = this.#world();
    this.#wakesAt = Number.NEGATIVE_INFINITY;
  }

  /** Sets the wall clock so much forwards, or back. */
  set(byMs: number): void {
    this.#setBy += byMs;
  }

  /** Undoes every setting of the wall clock. */
  setRight(): void {
    this.#setBy = 0;
  }

  sleep(durationMs: number): void {
    this.#reading = this.monotonic;
    this.#wakesAt = Math.max(this.#wakesAt, this.#world() + durationMs);
    this.#since = this.#wakesAt;
  }

  /** Of the world's time, until the monotonic clock has gone on by so much if the machine does not sleep meanwhile. */
  worldMs(durationMs: number): number {
    const { pacePpm } = this.#plan;
    return this.wakesInMs + Math.ceil((Math.max(0, durationMs) * MILLION) / (MILLION + pacePpm));
  }
}
