/** `npm run simulate:nodes -- --seeds 200 [--seed S] [--lying-disks] [--forgets]`: many worlds of whole nodes. */
import { parseArgs } from "node:util";
import { watchOutput } from "../../scripts/watched-output.ts";
import { type Report, runSeed } from "./run.ts";

const PROGRESS_EVERY_MS = 5_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "100" },
      seed: { type: "string" },
      nodes: { type: "string", default: "4" },
      "lying-disks": { type: "boolean", default: false },
      forgets: { type: "boolean", default: false },
    },
  });
  const first = values.seed === undefined ? 1 : wholeNumber(values.seed, "--seed");
  const count = values.seed === undefined ? wholeNumber(values.seeds, "--seeds") : 1;
  const nodes = wholeNumber(values.nodes, "--nodes");
  const { forgets, "lying-disks": lyingDisks } = values;
  const begun = performance.now();
  let printed = begun;
  let failed = 0;
  const reports: Report[] = [];
  for (let seed = first; seed < first + count; seed++) {
    try {
      reports.push(await runSeed({ seed, nodes, forgets, lyingDisks }));
      if (count === 1) console.log(reports);
    } catch (error) {
      failed += 1;
      console.log(error instanceof Error ? error.message : error);
    }
    if (performance.now() - printed < PROGRESS_EVERY_MS) continue;
    printed = performance.now();
    console.log(`${seed - first + 1} of ${count} seeds, ${failed} failed`);
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const sum = (of: (report: Report) => number) =>
    reports.reduce((total, one) => total + of(one), 0);
  console.log(
    `${count} seeds in ${seconds} s, ${failed} failed; ${sum(({ blocks }) => blocks)} blocks, ` +
      `${sum(({ calls }) => calls)} calls, ${sum(({ results }) => results)} results, ` +
      `${sum(({ powerCuts }) => powerCuts)} power cuts, ${sum(({ rejoins }) => rejoins)} rejoins, ` +
      `${sum(({ snapshots }) => snapshots)} starts from a snapshot; rest after at most ` +
      `${Math.max(0, ...reports.map(({ msToRest }) => msToRest))} ms`,
  );
  if (failed > 0) process.exitCode = 1;
}

function wholeNumber(text: string, name: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`${name} takes whole numbers, not "${text}"`);
  return Number(text);
}

watchOutput("simulate:nodes");
await main();
