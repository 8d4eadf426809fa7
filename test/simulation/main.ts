/** `npm run simulate -- --seeds 500 --nodes 4,7 [--seed S] [--send-before-sync]`: many seeds, one line of progress. */
import { parseArgs } from "node:util";
import { watchOutput } from "../../scripts/watched-output.ts";
import { wholeNumber } from "../support/whole-number.ts";
import { runSeeds } from "../support/world/seeds.ts";
import { type Report, runSeed } from "./run.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "500" },
      nodes: { type: "string", default: "4,7" },
      seed: { type: "string" },
      ledger: { type: "string", default: "real" },
      "send-before-sync": { type: "boolean", default: false },
    },
  });
  const count = values.seed === undefined ? wholeNumber(values.seeds, { name: "--seeds" }) : 1;
  const first = values.seed === undefined ? 1 : wholeNumber(values.seed, { name: "--seed" });
  const sizes = values.nodes.split(",").map((text) => wholeNumber(text, { name: "--nodes" }));
  const sendBeforeSync = values["send-before-sync"];
  const { ledger } = values;
  if (ledger !== "real" && ledger !== "toy") throw new Error("--ledger is real or toy");
  let failed = 0;
  for (const nodes of sizes)
    failed += await runSize({ nodes, first, count, ledger, sendBeforeSync });
  if (failed > 0) process.exitCode = 1;
}

async function runSize(options: {
  nodes: number;
  first: number;
  count: number;
  ledger: "real" | "toy";
  sendBeforeSync: boolean;
}): Promise<number> {
  const { nodes, first, count, ledger, sendBeforeSync } = options;
  const label = `${nodes} nodes`;
  const { reports, failed, seconds } = await runSeeds({
    label,
    first,
    count,
    run: (seed) => runSeed({ seed, nodes, ledger, sendBeforeSync }),
    onFailure: (seed, error) => {
      console.log(`seed ${seed}, ${label}: ${error instanceof Error ? error.message : error}`);
      if (count === 1 && error instanceof Error) console.log(error.stack);
    },
  });
  const [only] = reports;
  if (count === 1 && only) console.log(`seed ${first}, ${label}: trace hash ${only.traceHash}`);
  const sum = (of: (report: Report) => number) =>
    reports.reduce((total, one) => total + of(one), 0);
  const most = (of: (report: Report) => number) => Math.max(0, ...reports.map(of));
  console.log(
    `${label}: ${count} seeds in ${seconds} s, ${failed} failed; ${sum(({ blocks }) => blocks)} blocks, ` +
      `${sum(({ views }) => views)} views, ${sum(({ events }) => events)} events, ` +
      `${sum(({ evidence }) => evidence)} proofs of fault, ${sum(({ seals }) => seals)} seals; rest after at most ` +
      `${most(({ viewsToRest }) => viewsToRest)} views (${most(({ viewsToRestExcess }) => viewsToRestExcess)} ` +
      `beyond the backlog) and ${most(({ msToRest }) => msToRest)} ms`,
  );
  return failed;
}

watchOutput("simulate");
await main();
