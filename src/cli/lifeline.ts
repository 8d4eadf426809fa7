/**
 * The end of a program that runs until it is told to stop: a signal, the end of the process that started it, or the end of
 * npm, which stands between a person and the program. Who kills npm alone, or closes what it runs in, means the program;
 * npm hands on some signals, and dies of the others.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { startInterval } from "../transport/timers.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const LOOK_MS = 500;
/** npm, its shell, bin/countersign.js and its shell, with room. */
const DEPTH_MAX = 8;

/** A process id is used again; with the time of its start it is not. */
interface Ancestor {
  readonly pid: number;
  readonly startedAt: string;
}

export function untilToldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    const told = () => {
      stopLooking();
      resolve();
    };
    for (const signal of SIGNALS) process.once(signal, told);
    if (process.channel !== undefined) process.once("disconnect", told);
    const wrappers = wrappersOf(process.ppid);
    const stopLooking = startInterval(LOOK_MS, () => {
      if (!wrappers.every(isThere)) told();
    });
  });
}

/** npm and what it puts between itself and this program; none if this program was started without. */
function wrappersOf(parent: number): readonly Ancestor[] {
  const chain: Ancestor[] = [];
  let length = 0;
  for (let pid = parent; pid > 1 && chain.length < DEPTH_MAX; ) {
    const kind = kindOf(commandLine(pid));
    const stat = statOf(pid);
    if (kind === "other" || stat === undefined) break;
    chain.push({ pid, startedAt: stat.startedAt });
    // A shell counts only below npm: any other is a person's or a script's own.
    if (kind === "wrapper") length = chain.length;
    pid = stat.parent;
  }
  return chain.slice(0, length);
}

function kindOf([program = "", ...args]: readonly string[]): "wrapper" | "shell" | "other" {
  // npm writes its title over its command line: "npm start", "npm exec countersign".
  if (/^(npm|npx)( |$)/.test(program)) return "wrapper";
  if (/^(npm|npx)-cli\.js$|^countersign(\.js)?$/.test(basename(args[0] ?? ""))) return "wrapper";
  return /^-?(sh|dash|bash)$/.test(basename(program)) && args[0] === "-c" ? "shell" : "other";
}

function isThere({ pid, startedAt }: Ancestor): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.startedAt === startedAt && stat.state !== "Z";
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function statOf(
  pid: number,
): { readonly state: string; readonly parent: number; readonly startedAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is a name in brackets, which may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent = "0"] = fields;
    return { state, parent: Number(parent), startedAt: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}
