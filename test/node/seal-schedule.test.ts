import { describe, expect, it } from "vitest";
import { FIRST_EPOCH } from "../../src/ledger/state.ts";
import { SealSchedule } from "../../src/node/seal-schedule.ts";
import { height, validatorIndex } from "../../src/primitives/numbers.ts";
import type { SealTarget } from "../../src/seal/target.ts";

const TIMEOUT_MS = 100;
const test: SealTarget = { kind: "test", epoch: FIRST_EPOCH };

function header(at: number): SealTarget {
  return { kind: "header", epoch: FIRST_EPOCH, height: height(at) };
}

/** As seen by validator `self` of four. */
function schedule(self: number): SealSchedule {
  return new SealSchedule({
    self: validatorIndex(self),
    validators: 4,
    sealTimeoutMs: TIMEOUT_MS,
  });
}

/** All that is due by `now`, in the order in which it would begin. */
function allDue(plan: SealSchedule, now: number): SealTarget[] {
  const due: SealTarget[] = [];
  for (let target = plan.takeDue(now); target !== undefined; target = plan.takeDue(now)) {
    due.push(target);
  }
  return due;
}

describe("a header that became final", () => {
  it("is due at once for validator h mod n, and for rank k after k timeouts", () => {
    for (const [rank, self] of [1, 2, 3, 0].entries()) {
      const plan = schedule(self);
      plan.want(header(5), 1_000);
      expect(plan.nextDue).toBe(1_000 + rank * TIMEOUT_MS);
      expect(plan.takeDue(1_000 + rank * TIMEOUT_MS - 1)).toBeUndefined();
      expect(plan.takeDue(1_000 + rank * TIMEOUT_MS)).toEqual(header(5));
    }
  });

  it("is due again after a full round of ranks if it came to nothing", () => {
    const plan = schedule(1);
    plan.want(header(5), 1_000);
    expect(plan.takeDue(1_000)).toEqual(header(5));
    expect(plan.takeDue(1_399)).toBeUndefined();
    expect(plan.nextDue).toBe(1_400);
    expect(plan.takeDue(1_400)).toEqual(header(5));
  });

  it("is wanted no more when a newer one is final, unless it is a multiple of 64", () => {
    const plan = schedule(0);
    for (const at of [63, 64, 65, 66, 127, 128, 129]) plan.want(header(at), 0);
    expect(allDue(plan, 10_000)).toEqual([header(64), header(128), header(129)]);
  });

  it("is wanted no more when it, or what covers it, is sealed; a multiple of 64 only by itself", () => {
    const plan = schedule(0);
    for (const at of [64, 128, 130]) plan.want(header(at), 0);
    plan.sealed(header(131));
    expect(allDue(plan, 10_000)).toEqual([header(64), header(128)]);
    plan.sealed(header(64));
    plan.sealed(header(128));
    expect(plan.nextDue).toBeUndefined();
  });

  it("stays wanted when only a header behind the next multiple of 64 is sealed", () => {
    const plan = schedule(0);
    plan.want(header(60), 0);
    plan.sealed(header(65));
    expect(allDue(plan, 10_000)).toEqual([header(60)]);
  });
});

describe("the test message", () => {
  it("comes before every header, and nothing else is due before it has its seal", () => {
    const plan = schedule(3);
    plan.want(header(64), 0);
    plan.want(test, 0);
    plan.want(header(67), 0);
    // Rank 3 for the test message, rank 0 for header 67.
    expect(plan.takeDue(0)).toBeUndefined();
    expect(plan.nextDue).toBe(3 * TIMEOUT_MS);
    expect(plan.takeDue(3 * TIMEOUT_MS)).toEqual(test);
    expect(plan.takeDue(3 * TIMEOUT_MS)).toBeUndefined();
    plan.sealed(test);
    expect(allDue(plan, 3 * TIMEOUT_MS)).toEqual([header(64), header(67)]);
  });

  it("is not superseded by headers, nor sealed by their seals", () => {
    const plan = schedule(0);
    plan.want(test, 0);
    plan.want(header(1), 0);
    plan.sealed(header(1));
    expect(plan.takeDue(0)).toEqual(test);
  });
});

describe("multiples of 64 from before the key", () => {
  it("are wanted one by one, oldest first, besides the tip", () => {
    const plan = schedule(0);
    for (const at of [64, 128, 192, 200]) plan.want(header(at), 0);
    expect(allDue(plan, 10_000).map((one) => one.kind === "header" && one.height)).toEqual([
      64, 128, 192, 200,
    ]);
  });
});
