// A node's runtime starts with bounds on its memory beyond what is live; a flood would otherwise leave it large.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { NodeProcesses } from "../../src/cli/node-processes.ts";
import { ROOT, run } from "../support/guarded-process.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every process that starts prints its flags. */
const SAYS_FLAGS = `--import "data:text/javascript,console.error(process.pid,String(process.execArgv))"`;
const FLAG = "--max-semi-space-size";
const GROWTH = "--heap-growing-percent=100";
const BIN = [process.execPath, join(ROOT, "bin", "countersign.js")];

it("by `countersign node`, in the process that was started", async () => {
  const env = { NODE_OPTIONS: SAYS_FLAGS };
  const { stderr } = await run([...BIN, "node", "--config", join(folder, "none.json")], { env });
  const said = [...stderr.matchAll(/^(\d+) (.*)$/gm)].map(([, pid, flags]) => [pid, flags]);
  const [first] = said;
  expect(said).toEqual([
    [first?.[0], ""],
    [first?.[0], `${FLAG}=16,${GROWTH}`],
  ]);
  expect(stderr).toContain("none.json");
});

it("by `countersign node`, except one that the operator has set", async () => {
  const env = { NODE_OPTIONS: `${SAYS_FLAGS} ${FLAG}=32` };
  const { stderr } = await run([...BIN, "node", "--config", join(folder, "none.json")], { env });
  expect([...stderr.matchAll(/^\d+ (.*)$/gm)].map(([, flags]) => flags)).toEqual(["", GROWTH]);
});

it("not by another command", async () => {
  const { stderr } = await run([...BIN, "version"], { env: { NODE_OPTIONS: SAYS_FLAGS } });
  expect(stderr).toMatch(/^\d+ \n$/);
});

it("by the development network", async () => {
  vi.stubEnv("NODE_OPTIONS", SAYS_FLAGS);
  const logFile = join(folder, "node.log");
  await new Promise<void>((resolve) => {
    const processes = new NodeProcesses(() => resolve());
    processes.start({ name: "node1", configFile: join(folder, "none.json"), logFile });
  });
  vi.unstubAllEnvs();
  expect(readFileSync(logFile, "utf8")).toMatch(new RegExp(`^\\d+ ${FLAG}=16,${GROWTH}$`, "m"));
});
