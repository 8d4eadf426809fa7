/** Another revision of this project, checked out and installed in a temporary folder. */
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../test/support/guarded-process.ts";
import { clearAtEnd } from "../clearing.ts";

const INSTALL_MS = 600_000;
const GIT_MS = 120_000;
const perform = promisify(execFile);

export class Revision {
  /** The full hash of the commit. */
  readonly commit: string;
  /** The root of the project at that commit. */
  readonly folder: string;
  readonly #home: string;
  readonly #isCleared: () => void;

  private constructor(commit: string, home: string) {
    this.commit = commit;
    this.#home = home;
    this.folder = join(home, "project");
    this.#isCleared = clearAtEnd(() => this.#clear());
  }

  /** `name` is a commit as git understands it. Rejects if there is none, or if its packages cannot be installed. */
  static async checkOut(name: string): Promise<Revision> {
    const commit = await commitOf(name);
    const revision = new Revision(commit, mkdtempSync(join(tmpdir(), "countersign-compare-")));
    try {
      await git("worktree", "add", "--detach", revision.folder, commit);
      const command = ["ci", "--no-audit", "--no-fund", "--silent"];
      await perform("npm", command, { cwd: revision.folder, timeout: INSTALL_MS });
      return revision;
    } catch (error) {
      revision.remove();
      throw error;
    }
  }

  /** Puts a folder of the present project in the place of its own, so that both revisions are measured by one code. */
  overlay(path: string): void {
    const own = join(this.folder, path);
    rmSync(own, { recursive: true, force: true });
    cpSync(join(ROOT, path), own, { recursive: true });
  }

  remove(): void {
    this.#clear();
    this.#isCleared();
  }

  #clear(): void {
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5 });
    execFileSync("git", ["worktree", "prune"], { cwd: ROOT, timeout: GIT_MS });
  }
}

/** Rejects with one clear line if there is no such commit. */
async function commitOf(name: string): Promise<string> {
  try {
    return await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`);
  } catch {
    throw new RangeError(`git knows no commit ${JSON.stringify(name)} in this folder`);
  }
}

async function git(...args: readonly string[]): Promise<string> {
  const { stdout } = await perform("git", args, { cwd: ROOT, timeout: GIT_MS });
  return stdout.trim();
}
