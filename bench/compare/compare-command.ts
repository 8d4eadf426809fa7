/**
 * `npm run bench -- compare REVISION`: that revision and this folder, measured in alternation by the same code. Only the
 * nodes, or the measured modules, are those of the revision.
 */
import { ROOT } from "../../test/support/guarded-process.ts";
import { MICRO_FOLDER, microTexts, runMicro } from "../micro/micro-command.ts";
import { FIGURE_NAMES, type FigureName, figureText, kindOf } from "../payments/figures.ts";
import { type RunResult, runPayments } from "../payments/payment-run.ts";
import {
  CEILING_MS,
  chosenWorkloads,
  isWrong,
  type PaymentOptions,
} from "../payments/payments-command.ts";
import { complaintsAbout } from "../payments/run-text.ts";
import { CheckRate } from "../readings/ceiling.ts";
import { machineText, thisMachine } from "../readings/machine.ts";
import {
  type ComparedFigure,
  type ComparedRound,
  comparedLine,
  compareFigures,
  isAfterFirst,
} from "./ratios.ts";
import { Revision } from "./revision.ts";

export const COMPARED_NAMES = ["single", "saturation"] as const;

export interface Comparison {
  readonly revision: string;
  readonly rounds: number;
  readonly options: PaymentOptions;
}

/** The exit code: 1 if an answer was wrong. */
export async function compareRevisions(comparison: Comparison): Promise<number> {
  const { revision: name, rounds, options } = comparison;
  const [first, ...groups] = options.names;
  const isMicro = first === "micro";
  const workloads = isMicro ? [] : chosenWorkloads(options);
  console.error(`machine: ${machineText(thisMachine())}`);
  const revision = await Revision.checkOut(name);
  try {
    console.error(`before: ${revision.commit}; after: this folder`);
    if (isMicro) return await compareMicro(revision, { groups, rounds, json: options.json });
    let code = 0;
    for (const [workload] of workloads) {
      if ((await comparePayments(revision, workload, comparison)) !== 0) code = 1;
    }
    return code;
  } finally {
    revision.remove();
  }
}

/** Calls `measure` for both sides of every round, in alternating order. */
export async function alternated<T>(
  rounds: number,
  measure: (side: "before" | "after", round: number) => Promise<T>,
): Promise<readonly { readonly before: T; readonly after: T }[]> {
  const results: { readonly before: T; readonly after: T }[] = [];
  for (let round = 0; round < rounds; round++) {
    if (isAfterFirst(round)) {
      const after = await measure("after", round);
      results.push({ after, before: await measure("before", round) });
    } else {
      const before = await measure("before", round);
      results.push({ before, after: await measure("after", round) });
    }
  }
  return results;
}

async function comparePayments(
  revision: Revision,
  name: string,
  { rounds, options }: Comparison,
): Promise<number> {
  const [chosen] = chosenWorkloads({ ...options, names: [name] });
  if (chosen === undefined) throw new Error("a workload was named");
  const [, workload] = chosen;
  const times = { warmMs: options.warmSeconds * 1000, measureMs: options.seconds * 1000 };
  const { fixtures, rate: saturatedPerSecond } = options;
  const common = { workload, fixtures, ...times, ceilingMs: CEILING_MS, saturatedPerSecond };
  const checks = await CheckRate.open();
  try {
    const results = await alternated(rounds, async (side, round) => {
      const product = side === "before" ? revision.folder : undefined;
      const seed = options.seed + round;
      const result = await runPayments({ ...common, product, seed }, checks);
      const rate = result.figures.transfersPerSecond ?? 0;
      console.error(
        `${name}, round ${round + 1} of ${rounds}, ${side}: ${rate.toFixed(0)} transfers/s`,
      );
      return result;
    });
    const compared = compareFigures(
      FIGURE_NAMES,
      results.map(({ before, after }) => ({ before: before.figures, after: after.figures })),
    );
    print(options.json, { name, summary: workload.summary, rounds, compared });
    return complain(
      name,
      results.flatMap(({ before, after }) => [before, after]),
    );
  } finally {
    checks.close();
  }
}

/** The exit code. */
export function complain(name: string, results: readonly RunResult[]): number {
  for (const complaint of complaintsAbout(results)) console.error(`${name}: ${complaint}`);
  return results.some(isWrong) ? 1 : 0;
}

export interface PaymentComparison {
  readonly name: string;
  readonly summary: string;
  readonly rounds: number;
  readonly compared: readonly ComparedFigure<FigureName>[];
}

export function print(json: boolean, comparison: PaymentComparison): void {
  if (json) {
    console.log(JSON.stringify(comparison));
    return;
  }
  const { name, summary, rounds, compared } = comparison;
  console.log(`\n${name}: ${summary}; before, after, after ÷ before in ${rounds} rounds`);
  for (const { name: figure, before, after, ratio } of compared) {
    const [from, to] = [before, after].map(({ median }) => figureText(figure, median));
    const { label } = kindOf(figure);
    console.log(comparedLine({ label, before: from ?? "", after: to ?? "", ratio }));
  }
}

async function compareMicro(
  revision: Revision,
  plan: { readonly groups: readonly string[]; readonly rounds: number; readonly json: boolean },
): Promise<number> {
  const { groups, rounds, json } = plan;
  revision.overlay(MICRO_FOLDER);
  const results: readonly ComparedRound<string>[] = await alternated(
    rounds,
    async (side, round) => {
      console.error(`micro-benchmarks, round ${round + 1} of ${rounds}, ${side}`);
      const measured = await runMicro(side === "before" ? revision.folder : ROOT, groups);
      return Object.fromEntries(measured.map(({ name, medianNs }) => [name, medianNs]));
    },
  );
  const names = [...new Set(results.flatMap(({ after }) => Object.keys(after)))];
  const compared = compareFigures(names, results);
  if (json) console.log(JSON.stringify({ rounds, compared }));
  else {
    console.log(`\nmicro-benchmarks; before, after, after ÷ before in ${rounds} rounds`);
    for (const { name, before, after, ratio } of compared) {
      const [from, to] = [before, after].map(({ median }) => microTexts.duration(median));
      console.log(comparedLine({ label: name, before: from ?? "", after: to ?? "", ratio }));
    }
  }
  return 0;
}
