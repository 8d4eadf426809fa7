/** The command line of the bench, read strictly. */
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { wholeNumber } from "../test/support/whole-number.ts";
import { COMPARED_NAMES } from "./compare/compare-command.ts";
import {
  CONDITIONS,
  type ConditionComparison,
  type ConditionName,
} from "./compare/condition-command.ts";
import { MICRO_GROUPS } from "./micro/groups.ts";
import { chosenGroups } from "./micro/micro-command.ts";
import {
  chosenWorkloads,
  DEFAULT_NAMES,
  type PaymentOptions,
} from "./payments/payments-command.ts";
import { GROWN, workloadsOf } from "./payments/workloads.ts";
import { SCENARIOS, type ScenarioSizes } from "./scenarios.ts";
import { chosenRuns, TARGET_RUN_NAMES } from "./targets/targets-command.ts";

export type BenchOrder =
  | { readonly kind: "help" }
  | { readonly kind: "payments"; readonly options: PaymentOptions }
  | {
      readonly kind: "compare";
      readonly revision: string;
      readonly rounds: number;
      readonly options: PaymentOptions;
    }
  | ({ readonly kind: "compareCondition" } & ConditionComparison)
  | { readonly kind: "targets"; readonly rounds: number; readonly options: PaymentOptions }
  | { readonly kind: "micro"; readonly groups: readonly string[]; readonly json: boolean }
  | { readonly kind: "scenario"; readonly name: string; readonly sizes: ScenarioSizes };

const OPTIONS = {
  nodes: { type: "string", default: "4" },
  "in-flight": { type: "string", default: "1000" },
  wallets: { type: "string", default: "1000" },
  seconds: { type: "string", default: "15" },
  warm: { type: "string", default: "5" },
  repeats: { type: "string", default: "3" },
  rate: { type: "string" },
  seed: { type: "string", default: "1" },
  json: { type: "boolean", default: false },
  plot: { type: "string" },
  kills: { type: "string", default: "20" },
  rounds: { type: "string", default: "5" },
  blocks: { type: "string", default: "10000" },
  minutes: { type: "string", default: "30" },
  "grown-wallets": { type: "string", default: `${GROWN.wallets}` },
  "grown-transfers": { type: "string", default: `${GROWN.transfers}` },
  fixtures: { type: "string", default: join(tmpdir(), "countersign-bench-fixtures") },
  help: { type: "boolean", default: false },
} as const;

export const USAGE = `npm run bench -- [WORKLOAD…] [--nodes N] [--in-flight N] [--wallets N] [--seconds S] [--warm S]
                 [--repeats R] [--rate N] [--seed N] [--json] [--plot FOLDER]
                 [--grown-wallets N] [--grown-transfers N] [--fixtures FOLDER]
npm run bench -- all
npm run bench -- compare REVISION [WORKLOAD… | micro [GROUP…]] [--rounds R]
npm run bench -- compare-access | compare-subscribers | compare-explorer | compare-wallets |
                 compare-history [WORKLOAD…] [--rounds R]
npm run bench -- targets [RUN…] [--rounds R]
npm run bench -- micro [GROUP…] [--json]
npm run bench -- SCENARIO [--kills N] [--rounds N] [--blocks N] [--minutes N]
                 [--grown-wallets N] [--grown-transfers N] [--fixtures FOLDER]`;

