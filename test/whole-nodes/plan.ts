/** The choices of a seed: the speed of disks and network, the number of payments, and the rate of each fault. */
import type { GenesisTimings } from "../../src/ledger/genesis.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { faultsTolerated } from "../../src/primitives/validators.ts";
import { type ClockBounds, type ClockPlan, chooseClocks } from "../support/world/machine-clock.ts";
import type { Random } from "../support/world/random.ts";
import { HOSTILITY_NAMES, type HostilityName } from "./byzantine/hostilities.ts";

export interface Plan {
  readonly delayMaxMs: number;
  readonly syncMaxMs: number;
  /** By node. */
  readonly clocks: readonly ClockPlan[];
  /** The duration of one node's clock fault. */
  readonly wrongMaxMs: number;
  readonly sleepMaxMs: number;
  readonly paymentEveryMs: number;
  /** The duration of the trouble, without the absence. */
  readonly troubleMs: number;
  readonly faultEveryMs: number;
  readonly downMaxMs: number;
  readonly partitionMaxMs: number;
  /** True if one node loses its store once, and if its operator knows it. */
  readonly loss: "none" | "told" | "untold";
  /** The duration of one node's absence, after which it starts from a snapshot; 0: no node is absent. */
  readonly absenceMs: number;
  /** The kind of each Byzantine node, by node. */
  readonly hostilities: ReadonlyMap<number, HostilityName>;
}

/** Short, so that a window passes soon: a snapshot saves the blocks that are older than it. */
export const TIMINGS: GenesisTimings = {
  graceMs: 500,
  lifetimeMsMax: 4_000,
  clockSkewMs: 500,
  viewTimeoutMs: 300,
  viewTimeoutMsMax: 3_000,
  sealTimeoutMs: 150,
  ceremonyTimeoutMs: 3_000,
};
/**
 * While a node is away, payments and faults are this many times as rare: an absence takes minutes, because peers
 * offer old snapshots for that long.
 */
export const ABSENCE_PACE = 20;
export const SNAPSHOT_BLOCKS_MIN = 5;
/** After healing: nothing is slower than the timeouts expect. */
export const FAIR_DELAY_MAX_MS = 10;

/** The largest step of a right clock. */
export const STEP_MAX_MS = 50;
/** Small, because a world lasts minutes: two clocks stay nearer to one another than the tolerance. */
const CLOCK_BOUNDS: ClockBounds = { skewMs: 100, driftPpm: 100, pacePpm: 1_000 };
/** The errors of a wrong clock: within the tolerance, and beyond it. */
export const WRONG_BY_MS: readonly number[] = [
  ...[400, 2_000, 60_000, 600_000, 40 * 365 * 86_400_000].flatMap((ms) => [ms, -ms]),
];

export function choosePlan(random: Random, nodes: number): Plan {
  return {
    delayMaxMs: random.pick([2, 10, 40]),
    syncMaxMs: random.pick([1, 5, 30]),
    clocks: chooseClocks(random, nodes, CLOCK_BOUNDS),
    wrongMaxMs: random.pick([300, 3_000]),
    sleepMaxMs: random.pick([200, 3_000, 8_000]),
    paymentEveryMs: random.pick([100, 250, 800]),
    troubleMs: random.between(10_000, 20_000),
    faultEveryMs: random.pick([800, 2_000, 5_000]),
    downMaxMs: random.pick([100, 1_500, 4_000]),
    partitionMaxMs: random.pick([500, 7_000]),
    loss: random.pick(["none", "told", "untold"]),
    absenceMs: random.chance(0.6) ? LIMITS.snapshotFreshMs + random.between(5_000, 60_000) : 0,
    hostilities: new Map(),
  };
}

/**
 * In two of three seeds up to f members are Byzantine. Then no honest node loses its store, which would make it one
 * of the f.
 */
export function withHostilities(plan: Plan, random: Random, nodes: number): Plan {
  const count = random.chance(0.67) ? random.between(1, faultsTolerated(nodes)) : 0;
  const indexes = Array.from({ length: nodes }, (_, index) => index);
  const hostilities = new Map<number, HostilityName>();
  const chosen = faultsTolerated(nodes) === 0 ? [] : random.sample(indexes, count);
  for (const index of chosen) hostilities.set(index, random.pick(HOSTILITY_NAMES));
  return chosen.length === 0 ? plan : { ...plan, hostilities, loss: "none" };
}
