/**
 * Tells a long-running program to stop: on a signal, when the process that started it ends, or when npm ends, if npm
 * runs between the user and the program. A user who kills npm alone, or closes its terminal, wants the program to
 * end; but npm passes on only some signals, and dies of the others.
 */
import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { startInterval } from "../transport/timers.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const LOOK_MS = 500;
/** Processes between the program and its user: npm, its shell, bin/countersign.js and its shell, and a few more. */
const DEPTH_MAX = 8;

/** Process ids are reused. An id with its start time is unique. */
interface Ancestor {
  readonly pid: number;
  readonly startedAt: string;
}

/**
 * SIGHUP tells a program to end too, unless it has an `onHangUp`: then it means that, as long as the terminal that the
 * program was started in is there, or if it was started in none.
 */
export function untilToldToEnd(onHangUp?: () => void): Promise<void> {
  return new Promise((resolve) => {
    const told = () => {
      stopLooking();
      resolve();
    };
    for (const signal of SIGNALS) process.once(signal, told);
    const hadTerminal = hasTerminal();
    const hungUp = () => {
      if (onHangUp !== undefined && !(hadTerminal && !hasTerminal())) return onHangUp();
      process.off("SIGHUP", hungUp);
      told();
    };
    process.on("SIGHUP", hungUp);
    if (process.channel !== undefined) process.once("disconnect", told);
    const wrappers = wrappersOf(process.ppid);
    const stopLooking = startInterval(LOOK_MS, () => {
      if (!wrappers.every(isThere)) told();
    });
  });
}

/** True if the terminal of this process is there; after it was closed it cannot be opened. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", constants.O_RDONLY | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}

/** The processes from npm down to this program; empty if npm did not start it. */
function wrappersOf(parent: number): readonly Ancestor[] {
  const chain: Ancestor[] = [];
  let length = 0;
  for (let pid = parent; pid > 1 && chain.length < DEPTH_MAX; ) {
    const kind = kindOf(commandLine(pid));
    const stat = statOf(pid);
    if (kind === "other" || stat === undefined) break;
    chain.push({ pid, startedAt: stat.startedAt });
    // A shell counts only if npm started it. Any other belongs to the user or a script.
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
    // The second field is a name in brackets, which may contain any characters.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent = "0"] = fields;
    return { state, parent: Number(parent), startedAt: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}
