/** The targets of speed, and the figures of one round that each is compared with. */
import type { Figures } from "../payments/figures.ts";

/** The figures of each run of a round, by its name; of a run that was not asked for there are none. */
export type RoundFigures = Readonly<Partial<Record<TargetRunName, Figures>>>;

export interface Target {
  readonly figure: string;
  /** Where it should be at least, or at most, in the unit of the figure. */
  readonly wanted: number;
  readonly better: "higher" | "lower";
  readonly unit: "" | "ms" | "MiB";
  readonly digits: number;
  /** Undefined if a run that it needs was not made. */
  readonly of: (round: RoundFigures) => number | undefined;
}

/** A run: a workload of `workloads.ts` with the sizes that the targets are stated for. */
export interface TargetRun {
  readonly workload: string;
  readonly inFlight: number;
  /** Instead of single calls. */
  readonly by?: "streams";
}

/** Of one round, in this order: an open load needs the rate of the saturation before it. */
export const TARGET_RUNS = {
  stream: { workload: "stream", inFlight: 2_000 },
  saturation: { workload: "saturation", inFlight: 1_000 },
  single: { workload: "single", inFlight: 1 },
  "open-50": { workload: "open-50", inFlight: 1 },
  "members-4": { workload: "members-4", inFlight: 400 },
  "members-7": { workload: "members-7", inFlight: 400 },
  "members-10": { workload: "members-10", inFlight: 400 },
  "members-16": { workload: "members-16", inFlight: 400 },
  young: { workload: "young", inFlight: 2_000, by: "streams" },
  "grown-wallets": { workload: "grown-wallets", inFlight: 2_000, by: "streams" },
  "grown-history": { workload: "grown-history", inFlight: 2_000, by: "streams" },
} as const satisfies Readonly<Record<string, TargetRun>>;

export type TargetRunName = keyof typeof TARGET_RUNS;

/** In the order in which they are shown. */
export const TARGETS: readonly Target[] = [
  ofRun("stream", "ceilingRatio", {
    figure: "transfers ÷ ceiling, streams",
    wanted: 0.4,
    better: "higher",
    digits: 3,
  }),
  ofRun("saturation", "ceilingRatio", {
    figure: "transfers ÷ ceiling, unary calls",
    wanted: 0.15,
    better: "higher",
    digits: 3,
  }),
  {
    figure: "processor time of all four nodes for each transfer, streams",
    wanted: 0.5,
    better: "lower",
    unit: "ms",
    digits: 2,
    of: ({ stream }) => quotient(stream?.nodesCpuUs, 1_000),
  },
  latency("single", "p50Ms", "latency of one in flight, p50", 18),
  latency("single", "p99Ms", "latency of one in flight, p99", 40),
  latency("open-50", "p50Ms", "latency at half of saturation, p50", 60),
  latency("open-50", "p99Ms", "latency at half of saturation, p99", 150),
  {
    figure: "transfers/s, 1 million wallets ÷ 10 thousand",
    wanted: 0.9,
    ...ratioToExceed(),
    of: ({ young, "grown-wallets": grown }) =>
      quotient(grown?.transfersPerSecond, young?.transfersPerSecond),
  },
  {
    figure: "transfers/s, 5 million past transfers ÷ none",
    wanted: 0.92,
    ...ratioToExceed(),
    of: ({ "grown-wallets": none, "grown-history": past }) =>
      quotient(past?.transfersPerSecond, none?.transfersPerSecond),
  },
  members("members-7", 7, 1.2),
  members("members-10", 10, 1.2),
  members("members-16", 16, 1.3),
  {
    figure: "transfers/s × n, n = 16 ÷ n = 4",
    wanted: 0.7,
    ...ratioToExceed(),
    of: ({ "members-4": few, "members-16": many }) => {
      const one = few?.transfersPerSecond;
      const other = many?.transfersPerSecond;
      return other === undefined ? undefined : quotient(other * 16, one && one * 4);
    },
  },
  ofRun("grown-wallets", "residentMiB", {
    figure: "resident memory of the largest node, 1 million wallets, under load",
    wanted: 900,
    better: "lower",
    unit: "MiB",
    digits: 0,
  }),
];

function ratioToExceed() {
  return { better: "higher", unit: "", digits: 2 } as const;
}

function ofRun(
  run: TargetRunName,
  name: keyof Figures,
  target: Omit<Target, "of" | "unit"> & { readonly unit?: Target["unit"] },
): Target {
  return { unit: "", ...target, of: (round) => round[run]?.[name] };
}

function latency(
  run: TargetRunName,
  name: "p50Ms" | "p99Ms",
  figure: string,
  wanted: number,
): Target {
  return ofRun(run, name, { figure, wanted, better: "lower", unit: "ms", digits: 0 });
}

function members(run: TargetRunName, count: number, wanted: number): Target {
  return {
    figure: `processor time of a node for each transfer, n = ${count} ÷ n = 4`,
    wanted,
    better: "lower",
    unit: "",
    digits: 2,
    of: (round) => quotient(round[run]?.perNodeCpuUs, round["members-4"]?.perNodeCpuUs),
  };
}

function quotient(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
}
