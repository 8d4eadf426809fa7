/**
 * `npm run bench -- compare-access`, `compare-subscribers`, `compare-explorer`, `compare-wallets` and `compare-history`: what a condition
 * costs that a load has in one half of the runs. In both halves the nodes are the same program.
 */

import type { Past } from "../fixtures/fixture.ts";
import { FIGURE_NAMES } from "../payments/figures.ts";
import { type RunPlan, runPayments } from "../payments/payment-run.ts";
import { CEILING_MS, chosenWorkloads, type PaymentOptions } from "../payments/payments-command.ts";
import { withPast, YOUNG } from "../payments/workloads.ts";
import { CheckRate } from "../readings/ceiling.ts";
import { machineText, thisMachine } from "../readings/machine.ts";
import { alternated, complain, print } from "./compare-command.ts";
import { compareFigures } from "./ratios.ts";

interface Condition {
  /** The load without the condition, and with it. */
  readonly without: string;
  readonly with: string;
  /** The largest part of the throughput that it may cost. */
  readonly costMax: number;
  readonly plan: Pick<RunPlan, "isGuarded" | "subscribers" | "explorers">;
  /** The pasts of the networks, of which the second is that of the options or a part of it; absent: none. */
  readonly pasts?: (grown: Past) => { readonly without: Past; readonly with: Past };
}

export const CONDITIONS = {
  /** The counting of the metrics is part of the program, and takes place in both. */
  access: {
    without: "open",
    with: "with tokens and scrapes",
    costMax: 0.03,
    plan: { isGuarded: true },
  },
  subscribers: {
    without: "without subscribers",
    with: "with ten subscribers to the whole ledger",
    costMax: 0.1,
    plan: { subscribers: 10 },
  },
  explorer: {
    without: "without the explorer",
    with: "with the explorer open in five browsers",
    costMax: 0.05,
    plan: { explorers: 5 },
  },
  wallets: {
    without: "10,000 wallets",
    with: "many wallets",
    costMax: 0.1,
    plan: {},
    pasts: (grown) => ({ without: YOUNG, with: { ...grown, transfers: 0 } }),
  },
  history: {
    without: "no past transfers",
    with: "many past transfers",
    costMax: 0.08,
    plan: {},
    pasts: (grown) => ({ without: { ...grown, transfers: 0 }, with: grown }),
  },
} as const satisfies Readonly<Record<string, Condition>>;

export type ConditionName = keyof typeof CONDITIONS;

export interface ConditionComparison {
  readonly condition: ConditionName;
  readonly rounds: number;
  readonly options: PaymentOptions;
}

/** The exit code: 1 if an answer was wrong, or if the median ratio of the throughput is below 1 − `costMax`. */
export async function compareCondition({
  condition: chosen,
  rounds,
  options,
}: ConditionComparison): Promise<number> {
  const condition: Condition = CONDITIONS[chosen];
  console.error(`machine: ${machineText(thisMachine())}`);
  const times = { warmMs: options.warmSeconds * 1000, measureMs: options.seconds * 1000 };
  const checks = await CheckRate.open();
  let code = 0;
  try {
    for (const [name, workload] of chosenWorkloads(options)) {
      const pasts = condition.pasts?.(options.grown);
      const common = { ...times, fixtures: options.fixtures, ceilingMs: CEILING_MS };
      const results = await alternated(rounds, async (side, round) => {
        const isAfter = side === "after";
        const chance = { saturatedPerSecond: options.rate, seed: options.seed + round };
        const own = isAfter ? condition.plan : {};
        const past = isAfter ? pasts?.with : pasts?.without;
        const load = { workload: past === undefined ? workload : withPast(workload, past) };
        const result = await runPayments({ ...common, ...chance, ...load, ...own }, checks);
        const rate = (result.figures.transfersPerSecond ?? 0).toFixed(0);
        const what = isAfter ? condition.with : condition.without;
        console.error(`${name}, round ${round + 1} of ${rounds}, ${what}: ${rate} transfers/s`);
        return result;
      });
      const compared = compareFigures(
        FIGURE_NAMES,
        results.map(({ before, after }) => ({ before: before.figures, after: after.figures })),
      );
      const sides = `before: ${condition.without}, after: ${condition.with}`;
      print(options.json, { name, summary: `${workload.summary}; ${sides}`, rounds, compared });
      const wrong = complain(
        name,
        results.flatMap(({ before, after }) => [before, after]),
      );
      const ratio = compared.find((figure) => figure.name === "transfersPerSecond")?.ratio?.median;
      if (wrong !== 0 || ratio === undefined || ratio < 1 - condition.costMax) code = 1;
    }
  } finally {
    checks.close();
  }
  return code;
}
