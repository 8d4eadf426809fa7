import { describe, expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { SealSchedule } from "../../../src/node/sealing/seal-schedule.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import type { SealTarget } from "../../../src/seal/target.ts";

const TIMEOUT_MS = 100;
const test: SealTarget = { kind: "test", epoch: FIRST_EPOCH };

function header(at: number): SealTarget {
  return { kind: "header", epoch: FIRST_EPOCH, height: height(at) };
}

/** The schedule of validator `self` of four, whose links to `unlinked` are down. */
function schedule(self: number, unlinked: ReadonlySet<number> = new Set()): SealSchedule {
  return new SealSchedule({
    self: validatorIndex(self),
    validators: 4,
    sealTimeoutMs: TIMEOUT_MS,
    links: { isConnected: (peer) => !unlinked.has(peer) },
  });
}

/** Everything due by `now`, in the order in which it would begin. */
function allDue(plan: SealSchedule, now: number): SealTarget[] {
  const due: SealTarget[] = [];
  for (let target = plan.takeDue(now); target !== undefined; target = plan.takeDue(now)) {
    due.push(target);
  }
  return due;
}

describe("S3: a header that became final", () => {
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
    expect(allDue(plan, 10_000)).toEqual([header(64), header(129), header(128)]);
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

describe("a multiple of 64 for which no seal comes", () => {
  it("takes turns with the tip and with the others, so that none holds up another", () => {
    const plan = schedule(0);
    for (const at of [64, 128, 192, 193]) plan.want(header(at), 0);
    const tried = Array.from({ length: 5 }, () => plan.takeDue(1_000_000));
    expect(tried.slice(0, 4)).toEqual([header(64), header(193), header(128), header(192)]);
    expect(tried[4]).toBeUndefined();
    // A newer tip is there each time that something is due.
    const heights: number[] = [];
    for (let at = 194; at < 200; at++) {
      plan.want(header(at), 1_000_000);
      const due = [plan.takeDue(1_000_500), plan.takeDue(1_000_500)];
      heights.push(...due.flatMap((one) => (one?.kind === "header" ? [one.height] : [])));
    }
    expect(heights).toEqual([194, 64, 195, 128, 196, 192, 197, 198, 199]);
  });

  it("is tried ever more rarely, but at least every sixteen rounds of ranks", () => {
    const plan = schedule(0);
    plan.want(header(64), 0);
    const pauses: number[] = [];
    for (let i = 0; i < 7; i++) {
      const now = plan.nextDue ?? expect.fail("it is wanted");
      expect(plan.takeDue(now)).toEqual(header(64));
      pauses.push(((plan.nextDue ?? 0) - now) / (4 * TIMEOUT_MS));
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 16, 16]);
  });
});

describe("a coordinator that is gone", () => {
  const [node0, node1] = [validatorIndex(0), validatorIndex(1)];

  it("costs its turn once: whose turn passed in silence is not waited for again", () => {
    const plan = schedule(2);
    plan.want(header(1), 1_000);
    expect(plan.takeDue(1_000 + TIMEOUT_MS)).toEqual(header(1));
    plan.sealed(header(1));
    for (const at of [5, 9, 13]) {
      plan.want(header(at), at * 1_000);
      expect(plan.takeDue(at * 1_000)).toEqual(header(at));
      plan.sealed(header(at));
    }
    // Other coordinators still have their turn.
    plan.want(header(16), 20_000);
    expect(plan.nextDue).toBe(20_000 + TIMEOUT_MS);
  });

  it("is waited for again once it coordinates, or brings a seal", () => {
    const plan = schedule(2);
    plan.want(header(1), 1_000);
    plan.takeDue(1_000 + TIMEOUT_MS);
    plan.heard(node1, 1_500);
    plan.want(header(5), 2_000);
    expect(plan.nextDue).toBe(2_000 + TIMEOUT_MS);
  });

  it("is not called silent if it was heard while its target was wanted", () => {
    const plan = schedule(2);
    plan.want(header(1), 1_000);
    plan.heard(node1, 1_050);
    expect(plan.takeDue(1_000 + TIMEOUT_MS)).toEqual(header(1));
    plan.want(header(5), 2_000);
    expect(plan.nextDue).toBe(2_000 + TIMEOUT_MS);
  });

  it("costs nothing once the link to it is down, also where its turn had begun", () => {
    const unlinked = new Set<number>();
    const plan = schedule(1, unlinked);
    plan.want(header(3), 1_000);
    expect(plan.nextDue).toBe(1_000 + 2 * TIMEOUT_MS);
    unlinked.add(3);
    expect(plan.nextDue).toBe(1_000 + TIMEOUT_MS);
    plan.heard(node0, 1_001);
    unlinked.add(0);
    expect(plan.takeDue(1_000)).toEqual(header(3));
    unlinked.clear();
    plan.want(header(7), 5_000);
    // Node 3 was not linked when its turn passed, and has sent nothing since; node 0 has.
    expect(plan.nextDue).toBe(5_000 + TIMEOUT_MS);
  });
});

describe("S8: the test message", () => {
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
  it("are wanted one by one, oldest first, in turns with the tip", () => {
    const plan = schedule(0);
    for (const at of [64, 128, 192, 200]) plan.want(header(at), 0);
    expect(allDue(plan, 10_000).map((one) => one.kind === "header" && one.height)).toEqual([
      64, 200, 128, 192,
    ]);
  });
});
