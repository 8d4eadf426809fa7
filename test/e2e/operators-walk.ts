/**
 * Runs the marked shell blocks of docs/operations.md for four operators, in order, in one bash that stops at the
 * first failure, in a folder of their own. Only the addresses differ.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-ports.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const DOCUMENT = readFileSync(join(ROOT, "docs", "operations.md"), "utf8");
const BLOCK = /<!-- walk-through: (\w+) -->\n```sh\n([\s\S]*?)```/g;
/** The longest duration of a walk, milliseconds. */
export const WALK_MS = 150_000;

export interface Walk {
  readonly code: number | null;
  readonly output: string;
}

/** `hosts`: the hosts of the four nodes as they are written in an address. */
export async function walkThrough(hosts: readonly string[]): Promise<Walk> {
  const home = mkdtempSync(join(tmpdir(), "countersign-operators-"));
  const port = await freePort(4);
  const place = (offset: number) => (_all: string, node: string) =>
    `${hosts[Number(node) - 1]}:${port + offset - 1 + Number(node)}`;
  const steps = [...DOCUMENT.matchAll(BLOCK)].map(([, name = "", text = ""]) => {
    const moved = text
      .replace(/127\.0\.0\.1:710(\d)/g, place(100))
      .replace(/127\.0\.0\.1:700(\d)/g, place(0));
    return `echo "== ${name}"\n${moved}`;
  });
  const script = [
    "set -euo pipefail",
    // Every node ends with this shell.
    "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT",
    `PATH=${join(home, "bin")}:$PATH`,
    ...steps,
    "kill $(jobs -p)",
    "for job in $(jobs -p); do wait $job; done",
    "trap - EXIT",
  ].join("\n");
  const main = join(ROOT, "src", "cli", "main.ts");
  mkdirSync(join(home, "bin"));
  const command = `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`;
  writeFileSync(join(home, "bin", "countersign"), command, { mode: 0o755 });
  const shell = spawn("bash", ["-c", script], { cwd: home, stdio: ["ignore", "pipe", "pipe"] });
  const walk = await outcomeOf(shell);
  rmSync(home, { recursive: true, force: true });
  return walk;
}

function outcomeOf(shell: ChildProcess): Promise<Walk> {
  let output = "";
  for (const stream of [shell.stdout, shell.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  // The trap ends the nodes.
  const cut = setTimeout(() => shell.kill("SIGTERM"), WALK_MS);
  return new Promise((resolve) => {
    shell.once("close", (code) => {
      clearTimeout(cut);
      resolve({ code, output });
    });
  });
}
