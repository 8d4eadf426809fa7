/** The result of a run of payment workloads, as `--json` prints it, and as the text and the plots are made from it. */
import type { Machine } from "../readings/machine.ts";
import type { Spread } from "../readings/spread.ts";
import type { FigureName } from "./figures.ts";
import type { RunResult } from "./payment-run.ts";
import type { Workload } from "./workloads.ts";

export interface WorkloadResult {
  readonly name: string;
  readonly workload: Workload;
  readonly repeats: readonly RunResult[];
  /** Of each figure over the repeats: the median, the smallest and the largest value. */
  readonly spreads: Readonly<Record<FigureName, Spread | undefined>>;
}

export interface RunDocument {
  readonly machine: Machine;
  /** ISO 8601, UTC. */
  readonly begunAt: string;
  readonly warmMs: number;
  readonly measureMs: number;
  readonly workloads: readonly WorkloadResult[];
}
