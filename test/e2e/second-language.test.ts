// A client in Python with its standard library and the openssl program follows docs/signing.md alone: it gets the
// same bytes and makes real payments.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countersign } from "../cli/countersign.ts";
import { goCommand, HAS_GO } from "../client/go-judge.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { COUNTERSIGN, GuardedProcess, ROOT, run } from "../support/guarded-process.ts";

const PAYMENT = "00000000-0000-4000-8000-000000000001";

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

it("L28: cancels a payment by the page alone, and proves that it is never made", async () => {
  const { code, output } = await python("pay.py", ...at(2), "--cancel");
  expect(output).toMatch(/^cancelled: the payment is never made\npaid 25 and .*\nbob holds 25$/m);
  expect(code).toBe(0);
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

describe("a node with access control, read by owners of wallets", () => {
  const node = 3;
  const asked = () => devnet.node(node);
  const wallets = () => join(devnet.place.home, "wallets");
  const command = (...args: string[]) =>
    countersign([...args, "--node", asked().name, "--network", devnet.place.data]);
  const withKeys = (...args: string[]) => command(...args, "--wallets", wallets());
  let alice = "";
  let bob = "";
  let carol = "";

  beforeAll(async () => {
    const created = async (...args: string[]): Promise<string> => {
      const { out, error } = await withKeys("wallet", "create", ...args, "--json");
      return /"walletId":"([^"]+)"/.exec(out)?.[1] ?? expect.fail(error);
    };
    alice = await created("--initial-balance", "1000");
    bob = await created();
    const paid = await withKeys(
      ...["transfer", "--from", alice, "--to", bob, "--amount", "25", "--id", PAYMENT],
    );
    expect(paid).toMatchObject({ code: 0 });
    openssl("genpkey", "-algorithm", "ed25519", "-out", join(devnet.place.home, "key.pem"));
    const der = openssl("pkey", "-in", keyFile(), "-pubout", "-outform", "DER");
    const { wallet } = await devnet
      .calls(node)
      .walletCreation({ publicKey: new Uint8Array(der.subarray(-32)), initialBalance: 7n });
    carol = wallet?.id ?? "";
    const config = JSON.parse(readFileSync(asked().configFile, "utf8"));
    await devnet.kill(node);
    writeFileSync(asked().configFile, JSON.stringify({ ...config, access: { tokens: true } }));
    await devnet.restart(node);
  });

  const keyFile = () => join(devnet.place.home, "key.pem");

  it("answers the commands of docs/signing.md, by openssl and curl, and no others of that key", async () => {
    const page = readFileSync(join(ROOT, "docs", "signing.md"), "utf8");
    const block = /<!-- signing-test: read -->\n```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    const shell = async (wallet: string, name = asked().name) => {
      const variables = [
        `cd ${devnet.place.home}`,
        `countersign() { '${COUNTERSIGN.join("' '")}' "$@"; }`,
        `cp ${devnet.genesisFile} ${devnet.caFile} .`,
        `NODE=${name} ADDRESS=${new URL(asked().url).host} WALLET=${wallet}`,
      ];
      const script = ["set -euo pipefail", ...variables, block].join("\n");
      const { code, stdout, stderr } = await run(["bash", "-c", script]);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    };
    expect(await shell(carol)).toMatchObject({ wallet: { id: carol, balance: "7" } });
    for (const [wallet, name] of [
      [alice, asked().name],
      [carol, devnet.node(0).name],
    ] as const) {
      const refused = { code: "unauthenticated", details: [{ debug: { field: "authorization" } }] };
      expect(await shell(wallet, name)).toMatchObject(refused);
    }
  });

  it("shows wallets and receipts to the commands that hold their keys, without a token", async () => {
    const shown = await withKeys("wallet", "show", alice);
    expect(shown).toMatchObject({ code: 0, out: expect.stringMatching(/^balance +9\.75 EUR$/m) });
    const { out } = await withKeys("wallet", "list");
    expect(out).toMatch(/9\.75 EUR/);
    expect(out).toMatch(/0\.25 EUR/);
    const receipt = ["receipt", "get", "--from", alice, "--id", PAYMENT];
    for (const reader of [[], ["--as", bob]]) {
      const { code, error } = await withKeys(...receipt, ...reader);
      expect({ code, error }).toEqual({ code: 0, error: expect.stringContaining("applied") });
    }
    expect((await withKeys("receipt", "get", "--wallet", bob)).code).toBe(0);
  });

  it.each([["Python"], ...(HAS_GO ? [["Go"]] : [])])(
    "gives receipts that the verifier in %s accepts, for this genesis only",
    async (language) => {
      const { home, data } = devnet.place;
      const program = join(home, "countersign-verify");
      const verifier = ["python3", "-B", join(ROOT, "verifiers/python/verify.py")];
      if (language === "Go") {
        goCommand("build", "-o", program, "./cmd/countersign-verify");
        verifier.splice(0, 3, program);
      }
      const { out } = await withKeys("receipt", "get", "--from", alice, "--id", PAYMENT);
      const [file, other] = [join(home, "kept.json"), join(home, "later-genesis.json")];
      writeFileSync(file, out);
      const genesis = JSON.parse(readFileSync(join(data, "genesis.json"), "utf8"));
      writeFileSync(other, JSON.stringify({ ...genesis, createdAt: genesis.createdAt + 1 }));
      const good = await run([...verifier, file, "--genesis", join(data, "genesis.json")]);
      expect(good.stdout).toMatch(
        /^receipt +valid: applied, .*\ntransfer +0\.25 EUR \(25 minor units\)\n/,
      );
      expect(good.stdout).toContain(
        `\nfrom        ${alice}\nto          ${bob}\nid          ${PAYMENT}\n`,
      );
      expect(good.code).toBe(0);
      const bad = await run([...verifier, "--genesis", other, file]);
      expect(bad.stdout).toMatch(/^proof +INVALID, proves nothing \(check 2\.2: .*\)\n$/);
      expect(bad.code).toBe(1);
    },
  );

  it("shows them to no others", async () => {
    const empty = ["--wallets", join(devnet.place.home, "none")];
    expect(await command("wallet", "show", alice, ...empty)).toMatchObject({
      code: 4,
      error: expect.stringMatching(/needs a credential.*\[UNAUTHENTICATED\]/),
    });
    // The creation of one's own wallet is one's own, the payment between two others is not.
    const other = await withKeys("receipt", "get", "--wallet", alice, "--as", bob);
    expect(other).toMatchObject({ code: 4, error: expect.stringContaining("NOT_FOUND") });
    const noKey = await withKeys("receipt", "get", "--wallet", alice, "--as", carol);
    expect(noKey).toMatchObject({ code: 1, error: expect.stringContaining(`key of ${carol}`) });
  });
});

function openssl(...args: string[]): Buffer {
  return execFileSync("openssl", args);
}
