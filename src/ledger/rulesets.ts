/**
 * Rulesets: the versions of the ledger's rules (L29). Each has all rules of the ones before it. The ruleset of a block
 * follows from the genesis and from the activation that its branch has ordered (L30), so every node knows it from the chain.
 */
import { printable } from "../primitives/printable.ts";
import type { Genesis, RulesetStart } from "./genesis.ts";
import type { State } from "./state.ts";

/** Of a network whose genesis and members say nothing else. */
export const FIRST_RULESET = 1;

/** With the first version of the software that knows each. 2 has cancellations (L28). */
const RULESETS: readonly { readonly ruleset: number; readonly version: string }[] = [
  { ruleset: FIRST_RULESET, version: "0.1.0" },
  { ruleset: 2, version: "0.1.0" },
];

/** The newest ruleset that this software can execute. */
export const NEWEST_RULESET = RULESETS.length;

/** For the genesis of a new network: all rules from the first block on. */
export const ALL_RULES: readonly RulesetStart[] = [{ ruleset: NEWEST_RULESET, height: 1 }];

/** From this ruleset on a block may order cancellations. */
export const RULESET_OF_CANCELLATIONS = 2;

/** The first version of the software that knows the ruleset; undefined if this software does not. */
export function versionOfRuleset(ruleset: number): string | undefined {
  return RULESETS.find((one) => one.ruleset === ruleset)?.version;
}

/** A ruleset that the members have activated. */
export interface Activation {
  readonly ruleset: number;
  /** The first height that has it. */
  readonly height: number;
  /** The first version of the software that knows the ruleset, as the members approved it. */
  readonly version: string;
}

/** The ruleset of a height, by the genesis and the newest activation on the branch below it. */
export function rulesetAt(
  { rulesets = [] }: Pick<Genesis, "rulesets">,
  activation: Activation | undefined,
  at: number,
): number {
  const starts = activation === undefined ? rulesets : [...rulesets, activation];
  return starts.reduce(
    (newest, { ruleset, height }) => (height <= at ? Math.max(newest, ruleset) : newest),
    FIRST_RULESET,
  );
}

/** Stops a node: the rules of the next block are those of a later version. */
export class UnknownRuleset extends Error {
  override readonly name = "UnknownRuleset";
}

interface Known {
  readonly genesis: Genesis;
  readonly rulesetMax: number;
}

/** The reason why this software cannot execute a block on top of `state`; undefined if it can. */
export function unknownRulesetAfter(
  { genesis, rulesetMax }: Known,
  { height, activation }: Pick<State, "height" | "activation">,
): UnknownRuleset | undefined {
  const ruleset = rulesetAt(genesis, activation, height + 1);
  if (ruleset <= rulesetMax) return undefined;
  const since =
    activation?.ruleset === ruleset
      ? `version ${printable(JSON.stringify(activation.version))} or later`
      : "a later version";
  return new UnknownRuleset(
    `height ${height + 1} has ruleset ${ruleset}, and this software knows the rulesets up to ${rulesetMax}: install ` +
      `${since} of Countersign and start the node again; nothing is lost, and it goes on from height ${height}`,
  );
}
