/**
 * Goal: the commands in README work as printed. Method: its marked shell blocks run in order, in one bash that stops
 * at the first failure, against a network started for them; only ports and folders differ.
 */
import { readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { run } from "../support/guarded-process.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const BLOCK = /<!-- readme-test: (\w+) -->\n```sh\n([\s\S]*?)```/g;

let network: Devnet;
let output = "";
let status: number | null = null;
/** Ends what hangs, milliseconds. */
const SCRIPT_MS = 240_000;

function blocks(): [string, string][] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  return [...readme.matchAll(BLOCK)].map(([, name = "", text = ""]) => [name, text]);
}

/** README's own commands, on this network's ports and in its folder. */
function relocate(text: string): string {
  const { port } = network.place;
  const place = (digits: string) => `${port + Number(digits) - 1}`;
  return text
    .replace(/127\.0\.0\.1:70(\d\d)/g, (_all, digits: string) => `127.0.0.1:${place(digits)}`)
    .replace(/\bcall 70(\d\d)/g, (_all, digits: string) => `call ${place(digits)}`);
}

beforeAll(async () => {
  network = await Devnet.start(await newPlace());
  // The folder that npm start uses.
  symlinkSync(network.place.data, join(network.place.home, ".countersign"));
  const steps = blocks().map(([name, text]) => `echo "== ${name}"\n${relocate(text)}`);
  const script = ["set -euo pipefail", `cd ${network.place.home}`, ...steps].join("\n");
  // npx finds the project's own commands as in a clone.
  const path = `${join(ROOT, "node_modules", ".bin")}${delimiter}${process.env["PATH"]}`;
  const inClone = script.replaceAll(
    "npx countersign",
    `node ${join(ROOT, "bin", "countersign.js")}`,
  );
  const { code, stdout, stderr } = await run(["bash", "-c", inClone], {
    limitMs: SCRIPT_MS,
    env: { PATH: path },
  });
  output = `${stdout}\n${stderr}`;
  status = code;
});

afterAll(async () => {
  await network.stop();
  await leavePlace(network.place);
});

it("has a first payment, a verification and one by OpenSSL", () => {
  expect(blocks().map(([name]) => name)).toEqual(["payment", "curl", "verify", "openssl"]);
});

it("every block runs to its end", () => {
  expect(status, output).toBe(0);
});

it("the payment is applied, sealed, and the same on another node", () => {
  expect(output).toMatch(/receipt +valid: applied, sealed\ntransfer +0\.25 EUR/);
  expect(output).toMatch(/balance +0\.25 EUR/);
  expect(output).toContain('"status":"RESULT_STATUS_APPLIED"');
  expect(output).toContain('"sealedHeader"');
  expect(output).toContain('"balance":"25"');
});

it("the receipt verifies by the command and by OpenSSL", () => {
  expect(output).toContain("Signature Verified Successfully");
});
