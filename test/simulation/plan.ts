/** The choices of a seed: faulty nodes, network weather, and the rate of crashes, partitions and clock faults. */
import { faultsTolerated } from "../../src/primitives/validators.ts";
import { type ClockBounds, type ClockPlan, chooseClocks } from "../support/world/machine-clock.ts";
import type { Random } from "../support/world/random.ts";
import type { Weather } from "./network.ts";
import { ROLE_NAMES, type RoleName } from "./roles.ts";

export interface Plan {
  readonly nodes: number;
  /** By node. */
  readonly roles: ReadonlyMap<number, RoleName>;
  readonly weather: Weather;
  /** By node. */
  readonly clocks: readonly ClockPlan[];
  /**
   * The mean time between clock faults: a clock is set within the tolerance, is wrong for a while, or its machine
   * sleeps.
   */
  readonly clockEveryMs: number;
  /** The number of honest clocks that may be wrong at a time, besides those of faulty nodes. */
  readonly wrongClocksMax: number;
  readonly wrongMaxMs: number;
  readonly sleepMaxMs: number;
  /** The probability that a crash cuts a node's turn short. */
  readonly crashProbability: number;
  readonly downMaxMs: number;
  readonly partitionEveryMs: number;
  readonly partitionMaxMs: number;
  readonly operationEveryMs: number;
  readonly syncMaxMs: number;
  readonly commitMaxMs: number;
  readonly applicationMaxMs: number;
  readonly safetyMs: number;
  readonly healing: Healing;
}

/** The state of the world after healing. */
export interface Healing {
  /** True: links break and come up again, so that peers exchange their status. False: they only stop losing messages. */
  readonly reconnects: boolean;
  /** The number of operations submitted after healing. With none, and without new links, no node has a reason to send. */
  readonly newOperations: number;
}

export const TIMEOUT_BASE_MS = 400;
export const TIMEOUT_CAP_MS = 3_200;
export const CLOCK_TOLERANCE_MS = 2_000;
/** The largest step of a right clock: with skew and drift, two right clocks stay within the tolerance. */
export const CLOCK_STEP_MAX_MS = 300;
/** Drift and pace are many times those of a bad quartz; wall clocks are corrected meanwhile. */
const CLOCK_BOUNDS: ClockBounds = { skewMs: 300, driftPpm: 1_000, pacePpm: 10_000 };
/** The errors of wrong clocks. */
export const WRONG_BY_MS: readonly number[] = [
  ...[3_000, 60_000, 600_000, 40 * 365 * 86_400_000].flatMap((ms) => [ms, -ms]),
];

/** After healing: the network for which the timeout was chosen. */
export const FAIR_WEATHER: Weather = {
  lossProbability: 0,
  repeatProbability: 0.02,
  delayMinMs: 1,
  delayMaxMs: 30,
};

export function choosePlan(random: Random, nodes: number): Plan {
  const faulty = random.below(faultsTolerated(nodes) + 1);
  const indexes = Array.from({ length: nodes }, (_, index) => index);
  const roles = new Map<number, RoleName>();
  for (const index of random.sample(indexes, faulty)) roles.set(index, random.pick(ROLE_NAMES));
  return {
    nodes,
    roles,
    weather: {
      lossProbability: random.pick([0, 0.01, 0.1, 0.3, 0.5]),
      repeatProbability: random.pick([0, 0.05, 0.2]),
      delayMinMs: 1,
      delayMaxMs: random.pick([5, 30, 120, 600]),
    },
    clocks: chooseClocks(random, nodes, CLOCK_BOUNDS),
    clockEveryMs: random.pick([500, 3_000, 60_000]),
    wrongClocksMax: faultsTolerated(nodes) - faulty,
    wrongMaxMs: random.pick([200, 3_000]),
    sleepMaxMs: random.pick([100, 4_000]),
    crashProbability: random.pick([0, 0.001, 0.01]),
    downMaxMs: random.pick([20, 500, 5_000]),
    partitionEveryMs: random.pick([1_500, 6_000, 60_000]),
    partitionMaxMs: random.pick([300, 3_000]),
    operationEveryMs: random.pick([40, 300, 2_000, 6_000]),
    syncMaxMs: random.pick([1, 8, 40]),
    commitMaxMs: random.pick([2, 60, 600]),
    applicationMaxMs: random.pick([1, 10, 60]),
    safetyMs: random.between(6_000, 16_000),
    healing: random.pick([
      { reconnects: true, newOperations: 0 },
      { reconnects: true, newOperations: 3 },
      { reconnects: false, newOperations: 1 },
      { reconnects: false, newOperations: 3 },
    ]),
  };
}
