// gen/ and docs/api.md must be exactly the output of `npm run generate` from proto/ and explorer/: they are generated again
// and compared.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiReference } from "../generate/api-reference.ts";
import { explorerFiles } from "../generate/explorer-files.ts";
import { ROOT, run } from "./run.ts";

export async function checkGenerated(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-gen-"));
  try {
    if (!(await run("buf", ["generate", "-o", folder]))) return false;
    const made = await readFolder(join(folder, "gen"));
    const fresh = new Map([...made, ["explorer/files.ts", await explorerFiles()]]);
    const committed = await readFolder(join(ROOT, "gen"));
    const paths = [...new Set([...fresh.keys(), ...committed.keys()])].sort();
    const stale = paths.filter((path) => fresh.get(path) !== committed.get(path));
    for (const path of stale) console.log(`gen/${path} is not what proto/ and explorer/ give`);
    const reference = await readFile(join(ROOT, "docs/api.md"), "utf8");
    const isCurrent = reference === (await apiReference());
    if (!isCurrent) console.log("docs/api.md is not what the comments of proto/ give");
    const isGood = stale.length === 0 && isCurrent;
    if (!isGood) console.log("run `npm run generate` and commit gen/ and docs/api.md");
    return isGood;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The texts of all files below a folder, by path; empty if the folder does not exist. */
async function readFolder(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  let paths: string[];
  try {
    paths = await readdir(folder, { recursive: true });
  } catch {
    return texts;
  }
  for (const path of paths) {
    if (path.endsWith(".ts")) texts.set(path, await readFile(join(folder, path), "utf8"));
  }
  return texts;
}
