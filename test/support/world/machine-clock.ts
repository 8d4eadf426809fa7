/**
 * The clocks of one simulated machine. The monotonic clock has its own pace, stops while the machine sleeps, and
 * restarts at each boot. The wall clock runs through all that, drifts, and is set forwards and back.
 */
import type { Random } from "./random.ts";

export interface ClockPlan {
  /** The initial lead of the wall clock. */
  readonly skewMs: number;
  /** The drift of the wall clock, in millionths of the world's time. */
  readonly driftPpm: number;
  /** The drift of the monotonic clock, and of every timer, in millionths of the world's time. */
  readonly pacePpm: number;
}

/** The bounds of the errors of clocks in a world, each way. */
export interface ClockBounds {
  readonly skewMs: number;
  readonly driftPpm: number;
  readonly pacePpm: number;
}

/** The clocks of `count` machines. */
export function chooseClocks(random: Random, count: number, bounds: ClockBounds): ClockPlan[] {
  const within = (most: number) => random.between(-most, most);
  return Array.from({ length: count }, () => ({
    skewMs: within(bounds.skewMs),
    driftPpm: within(bounds.driftPpm),
    pacePpm: within(bounds.pacePpm),
  }));
}

const MILLION = 1_000_000;
/** The largest reading of a monotonic clock at a boot; it may be near zero. */
const BOOT_READINGS_MAX = 5_000_000;

export class MachineClock {
  readonly #world: () => number;
  readonly #plan: ClockPlan;
  readonly #began: number;
  /** The world's time at this reading of the monotonic clock. */
  #since: number;
  #reading = 0;
  #setBy = 0;
  #wakesAt = Number.NEGATIVE_INFINITY;

  /** `world`: the world's time, milliseconds since the epoch. */
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

  /** Starts the machine with an arbitrary reading of its monotonic clock. */
  boot(random: Random): void {
    this.#reading = random.below(BOOT_READINGS_MAX);
    this.#since = this.#world();
    this.#wakesAt = Number.NEGATIVE_INFINITY;
  }

  /** Moves the wall clock forwards, or back. */
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

  /** The duration, in the world's time, of this much monotonic time, unless the machine sleeps meanwhile. */
  worldMs(durationMs: number): number {
    const { pacePpm } = this.#plan;
    return this.wakesInMs + Math.ceil((Math.max(0, durationMs) * MILLION) / (MILLION + pacePpm));
  }
}
