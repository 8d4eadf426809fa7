// Mistakes of operators before their first start, and the messages that they get.
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "./countersign.ts";
import { countersignHere as countersign } from "./in-process.ts";

let home: string;
const run = (...args: string[]) => countersign(args, { cwd: home });
const address = (port: number) => `127.0.0.1:${port}`;
const keygen = (node: string, port: number) => [
  ...["keygen", "--node", node],
  ...["--peer-address", address(port + 100), "--client-address", address(port)],
];
const member = (node: string) => join(node, "member.json");

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "countersign-operators-"));
  for (const [node, port] of [
    ["bravo", 7002],
    ["alpha", 7001],
  ] as const) {
    expect(await run(...keygen(node, port))).toMatchObject({ code: 0, error: "" });
  }
});

afterAll(() => rm(home, { recursive: true, force: true }));

function expectError({ code, out, error }: Outcome, exitCode: number, line: RegExp): void {
  expect(error).toMatch(line);
  expect({ code, out }).toEqual({ code: exitCode, out: "" });
  expect(error.trimEnd().split("\n")).toHaveLength(1);
}

describe("keygen", () => {
  it("keeps keys and passphrase to their owner, and shows neither", async () => {
    for (const secret of ["alpha/passphrase", "alpha/keys/identity.key.json"]) {
      expect((await stat(join(home, secret))).mode & 0o777).toBe(0o600);
    }
    const shown = await readFile(join(home, member("alpha")), "utf8");
    expect(Object.keys(JSON.parse(shown)).sort()).toEqual([
      ...["clientAddress", "custodyKey", "id", "identityKey", "peerAddress", "signature"],
    ]);
  });

  it("overwrites no keys, and wants a name and addresses that fit", async () => {
    expectError(await run(...keygen("alpha", 7001)), 1, /holds keys already.*never overwritten/);
    expectError(await run("keygen", "--node", "A b"), 2, /--node is "A b", but must be 1 to 63/);
    expectError(
      await run("keygen", "--node", "x"),
      2,
      /--peer-address is missing; it takes host:port/,
    );
  });
});

