// The handbook: every recovery page names the tests that rehearse it, and every alert leads to a part of the handbook.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../support/guarded-process.ts";
import { readRules } from "../support/promql/rules.ts";

const PAGE = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
const [, recovery = ""] = /^## Recovery$([\s\S]*?)^## /m.exec(PAGE) ?? [];
const pages = recovery.split(/^### /m).slice(1);
/** The incidents that a handbook must have (house rule of the project's issues). */
const INCIDENTS = [
  ...["A lost disk", "A leaked token", "A compromised node", "An expired certificate"],
  ...["A wrong clock", "A stuck ceremony", "A full disk"],
];
const titleOf = (text: string) => text.slice(0, text.indexOf("\n"));

describe("the recovery pages", () => {
  it("are there for every incident", () => {
    expect(pages.map(titleOf)).toEqual(INCIDENTS);
  });

  it.each(pages.map((text) => [titleOf(text), text]))(
    "%s: is rehearsed by tests that exist",
    (_, text) => {
      const [, names = ""] = /<!-- rehearsed by: ([^>]+) -->/.exec(text) ?? [];
      const files = names.split(", ");
      for (const file of files) {
        expect(file).toMatch(/^test\/.+\.test\.ts$/);
        expect(existsSync(join(ROOT, file)), file).toBe(true);
      }
    },
  );

  it.each(pages.map((text) => [titleOf(text), text]))(
    "%s: has commands, and each of its blocks is run as printed",
    (_, text) => {
      const runner = "test/e2e/recovery.test.ts";
      expect(text).toContain(runner);
      const blocks = [...text.matchAll(/(?:<!-- recovery: ([\w ]+) -->\n)?```sh\n/g)];
      expect(blocks).not.toEqual([]);
      const program = readFileSync(join(ROOT, runner), "utf8");
      for (const [, block] of blocks) expect(program).toContain(`page("${block}")`);
    },
  );
});

describe("every alert", () => {
  const anchors = [...PAGE.matchAll(/^#{2,3} (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

  it.each(
    readRules(join(ROOT, "ops/alerts/countersign.yml")).map(({ alert, annotations }) => [
      alert,
      annotations["runbook"] ?? "",
    ]),
  )("%s leads to a part of the handbook that is there", (_, runbook) => {
    const [, anchor = ""] = /^docs\/operations\.md#([\w-]+)$/.exec(runbook) ?? [];
    expect(anchors, runbook).toContain(anchor);
  });
});
