/** A member that asks beyond its rate waits, and no other member does. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { MemberPace } from "../../../src/node/base/member-pace.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { index } from "../../seal/fixture.ts";

/** A clock that the test moves, and the delays of the timers set on it. */
function world() {
  let now = 1_000;
  const waits: number[] = [];
  const timers: { readonly at: number; readonly action: () => void }[] = [];
  const system = {
    monotonic: () => now,
    after: (delayMs: number, action: () => void) => {
      waits.push(delayMs);
      timers.push({ at: now + delayMs, action });
      return () => undefined;
    },
  };
  const pass = (ms: number) => {
    now += ms;
    for (const { at, action } of timers) if (at <= now) action();
  };
  return { system, waits, pass };
}

const [ONE, OTHER] = [index(1), index(2)];

describe("the pace of a member", () => {
  it("is free up to its burst, then one wait for what it owes, while others wait for nothing", async () => {
    const { system, waits, pass } = world();
    const pace = new MemberPace({ perSecond: 10, burst: 5 }, system);
    await pace.keep(ONE, 3);
    await pace.keep(ONE, 2);
    expect(waits).toEqual([]);
    let isOver = false;
    const owing = pace.keep(ONE, 4).then((isTurn) => {
      isOver = isTurn;
    });
    await pace.keep(OTHER, 5);
    expect(waits).toEqual([400]);
    pass(399);
    await setImmediate();
    expect(isOver).toBe(false);
    pass(1);
    await owing;
    expect(isOver).toBe(true);
  });

  it("ends a wait when what waited is gone, and tells so", async () => {
    const { system } = world();
    const pace = new MemberPace({ perSecond: 1, burst: 1 }, system);
    const link = new AbortController();
    expect(await pace.keep(ONE, 1)).toBe(true);
    const owing = pace.keep(ONE, 1_000_000_000, link.signal);
    link.abort();
    expect(await owing).toBe(false);
    expect(await pace.keep(OTHER, 1, link.signal), "of a call that is gone already").toBe(false);
  });

  it("charges what was given up, but keeps no member waiting for hours", async () => {
    const { system, waits, pass } = world();
    const pace = new MemberPace({ perSecond: 10, burst: 5 }, system);
    const gone = AbortSignal.abort();
    await pace.keep(ONE, 5, gone);
    await pace.keep(ONE, 5, gone);
    expect(waits).toEqual([500]);
    // More than a timer takes, and for ever after.
    for (let call = 0; call < 1_000; call++) await pace.keep(ONE, 1_000_000_000, gone);
    expect(Math.max(...waits)).toBe(LIMITS.memberDebtMsMax);
    pass(LIMITS.memberDebtMsMax);
    waits.length = 0;
    await pace.keep(ONE, 0);
    expect(waits).toEqual([]);
  });

  it("is regained by waiting", async () => {
    const { system, waits, pass } = world();
    const pace = new MemberPace({ perSecond: 10, burst: 5 }, system);
    await pace.keep(ONE, 5);
    pass(500);
    await pace.keep(ONE, 5);
    expect(waits).toEqual([]);
  });
});