describe("genesis", () => {
  const compose = (out: string, ...members: string[]) =>
    run(
      ...["genesis", "compose", ...members, "--issuers", "alpha"],
      ...["--created-at", "1790000000000", "--out", out],
    );

  it("is the same from every operator, and its hash is the network id", async () => {
    const [one, two] = [member("alpha"), member("bravo")];
    expect(await compose("one.json", one, two)).toMatchObject({ code: 0, error: "" });
    expect(await compose("two.json", two, one)).toMatchObject({ code: 0, error: "" });
    const files = ["one.json", "two.json"].map((name) => readFile(join(home, name), "utf8"));
    const [first, second] = await Promise.all(files);
    expect(first).toBe(second);
    const hash = await run("genesis", "hash", "one.json");
    const inspected = await run("genesis", "inspect", "two.json", "--json");
    expect(JSON.parse(inspected.out).networkId).toBe(hash.out.trim());
  });

  it("gives late members an hour for the group key, or as long as is agreed on, and its steps as long to live", async () => {
    const timings = async (...more: string[]) => {
      const file = `timings${more.length}${more.at(-1) ?? ""}.json`;
      const made = await run(
        ...["genesis", "compose", member("alpha"), member("bravo"), "--issuers", "alpha"],
        ...["--out", file, ...more],
      );
      expect(made).toMatchObject({ code: 0, error: "" });
      return JSON.parse(await readFile(join(home, file), "utf8")).timings;
    };
    const hour = { ceremonyTimeoutMs: 3_600_000, lifetimeMsMax: 3_620_000 };
    expect(await timings()).toMatchObject(hour);
    const minute = { ceremonyTimeoutMs: 60_000, lifetimeMsMax: 3_600_000 };
    expect(await timings("--ceremony-timeout", "60000")).toMatchObject(minute);
    const longest = { ceremonyTimeoutMs: 86_380_000, lifetimeMsMax: 86_400_000 };
    expect(await timings("--ceremony-timeout", "86380000")).toMatchObject(longest);
    const longer = await run(
      ...["genesis", "compose", member("alpha"), member("bravo"), "--issuers", "alpha"],
      ...["--out", "x.json", "--ceremony-timeout", "86380001"],
    );
    expectError(longer, 2, /--ceremony-timeout is "86380001", but must be .* to 86380000/);
  });

  it("refuses a member file that was changed, twice the same, and one that is none", async () => {
    const text = await readFile(join(home, member("bravo")), "utf8");
    await writeFile(join(home, "changed.json"), text.replace("7002", "7009"));
    const changed = await compose("x.json", member("alpha"), "changed.json");
    expectError(changed, 1, /changed.json: the signature does not fit.*ask its operator/);
    const twice = await compose("x.json", member("alpha"), member("alpha"));
    expectError(twice, 1, /genesis compose: .*give every/);
    await writeFile(join(home, "both.json"), text.replace("{", '{"id": "alpha",'));
    const both = await compose("x.json", member("alpha"), "both.json");
    expectError(both, 1, /both.json: "id" is given twice/);
    await writeFile(join(home, "none.json"), "[]");
    const none = await compose("x.json", member("alpha"), "none.json");
    expectError(none, 1, /none.json: the file is not an object/);
    expectError(await compose("x.json"), 2, /MEMBER is missing/);
    const lone = await run("genesis", "compose", member("alpha"), member("bravo"));
    expectError(
      lone,
      2,
      /--issuers is missing; name who may create money, for example alpha,bravo/,
    );
  });

  it("is not overwritten", async () => {
    const again = await compose("one.json", member("alpha"), member("bravo"));
    expectError(again, 1, /one.json exists, and a network may use it; give --out/);
  });
});

describe("init", () => {
  it("refuses keys that no member of the genesis has, and a folder without keys", async () => {
    await run(...keygen("mallory", 7005));
    const foreign = await run("init", "mallory", "--genesis", "one.json");
    expectError(foreign, 1, /no member of one.json has the keys of .*mallory/);
    expectError(await run("init", "nemo", "--genesis", "one.json"), 1, /holds no keys.*keygen/);
    expectError(
      await run("init", "alpha", "--genesis", "no.json"),
      1,
      /no.json: the genesis cannot/,
    );
  });

  it("moves the keys into the data folder, once", async () => {
    expect(await run("init", "alpha", "--genesis", "one.json")).toMatchObject({ code: 0 });
    await expect(stat(join(home, "alpha", "keys"))).rejects.toThrow("ENOENT");
    await stat(join(home, "alpha", "data", "keys", "identity.key.json"));
    expectError(await run("init", "alpha", "--genesis", "one.json"), 1, /this node is set up/);
  });

  it("goes on after a crash between the data folder and the configuration", async () => {
    await rm(join(home, "alpha", "config.json"));
    expect(await run("init", "alpha", "--genesis", "one.json")).toMatchObject({ code: 0 });
    const config = JSON.parse(await readFile(join(home, "alpha", "config.json"), "utf8"));
    expect(config).toMatchObject({ node: "alpha", peerListen: address(7101) });
  });

  it("takes any address to listen on, and lets the node ask its callers for tokens", async () => {
    const listen = ["--client-listen", "[::]:7002", "--peer-listen", "0.0.0.0:7102"];
    const made = await run("init", "bravo", "--genesis", "one.json", ...listen);
    expect(made).toMatchObject({ code: 0, error: "" });
    const config = JSON.parse(await readFile(join(home, "bravo", "config.json"), "utf8"));
    expect(config).toMatchObject({
      clientListen: "[::]:7002",
      peerListen: "0.0.0.0:7102",
      access: { tokens: true },
    });
  });
});
