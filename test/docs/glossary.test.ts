/** The glossary defines each word once, and names an existing file, folder or symbol for it. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { readSources } from "../support/tidy/source.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const rows = readFileSync(join(ROOT, "docs/glossary.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| word "))
  .map((line) => {
    const [, words = "", meaning = "", where = ""] = line.split("|").map((cell) => cell.trim());
    return { words: words.split(", "), meaning, where };
  });

const sources = readSources(ROOT, ["src"]);

function isDeclared(name: string): boolean {
  const declaration = new RegExp(`export (function|const|class|interface|type) ${name}\\b`);
  return sources.some(({ text }) => declaration.test(text));
}

it("has rows", () => {
  expect(rows.length).toBeGreaterThan(50);
});

it("defines each word once", () => {
  const words = rows.flatMap((row) => row.words);
  expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
});

it.each(rows)("$words: $where is there", ({ where, meaning }) => {
  expect(meaning).not.toBe("");
  const name = /^`([^`]+)`$/.exec(where)?.[1] ?? "";
  expect(name.includes("/") ? existsSync(join(ROOT, name)) : isDeclared(name), name).toBe(true);
});
