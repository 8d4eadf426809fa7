/**
 * The steps of four operators who follow docs/operations.md: its marked shell blocks in their order, each on the machines
 * that its mark names, in one bash for each machine that stops at the first failure. Between the blocks the operators exchange files.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const DOCUMENT = readFileSync(join(ROOT, "docs", "operations.md"), "utf8");
const BLOCK = /<!-- walk-through: (\w+), (each|one|client) -->\n```sh\n([\s\S]*?)```/g;
/** Ends a walk that hangs, milliseconds: on a busy machine it has taken 140 s. */
export const WALK_MS = 280_000;

export interface Machine {
  readonly name: string;
  /** As it stands in an address. */
  readonly host: string;
  /** The beginning of every command of this machine. */
  readonly command: readonly string[];
  /** Of the blocks as they are printed, what is different on this machine. */
  readonly adapt: (text: string) => string;
  /** Its operator's own steps after a block. */
  readonly after?: (block: string, folder: string) => void;
}

export interface Walk {
  readonly code: number;
  readonly output: string;
}

/** The files that operators send one another after a block, by the name of the sender. */
const SENT: Readonly<Record<string, (name: string) => string>> = {
  keys: (name) => join("members", `${name}.json`),
  certificates: (name) => join("authorities", `${name}.pem`),
  tokens: (name) => join("callers", `${name}.token`),
};
/** Blocks whose files are for the client alone: a token lets its holder spend. */
const FOR_CLIENT: ReadonlySet<string> = new Set(["certificates", "tokens"]);
/** A block that an operator may repeat after a lost answer. */
const REPEATED = "payment";

/** `client` is a machine beside those of the members; the first member composes the genesis. */
export async function walkThrough(
  home: string,
  members: readonly Machine[],
  client: Machine,
): Promise<Walk> {
  const bin = join(home, "bin");
  mkdirSync(bin);
  const main = join(ROOT, "src", "cli", "main.ts");
  const command = `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`;
  writeFileSync(join(bin, "countersign"), command, { mode: 0o755 });
  const shells = new Map([...members, client].map((one) => [one, new Shell(one, home, bin)]));
  const late = setTimeout(() => {
    for (const shell of shells.values()) shell.end();
  }, WALK_MS);
  const output: string[] = [];
  try {
    for (const [, block = "", who, text = ""] of DOCUMENT.matchAll(BLOCK)) {
      const there = { each: members, one: members.slice(0, 1), client: [client] }[`${who}`] ?? [];
      output.push(`== ${block}`);
      await Promise.all(
        there.map(async (machine) => {
          for (let run = 0; run < (block === REPEATED ? 2 : 1); run += 1) {
            const said = await shells.get(machine)?.run(machine.adapt(text));
            output.push(`-- ${machine.name}\n${said}`);
          }
          machine.after?.(block, folderOf(home, machine));
        }),
      );
      exchange(home, block, { members, client });
    }
    const codes = await Promise.all(members.map((one) => shells.get(one)?.stopJobs()));
    return { code: codes.every((one) => one === 0) ? 0 : 1, output: output.join("\n") };
  } catch (error) {
    return { code: 1, output: `${output.join("\n")}\n${error}` };
  } finally {
    clearTimeout(late);
    await Promise.all([...shells.values()].map((shell) => shell.end()));
  }
}

function folderOf(home: string, { name }: Machine): string {
  return join(home, name);
}

function exchange(
  home: string,
  block: string,
  { members, client }: { readonly members: readonly Machine[]; readonly client: Machine },
): void {
  const send = (from: Machine, file: string) => {
    for (const to of FOR_CLIENT.has(block) ? [client] : [...members, client]) {
      if (to === from) continue;
      mkdirSync(join(folderOf(home, to), file, ".."), { recursive: true });
      copyFileSync(join(folderOf(home, from), file), join(folderOf(home, to), file));
    }
  };
  const [composer] = members;
  if (block === "genesis" && composer !== undefined) send(composer, "genesis.json");
  const sent = SENT[block];
  if (sent !== undefined) for (const member of members) send(member, sent(member.name));
}

/** An operator's terminal. */
class Shell {
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  #said = "";
  #onSaid: () => void = () => undefined;
  #count = 0;

  constructor(machine: Machine, home: string, bin: string) {
    const cwd = folderOf(home, machine);
    mkdirSync(cwd);
    const [file = "", ...args] = [...machine.command, "bash", "-s"];
    this.#child = spawn(file, args, { cwd, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin?.on("error", () => undefined);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#said += chunk;
        this.#onSaid();
      });
    }
    this.#closed = new Promise((resolve) => this.#child.once("close", () => resolve()));
    const { name, host } = machine;
    this.#child.stdin?.write(
      `set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\nPATH='${bin}':$PATH\n` +
        `NODE=${name}\nHOST='${host}'\n`,
    );
  }

  /** Answers the output of the commands; rejects if one fails. */
  async run(text: string): Promise<string> {
    this.#said = "";
    this.#count += 1;
    const mark = `@@ ${this.#count}`;
    this.#child.stdin?.write(`${text}\necho '${mark}'\n`);
    const isDone = () => this.#said.includes(`${mark}\n`);
    const done = new Promise<void>((resolve) => {
      this.#onSaid = () => {
        if (isDone()) resolve();
      };
    });
    await Promise.race([done, this.#closed]);
    if (!isDone()) throw new Error(`the shell has ended:\n${this.#said}`);
    return this.#said.replace(`${mark}\n`, "");
  }

  /** Tells the nodes to end; gives the first code of one that is not 0. */
  async stopJobs(): Promise<number> {
    const said = await this.run(
      "code=0; kill $(jobs -p); for job in $(jobs -p); do wait $job || code=$?; done; echo code $code",
    );
    return Number(/code (\d+)/.exec(said)?.[1] ?? 1);
  }

  async end(): Promise<void> {
    this.#child.stdin?.end();
    this.#child.kill("SIGTERM");
    await this.#closed;
  }
}
