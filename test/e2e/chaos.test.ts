/**
 * Goal: every change runs a bounded share of `npm run chaos`: kills, all nodes at once, frozen nodes, cut and held
 * links and wrong clocks under load. Every answer is compared with every disk afterwards.
 */
import { expect, it } from "vitest";
import { ROOT, run } from "../support/guarded-process.ts";
import { sweep } from "../support/sweep.ts";

const CHAOS = [process.execPath, `${ROOT}test/chaos/main.ts`];
const SECONDS = sweep({ whole: 30, all: 20, share: 10 });

it("what was acknowledged under faults is on every disk", { timeout: 600_000 }, async () => {
  const { code, stdout, stderr } = await run(
    [...CHAOS, "--seconds", `${SECONDS}`, "--seed", "5", "--clients", "4", "--plan"],
    { limitMs: 580_000 },
  );
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(stdout).toMatch(/processes killed: [1-9]/);
  expect(stdout).toMatch(/all held\n$/);
});