/** Throws an error that names the fault. */
export function readOptions(args: readonly string[]): BenchOrder {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: OPTIONS,
  });
  if (values.help) return { kind: "help" };
  const number = (
    name: Exclude<keyof typeof OPTIONS, "json" | "plot" | "fixtures" | "help">,
    min: number,
    max: number,
  ) => {
    return wholeNumber(values[name] ?? "", { name: `--${name}`, min, max });
  };
  const [first, ...rest] = positionals;
  const fixtures = resolve(values.fixtures);
  const grown = () => ({
    wallets: number("grown-wallets", 2, 5_000_000),
    transfers: number("grown-transfers", 0, 50_000_000),
  });
  const options = (names: readonly string[]): PaymentOptions => ({
    names,
    nodes: number("nodes", 2, 31),
    inFlight: number("in-flight", 1, 5_000),
    wallets: number("wallets", 2, 20_000),
    grown: grown(),
    fixtures,
    seconds: number("seconds", 1, 300),
    warmSeconds: number("warm", 1, 120),
    repeats: number("repeats", 1, 50),
    rate: values.rate === undefined ? undefined : number("rate", 1, 100_000),
    seed: number("seed", 0, 1_000_000_000),
    json: values.json,
    plot: values.plot,
  });
  if (first === "micro") return { kind: "micro", groups: chosenGroups(rest), json: values.json };
  if (first === "compare") {
    const [revision, ...names] = rest;
    if (revision === undefined) throw new Error("compare needs a revision, such as main or HEAD~1");
    const compared = options(names.length === 0 ? COMPARED_NAMES : names);
    if (names[0] === "micro") chosenGroups(names.slice(1));
    else checkCompared(compared);
    return { kind: "compare", revision, rounds: number("rounds", 1, 50), options: compared };
  }
  if (first === "targets") {
    chosenRuns(rest);
    return { kind: "targets", rounds: number("rounds", 1, 50), options: options(rest) };
  }
  const condition = conditionOf(first);
  if (condition !== undefined) {
    const compared = options(rest.length === 0 ? ["saturation"] : rest);
    checkCompared(compared);
    const rounds = number("rounds", 1, 50);
    return { kind: "compareCondition", condition, rounds, options: compared };
  }
  if (first !== undefined && Object.hasOwn(SCENARIOS, first)) {
    const sizes: ScenarioSizes = {
      kills: number("kills", 1, 1_000),
      rounds: number("rounds", 1, 50),
      blocks: number("blocks", 1, 10_000_000),
      minutes: number("minutes", 1, 1_440),
      grown: grown(),
      fixtures,
    };
    return { kind: "scenario", name: first, sizes };
  }
  const payments = options(namedWorkloads(positionals));
  chosenWorkloads(payments);
  return { kind: "payments", options: payments };
}

function conditionOf(word: string | undefined): ConditionName | undefined {
  const name = /^compare-(.*)$/.exec(word ?? "")?.[1] ?? "";
  return Object.hasOwn(CONDITIONS, name) ? (name as ConditionName) : undefined;
}

/** Each workload is compared alone, so nothing measures the rate of an open load: it must be given. */
function checkCompared(options: PaymentOptions): void {
  const all = workloadsOf(options);
  for (const name of options.names) {
    if (options.rate === undefined && all[name]?.arrivals.kind === "open") {
      throw new RangeError(`${name} needs a rate in a comparison: give --rate`);
    }
  }
  chosenWorkloads(options);
}

function namedWorkloads(names: readonly string[]): readonly string[] {
  if (names.length === 0) return DEFAULT_NAMES;
  if (names[0] !== "all") return names;
  // A network with a past takes up to a quarter of an hour to build, and gigabytes: it is named when it is wanted.
  const all = Object.entries(workloadsOf(SIZES));
  return all.filter(([, { past }]) => past === undefined).map(([name]) => name);
}

const SIZES = { nodes: 4, inFlight: 1, wallets: 2 };

/** The usage and everything that has a name. */
export function helpText(): string {
  const list = (named: Readonly<Record<string, { readonly summary: string }>>) =>
    Object.entries(named).map(([name, { summary }]) => `  ${name.padEnd(18)}${summary}`);
  const workloads = workloadsOf({ nodes: 4, inFlight: 1_000, wallets: 1_000 });
  return [
    USAGE,
    "\nworkloads:",
    ...list(workloads),
    "\nscenarios:",
    ...list(SCENARIOS),
    "\nruns of targets:",
    `  ${TARGET_RUN_NAMES.join(", ")}`,
    "\ngroups of micro-benchmarks:",
    `  ${MICRO_GROUPS.join(", ")}`,
  ].join("\n");
}
