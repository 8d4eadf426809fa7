// A small disk for one node: a tmpfs in the run's own mount namespace that can be shrunk to its contents, so that it
// is full.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, renameSync, rmSync, statfsSync } from "node:fs";

const ROOMY = "1g";
/** Room that is left, so that a write of the node itself meets the end of the disk. */
const SLACK_BYTES = 32 * 1024;

export class SmallDisk {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Moves the contents of `folder` to a disk that is mounted there. */
  static mount(folder: string): SmallDisk {
    const kept = `${folder}.before`;
    renameSync(folder, kept);
    mkdirSync(folder, { mode: 0o700 });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${ROOMY},mode=0700`, "chaos-disk", folder]);
    cpSync(kept, folder, { recursive: true, preserveTimestamps: true });
    rmSync(kept, { recursive: true });
    return new SmallDisk(folder);
  }

  fill(): void {
    const { blocks, bavail, bsize } = statfsSync(this.#folder);
    this.#resize(`${(blocks - bavail) * bsize + SLACK_BYTES}`);
  }

  empty(): void {
    this.#resize(ROOMY);
  }

  /** Unmounts the disk and leaves its contents in the folder. */
  unmount(): void {
    const kept = `${this.#folder}.after`;
    cpSync(this.#folder, kept, { recursive: true, preserveTimestamps: true });
    execFileSync("umount", [this.#folder]);
    rmSync(this.#folder, { recursive: true });
    renameSync(kept, this.#folder);
  }

  #resize(size: string): void {
    execFileSync("mount", ["-o", `remount,size=${size}`, this.#folder]);
  }
}
