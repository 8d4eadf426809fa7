/** `npm run bench -- targets`: the table of the targets of speed, from rounds of all the runs that they need. */
import { type RunResult, runPayments } from "../payments/payment-run.ts";
import { CEILING_MS, isWrong, type PaymentOptions } from "../payments/payments-command.ts";
import { complaintsAbout, repeatText } from "../payments/run-text.ts";
import { type Workload, workloadsOf } from "../payments/workloads.ts";
import { CheckRate } from "../readings/ceiling.ts";
import { machineText, thisMachine } from "../readings/machine.ts";
import { targetTable } from "./target-table.ts";
import { type RoundFigures, TARGET_RUNS, type TargetRun, type TargetRunName } from "./targets.ts";

export const TARGET_RUN_NAMES = Object.keys(TARGET_RUNS) as readonly TargetRunName[];

/** Throws if there is no run of a name, or if an open load comes without its saturation. */
export function chosenRuns(names: readonly string[]): readonly TargetRunName[] {
  if (names.length === 0) return TARGET_RUN_NAMES;
  const unknown = names.find((name) => !Object.hasOwn(TARGET_RUNS, name));
  if (unknown !== undefined) {
    throw new RangeError(
      `targets has no run ${unknown}; take some of ${TARGET_RUN_NAMES.join(", ")}`,
    );
  }
  if (names.includes("open-50") && !names.includes("saturation")) {
    throw new RangeError("open-50 needs the rate at saturation: name saturation too");
  }
  return TARGET_RUN_NAMES.filter((name) => names.includes(name));
}

/** The exit code: 1 if an answer was wrong. A target that was missed is no fault of the run. */
export async function measureTargets({
  options,
  rounds,
}: {
  readonly options: PaymentOptions;
  readonly rounds: number;
}): Promise<number> {
  const names = chosenRuns(options.names);
  const note = (line: string) => console.error(line);
  note(`machine: ${machineText(thisMachine())}`);
  const checks = await CheckRate.open();
  const results = new Map<TargetRunName, RunResult[]>(names.map((name) => [name, []]));
  const figures: RoundFigures[] = [];
  try {
    for (let round = 1; round <= rounds; round++) {
      const ofRound: Partial<Record<TargetRunName, RunResult["figures"]>> = {};
      for (const name of names) {
        const saturatedPerSecond = options.rate ?? ofRound.saturation?.transfersPerSecond;
        const result = await runPayments(
          planOf(name, { options, round, saturatedPerSecond }),
          checks,
        );
        note(`${name}, round ${round} of ${rounds}: ${repeatText(result)}`);
        results.get(name)?.push(result);
        ofRound[name] = result.figures;
      }
      figures.push(ofRound);
    }
  } finally {
    checks.close();
  }
  console.log(targetTable(figures));
  const all = [...results];
  for (const [name, repeats] of all) {
    for (const complaint of complaintsAbout(repeats)) console.log(`${name}: ${complaint}`);
  }
  return all.some(([, repeats]) => repeats.some(isWrong)) ? 1 : 0;
}

function planOf(
  name: TargetRunName,
  run: {
    readonly options: PaymentOptions;
    readonly round: number;
    readonly saturatedPerSecond: number | undefined;
  },
): Parameters<typeof runPayments>[0] {
  const { options, round, saturatedPerSecond } = run;
  return {
    workload: workloadOf(TARGET_RUNS[name], options),
    fixtures: options.fixtures,
    warmMs: options.warmSeconds * 1_000,
    measureMs: options.seconds * 1_000,
    ceilingMs: CEILING_MS,
    saturatedPerSecond,
    seed: options.seed + round,
  };
}

function workloadOf({ workload, inFlight, by }: TargetRun, options: PaymentOptions): Workload {
  const { wallets, grown } = options;
  const named = workloadsOf({ nodes: 4, inFlight, wallets, grown })[workload];
  if (named === undefined) throw new Error(`there is no workload ${workload}`);
  return by === undefined ? named : { ...named, by };
}
