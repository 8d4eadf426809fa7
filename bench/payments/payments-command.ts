/** `npm run bench` and `npm run bench -- WORKLOAD…`: payment workloads, several repeats of each, and their medians. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Past } from "../fixtures/fixture.ts";
import { CheckRate } from "../readings/ceiling.ts";
import { machineText, thisMachine } from "../readings/machine.ts";
import { spreadsOf } from "./figures.ts";
import { latencyPlot } from "./latency-plot.ts";
import { type RunResult, runPayments } from "./payment-run.ts";
import type { RunDocument, WorkloadResult } from "./run-document.ts";
import { complaintsAbout, repeatText, workloadText } from "./run-text.ts";
import { throughputPlot } from "./throughput-plot.ts";
import { type Workload, workloadsOf } from "./workloads.ts";

export interface PaymentOptions {
  readonly names: readonly string[];
  readonly nodes: number;
  readonly inFlight: number;
  readonly wallets: number;
  readonly grown: Past;
  /** The folder of the networks with a past, which are built once. */
  readonly fixtures: string;
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly repeats: number;
  /** Transfers a second at saturation, for open loads; absent: measured by `saturation` in the same run. */
  readonly rate?: number | undefined;
  readonly seed: number;
  readonly json: boolean;
  /** A folder for the plots; absent: none. */
  readonly plot?: string | undefined;
}

export const DEFAULT_NAMES = ["single", "saturation"] as const;
/** Milliseconds of each measurement of the ceiling. */
export const CEILING_MS = 1_000;

/** The exit code: 1 if an answer was wrong. */
export async function measurePayments(options: PaymentOptions): Promise<number> {
  const chosen = chosenWorkloads(options);
  const machine = thisMachine();
  const note = (line: string) => console.error(line);
  note(`machine: ${machineText(machine)}`);
  const begunAt = new Date().toISOString();
  const checks = await CheckRate.open();
  const results: WorkloadResult[] = [];
  try {
    for (const [name, workload] of chosen) {
      const saturatedPerSecond = options.rate ?? rateAtSaturation(results);
      const repeats = await repeated({ name, workload, options, saturatedPerSecond, checks, note });
      const spreads = spreadsOf(repeats.map(({ figures }) => figures));
      const result = { name, workload, repeats, spreads };
      results.push(result);
      if (!options.json) console.log(`\n${workloadText(result)}`);
    }
  } finally {
    checks.close();
  }
  const times = { warmMs: options.warmSeconds * 1000, measureMs: options.seconds * 1000 };
  const document: RunDocument = { machine, begunAt, ...times, workloads: results };
  if (options.json) console.log(JSON.stringify(document));
  if (options.plot !== undefined) savePlots(resolve(options.plot), document);
  for (const { name, repeats } of results) {
    for (const complaint of complaintsAbout(repeats)) note(`${name}: ${complaint}`);
  }
  return results.some(({ repeats }) => repeats.some(isWrong)) ? 1 : 0;
}

export function isWrong({ failures }: RunResult): boolean {
  return Object.keys(failures).length > 0;
}

/** Throws if there is no workload of a name, or if an open load comes before the rate that it is a part of. */
export function chosenWorkloads(options: PaymentOptions): readonly (readonly [string, Workload])[] {
  const all = workloadsOf(options);
  const chosen = options.names.map((name) => {
    const workload = all[name];
    if (workload === undefined) {
      throw new RangeError(
        `there is no workload ${name}; take one of ${Object.keys(all).join(", ")}`,
      );
    }
    return [name, workload] as const;
  });
  const names = options.names;
  for (const [name, { arrivals }] of chosen) {
    const isKnown =
      options.rate !== undefined || names.slice(0, names.indexOf(name)).includes("saturation");
    if (arrivals.kind === "open" && !isKnown) {
      throw new RangeError(
        `${name} needs the rate at saturation: name saturation before it, or give --rate`,
      );
    }
  }
  return chosen;
}

async function repeated(run: {
  readonly name: string;
  readonly workload: Workload;
  readonly options: PaymentOptions;
  readonly saturatedPerSecond: number | undefined;
  readonly checks: CheckRate;
  readonly note: (line: string) => void;
}): Promise<readonly RunResult[]> {
  const { name, workload, options, saturatedPerSecond, checks, note } = run;
  const times = { warmMs: options.warmSeconds * 1000, measureMs: options.seconds * 1000 };
  const repeats: RunResult[] = [];
  for (let repeat = 1; repeat <= options.repeats; repeat++) {
    const seed = options.seed + repeat;
    const { fixtures } = options;
    const common = { workload, fixtures, ...times, ceilingMs: CEILING_MS };
    const plan = { ...common, saturatedPerSecond, seed };
    const result = await runPayments(plan, checks);
    const seedText = workload.arrivals.kind === "open" ? ` (seed ${seed})` : "";
    note(`${name} ${repeat} of ${options.repeats}${seedText}: ${repeatText(result)}`);
    repeats.push(result);
  }
  return repeats;
}

function rateAtSaturation(results: readonly WorkloadResult[]): number | undefined {
  const saturation = results.find(({ name }) => name === "saturation");
  return saturation?.spreads.transfersPerSecond?.median;
}

function savePlots(folder: string, document: RunDocument): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "throughput.svg"), throughputPlot(document.workloads));
  writeFileSync(join(folder, "latency.svg"), latencyPlot(document.workloads));
}
