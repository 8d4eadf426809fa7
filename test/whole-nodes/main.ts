/** `npm run simulate:nodes`: whole nodes in a simulated world under many seeds. */
import { parseArgs } from "node:util";
import { watchOutput } from "../../scripts/watched-output.ts";
import { optionsOr } from "../support/run-options.ts";
import { wholeNumber } from "../support/whole-number.ts";
import { runSeeds } from "../support/world/seeds.ts";
import { HOSTILITY_NAMES } from "./byzantine/hostilities.ts";
import { type Report, runSeed } from "./run.ts";
import type { WorldOptions } from "./world.ts";

const USAGE =
  "npm run simulate:nodes -- [--seeds 100] [--nodes 4] [--seed S] [--lying-disks] [--forgets] [--hostility NAME]\n" +
  `names of hostilities: ${HOSTILITY_NAMES.join(", ")}`;

interface Options extends Pick<WorldOptions, "adjust"> {
  readonly count: number;
  readonly first: number;
  readonly nodes: number;
  readonly forgets: boolean;
  readonly lyingDisks: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: "100" },
      seed: { type: "string" },
      nodes: { type: "string", default: "4" },
      "lying-disks": { type: "boolean", default: false },
      forgets: { type: "boolean", default: false },
      hostility: { type: "string" },
    },
  });
  return {
    count: values.seed === undefined ? wholeNumber(values.seeds, { name: "--seeds" }) : 1,
    first: values.seed === undefined ? 1 : wholeNumber(values.seed, { name: "--seed" }),
    nodes: wholeNumber(values.nodes, { name: "--nodes" }),
    forgets: values.forgets,
    lyingDisks: values["lying-disks"],
    ...adjusting(values.hostility),
  };
}

async function main({ count, first, nodes, ...world }: Options): Promise<number> {
  const { reports, failed, seconds } = await runSeeds({
    label: `${nodes} nodes`,
    first,
    count,
    run: (seed) => runSeed({ seed, nodes, ...world }),
    onFailure: (_, error) => console.log(error instanceof Error ? error.message : error),
  });
  if (count === 1) console.log(reports);
  const sum = (of: (report: Report) => number) =>
    reports.reduce((total, one) => total + of(one), 0);
  console.log(
    `${count} seeds in ${seconds} s, ${failed} failed; ${sum(({ blocks }) => blocks)} blocks, ` +
      `${sum(({ calls }) => calls)} calls, ${sum(({ results }) => results)} results, ` +
      `${sum(({ powerCuts }) => powerCuts)} power cuts, ${sum(({ rejoins }) => rejoins)} rejoins, ` +
      `${sum(({ snapshots }) => snapshots)} starts from a snapshot; rest after at most ` +
      `${Math.max(0, ...reports.map(({ msToRest }) => msToRest))} ms`,
  );
  return failed > 0 ? 1 : 0;
}

/** Node 1 is Byzantine in this way in every seed. */
function adjusting(text: string | undefined): Pick<WorldOptions, "adjust"> {
  if (text === undefined) return {};
  const name = HOSTILITY_NAMES.find((known) => known === text);
  if (name === undefined) throw new Error(`--hostility is one of ${HOSTILITY_NAMES.join(", ")}`);
  return { adjust: (plan) => ({ ...plan, hostilities: new Map([[1, name]]), loss: "none" }) };
}

watchOutput("simulate:nodes");
const options = optionsOr(USAGE, readOptions);
process.exitCode = options === undefined ? 2 : await main(options);
