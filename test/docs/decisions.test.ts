// Decision records: code, pages and the changelog cite them by number, so a number stands for one record.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../support/guarded-process.ts";

const FOLDER = join(ROOT, "docs/decisions");
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".md"));
const numberOf = (name: string) => name.slice(0, 4);

describe("decision records", () => {
  it("have numbers of their own", () => {
    const repeated = files.filter((name) => {
      return files.some((other) => other !== name && numberOf(other) === numberOf(name));
    });
    expect(repeated).toEqual([]);
  });

  it.each(files)(
    "%s: the name is a number and words, and the title begins with the number",
    (name) => {
      expect(name).toMatch(/^\d{4}(-[a-z]+)+\.md$/);
      expect(readFileSync(join(FOLDER, name), "utf8")).toMatch(
        new RegExp(`^# ${numberOf(name)}: `),
      );
    },
  );
});
