/**
 * Goal: the contract alone makes clients in other languages that pay. Method: buf generates the clients of examples/go and
 * examples/python-grpc with the pinned plugins, and these pay on a real network. Their packages come from the Go module proxy and PyPI.
 */
import { execFileSync } from "node:child_process";
import { cpSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { ROOT, run } from "../support/guarded-process.ts";

/** Compilers and downloads on a busy machine. */
const COMMAND_MS = 240_000;
const BUF = join(ROOT, "node_modules", ".bin", "buf");

/** Output of a program that is there; undefined where it is not. */
function outputOf(program: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}

const [, goMinor = 0] = /go1\.(\d+)/.exec(outputOf("go", "version") ?? "") ?? [];
/** `go tool` takes the plugins from go.mod since 1.24. */
const hasGo = Number(goMinor) >= 24;
const hasVenv = outputOf("python3", "-c", "import ensurepip") !== undefined;
if (!hasGo) console.log("no Go 1.24 or later: its client is not tried");
if (!hasVenv) console.log("no Python with venv: its client is not tried");

let devnet: Devnet;
beforeAll(async () => {
  devnet = await Devnet.start(await newPlace());
});
afterAll(async () => {
  await devnet.stop();
  await leavePlace(devnet.place);
});

/** A copy of an example as it is in a clone, so that nothing is written into this one. */
function copyOf(example: string): string {
  const folder = join(devnet.place.home, "clone", "examples", example);
  const from = join(ROOT, "examples", example);
  cpSync(from, folder, { recursive: true, filter: (path) => path !== join(from, "gen") });
  return folder;
}

async function must(folder: string, command: readonly string[], bin = ""): Promise<string> {
  const path = `${bin}${bin === "" ? "" : delimiter}${process.env["PATH"]}`;
  const script = 'cd "$1" && shift && exec "$@"';
  const { code, stdout, stderr } = await run(["bash", "-c", script, "bash", folder, ...command], {
    env: { PATH: path },
    limitMs: COMMAND_MS,
  });
  expect(code, `${command.join(" ")}:\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

function at(node: number): string[] {
  return [devnet.node(node).url, devnet.caFile];
}

const PAID =
  /^paid 25: RESULT_STATUS_APPLIED\npaid 25: RESULT_STATUS_APPLIED\nbob holds 25\nrefused: INSUFFICIENT_FUNDS\n$/;

describe("a client that buf generates", () => {
  beforeAll(() => {
    copyOf("go");
    symlinkSync(join(ROOT, "proto"), join(devnet.place.home, "clone", "proto"));
  });

  it.runIf(hasGo)("in Go pays once, over Connect", async () => {
    const folder = copyOf("go");
    await must(folder, [BUF, "generate"]);
    const [url = "", ca = ""] = at(1);
    expect(await must(folder, ["go", "run", ".", "-url", url, "-ca", ca])).toMatch(PAID);
  });

  it.runIf(hasVenv)("in Python pays once, over gRPC", async () => {
    const folder = copyOf("python-grpc");
    await must(folder, ["python3", "-m", "venv", ".venv"]);
    const bin = join(folder, ".venv", "bin");
    await must(folder, ["pip", "install", "--quiet", "--requirement", "requirements.txt"], bin);
    await must(folder, [BUF, "generate"], bin);
    const [url = "", ca = ""] = at(2);
    expect(await must(folder, ["python3", "pay.py", "--url", url, "--ca", ca], bin)).toMatch(PAID);
  });
});
