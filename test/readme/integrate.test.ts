/**
 * Goal: the program in docs/integrate.md works as printed. Method: its blocks, joined to one module, run in Node in the folder of a network that
 * was started for them; only the names of the package lead to its sources.
 */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { run } from "../support/guarded-process.ts";
import { BLOCKS, integrateProgram } from "./integrate-program.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** Ends what hangs, milliseconds. */
const PROGRAM_MS = 240_000;

let network: Devnet;
let output = "";
let status: number | null = null;

/** The source behind a name of the package, as package.json exports it. */
function sourceOf(name: string): string {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const [, generated] = /^gen\/(.*)$/.exec(name) ?? [];
  const built: string =
    generated === undefined ? exports[`./${name}`].default : `./dist/gen/${generated}.js`;
  return join(ROOT, built.replace("./dist/", "").replace(/\.js$/, ".ts"));
}

beforeAll(async () => {
  network = await Devnet.start(await newPlace());
  const { home, data } = network.place;
  // The folder that npm start uses, and the packages that npm install brings.
  symlinkSync(data, join(home, ".countersign"));
  symlinkSync(join(ROOT, "node_modules"), join(home, "node_modules"));
  writeFileSync(join(home, "program.mjs"), integrateProgram(sourceOf));
  const ended = await run([process.execPath, "program.mjs"], { cwd: home, limitMs: PROGRAM_MS });
  output = `${ended.stdout}\n${ended.stderr}`;
  status = ended.code;
});

afterAll(async () => {
  await network?.stop();
  if (network !== undefined) await leavePlace(network.place);
});

it("has a payment, an outbox, a watch and a reconciliation", () => {
  expect(BLOCKS.map(([name]) => name)).toEqual([
    ...["connect", "payment", "outbox", "watch", "reconcile"],
  ]);
});

it("pays, watches and reconciles", () => {
  expect(status, output).toBe(0);
  expect(output).toMatch(/^applied in block \d+$/m);
  expect(output).toContain("invoice 2026-117: applied");
  expect(output).toMatch(/^entry 2: 0\.25 EUR/m);
  expect(output).toMatch(/^entry 3: 12\.50 EUR 2026-117$/m);
  expect(output).toContain("reconciled: 12.75 EUR");
});
