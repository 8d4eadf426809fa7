/** The results of payment workloads as text for people. */
import { FIGURE_NAMES, figureText, kindOf } from "./figures.ts";
import type { RunResult } from "./payment-run.ts";
import type { WorkloadResult } from "./run-document.ts";

/** Above this share the figures say more about the others on the machine than about the nodes. */
export const OTHERS_SHARE_MAX = 0.05;
const LABEL_WIDTH = 48;

export function repeatText({ figures, answers, verified }: RunResult): string {
  const { transfersPerSecond, ceilingRatio, p50Ms, p99Ms } = figures;
  return (
    `${(transfersPerSecond ?? 0).toFixed(0)} transfers/s, ${(ceilingRatio ?? 0).toFixed(4)} of the ceiling, ` +
    `p50 ${(p50Ms ?? Number.NaN).toFixed(1)} ms, p99 ${(p99Ms ?? Number.NaN).toFixed(1)} ms; ` +
    `${answers} answers, ${verified} receipts verified`
  );
}

/** Each figure's median over the repeats, with the smallest and the largest value. */
export function workloadText({ name, workload, repeats, spreads }: WorkloadResult): string {
  const lines = FIGURE_NAMES.flatMap((figure) => {
    const spread = spreads[figure];
    if (spread === undefined) return [];
    const range = `${figureText(figure, spread.low)} … ${figureText(figure, spread.high)}`;
    const label = kindOf(figure).label.padEnd(LABEL_WIDTH);
    return `  ${label}${figureText(figure, spread.median).padStart(12)}   (${range})`;
  });
  const title = `${name}: ${workload.summary}; ${workload.nodes} nodes; median of ${repeats.length}`;
  return [title, ...lines, ...complaintsAbout(repeats).map((text) => `  ${text}`)].join("\n");
}

/** The reasons why the figures are not to be published. */
export function complaintsAbout(repeats: readonly RunResult[]): readonly string[] {
  const shares = repeats.map(({ figures }) => figures.othersShare ?? 0);
  const worst = Math.max(0, ...shares);
  return [
    ...(repeats.some(({ figures }) => figures.transfersPerSecond === 0)
      ? ["SHORT: nothing was answered in the measured time of a repeat"]
      : []),
    ...(worst > OTHERS_SHARE_MAX
      ? [`LOADED MACHINE: others took up to ${(worst * 100).toFixed(0)}% of it; do not publish`]
      : []),
    ...repeats.flatMap(({ failures }) => {
      return Object.entries(failures).map(([what, count]) => `WRONG: ${count} answers: ${what}`);
    }),
    ...repeats.flatMap(({ unsent }) =>
      unsent > 0 ? [`OVERLOADED: ${unsent} operations were due and not sent`] : [],
    ),
    ...repeats.flatMap(({ ranOut }) =>
      ranOut ? ["SHORT: the prepared operations ran out, so less time was measured"] : [],
    ),
  ];
}
