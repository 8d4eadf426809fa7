// The page of `countersign doctor` is the one that its findings give, and they are complete and short.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { doctorPage } from "../../scripts/generate/doctor-page.ts";
import { ENTRIES } from "../../src/cli/commands.ts";
import type { FindingKind } from "../../src/cli/doctor/finding-kind.ts";
import { FINDING_GROUPS } from "../../src/cli/doctor/findings.ts";

const kinds = FINDING_GROUPS.flatMap(({ findings }) => Object.entries<FindingKind>(findings));

it("docs/doctor.md is what `npm run generate` makes of the findings", () => {
  const page = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8");
  expect(page).toBe(doctorPage());
});

it("every finding is told in one clause each for the fault, the reason and the remedy", () => {
  for (const [code, { meaning, why, remedy }] of kinds) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    for (const text of [meaning, why]) {
      expect(text, code).toMatch(/^[a-z].*[^.]$/);
      expect(text.length, code).toBeLessThanOrEqual(100);
    }
    expect(remedy.length, code).toBeLessThanOrEqual(140);
  }
});

it("every command of a remedy is one of ours, or of the system, and names what it acts on", () => {
  for (const [code, { command = "ulimit" }] of kinds) {
    const words = command.replace(/^countersign /, "");
    const isOurs = ENTRIES.some(({ name }) => words === name || words.startsWith(`${name} `));
    expect(isOurs || /^(chmod|ulimit)/.test(command), `${code}: ${command}`).toBe(true);
  }
});
