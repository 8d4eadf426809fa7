/** The options of `npm run attack`. */
import { parseArgs } from "node:util";
import { wholeNumber } from "../support/whole-number.ts";
import type { Attack } from "./attack.ts";
import { ATTACKS, attackNamed } from "./attacks.ts";
import type { TrialTimes } from "./trial.ts";

export interface RunOptions {
  readonly attacks: readonly Attack[];
  readonly times: TrialTimes;
  /**
   * Attacks of one kind run one after another in one network: that is faster, but each starts from the state that the
   * last one left.
   */
  readonly shared: boolean;
  readonly json: boolean;
  readonly list: boolean;
}

export const USAGE =
  "npm run attack -- [--only NAME,NAME] [--seconds 20] [--warm 30] [--after 60] [--shared] [--json] [--list]";

/** Throws an error that names the wrong option. */
export function readOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      seconds: { type: "string", default: "20" },
      warm: { type: "string", default: "30" },
      after: { type: "string", default: "60" },
      shared: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
    },
  });
  const seconds = wholeSeconds(values.seconds, "--seconds");
  const after = wholeSeconds(values.after, "--after");
  return {
    attacks: values.only === undefined ? ATTACKS : values.only.split(",").map(attackNamed),
    times: {
      warmMs: wholeSeconds(values.warm, "--warm") * 1000,
      beforeMs: seconds * 500,
      attackMs: seconds * 1000,
      afterMs: after * 1000,
    },
    shared: values.shared,
    json: values.json,
    list: values.list,
  };
}

function wholeSeconds(text: string, name: string): number {
  return wholeNumber(text, { name, min: 2, max: 600 });
}
