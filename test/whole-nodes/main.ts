/** `npm run simulate:nodes -- --seeds 200 [--seed S] [--lying-disks] [--forgets] [--hostility NAME]`: many worlds of whole nodes. */
import { parseArgs } from "node:util";
import { watchOutput } from "../../scripts/watched-output.ts";
import { HOSTILITY_NAMES } from "./byzantine/hostilities.ts";
import { type Report, runSeed } from "./run.ts";
import type { WorldOptions } from "./world.ts";

const PROGRESS_EVERY_MS = 5_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "100" },
      seed: { type: "string" },
      nodes: { type: "string", default: "4" },
      "lying-disks": { type: "boolean", default: false },
      forgets: { type: "boolean", default: false },
      hostility: { type: "string" },
    },
  });
  const first = values.seed === undefined ? 1 : wholeNumber(values.seed, "--seed");
  const count = values.seed === undefined ? wholeNumber(values.seeds, "--seeds") : 1;
  const nodes = wholeNumber(values.nodes, "--nodes");
  const { forgets, "lying-disks": lyingDisks } = values;
  const adjust = adjusting(values.hostility);
  const begun = performance.now();
  let printed = begun;
  let failed = 0;
  const reports: Report[] = [];
  for (let seed = first; seed < first + count; seed++) {
    try {
      reports.push(await runSeed({ seed, nodes, forgets, lyingDisks, ...adjust }));
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

/** Node 1 is Byzantine in this way in every seed. */
function adjusting(text: string | undefined): Pick<WorldOptions, "adjust"> {
  if (text === undefined) return {};
  const name = HOSTILITY_NAMES.find((known) => known === text);
  if (name === undefined) throw new Error(`--hostility is one of ${HOSTILITY_NAMES.join(", ")}`);
  return { adjust: (plan) => ({ ...plan, hostilities: new Map([[1, name]]), loss: "none" }) };
}

function wholeNumber(text: string, name: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`${name} takes whole numbers, not "${text}"`);
  return Number(text);
}

watchOutput("simulate:nodes");
await main();
