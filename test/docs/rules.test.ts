// The rules of docs/protocol.md and docs/rules agree with the comments of src and the test titles that cite them, and
// docs/rule-index.md, which lists both, is current.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ruleIndex } from "../../scripts/generate/rule-index.ts";
import {
  commentCitations,
  documentCitations,
  GROUPS,
  readRules,
  titleCitations,
} from "../../scripts/generate/rules.ts";

const rules = readRules();
const numbers = rules.map(({ number }) => number);
const known = new Set(numbers);
const inCode = commentCitations(["src"]);
const inTests = [...commentCitations(["test", "bench", "scripts"]), ...titleCitations()];
const inTitles = new Set(titleCitations().map(({ rule }) => rule));

describe("the rules", () => {
  it.each(GROUPS)("of group %s are numbered once each, and have titles", (group) => {
    const own = rules.filter(({ number }) => number.startsWith(group));
    expect(own.length).toBeGreaterThan(5);
    expect(new Set(own.map(({ number }) => number)).size).toBe(own.length);
    expect(own.filter(({ title }) => title === "")).toEqual([]);
  });
});

describe("a rule that is cited exists:", () => {
  it("in src", () => {
    expect(inCode.filter(({ rule }) => !known.has(rule))).toEqual([]);
  });

  it("in tests, benchmarks and scripts", () => {
    expect(inTests.filter(({ rule }) => !known.has(rule))).toEqual([]);
  });

  it("in documents", () => {
    const cited = documentCitations();
    expect(cited.length).toBeGreaterThan(50);
    expect(cited.filter(({ rule }) => !known.has(rule))).toEqual([]);
  });
});

describe("every rule", () => {
  it("is cited in src", () => {
    const cited = new Set(inCode.map(({ rule }) => rule));
    expect(numbers.filter((rule) => !cited.has(rule))).toEqual([]);
  });

  it("is named in the title of a test", () => {
    expect(numbers.filter((rule) => !inTitles.has(rule))).toEqual([]);
  });

  it("stands in docs/rule-index.md with what cites it now: npm run generate writes it", () => {
    const page = readFileSync(new URL("../../docs/rule-index.md", import.meta.url), "utf8");
    expect(page).toBe(ruleIndex());
  });
});
