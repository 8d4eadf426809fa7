/** The figures of a run of a payment workload: their names, their units, and the direction in which they are better. */
import { type Spread, spreadOf } from "../readings/spread.ts";

export interface FigureKind {
  readonly unit: string;
  /** Short text for people. */
  readonly label: string;
  /** Digits behind the point in the text for people. */
  readonly digits: number;
}

/** In the order in which they are shown. "For each transfer" means for each operation answered in the measured time. */
export const FIGURES = {
  transfersPerSecond: { unit: "/s", label: "sealed transfers", digits: 0 },
  saturationRatio: { unit: "", label: "transfers ÷ rate at saturation", digits: 3 },
  refusedPerSecond: { unit: "/s", label: "refused for now", digits: 0 },
  ceilingPerSecond: { unit: "/s", label: "ceiling: signature checks ÷ nodes", digits: 0 },
  ceilingRatio: { unit: "", label: "transfers ÷ ceiling", digits: 4 },
  p50Ms: { unit: "ms", label: "latency p50", digits: 1 },
  p99Ms: { unit: "ms", label: "latency p99", digits: 1 },
  p999Ms: { unit: "ms", label: "latency p99.9", digits: 1 },
  maxMs: { unit: "ms", label: "latency, longest", digits: 1 },
  worstGatewayP50Ms: { unit: "ms", label: "latency p50, slowest gateway", digits: 1 },
  nodesCpuUs: { unit: "µs", label: "CPU of all nodes, each transfer", digits: 0 },
  nodesMainCpuUs: { unit: "µs", label: "… of their main threads", digits: 0 },
  nodesOtherCpuUs: { unit: "µs", label: "… of their other threads", digits: 0 },
  perNodeCpuUs: { unit: "µs", label: "CPU of one node, each transfer", digits: 0 },
  generatorCpuUs: { unit: "µs", label: "CPU of the load generator, each transfer", digits: 0 },
  blocksPerSecond: { unit: "/s", label: "blocks", digits: 1 },
  operationsPerBlock: { unit: "", label: "operations in a block", digits: 1 },
  sealsPerSecond: { unit: "/s", label: "seals", digits: 1 },
  timedOutViews: { unit: "", label: "views that timed out, at the node with most", digits: 0 },
  syncsPerSecond: { unit: "/s", label: "syncs of one node", digits: 1 },
  syncsPerBlock: { unit: "", label: "syncs of one node for each block", digits: 2 },
  clientWireBytes: { unit: "B", label: "bytes between client and nodes, each transfer", digits: 0 },
  linkWireBytes: { unit: "B", label: "bytes on all links, each transfer", digits: 0 },
  storeBytes: { unit: "B", label: "bytes of records of one node, each transfer", digits: 0 },
  diskBytes: { unit: "B", label: "bytes to the disk of one node, each transfer", digits: 0 },
  residentMiB: { unit: "MiB", label: "resident memory, largest node, at the end", digits: 0 },
  othersShare: { unit: "", label: "share of the machine that others took", digits: 3 },
} as const satisfies Record<string, FigureKind>;

export type FigureName = keyof typeof FIGURES;

/** A figure that the run could not measure, such as metrics of a revision without them, is undefined. */
export type Figures = Readonly<Record<FigureName, number | undefined>>;

export const FIGURE_NAMES = Object.keys(FIGURES).filter((name) => name in FIGURES) as FigureName[];

export function kindOf(name: FigureName): FigureKind {
  return FIGURES[name];
}

/** The spread of each figure over the repeats in which it was measured. */
export function spreadsOf(
  repeats: readonly Figures[],
): Readonly<Record<FigureName, Spread | undefined>> {
  const entries = FIGURE_NAMES.map((name) => {
    const values = repeats.map((figures) => figures[name]);
    return [name, spreadOf(values.filter((value) => value !== undefined))];
  });
  return Object.fromEntries(entries);
}

export function figureText(name: FigureName, value: number): string {
  const { digits, unit } = kindOf(name);
  return `${value.toFixed(digits)}${unit === "" ? "" : ` ${unit}`}`;
}
