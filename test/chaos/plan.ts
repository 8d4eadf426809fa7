// The faults of a run, drawn from its seed: the same seed and options give the same plan, on every machine.
import { Random } from "../support/world/random.ts";

export const FAULT_KINDS = [
  "kill",
  "kill-leader",
  "kill-all",
  "away",
  "stop",
  "partition",
  "one-way",
  "bridge",
  "slow",
  "cut",
  "stall",
  "clock",
  "disk",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Milliseconds after the load begins. */
  readonly at: number;
  readonly forMs: number;
  /**
   * Node indices. kill, away, stop, clock: the victims. partition: one side. one-way, cut, stall, slow: the node that
   * dials and the node that is dialled. bridge: the node that sees both sides, and one side. Empty if the run decides
   * (leader, all, disk).
   */
  readonly nodes: readonly number[];
  /** clock: the error; slow: the delay of each piece; both in milliseconds. */
  readonly amount: number;
}

interface Draw {
  readonly weight: number;
  readonly forMs: readonly [number, number];
}

/** Half of the faults kill; a kill lasts until the node is started again. */
const DRAWS: Readonly<Record<FaultKind, Draw>> = {
  kill: { weight: 28, forMs: [0, 3_000] },
  "kill-leader": { weight: 14, forMs: [0, 3_000] },
  "kill-all": { weight: 8, forMs: [0, 1_500] },
  away: { weight: 5, forMs: [70_000, 120_000] },
  stop: { weight: 10, forMs: [300, 7_000] },
  partition: { weight: 7, forMs: [1_000, 8_000] },
  "one-way": { weight: 6, forMs: [1_000, 8_000] },
  bridge: { weight: 4, forMs: [2_000, 8_000] },
  slow: { weight: 6, forMs: [2_000, 8_000] },
  cut: { weight: 6, forMs: [0, 0] },
  stall: { weight: 4, forMs: [500, 5_000] },
  clock: { weight: 5, forMs: [1_000, 8_000] },
  disk: { weight: 3, forMs: [1_500, 4_000] },
};

const GAP_MS = [1_500, 4_500] as const;
/** Every node has to start again before a fault makes sense. */
const AFTER_ALL_MS = 4_000;
/** Within the tolerance for two clocks (D of the development genesis is 10 s), and far beyond it. */
const CLOCK_NEAR_MS = 4_000;
const CLOCK_FAR_MS = 30_000;
/** An error of a time service is larger than a few seconds. */
const CLOCK_VERY_FAR = 20;
const DELAY_MS = [5, 120] as const;
/** With one node away, any other fault may cost the quorum; for this long there is none. */
const ALL_THERE_MS = 60_000;
/** The last fault ends before the load does. */
const CALM_MS = 3_000;

export function drawPlan(options: {
  readonly seed: number;
  readonly seconds: number;
  readonly nodes: number;
  readonly kinds: readonly FaultKind[];
}): Fault[] {
  const random = new Random(options.seed, 1);
  const end = options.seconds * 1_000 - CALM_MS;
  const plan: Fault[] = [];
  let at = random.between(...GAP_MS);
  let mayBeAwayAt = 0;
  while (at < end && options.kinds.length > 0) {
    const kinds = options.kinds.filter((kind) => kind !== "away" || at >= mayBeAwayAt);
    if (kinds.length === 0) break;
    const kind = drawKind(random, kinds);
    const forMs = Math.min(random.between(...DRAWS[kind].forMs), end - at);
    const nodes = drawNodes(random, kind, options.nodes);
    plan.push({ kind, at, forMs, nodes, amount: drawAmount(random, kind) });
    if (kind === "away") mayBeAwayAt = at + forMs + ALL_THERE_MS;
    at += random.between(...GAP_MS) + (kind === "kill-all" ? forMs + AFTER_ALL_MS : 0);
  }
  return plan;
}

export function describeFault({ kind, at, forMs, nodes, amount }: Fault): string {
  const who = nodes.length === 0 ? "" : ` ${nodes.map((index) => `node${index + 1}`).join(" ")}`;
  const by = amount === 0 ? "" : ` by ${amount} ms`;
  return `${(at / 1000).toFixed(1).padStart(6)} s  ${kind}${who}${by} for ${forMs} ms`;
}

function drawKind(random: Random, kinds: readonly FaultKind[]): FaultKind {
  const total = kinds.reduce((sum, kind) => sum + DRAWS[kind].weight, 0);
  let left = random.below(total);
  for (const kind of kinds) {
    left -= DRAWS[kind].weight;
    if (left < 0) return kind;
  }
  throw new Error("no kind of fault to draw from");
}

function drawNodes(random: Random, kind: FaultKind, nodes: number): number[] {
  const all = Array.from({ length: nodes }, (_, index) => index);
  switch (kind) {
    case "kill":
      return random.sample(all, random.chance(0.15) ? 2 : 1);
    case "stop":
      return random.sample(all, random.chance(0.25) ? 2 : 1);
    case "clock":
    case "away":
      return random.sample(all, 1);
    case "partition":
      return random.sample(all, random.between(1, Math.floor(nodes / 2)));
    case "bridge":
      return random.sample(all, 1 + Math.floor(nodes / 2));
    case "one-way":
    case "slow":
    case "cut":
    case "stall":
      return random.sample(all, 2);
    default:
      return [];
  }
}

function drawAmount(random: Random, kind: FaultKind): number {
  if (kind === "slow") return random.between(...DELAY_MS);
  if (kind !== "clock") return 0;
  const most = random.chance(0.3) ? CLOCK_FAR_MS : CLOCK_NEAR_MS;
  const byMs = random.between(-most, most);
  return Math.abs(byMs) > CLOCK_FAR_MS / 2 ? byMs * CLOCK_VERY_FAR : byMs;
}
