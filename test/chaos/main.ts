/**
 * `npm run chaos`: a network of shipped nodes under faults. At the end, every answer that a client got is compared
 * with all disks. The run uses namespaces of its own where it may create them, so that it leaves nothing behind.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { watchOutput } from "../../scripts/watched-output.ts";
import { isRunning, processesNaming, ROOT } from "../support/guarded-process.ts";
import { optionsOr } from "../support/run-options.ts";
import { encodeOrder, type RunOptions, readOptions, USAGE } from "./options.ts";

/** A process namespace ends with its first process, and mounts end with their mount namespace. */
const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const NO_PRIVILEGE = ["--map-root-user"];
/** A run that is told to end needs a moment to stop its nodes. */
const END_MS = 120_000;

watchOutput("chaos");

const options = optionsOr(USAGE, readOptions);
process.exitCode = options === undefined ? 2 : await main(options);

async function main(asked: RunOptions): Promise<number> {
  const folder = asked.keep === undefined ? temporaryFolder() : resolve(asked.keep);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const world = findWorld(folder);
  const { seconds, seed, nodes, clients, kinds } = asked;
  console.log(
    `chaos: ${seconds} s, seed ${seed}, ${nodes} nodes, ${clients} clients, ${world.name}`,
  );
  console.log(`faults: ${kinds.join(", ")}`);
  const order = encodeOrder({ ...asked, folder, mayMount: world.mayMount });
  const [file = "", ...args] = [
    ...world.command,
    process.execPath,
    `${ROOT}test/chaos/inside.ts`,
    order,
  ];
  const child = spawn(file, args, { stdio: ["pipe", "inherit", "inherit"] });
  const code = await ended(child);
  const left = processesNaming(join(folder, "network")).filter(isRunning);
  for (const pid of left) process.kill(pid, "SIGKILL");
  if (left.length > 0) console.error(`left behind and killed: ${left.join(", ")}`);
  if (asked.keep === undefined && code !== 1) rmSync(folder, { recursive: true, force: true });
  else console.log(`history, plan, logs and stores: ${folder}`);
  return left.length > 0 ? 1 : code;
}

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "countersign-chaos-"));
}

interface World {
  readonly name: string;
  /** The command that starts the run. */
  readonly command: readonly string[];
  readonly mayMount: boolean;
}

/** Namespaces if this user may create them; else the loopback of the machine itself. */
function findWorld(folder: string): World {
  const [trial, up] = [join(folder, "trial"), "ip link set lo up"];
  mkdirSync(trial);
  const test = `${up} && mount -t tmpfs -o size=1m trial "$1" && mount -o remount,size=2m "$1"`;
  for (const more of [[], NO_PRIVILEGE]) {
    const unshare = ["unshare", ...more, ...NAMESPACES];
    const [file = "", ...args] = [...unshare, "sh", "-c", test, "sh", trial];
    if (spawnSync(file, args, { stdio: "ignore" }).status !== 0) continue;
    rmSync(trial, { recursive: true });
    const command = [...unshare, "sh", "-c", `${up} && exec "$@"`, "sh"];
    return { name: "in namespaces of its own", command, mayMount: true };
  }
  rmSync(trial, { recursive: true });
  return { name: "on this machine's loopback", command: [], mayMount: false };
}

/** Gives the run's exit code. A signal to this process ends the run in order, and by force if that takes too long. */
async function ended(child: ChildProcess): Promise<number> {
  let late: NodeJS.Timeout | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      child.stdin?.end();
      late ??= setTimeout(() => child.kill("SIGKILL"), END_MS);
    });
  }
  child.stdin?.on("error", () => undefined);
  return await new Promise((done) => {
    child.once("error", () => done(1));
    child.once("exit", (code) => {
      clearTimeout(late);
      done(code ?? 1);
    });
  });
}
