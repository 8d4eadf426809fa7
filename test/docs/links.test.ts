// Every relative link in a document leads to a file, every anchor to a heading, and every named path exists.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && !path.startsWith("third_party/"));

interface Link {
  readonly page: string;
  readonly target: string;
}

const links: Link[] = pages.flatMap((page) => {
  const text = readFileSync(join(ROOT, page), "utf8").replaceAll(/```[\s\S]*?```/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => ({ page, target }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));
});

/** The anchor that GitHub makes from a heading. */
function anchors(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ +(.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

it("there are links to check", () => {
  expect(links.length).toBeGreaterThan(20);
});

it.each(links)("$page: $target", ({ page, target }) => {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
  expect(existsSync(file), relative(ROOT, file)).toBe(true);
  expect(relative(ROOT, file).startsWith(".."), "it stays in the project").toBe(false);
  if (anchor !== undefined) expect(anchors(file)).toContain(anchor);
});

// The changelog and the decisions may name files that are gone.
const present = pages.filter((page) => page !== "CHANGELOG.md" && !page.includes("decisions/"));
const paths = present.flatMap((page) => {
  const text = readFileSync(join(ROOT, page), "utf8");
  const named = text.matchAll(/`((?:src|test|bench|scripts|proto|docs|bin)\/[\w./-]+)`/g);
  return [...named].map(([, path = ""]) => ({ page, path }));
});

it("there are paths to check", () => {
  expect(paths.length).toBeGreaterThan(60);
});

it.each(paths)("$page names $path", ({ path }) => {
  expect(existsSync(join(ROOT, path))).toBe(true);
});
