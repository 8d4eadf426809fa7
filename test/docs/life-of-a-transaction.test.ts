// docs/life-of-a-transaction.md leads through files and names that exist.
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/life-of-a-transaction.md", ROOT), "utf8");
const names = [...page.matchAll(/`(src\/[\w/-]+\.ts)#(\w+)`/g)].map(([, file = "", name = ""]) => {
  return { file, name };
});

it("names a good part of the way", () => {
  expect(names.length).toBeGreaterThan(30);
});

it.each(names)("$file has $name", ({ file, name }) => {
  const url = new URL(file, ROOT);
  expect(existsSync(url)).toBe(true);
  const declared = new RegExp(
    `(function|class|interface|const|type) ${name}\\b|^  (async |static )?\\*?${name}\\(`,
    "m",
  );
  expect(declared.test(readFileSync(url, "utf8")), `${file} declares ${name}`).toBe(true);
});

it("leaves no other name of a source file unchecked", () => {
  const mentioned = [...page.matchAll(/src\/[\w/-]+\.ts/g)].length;
  expect(mentioned).toBe(names.length);
});
