// The options of a chaos run, parsed from the command line and passed on to the inner process.
import { parseArgs } from "node:util";
import { wholeNumber } from "../support/whole-number.ts";
import { FAULT_KINDS, type FaultKind } from "./plan.ts";

export interface RunOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly nodes: number;
  readonly clients: number;
  readonly kinds: readonly FaultKind[];
  readonly printPlan: boolean;
  /** Keep all files there; without it, only those of a failed run are kept. */
  readonly keep: string | undefined;
}

/** The options that main.ts hands to the run. */
export interface RunOrder extends RunOptions {
  readonly folder: string;
  readonly mayMount: boolean;
}

export const USAGE = `npm run chaos -- [--seconds 600] [--seed N] [--nodes 4] [--clients 6]
  [--faults ${FAULT_KINDS.join(",")}] [--plan] [--keep FOLDER]`;

export function readOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "600" },
      seed: { type: "string", default: `${Date.now() % 1_000_000}` },
      nodes: { type: "string", default: "4" },
      clients: { type: "string", default: "6" },
      faults: { type: "string", default: FAULT_KINDS.join(",") },
      plan: { type: "boolean", default: false },
      keep: { type: "string" },
    },
  });
  const kinds = values.faults.split(",").filter((name) => name !== "");
  return {
    seconds: wholeNumber(values.seconds, { name: "--seconds", min: 5, max: 86_400 }),
    seed: wholeNumber(values.seed, { name: "--seed", min: 0, max: Number.MAX_SAFE_INTEGER }),
    nodes: wholeNumber(values.nodes, { name: "--nodes", min: 2, max: 10 }),
    clients: wholeNumber(values.clients, { name: "--clients", min: 1, max: 64 }),
    kinds: kinds.map(faultKind),
    printPlan: values.plan,
    keep: values.keep,
  };
}

/** The one argument of the inner process. */
export function encodeOrder(order: RunOrder): string {
  return JSON.stringify(order);
}

export function readOrder(args: readonly string[]): RunOrder {
  const order: RunOrder = JSON.parse(args[0] ?? "");
  return order;
}

function faultKind(name: string): FaultKind {
  const kind = FAULT_KINDS.find((one) => one === name);
  if (kind === undefined)
    throw new Error(`--faults: "${name}" is none of ${FAULT_KINDS.join(", ")}`);
  return kind;
}
