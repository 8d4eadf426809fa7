/** A rate with a burst: work costs tokens, which come back as time passes. The caller supplies the time. */

export interface Rate {
  /** Tokens that come back in a second. */
  readonly perSecond: number;
  /** The most tokens held: the amount that may be used at once after a rest. */
  readonly burst: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  /** Full at `now`, milliseconds. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** Takes `cost` tokens if that many are held. If the clock was set back, no tokens come back for a while. */
  take(cost: number, now: number): boolean {
    this.#refill(now);
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** The tokens that are held; below 0 for a debt. */
  held(now: number): number {
    this.#refill(now);
    return this.#tokens;
  }

  /**
   * Takes `cost` tokens even if fewer are held; returns the milliseconds until that debt is paid, 0 if there is none. A
   * debt beyond `debtMsMax` is forgiven.
   */
  charge(cost: number, now: number, debtMsMax = Number.POSITIVE_INFINITY): number {
    this.#refill(now);
    this.#tokens = Math.max(this.#tokens - cost, (-debtMsMax * this.#rate.perSecond) / 1000);
    return this.#tokens >= 0 ? 0 : this.waitMs(0);
  }

  /** Returns tokens that were taken and not used. */
  giveBack(tokens: number): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + tokens);
  }

  /** Milliseconds from the last call on until `cost` tokens are held. */
  waitMs(cost: number): number {
    const missing = Math.min(cost, this.#rate.burst) - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil((missing * 1000) / this.#rate.perSecond);
  }

  #refill(now: number): void {
    const { perSecond, burst } = this.#rate;
    const gained = (Math.max(0, now - this.#at) * perSecond) / 1000;
    this.#tokens = Math.min(burst, this.#tokens + gained);
    this.#at = now;
  }
}
