// Another language's standard library and the openssl program, by docs/signing.md alone: same bytes, and real payments.
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toHex } from "../../src/primitives/bytes.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { GuardedProcess, ROOT } from "../support/guarded-process.ts";

const OTHER = new Uint8Array(32).fill(7);
const [OTHER_HEX, OTHER_BASE64] = [toHex(OTHER), Buffer.from(OTHER).toString("base64")];

let devnet: Devnet;
beforeAll(async () => {
  devnet = await Devnet.start(await newPlace());
});
afterAll(async () => {
  await devnet.stop();
  await leavePlace(devnet.place);
});

async function python(script: string, ...args: string[]) {
  // -B: nothing is written beside the examples.
  const child = new GuardedProcess([
    "python3",
    "-B",
    join(ROOT, "examples", "python", script),
    ...args,
  ]);
  const { code } = await child.ended;
  return { code, output: child.output };
}

it("computes every vector again", async () => {
  const { code, output } = await python(
    "check_vectors.py",
    join(ROOT, "test/vectors/signing.json"),
  );
  expect(output).toMatch(/^\d+ values are the same\n$/);
  expect(code).toBe(0);
});

it("opens wallets, pays, and checks the group's seal, on any node", async () => {
  for (const node of [0, 3]) {
    const to = ["--url", devnet.node(node).url, "--ca", devnet.caFile];
    const { code, output } = await python("pay.py", ...to);
    expect(output).toMatch(/^paid 25 and the group's seal is good\nbob holds 25$/m);
    expect(code).toBe(0);
  }
});

it("believes no node about the network and its key where it is told better", async () => {
  const { networkId, groupPublicKey = OTHER } = await devnet.calls(1).getNetwork({});
  const to = ["--url", devnet.node(2).url, "--ca", devnet.caFile];
  const [id, key] = [toHex(networkId), Buffer.from(groupPublicKey).toString("base64")];
  const good = await python("pay.py", ...to, "--network-id", id, "--group-key", key);
  expect(good.output).not.toContain("believing");
  expect(good.code).toBe(0);
  const otherKey = await python("pay.py", ...to, "--network-id", id, "--group-key", OTHER_BASE64);
  expect(otherKey.output).toContain("names another group key than yours");
  expect(otherKey.code).not.toBe(0);
  const otherNetwork = await python("pay.py", ...to, "--network-id", OTHER_HEX);
  expect(otherNetwork.output).toContain("names another network id than yours");
  expect(otherNetwork.code).not.toBe(0);
});

it("says what the node refused", async () => {
  const to = ["--url", devnet.node(1).url, "--ca", devnet.caFile];
  const { code, output } = await python("pay.py", ...to, "--amount", "1001");
  expect(output).toContain("INSUFFICIENT_FUNDS");
  expect(code).not.toBe(0);
});
