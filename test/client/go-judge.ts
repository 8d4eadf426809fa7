/** The verifier of verifiers/go as a program that judges for the tests, where Go is present. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JudgeProcess } from "./receipt-judges.ts";

export const GO_MODULE = new URL("../../verifiers/go/", import.meta.url).pathname;
/** A first build compiles the standard library's part, on a busy machine. */
const BUILD_MS = 150_000;
/** No network, no other toolchain, no workspace of the user. */
const OFFLINE = { GOPROXY: "off", GOTOOLCHAIN: "local", GOWORK: "off", GOFLAGS: "" };

/** The module's `go.mod` names this version. */
const [, minor = 0] = /go1\.(\d+)/.exec(versionOfGo()) ?? [];
export const HAS_GO = Number(minor) >= 21;
if (!HAS_GO)
  console.log("no Go 1.21 or later: the verifier of verifiers/go is not tried (skipped)");

function versionOfGo(): string {
  try {
    return execFileSync("go", ["version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}

/** Runs the go command in the module. */
export function goCommand(...args: readonly string[]): string {
  const env = { ...process.env, ...OFFLINE };
  return execFileSync("go", args, { cwd: GO_MODULE, env, encoding: "utf8", timeout: BUILD_MS });
}

/** A judge, built from the sources as they are; the caller closes it. */
export class GoJudge {
  readonly judge: JudgeProcess;
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "countersign-go-"));
    const program = join(this.#folder, "judge");
    goCommand("test", "-c", "-o", program, ".");
    this.judge = JudgeProcess.go(program);
  }

  close(): void {
    this.judge.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
