/**
 * `npm run bench -- compare-access`: what authorisation and metrics cost. "Before" is an open network on loopback, which asks
 * for no credential and is not scraped; "after" is one whose callers show tokens and whose metrics are scraped. The counting
 * itself is part of the program, and takes place in both.
 */
import { FIGURE_NAMES } from "../payments/figures.ts";
import { runPayments } from "../payments/payment-run.ts";
import { CEILING_MS, chosenWorkloads, type PaymentOptions } from "../payments/payments-command.ts";
import { CheckRate } from "../readings/ceiling.ts";
import { machineText, thisMachine } from "../readings/machine.ts";
import { alternated, complain, print } from "./compare-command.ts";
import { compareFigures } from "./ratios.ts";

/** The largest part of the throughput that both together may cost. */
export const ACCESS_COST_MAX = 0.03;

export interface AccessComparison {
  readonly rounds: number;
  readonly options: PaymentOptions;
}

/** The exit code: 1 if an answer was wrong, or if the median ratio of the throughput is below 1 − `ACCESS_COST_MAX`. */
export async function compareAccess({ rounds, options }: AccessComparison): Promise<number> {
  console.error(`machine: ${machineText(thisMachine())}`);
  const times = { warmMs: options.warmSeconds * 1000, measureMs: options.seconds * 1000 };
  const checks = await CheckRate.open();
  let code = 0;
  try {
    for (const [name, workload] of chosenWorkloads(options)) {
      const common = { workload, ...times, ceilingMs: CEILING_MS };
      const results = await alternated(rounds, async (side, round) => {
        const [isGuarded, seed] = [side === "after", options.seed + round];
        const saturatedPerSecond = options.rate;
        const result = await runPayments(
          { ...common, isGuarded, saturatedPerSecond, seed },
          checks,
        );
        const rate = (result.figures.transfersPerSecond ?? 0).toFixed(0);
        const what = isGuarded ? "with tokens and scrapes" : "open";
        console.error(`${name}, round ${round + 1} of ${rounds}, ${what}: ${rate} transfers/s`);
        return result;
      });
      const compared = compareFigures(
        FIGURE_NAMES,
        results.map(({ before, after }) => ({ before: before.figures, after: after.figures })),
      );
      const summary = `${workload.summary}; before: open, after: with tokens and scrapes`;
      print(options.json, { name, summary, rounds, compared });
      const wrong = complain(
        name,
        results.flatMap(({ before, after }) => [before, after]),
      );
      const ratio = compared.find((figure) => figure.name === "transfersPerSecond")?.ratio?.median;
      if (wrong !== 0 || ratio === undefined || ratio < 1 - ACCESS_COST_MAX) code = 1;
    }
  } finally {
    checks.close();
  }
  return code;
}
