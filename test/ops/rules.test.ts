// The files for Prometheus and Grafana: every metric and label that they name exists, and every alert has its row in the runbook.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FAMILY_GROUPS } from "../../src/node/metrics/families.ts";
import { groupingsOf, parsePromql, selectorsOf } from "../support/promql/parse.ts";
import { readRules } from "../support/promql/rules.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const RULES = `${ROOT}ops/alerts/countersign.yml`;
const DASHBOARD = `${ROOT}ops/grafana/countersign.json`;

/** Labels by the names that samples have. */
const labelsOf = new Map<string, readonly string[]>([["up", []]]);
for (const { name, type, labels } of FAMILY_GROUPS.flatMap(({ families }) => families)) {
  if (type !== "histogram") labelsOf.set(name, labels);
  else {
    labelsOf.set(`${name}_bucket`, [...labels, "le"]);
    for (const end of ["sum", "count"]) labelsOf.set(`${name}_${end}`, labels);
  }
}
/** Added by Prometheus to what it scrapes. */
const OF_TARGET = ["instance", "job"];

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
const panels: readonly Panel[] = JSON.parse(readFileSync(DASHBOARD, "utf8")).panels;
const rules = readRules(RULES);

/** Labels that a text in braces may name, of the metrics of the expression. */
function check(expr: string): ReadonlySet<string> {
  const expression = parsePromql(expr);
  const known = new Set(OF_TARGET);
  for (const { name, matchers } of selectorsOf(expression)) {
    const labels = labelsOf.get(name);
    if (labels === undefined) throw new Error(`there is no metric ${name}: ${expr}`);
    for (const label of labels) known.add(label);
    for (const { label } of matchers) {
      expect([...OF_TARGET, ...labels], `${name} in ${expr}`).toContain(label);
    }
  }
  for (const label of groupingsOf(expression)) expect([...known], expr).toContain(label);
  return known;
}

/** Labels in "{{ $labels.x }}" or "{{x}}". */
function namedLabels(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label = ""]) => label);
}

describe("the alert rules", () => {
  it("name metrics and labels that exist", () => {
    expect(rules.length).toBeGreaterThanOrEqual(20);
    for (const { expr, annotations } of rules) {
      const known = check(expr);
      for (const label of namedLabels(annotations["summary"] ?? ""))
        expect([...known]).toContain(label);
    }
  });

  it("have a severity, a summary, and a name of their own", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect(["critical", "warning"], alert).toContain(labels["severity"]);
      expect(annotations["summary"], alert).toMatch(/./);
    }
  });

  it("have each one row in the runbook, and the runbook has no other", () => {
    const page = readFileSync(`${ROOT}docs/operations.md`, "utf8");
    const rows = [...page.matchAll(/^\| `(Countersign\w+)` \|/gm)].map(([, alert]) => alert);
    expect(rows).toEqual(rules.map(({ alert }) => alert));
  });

  it.skipIf(!hasPromtool())("are right in the eyes of promtool", () => {
    const output = execFileSync("promtool", ["check", "rules", RULES]).toString();
    expect(output).toContain(`SUCCESS: ${rules.length} rules found`);
  });
});

describe("the dashboard", () => {
  it("shows metrics and labels that exist", () => {
    const targets = panels.flatMap((panel) => panel.targets ?? []);
    expect(targets.length).toBeGreaterThanOrEqual(40);
    for (const { expr, legendFormat } of targets) {
      const known = check(expr);
      for (const label of namedLabels(legendFormat)) expect([...known], expr).toContain(label);
    }
  });
});

function hasPromtool(): boolean {
  try {
    execFileSync("promtool", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
