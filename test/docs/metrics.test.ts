// The page of metrics is the one that the definitions give, and the definitions hold to the conventions of Prometheus.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { metricsPage } from "../../scripts/generate/metrics-page.ts";
import { FAMILY_GROUPS } from "../../src/node/metrics/families.ts";

const families = FAMILY_GROUPS.flatMap((group) => group.families);
const UNITS_THAT_ARE_NO_BASE_UNITS =
  /_(ms|millis\w*|us|ns|minutes|hours|days|kb|kib|mib|percent)(_|$)/;

describe("docs/metrics.md", () => {
  it("is what `npm run generate` makes of the definitions", () => {
    const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
    expect(page).toBe(metricsPage());
  });
});

describe("the metrics", () => {
  it("are at least 60, each with a name of its own", () => {
    expect(families.length).toBeGreaterThanOrEqual(60);
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  });

  it("are named by the conventions: prefix, lower case, base units, _total for counters and for nothing else", () => {
    for (const { name, type } of families) {
      expect(name).toMatch(/^countersign_[a-z][a-z0-9_]*[a-z0-9]$/);
      expect(name).not.toMatch(UNITS_THAT_ARE_NO_BASE_UNITS);
      expect(name.endsWith("_total"), name).toBe(type === "counter");
      expect(name, "these endings belong to histograms").not.toMatch(/_(sum|count|bucket)$/);
    }
  });

  it("have bounded labels only, and each has a meaning in a sentence", () => {
    const bounded = new Set([
      ...["version", "node", "member", "peer", "proposer", "kind", "result", "queue", "source"],
      ...["reason", "origin", "listener", "call", "outcome", "quantile", "issuer", "sink"],
    ]);
    for (const { name, labels, help } of families) {
      expect(
        labels.filter((label) => !bounded.has(label)),
        name,
      ).toEqual([]);
      expect(help, name).toMatch(/^[A-Z0-9f].*[^.]$/);
    }
  });
});
