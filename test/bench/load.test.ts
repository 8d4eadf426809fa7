// The load of the bench: random arrivals, the wallets of a payment, and the loop that sends prepared calls.
import { describe, expect, it } from "vitest";
import { arrivalTimes } from "../../bench/load/arrival-times.ts";
import type { RawAnswer, RawCall } from "../../bench/load/call-connection.ts";
import type { Arrivals } from "../../bench/load/load-plan.ts";
import { LoadRun } from "../../bench/load/load-run.ts";
import { type PreparedCall, partiesOf } from "../../bench/load/signed-load.ts";
import { idOf } from "../ledger/fixture.ts";

describe("arrivals of an open load", () => {
  it("are a Poisson process of the wanted rate, the same for the same seed", () => {
    const seed = 7;
    const [next, again, other] = [
      arrivalTimes(200, seed),
      arrivalTimes(200, seed),
      arrivalTimes(200, 8),
    ];
    const times = Array.from({ length: 20_000 }, next);
    expect(Array.from({ length: 20_000 }, again)).toEqual(times);
    expect(other()).not.toBe(times[0]);
    const gaps = times.map((at, i) => at - (times[i - 1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
    const mean = (times.at(-1) ?? 0) / times.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // Gaps of an exponential distribution: mean and standard deviation are both 5 ms.
    expect(mean).toBeCloseTo(5, 0);
    expect(Math.sqrt(variance)).toBeCloseTo(5, 0);
  });

  it("need a rate", () => {
    expect(() => arrivalTimes(0, 1)).toThrow(RangeError);
    expect(() => arrivalTimes(Number.NaN, 1)).toThrow(RangeError);
  });
});

describe("the wallets of a payment", () => {
  const pairs = (pattern: "spread" | "hot", wallets: number) =>
    Array.from({ length: wallets * (wallets - 1) }, (_, i) => partiesOf(pattern, i, wallets));

  it.each([2, 3, 10])(
    "spread: each of %i pays each other once before one pays twice",
    (wallets) => {
      const made = pairs("spread", wallets);
      expect(made.every(({ from, to }) => from !== to)).toBe(true);
      expect(new Set(made.map(({ from, to }) => `${from} ${to}`)).size).toBe(made.length);
    },
  );

  it.each([2, 3, 10])(
    "hot: one of %i takes part in every payment, and pays as often as it is paid",
    (wallets) => {
      const made = pairs("hot", wallets);
      expect(made.every(({ from, to }) => from !== to && (from === 0 || to === 0))).toBe(true);
      expect(made.filter(({ from }) => from === 0)).toHaveLength(Math.floor(made.length / 2));
    },
  );
});

describe("a load", () => {
  const calls = (count: number) =>
    Array.from({ length: count }, (_, i): PreparedCall => {
      return { kind: "transfer", id: idOf(`call ${i}`), path: "/", body: Buffer.from(`${i}`) };
    });

  /** Answers each call a few milliseconds later, and notes how many were under way at most. */
  function lane() {
    let underWay = 0;
    const seen = { most: 0, calls: 0 };
    const call = (_: RawCall, onAnswer: (answer: RawAnswer) => void) => {
      underWay += 1;
      seen.calls += 1;
      seen.most = Math.max(seen.most, underWay);
      setTimeout(() => {
        underWay -= 1;
        onAnswer({ status: 200, body: Buffer.alloc(0) });
      }, 5);
    };
    return { call, seen };
  }

  async function run(arrivals: Arrivals, count: number, measureMs = 200) {
    const lanes = [lane(), lane()];
    const moments: string[] = [];
    const figures = await new LoadRun({
      plan: { arrivals, warmMs: 50, measureMs, seed: 1 },
      calls: calls(count),
      lanes,
      onMeasuring: () => moments.push("measuring"),
      onMeasured: () => moments.push("measured"),
    }).run();
    expect(moments).toEqual(["measuring", "measured"]);
    expect(figures.gatewayOf).toHaveLength(figures.latenciesMs.length);
    // Every call that was sent is answered and kept, also those before and after the measured time.
    expect(figures.answers).toHaveLength(lanes.reduce((sum, { seen }) => sum + seen.calls, 0));
    expect(figures.answers.length).toBeGreaterThanOrEqual(figures.latenciesMs.length);
    return { figures, seen: lanes.map(({ seen }) => seen) };
  }

  it("keeps as many calls under way as a closed loop says, over all gateways", async () => {
    const { figures, seen } = await run({ kind: "closed", inFlight: 6 }, 10_000);
    expect(seen.reduce((sum, { most }) => sum + most, 0)).toBeGreaterThanOrEqual(6);
    expect(Math.max(...seen.map(({ most }) => most))).toBeLessThanOrEqual(6);
    expect(figures.ranOut).toBe(false);
    expect(figures.measuredMs).toBeGreaterThanOrEqual(190);
    expect(Math.min(...seen.map(({ calls: sent }) => sent))).toBeGreaterThan(0);
    expect(figures.gatewayOf.every((gateway) => gateway === 0 || gateway === 1)).toBe(true);
    expect(Math.min(...figures.latenciesMs)).toBeGreaterThanOrEqual(4);
  });

  it("measures longer until some operations are answered", async () => {
    // Each takes longer than the measured time, so that none would be in it.
    const slow = {
      call: (_: RawCall, onAnswer: (answer: RawAnswer) => void) => {
        setTimeout(() => onAnswer({ status: 200, body: Buffer.alloc(0) }), 200);
      },
    };
    const figures = await new LoadRun({
      plan: { arrivals: { kind: "closed", inFlight: 10 }, warmMs: 1, measureMs: 50, seed: 1 },
      calls: calls(1_000),
      lanes: [slow],
      onMeasuring: () => undefined,
      onMeasured: () => undefined,
    }).run();
    expect(figures.latenciesMs.length).toBeGreaterThanOrEqual(20);
    expect(figures.measuredMs).toBeGreaterThan(300);
  });

  it("ends early when the prepared calls run out", async () => {
    const { figures } = await run({ kind: "closed", inFlight: 4 }, 40, 60_000);
    expect(figures.ranOut).toBe(true);
    expect(figures.answers).toHaveLength(40);
    expect(figures.measuredMs).toBeLessThan(60_000);
  });

  it("counts refusals for now apart, if the plan allows them", async () => {
    let calls_ = 0;
    const half = {
      call: (_: RawCall, onAnswer: (answer: RawAnswer) => void) => {
        calls_ += 1;
        const status = calls_ % 2 === 0 ? 200 : 429;
        setTimeout(() => onAnswer({ status, body: Buffer.alloc(0) }), 1);
      },
    };
    const arrivals = { kind: "open", perSecond: 1_000, inFlightMax: 1_000 } as const;
    const outcome = async (mayBeRefused: boolean) => {
      const plan = { arrivals, warmMs: 1, measureMs: 200, seed: 1, mayBeRefused };
      const none = () => undefined;
      const parts = { plan, calls: calls(10_000), lanes: [half], onMeasuring: none };
      return await new LoadRun({ ...parts, onMeasured: none }).run();
    };
    const counted = await outcome(true);
    expect(counted.refused).toBeGreaterThan(0);
    expect(counted.answers.every(({ status }) => status === 200)).toBe(true);
    const kept = await outcome(false);
    expect(kept.refused).toBe(0);
    expect(kept.answers.some(({ status }) => status === 429)).toBe(true);
  });

  it("counts what an open loop could not send", async () => {
    const { figures } = await run({ kind: "open", perSecond: 2_000, inFlightMax: 1 }, 10_000);
    expect(figures.unsent).toBeGreaterThan(0);
    const roomy = await run({ kind: "open", perSecond: 200, inFlightMax: 1_000 }, 10_000);
    expect(roomy.figures.unsent).toBe(0);
    expect(roomy.figures.answers.length).toBeGreaterThan(0);
  });

  it("measures an open loop from the time at which a call was due, so that a stall counts", async () => {
    let sent = 0;
    const call = (_: RawCall, onAnswer: (answer: RawAnswer) => void) => {
      sent += 1;
      const end = performance.now() + (sent % 100 === 0 ? 50 : 0);
      while (performance.now() < end) {
        // Holds up the process that makes the load.
      }
      onAnswer({ status: 200, body: Buffer.alloc(0) });
    };
    const figures = await new LoadRun({
      plan: {
        arrivals: { kind: "open", perSecond: 1_000, inFlightMax: 100 },
        warmMs: 1,
        measureMs: 500,
        seed: 1,
      },
      calls: calls(10_000),
      lanes: [{ call }],
      onMeasuring: () => undefined,
      onMeasured: () => undefined,
    }).run();
    // Those that were due soon after the stall began waited for almost all of it, though each was answered at once.
    expect(figures.latenciesMs.filter((ms) => ms > 20).length).toBeGreaterThan(10);
  });
});
