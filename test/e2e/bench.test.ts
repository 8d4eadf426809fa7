// The bench itself: a short run of a payment workload on real processes, and every micro-benchmark once.
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MICRO_GROUPS, type MicroGroup } from "../../bench/micro/groups.ts";
import { openGroup } from "../../bench/micro/open-group.ts";
import { FIGURE_NAMES } from "../../bench/payments/figures.ts";
import type { RunDocument } from "../../bench/payments/run-document.ts";
import {
  COUNTERSIGN,
  GuardedProcess,
  processesNaming,
  ROOT,
  run,
  untilGone,
} from "../support/guarded-process.ts";
import { sweep } from "../support/sweep.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-e2e-"));
});

afterAll(() => rm(folder, { recursive: true }));

/** Its temporary files are in `folder`, so that its processes can be found. */
const bench = (...args: string[]) =>
  run([process.execPath, `${ROOT}bench/main.ts`, ...args], {
    env: { TMPDIR: folder },
    limitMs: 150_000,
  });

describe("npm run bench", () => {
  it("measures a mixed load: every answer judged, every figure of a closed load there, and nothing left behind", async () => {
    const sizes = ["--in-flight", "20", "--wallets", "20", "--seconds", "2", "--warm", "1"];
    const plots = join(folder, "plots");
    const outcome = await bench("mixed", ...sizes, "--repeats", "1", "--json", "--plot", plots);
    expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
    const { workloads, machine }: RunDocument = JSON.parse(outcome.stdout);
    expect(machine.processors).toBeGreaterThan(0);
    expect(workloads).toHaveLength(1);
    const [result] = workloads;
    const [repeat] = result?.repeats ?? [];
    if (result === undefined || repeat === undefined) throw new Error("no repeat");
    expect(repeat.failures).toEqual({});
    expect(repeat.answers).toBeGreaterThanOrEqual(20);
    expect(repeat.verified).toBe(Math.ceil(repeat.answers / 50));
    const missing = FIGURE_NAMES.filter((name) => !((result.spreads[name]?.median ?? -1) >= 0));
    // A closed load is no part of a rate at saturation.
    expect(missing).toEqual(["saturationRatio", "refusedPerSecond"]);
    const { transfersPerSecond, nodesCpuUs, operationsPerBlock } = repeat.figures;
    expect(
      Math.min(transfersPerSecond ?? 0, nodesCpuUs ?? 0, operationsPerBlock ?? 0),
    ).toBeGreaterThan(0);
    expect(readFileSync(join(plots, "throughput.svg"), "utf8")).toContain(">mixed<");
    expect(processesNaming(folder)).toEqual([]);
  });

  it("pays on a copy of a network with a past, whose blocks and state pass a check, and builds it once", async () => {
    const fixtures = join(folder, "fixtures");
    const past = ["--grown-wallets", "200", "--grown-transfers", "1500", "--fixtures", fixtures];
    const sizes = ["--in-flight", "20", "--seconds", "2", "--warm", "1", "--repeats", "1"];
    const outcome = await bench("grown-history", ...sizes, ...past, "--json");
    expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
    expect(outcome.stderr).toContain("building");
    const { workloads }: RunDocument = JSON.parse(outcome.stdout);
    const [repeat] = workloads[0]?.repeats ?? [];
    expect(repeat?.failures).toEqual({});
    expect(repeat?.answers).toBeGreaterThanOrEqual(20);
    const config = join(fixtures, "countersign-past-200-1500", "network", "node3", "config.json");
    const check = await run([...COUNTERSIGN, "check", "--config", config, "--json"]);
    expect(check, check.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(check.stdout)).toMatchObject({ height: 3, wallets: 200 });
    const start = await bench("start", "--rounds", "1", ...past);
    expect(start, start.stderr).toMatchObject({ code: 0 });
    expect(start.stderr).not.toContain("building");
    expect(start.stdout).toMatch(/start 1: listens after \d+\.\d s, .* MiB resident/);
    expect(processesNaming(folder)).toEqual([]);
  });

  it("fills the table of the targets from the runs that are named", async () => {
    const sizes = ["--rounds", "1", "--wallets", "20", "--seconds", "2", "--warm", "1"];
    const outcome = await bench("targets", "saturation", "single", ...sizes);
    expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
    expect(outcome.stdout).toMatch(
      /^\| transfers ÷ ceiling, unary calls \| 0\.150 \| 0\.\d{3} \(/m,
    );
    expect(outcome.stdout).toMatch(/^\| latency of one in flight, p99 \| 40 ms \| \d+ ms \(/m);
    expect(outcome.stdout).not.toContain("streams");
    expect(processesNaming(folder)).toEqual([]);
  });

  it("leaves no process and no folder behind when it is told to end", async () => {
    const own = await mkdtemp(join(folder, "told-"));
    const command = [process.execPath, `${ROOT}bench/main.ts`, "single", "--seconds", "300"];
    const started = new GuardedProcess(command, { env: { TMPDIR: own } });
    await vi.waitUntil(() => processesNaming(own).length > 4, { timeout: 180_000 });
    started.signal("SIGTERM");
    expect(await started.ended, started.output).toMatchObject({ code: 143 });
    await untilGone(processesNaming(own), 60_000);
    expect(readdirSync(own)).toEqual([]);
  });

  it("refuses a workload that does not exist", async () => {
    const outcome = await bench("cold");
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/there is no workload cold; take one of single/);
  });
});

/** The others first make thousands of wallets, or the keys of 16 members. */
const QUICK: readonly MicroGroup[] = ["codec", "check", "hash", "store", "link"];

describe("micro-benchmarks", () => {
  it.each(sweep({ whole: MICRO_GROUPS, share: QUICK }))("of %s run", async (group) => {
    const { benchmarks, close } = await openGroup(group);
    try {
      expect(benchmarks.length).toBeGreaterThan(0);
      for (const { run: work } of benchmarks) await work();
    } finally {
      await close?.();
    }
  });
});
