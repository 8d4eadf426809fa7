/** Alert rules as the project's files write them, and the alerts that they raise over time. */
import { readFileSync } from "node:fs";
import { evaluate, type LabelSet, type SampleStore } from "./evaluate.ts";
import { secondsOf } from "./parse.ts";

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** Seconds. */
  readonly holdsFor: number;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
}

/** Reads a file of rules: the plain form of YAML that the project writes, where a line that does not fit is an error. */
export function readRules(path: string): readonly AlertRule[] {
  const rules: {
    alert: string;
    expr: string;
    holdsFor: number;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  }[] = [];
  let section: Record<string, string> = {};
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (/^\s*(#.*)?$/.test(line) || /^(groups:| {2}- name: \S+| {4}rules:)$/.test(line)) continue;
    const rule = rules.at(-1);
    const [, indent = "", key = "", value = ""] =
      /^( {6}- | {8}| {10})(\w+):(?: (.+))?$/.exec(line) ?? [];
    if (indent.endsWith("- ") && key === "alert") {
      rules.push({ alert: value, expr: "", holdsFor: 0, labels: {}, annotations: {} });
    } else if (rule !== undefined && indent.length === 8 && key === "expr") rule.expr = value;
    else if (rule !== undefined && indent.length === 8 && key === "for")
      rule.holdsFor = secondsOf(value);
    else if (
      rule !== undefined &&
      indent.length === 8 &&
      (key === "labels" || key === "annotations")
    ) {
      section = rule[key];
    } else if (indent.length === 10)
      section[key] = value.startsWith('"') ? JSON.parse(value) : value;
    else throw new Error(`${path}: not a line of a rule: ${line}`);
  }
  return rules;
}

export interface Alert {
  /** Name of the rule. */
  readonly alert: string;
  /** Of what it is about. */
  readonly labels: LabelSet;
  /** False while it is pending: its expression has not held for its whole time yet. */
  readonly isFiring: boolean;
}

/** The alerts of some rules, evaluated again and again, as Prometheus keeps them. */
export class AlertStates {
  readonly #rules: readonly AlertRule[];
  /** Since when each has held, by rule and labels. */
  readonly #since = new Map<string, number>();

  constructor(rules: readonly AlertRule[]) {
    this.#rules = rules;
  }

  /** The alerts whose expressions hold at this time. */
  at(store: SampleStore, at: number): readonly Alert[] {
    const held = new Set<string>();
    const alerts = this.#rules.flatMap(({ alert, expr, holdsFor }) =>
      evaluate(store, expr, at).map(({ labels }) => {
        const { __name__: _, ...rest } = labels;
        const key = `${alert} ${JSON.stringify(Object.entries(rest).sort())}`;
        held.add(key);
        const since = this.#since.get(key) ?? at;
        this.#since.set(key, since);
        return { alert, labels: rest, isFiring: at - since >= holdsFor };
      }),
    );
    for (const key of this.#since.keys()) if (!held.has(key)) this.#since.delete(key);
    return alerts;
  }
}
