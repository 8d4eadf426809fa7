// Contracts must not break: buf compares proto/ with that of an earlier commit.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, ROOT, run } from "./run.ts";

/** A changelog line with this beginning announces a break, and lets it pass. */
const ANNOUNCEMENT = /^- \*\*Breaking contract:\*\*/gm;

export async function checkBreaking(): Promise<boolean> {
  const past = await findPast();
  if (past === undefined) {
    console.log("skipped: no earlier commit with proto/ is known here");
    return true;
  }
  const folder = await mkdtemp(join(tmpdir(), "countersign-past-"));
  try {
    const archive = join(folder, "past.tar");
    const packed = await capture("git", ["archive", "-o", archive, past, "proto", "buf.yaml"]);
    const unpacked = await capture("tar", ["-xf", archive, "-C", folder]);
    if (packed.code !== 0 || unpacked.code !== 0) {
      console.log(`cannot unpack proto/ of ${past}: ${packed.output}${unpacked.output}`);
      return false;
    }
    console.log(`compared with ${past}`);
    if (await run("buf", ["breaking", "proto", "--against", join(folder, "proto")])) return true;
    if (await isAnnounced(past)) {
      console.log("allowed: CHANGELOG.md announces it");
      return true;
    }
    console.log(
      'if it is meant, announce it in CHANGELOG.md by a line "- **Breaking contract:** …"',
    );
    return false;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The last release, else origin's main, else the commit before: the first of them that is not this commit. */
async function findPast(): Promise<string | undefined> {
  const release = await capture("git", ["describe", "--tags", "--abbrev=0", "--match", "v*"]);
  const candidates = [...(release.code === 0 ? [release.output] : []), "origin/main", "HEAD~1"];
  const head = await commitOf("HEAD");
  for (const candidate of candidates) {
    const commit = await commitOf(candidate);
    if (commit === undefined || commit === head) continue;
    const files = await capture("git", ["cat-file", "-e", `${commit}:proto`]);
    const module = await capture("git", ["cat-file", "-e", `${commit}:buf.yaml`]);
    if (files.code === 0 && module.code === 0) return candidate;
  }
  return undefined;
}

async function commitOf(name: string): Promise<string | undefined> {
  const { code, output } = await capture("git", [
    "rev-parse",
    "--verify",
    "-q",
    `${name}^{commit}`,
  ]);
  return code === 0 ? output : undefined;
}

async function isAnnounced(past: string): Promise<boolean> {
  const before = await capture("git", ["show", `${past}:CHANGELOG.md`]);
  const now = await readFile(join(ROOT, "CHANGELOG.md"), "utf8");
  const count = (text: string) => [...text.matchAll(ANNOUNCEMENT)].length;
  return count(now) > (before.code === 0 ? count(before.output) : 0);
}
