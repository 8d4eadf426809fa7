import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../src/primitives/token-bucket.ts";

const RATE = { perSecond: 10, burst: 20 };

describe("a token bucket", () => {
  it("gives its burst at once, then its rate", () => {
    const bucket = new TokenBucket(RATE, 0);
    expect(bucket.take(20, 0)).toBe(true);
    expect(bucket.take(1, 99)).toBe(false);
    expect(bucket.take(1, 100)).toBe(true);
    expect(bucket.take(11, 1_100)).toBe(false);
    expect(bucket.take(10, 1_100)).toBe(true);
  });

  it("says how long to wait, never longer than it takes to fill", () => {
    const bucket = new TokenBucket(RATE, 0);
    expect(bucket.waitMs(1)).toBe(0);
    bucket.take(20, 0);
    expect(bucket.waitMs(1)).toBe(100);
    expect(bucket.waitMs(1_000)).toBe(2_000);
  });

  it("holds no more than its burst after a rest of any length", () => {
    const bucket = new TokenBucket(RATE, 0);
    expect(bucket.take(21, 1_000_000)).toBe(false);
    expect(bucket.take(20, 1_000_000)).toBe(true);
  });

  it("lets what cannot be refused run into debt, and says when that is paid", () => {
    const bucket = new TokenBucket(RATE, 0);
    expect(bucket.charge(20, 0)).toBe(0);
    expect(bucket.charge(30, 0)).toBe(3_000);
    expect(bucket.take(1, 3_000)).toBe(false);
    expect(bucket.take(1, 3_100)).toBe(true);
  });

  it("gives nothing for a clock that was set back, and goes on from there", () => {
    const bucket = new TokenBucket(RATE, 10_000);
    bucket.take(20, 10_000);
    expect(bucket.take(1, 0)).toBe(false);
    expect(bucket.take(1, 100)).toBe(true);
  });
});
