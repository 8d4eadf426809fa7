// docs/life-of-a-transaction.md names files and symbols that exist.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

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

describe("the path", () => {
  const [, path = ""] = page.split("\n## The path, file by file\n");
  const lists = path.split("\n**").map((list) => {
    return [...list.matchAll(/^\d+\. `(src\/[\w/-]+\.ts)#/gm)].map(([, file = ""]) => file);
  });
  const stated = [...path.matchAll(/\*\*(\d+)\*\*/g)].map(([, count]) => Number(count));

  it("leads through six processes", () => {
    expect(lists.filter((files) => files.length > 0)).toHaveLength(6);
  });

  it("turns back as often as the page says", () => {
    const within = lists.reduce((sum, files) => sum + turningsBack(files), 0);
    expect([within, turningsBack(lists.flat())]).toEqual(stated);
    expect(within).toBeLessThanOrEqual(2);
    expect(turningsBack(lists.flat())).toBeLessThanOrEqual(8);
  });
});

/**
 * Steps whose file stands earlier in the list; consecutive steps in the same file count as one. A caller is no step again
 * because a call has returned, and a file that only hands on what it gets (such as `peer-desk.ts`, `core.ts`,
 * `peer-links.ts`) is named where the path first leads through it.
 */
function turningsBack(files: readonly string[]): number {
  return files.filter((file, i) => file !== files[i - 1] && files.indexOf(file) < i).length;
}
