// A client in Python with its standard library and the openssl program follows docs/signing.md alone: it gets the
// same bytes and makes real payments.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { GuardedProcess, ROOT } from "../support/guarded-process.ts";

let devnet: Devnet;
beforeAll(async () => {
  devnet = await Devnet.start(await newPlace());
});
afterAll(async () => {
  await devnet.stop();
  await leavePlace(devnet.place);
});

async function python(script: string, ...args: string[]) {
  // -B: Python writes no files beside the examples.
  const child = new GuardedProcess([
    "python3",
    "-B",
    join(ROOT, "examples", "python", script),
    ...args,
  ]);
  const { code } = await child.ended;
  return { code, output: child.output };
}

function at(node: number): string[] {
  const genesis = join(devnet.place.data, "genesis.json");
  return ["--url", devnet.node(node).url, "--ca", devnet.caFile, "--genesis", genesis];
}

it("computes every vector again", async () => {
  const { code, output } = await python(
    "check_vectors.py",
    join(ROOT, "test/vectors/signing.json"),
    join(ROOT, "test/vectors/receipts.json"),
    join(ROOT, "test/vectors/signed-reads.json"),
  );
  expect(output).toMatch(/^\d+ values are the same\n$/);
  expect(code).toBe(0);
});

it("opens wallets, pays, and checks the group's seal, on any node", async () => {
  for (const node of [0, 3]) {
    const { code, output } = await python("pay.py", ...at(node));
    expect(output).toMatch(/^paid 25 and the group's seal is good\nbob holds 25$/m);
    expect(code).toBe(0);
  }
});

it("believes no node about the network: its own genesis decides", async () => {
  const genesis = JSON.parse(readFileSync(join(devnet.place.data, "genesis.json"), "utf8"));
  const file = join(devnet.place.home, "other-genesis.json");
  writeFileSync(file, JSON.stringify({ ...genesis, createdAt: genesis.createdAt + 1 }));
  const to = ["--url", devnet.node(2).url, "--ca", devnet.caFile, "--genesis", file];
  const { code, output } = await python("pay.py", ...to);
  expect(output).toContain("of another network than the genesis");
  expect(code).not.toBe(0);
});

it("says what the node refused", async () => {
  const { code, output } = await python("pay.py", ...at(1), "--amount", "1001");
  expect(output).toContain("INSUFFICIENT_FUNDS");
  expect(code).not.toBe(0);
});
