/** `npm run simulate`: consensus in a simulated world under many seeds, one line of progress. */
import { parseArgs } from "node:util";
import { watchOutput } from "../../scripts/watched-output.ts";
import { optionsOr } from "../support/run-options.ts";
import { wholeNumber } from "../support/whole-number.ts";
import { runSeeds } from "../support/world/seeds.ts";
import { type Report, runSeed } from "./run.ts";

const USAGE =
  "npm run simulate -- [--seeds 500] [--nodes 4,7] [--seed S] [--ledger real|toy] [--send-before-sync]";

interface Options {
  readonly count: number;
  readonly first: number;
  readonly sizes: readonly number[];
  readonly ledger: "real" | "toy";
  readonly sendBeforeSync: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: "500" },
      nodes: { type: "string", default: "4,7" },
      seed: { type: "string" },
      ledger: { type: "string", default: "real" },
      "send-before-sync": { type: "boolean", default: false },
    },
  });
  const { ledger } = values;
  if (ledger !== "real" && ledger !== "toy") throw new Error("--ledger is real or toy");
  return {
    count: values.seed === undefined ? wholeNumber(values.seeds, { name: "--seeds" }) : 1,
    first: values.seed === undefined ? 1 : wholeNumber(values.seed, { name: "--seed" }),
    sizes: values.nodes.split(",").map((text) => wholeNumber(text, { name: "--nodes" })),
    ledger,
    sendBeforeSync: values["send-before-sync"],
  };
}

async function main({ sizes, ...options }: Options): Promise<number> {
  let failed = 0;
  for (const nodes of sizes) failed += await runSize({ nodes, ...options });
  return failed > 0 ? 1 : 0;
}

async function runSize(
  options: Omit<Options, "sizes"> & { readonly nodes: number },
): Promise<number> {
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
const options = optionsOr(USAGE, readOptions);
process.exitCode = options === undefined ? 2 : await main(options);
