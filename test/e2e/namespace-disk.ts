/**
 * A disk of its own for one folder: a tmpfs in a mount namespace that a process of the test holds open, so that the machine's own
 * mounts stay as they are, and nothing is left when the process ends. Only what runs `within` it sees the disk.
 */
import { spawnSync } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { GuardedProcess, type Outcome, run } from "../support/guarded-process.ts";

/** So much that no check of free space minds; it takes memory only for what is written. */
const ROOMY = "16g";
/** Room that is left, so that a write of the node itself meets the end of the disk. */
const SLACK_BYTES = 32 * 1024;
const MOUNT =
  'mv "$1" "$1.before" && mkdir -m 700 "$1" && mount -t tmpfs -o "size=$2,mode=0700" small-disk "$1" && ' +
  'cp -a "$1.before/." "$1" && echo mounted && exec sleep infinity';
const TRIAL = "mount -t tmpfs -o size=1m trial /mnt && mount -o remount,size=2m /mnt";
const MOUNTED_MS = 60_000;

interface World {
  readonly unshare: readonly string[];
  readonly enter: readonly string[];
}

/** The way in which this user may make a mount namespace; undefined if there is none. */
function findWorld(): World | undefined {
  return [
    { unshare: ["unshare", "--mount"], enter: ["--mount"] },
    {
      unshare: ["unshare", "--map-root-user", "--mount"],
      enter: ["--user", "--preserve-credentials", "--mount"],
    },
  ].find(({ unshare: [file = "", ...args] }) => {
    return spawnSync(file, [...args, "sh", "-c", TRIAL], { stdio: "ignore" }).status === 0;
  });
}

const world = findWorld();

export class NamespaceDisk {
  /** The beginning of a command that sees the disk. */
  readonly within: readonly string[];
  readonly #folder: string;
  readonly #holder: GuardedProcess;

  private constructor(folder: string, holder: GuardedProcess, enter: readonly string[]) {
    this.#folder = folder;
    this.#holder = holder;
    this.within = ["nsenter", "--target", `${holder.pid}`, ...enter, "--"];
  }

  static readonly isPossible = world !== undefined;

  /** Moves the contents of `folder` to a disk that is mounted there. */
  static async mount(folder: string): Promise<NamespaceDisk> {
    if (world === undefined) throw new Error("this user may make no mount namespace");
    const { unshare, enter } = world;
    const holder = new GuardedProcess([...unshare, "sh", "-c", MOUNT, "sh", folder, ROOMY]);
    await holder.until(() => holder.stdout.includes("mounted\n"), MOUNTED_MS);
    return new NamespaceDisk(folder, holder, enter);
  }

  async fill(): Promise<void> {
    const used = 'used=$(df --output=used -B1 "$1" | tail -n 1)';
    await this.#run(`${used} && mount -o "remount,size=$((used + ${SLACK_BYTES}))" "$1"`);
  }

  async enlarge(): Promise<void> {
    await this.#run(`mount -o remount,size=${ROOMY} "$1"`);
  }

  /** Leaves the contents of the disk in the folder. */
  async unmount(): Promise<void> {
    await this.#run('cp -a "$1" "$1.after"');
    await this.#holder.destroy();
    rmSync(this.#folder, { recursive: true });
    rmSync(`${this.#folder}.before`, { recursive: true });
    renameSync(`${this.#folder}.after`, this.#folder);
  }

  async #run(script: string): Promise<Outcome> {
    const outcome = await run([...this.within, "sh", "-c", script, "sh", this.#folder]);
    if (outcome.code !== 0) throw new Error(`${script}: ${outcome.stdout}${outcome.stderr}`);
    return outcome;
  }
}
