/**
 * Slows down the guessing of credentials. Invalid credentials are counted by their address and by their beginning. A
 * repeated credential counts once, so a program with an old token uses up nothing. Memory is bounded.
 */
import { LIMITS } from "../../primitives/limits.ts";
import { RecencyMap } from "../../primitives/recency-map.ts";
import { type Rate, TokenBucket } from "../../primitives/token-bucket.ts";
import type { Guess } from "./access-control.ts";
import { createGuessFigures, type GuessResult } from "./guess-figures.ts";

export class Guesses {
  readonly figures = createGuessFigures();
  readonly #now: () => number;
  readonly #addresses = new RecencyMap<string, TokenBucket>();
  readonly #prefixes = new RecencyMap<string, TokenBucket>();
  readonly #failed = new RecencyMap<string, true>();

  /** `now`: milliseconds; only differences matter. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds until another invalid credential gets the reason of its refusal; 0: now. */
  waitMs(address: string, { prefix }: Guess): number {
    const ofPrefix = prefix === undefined ? undefined : this.#prefixes.get(prefix);
    return Math.max(this.#wait(this.#addresses.get(address)), this.#wait(ofPrefix));
  }

  /** An invalid credential was refused without its reason. */
  slowed(guess: Guess): void {
    this.#count(guess, "slowed");
  }

  failed(address: string, guess: Guess): void {
    const { fingerprint, prefix } = guess;
    const isKnown = this.#failed.get(fingerprint) !== undefined;
    this.#failed.remember(fingerprint, true, LIMITS.guessesRemembered);
    this.#count(guess, isKnown ? "repeated" : "new");
    if (isKnown) return;
    this.#charge(this.#addresses, address, LIMITS.guessesOfAddress);
    if (prefix !== undefined) this.#charge(this.#prefixes, prefix, LIMITS.guessesOfPrefix);
  }

  #count({ prefix }: Guess, result: GuessResult): void {
    this.figures.add(prefix === undefined ? "signed" : result);
  }

  #charge(buckets: RecencyMap<string, TokenBucket>, key: string, rate: Rate): void {
    const bucket = buckets.get(key) ?? new TokenBucket(rate, this.#now());
    bucket.take(1, this.#now());
    buckets.remember(key, bucket, LIMITS.guessesRemembered);
  }

  #wait(bucket: TokenBucket | undefined): number {
    if (bucket === undefined) return 0;
    bucket.take(0, this.#now());
    return bucket.waitMs(1);
  }
}
