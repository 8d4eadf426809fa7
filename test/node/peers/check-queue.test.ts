/**
 * Goal: colluders, however many, delay an honest vote by one slice at most, and the checks of all members fit into
 * the thread's budget.
 */
import { describe, expect, it } from "vitest";
import { CheckQueue } from "../../../src/node/peers/check-queue.ts";
import { VoteLane } from "../../../src/node/peers/vote-lane.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import type { SignatureCheck } from "../../../src/primitives/signature.ts";
import { EPOCH, nullifyOf } from "../../consensus/harness.ts";

const GOOD: SignatureCheck = {
  publicKey: new Uint8Array(32),
  message: new Uint8Array(1),
  signature: new Uint8Array(64),
};
const BAD: SignatureCheck = { ...GOOD, message: new Uint8Array(2) };
/** The duration of a check on a typical machine, milliseconds. */
const CHECK_MS = 0.06;

/** Virtual time: checks take time, waits pass at once. */
function openQueue() {
  const time = { now: 0, checked: 0, waited: 0 };
  const queue = new CheckQueue({
    checker: {
      check: async (checks) => {
        time.now += checks.length * CHECK_MS;
        time.checked += checks.length;
        return checks.every((check) => check !== BAD);
      },
    },
    system: {
      monotonic: () => time.now,
      after: (delayMs, action) => {
        time.now += delayMs;
        time.waited += delayMs;
        action();
        return () => undefined;
      },
    },
  });
  return { queue, time };
}

const many = (count: number) => Array.from({ length: count }, () => GOOD);

describe("T4: signature checks of consensus messages", () => {
  it.each([
    [4, 1],
    [10, 3],
    [31, 10],
    [100, 33],
  ])(
    "of n = %i: a certificate comes through beside %i colluders' largest messages",
    async (n, f) => {
      const { queue, time } = openQueue();
      const quorum = n - f;
      const floods = Array.from({ length: f }, (_, member) => {
        const checks = many(LIMITS.certificatesPerMessageMax * quorum);
        return queue.check(validatorIndex(member), checks);
      });
      const honest = queue.check(validatorIndex(n - 1), many(quorum));
      expect(await honest).toBe(true);
      // Each of its slices waits for one slice of each colluder, at the rate of the budget.
      const slices = Math.ceil(quorum / 16) * (f + 1);
      expect(time.now).toBeLessThan((slices * 16 * 1000) / LIMITS.consensusChecks.perSecond + 100);
      await Promise.all(floods);
      expect(time.checked / (time.now / 1000)).toBeLessThan(
        LIMITS.consensusChecks.perSecond + (LIMITS.consensusChecks.burst * 1000) / time.now + 100,
      );
    },
  );

  it.each([
    [4, 1],
    [100, 33],
  ])(
    "of n = %i: a certificate comes through beside %i colluders' many small messages",
    async (n, f) => {
      const { queue, time } = openQueue();
      const floods = Array.from({ length: f }, (_, member) =>
        many(LIMITS.linkBatchItemsMax).map((check) => queue.check(validatorIndex(member), [check])),
      ).flat();
      const quorum = n - f;
      expect(await queue.check(validatorIndex(n - 1), many(quorum))).toBe(true);
      // Each of its slices waits for one message of each colluder, and the first also for those under way.
      const waited = (Math.ceil(quorum / 16) + 1) * f + quorum;
      expect(time.checked).toBeLessThanOrEqual(waited);
      await Promise.all(floods);
      expect(queue.size).toBe(0);
    },
  );

  it("of current votes wait for nothing", async () => {
    const { queue, time } = openQueue();
    for (let member = 0; member < 33; member++) {
      void queue.check(validatorIndex(member), many(64 * 67));
    }
    const before = time.now;
    expect(await queue.checkFirst(GOOD)).toBe(true);
    expect(time.now - before).toBeLessThan(16 * CHECK_MS * 5);
  });

  it("end with the first slice that does not hold, and take up no more", async () => {
    const { queue, time } = openQueue();
    expect(await queue.check(validatorIndex(1), [BAD, ...many(4_000)])).toBe(false);
    expect(time.checked).toBe(16);
    expect(queue.size).toBe(0);
  });
});

describe("T4: the lane of current votes", () => {
  const member = validatorIndex(1);
  const vote = (at: number) =>
    ({ kind: "nullify", vote: nullifyOf(1, at), finalHeight: height(0) }) as const;

  it("takes one vote of each kind in the current view and beside it", () => {
    const lane = new VoteLane(() => 0);
    for (const at of [4, 5, 6]) expect(lane.admits(member, vote(at), view(5))).toBe(true);
    for (const at of [3, 4, 5, 6, 7]) expect(lane.admits(member, vote(at), view(5))).toBe(false);
    expect(lane.admits(member, vote(7), view(6))).toBe(true);
  });

  it("takes no member's vote from another, and nothing but votes", () => {
    const lane = new VoteLane(() => 0);
    expect(lane.admits(validatorIndex(2), vote(5), view(5))).toBe(false);
    const question = { kind: "question", epoch: EPOCH, from: view(1), to: view(5) } as const;
    expect(lane.admits(member, { ...question, block: undefined }, view(5))).toBe(false);
  });

  it("is closed for a while to a member whose vote did not hold", () => {
    const clock = { now: 0 };
    const lane = new VoteLane(() => clock.now);
    lane.bar(member);
    expect(lane.admits(member, vote(5), view(5))).toBe(false);
    clock.now += LIMITS.laneBarredMs;
    expect(lane.admits(member, vote(5), view(5))).toBe(true);
  });

  it("remembers a bounded number of votes", () => {
    const lane = new VoteLane(() => 0);
    for (let at = 1; at < 10_000; at++) lane.admits(member, vote(at), view(at));
    expect(lane.admits(member, vote(9_999), view(9_999))).toBe(false);
  });
});

it("T4: what one member leaves behind in the queue is bounded", async () => {
  const { queue } = openQueue();
  const jobs = Array.from({ length: 1_000 }, () => queue.check(validatorIndex(0), [GOOD]));
  expect(queue.size).toBeLessThanOrEqual(256);
  const honest = queue.check(validatorIndex(1), [GOOD]);
  expect((await Promise.all(jobs)).filter((holds) => holds)).toHaveLength(256);
  expect(await honest).toBe(true);
});

it("T4: a link that ends takes its checks along", async () => {
  const first = Promise.withResolvers<boolean>();
  const system = { monotonic: () => 0, after: () => () => undefined };
  const queue = new CheckQueue({ checker: { check: () => first.promise }, system });
  const link = new AbortController();
  const jobs = Array.from({ length: 100 }, () =>
    queue.check(validatorIndex(0), [GOOD], link.signal),
  );
  link.abort();
  expect(new Set(await Promise.all(jobs))).toEqual(new Set([false]));
  expect(queue.size).toBeLessThanOrEqual(1);
  const next = queue.check(validatorIndex(0), [GOOD]);
  first.resolve(true);
  expect(await next).toBe(true);
  expect(await queue.check(validatorIndex(0), [GOOD], link.signal)).toBe(false);
});
