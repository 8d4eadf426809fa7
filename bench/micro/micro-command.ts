/** `npm run bench -- micro`: small pieces of work of a node, one process for each group. */
import { join } from "node:path";
import { ROOT, run } from "../../test/support/guarded-process.ts";
import { machineText, thisMachine } from "../readings/machine.ts";
import { MICRO_GROUPS } from "./groups.ts";
import type { MicroResult } from "./timing.ts";

export const MICRO_FOLDER = "bench/micro";
const GROUP_MS = 300_000;

/** The exit code: 1 if any group failed, although the others are shown. */
export async function measureMicro(order: {
  readonly groups: readonly string[];
  readonly json: boolean;
}): Promise<number> {
  const machine = thisMachine();
  if (!order.json) console.log(`machine: ${machineText(machine)}\n`);
  const results: MicroResult[] = [];
  let hasFailed = false;
  for (const group of chosenGroups(order.groups)) {
    const measured = await runMicro(ROOT, [group]);
    if (measured.length === 0) hasFailed = true;
    if (!order.json) for (const result of measured) console.log(microTexts.line(result));
    results.push(...measured);
  }
  if (order.json) console.log(JSON.stringify({ machine, results }));
  return hasFailed ? 1 : 0;
}

/** All groups if none is named. Throws if there is no group of a name. */
export function chosenGroups(names: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !MICRO_GROUPS.some((group) => group === name));
  if (unknown !== undefined) {
    throw new RangeError(`there is no group ${unknown}; take one of ${MICRO_GROUPS.join(", ")}`);
  }
  return names.length === 0 ? MICRO_GROUPS : names;
}

/** Runs the groups of the project in `folder`; one that cannot be run is reported and left out. */
export async function runMicro(
  folder: string,
  groups: readonly string[],
): Promise<readonly MicroResult[]> {
  const results: MicroResult[] = [];
  for (const group of chosenGroups(groups)) {
    const main = join(folder, MICRO_FOLDER, "micro-main.ts");
    const outcome = await run([process.execPath, main, group], { cwd: folder, limitMs: GROUP_MS });
    if (outcome.code !== 0) {
      console.error(`${group} cannot be measured in ${folder}:\n${outcome.stderr.trimEnd()}`);
      continue;
    }
    const lines = outcome.stdout.trim().split("\n");
    results.push(...lines.map((line): MicroResult => JSON.parse(line)));
  }
  return results;
}

const LABEL_WIDTH = 58;

export const microTexts = {
  duration: (ns: number) => {
    if (ns < 1e3) return `${ns.toFixed(0)} ns`;
    return ns < 1e6 ? `${(ns / 1e3).toFixed(2)} µs` : `${(ns / 1e6).toFixed(3)} ms`;
  },
  line: ({ name, medianNs, lowNs }: MicroResult) => {
    const [median, low] = [medianNs, lowNs].map(microTexts.duration);
    return `${name.padEnd(LABEL_WIDTH)}${(median ?? "").padStart(12)}   (best ${low})`;
  },
};
