/**
 * Goal: four operators who follow docs/operations.md get one network. Method: its marked shell blocks run in order, in
 * one bash that stops at the first failure, in a folder of their own; only ports are other ones.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../support/free-ports.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const DOCUMENT = readFileSync(join(ROOT, "docs", "operations.md"), "utf8");
const BLOCK = /<!-- walk-through: (\w+) -->\n```sh\n([\s\S]*?)```/g;
const TIMEOUT_MS = 150_000;

let home: string;
let output = "";
let code: number | null = null;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "countersign-operators-"));
  const port = await freePort(4);
  const steps = [...DOCUMENT.matchAll(BLOCK)].map(([, name = "", text = ""]) => {
    const moved = text
      .replace(/127\.0\.0\.1:710(\d)/g, (_all, place) => `127.0.0.1:${port + 99 + Number(place)}`)
      .replace(/127\.0\.0\.1:700(\d)/g, (_all, place) => `127.0.0.1:${port - 1 + Number(place)}`);
    return `echo "== ${name}"\n${moved}`;
  });
  const script = [
    "set -euo pipefail",
    // Whatever happens, no node outlives this shell.
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
  code = await outcomeOf(shell);
}, TIMEOUT_MS + 20_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

function outcomeOf(shell: ChildProcess): Promise<number | null> {
  for (const stream of [shell.stdout, shell.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  // The trap ends the nodes.
  const cut = setTimeout(() => shell.kill("SIGTERM"), TIMEOUT_MS);
  return new Promise((resolve) => {
    shell.once("close", (ended) => {
      clearTimeout(cut);
      resolve(ended);
    });
  });
}

it("every block runs to its end, and every node ends with 0 when told to", () => {
  expect(code, output).toBe(0);
  expect(output.match(/^== \w+$/gm)).toHaveLength(6);
});

it("all operators see one network id, and the payment on another node", () => {
  const [hash] = /^[0-9a-f]{64}$/m.exec(output) ?? [];
  expect(output).toContain(`network id  ${hash}`);
  for (const node of ["alpha", "bravo", "charlie", "delta"]) {
    expect(output).toContain(`${node} is set up for network ${hash}`);
  }
  expect(output).toMatch(/receipt +valid: applied, sealed/);
  expect(output).toMatch(/balance +0\.25 EUR/);
});
