import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  encodeGenesis,
  type Genesis,
  LIMIT_BOUNDS,
  networkIdOf,
  TIMING_BOUNDS,
} from "../../src/ledger/genesis.ts";
import { GenesisError } from "../../src/ledger/genesis-error.ts";
import { formatGenesis, parseGenesis } from "../../src/ledger/genesis-json.ts";
import { isValidPoint, sha256 } from "../../src/node/base/crypto.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { createGenesis, keyOf } from "./fixture.ts";

const genesis = createGenesis();
const text = formatGenesis(genesis);
const networkId = (of: Genesis) => toHex(networkIdOf(sha256, of));

/** The file with one value changed; `undefined` removes it. */
function changed(path: string, value: unknown): string {
  const file: unknown = JSON.parse(text);
  const names = path.split(".");
  const last = names.pop() ?? "";
  let at = file as Record<string, unknown>;
  for (const name of names) at = at[name] as Record<string, unknown>;
  at[last] = value;
  return JSON.stringify(file);
}

function parsed(file: string): Genesis {
  const read = parseGenesis(isValidPoint, file);
  if (read instanceof GenesisError) throw read;
  return read;
}

function refused(file: string): GenesisError {
  const read = parseGenesis(isValidPoint, file);
  if (read instanceof GenesisError) return read;
  throw new Error("this genesis was to be refused");
}

describe("the file", () => {
  it("reads back as what was written", () => {
    expect(parsed(text)).toEqual(genesis);
    expect(formatGenesis(parsed(text))).toBe(text);
  });

  it("may be laid out as one likes", () => {
    const file = JSON.parse(text) as Record<string, unknown>;
    const reordered = Object.fromEntries(Object.entries(file).reverse());
    expect(networkId(parsed(JSON.stringify(reordered)))).toBe(networkId(genesis));
  });
});

describe("L1: the network id", () => {
  it("is the hash of the canonical encoding, golden", () => {
    expect(networkId(genesis)).toBe(toHex(sha256(encodeGenesis(genesis))));
    expect(networkId(genesis)).toBe(
      "f90fc09f7ce5b8f5166b032e57167e830b13e4446d37ca44750f0f9a16536a4b",
    );
  });

  it("of a genesis without rulesets is what it was before there were rulesets, golden", () => {
    const older = { ...genesis, rulesets: undefined };
    expect(networkId(older)).toBe(
      "33def9aefd58586ea5c60de23e99f57fcdd761410117ec204a681203de9f59b2",
    );
    expect(networkId(parsed(formatGenesis(older)))).toBe(networkId(older));
  });

  const otherKey = toHex(keyOf("other").publicKey);
  it.each<[string, unknown]>([
    ["createdAt", genesis.createdAt + 1],
    ["validators.1.id", "other"],
    ["validators.1.peerAddress", "127.0.0.1:9"],
    ["validators.1.clientAddress", "127.0.0.1:9"],
    ["validators.1.identityKey", otherKey],
    ["validators.1.custodyKey", otherKey],
    ["assets.1.code", "XAU"],
    ["assets.1.scale", 0],
    ["issuers.0", otherKey],
    ["limits.blockOperationsMax", 49],
    ["limits.blockBytesMax", 65_537],
    ["limits.sponsoredPerBlockMax", 3],
    ["limits.unfundedPerSponsorMax", 41],
    ["timings.graceMs", 5_001],
    ["timings.lifetimeMsMax", 3_600_001],
    ["timings.clockSkewMs", 1_001],
    ["timings.viewTimeoutMs", 501],
    ["timings.viewTimeoutMsMax", 8_001],
    ["timings.sealTimeoutMs", 501],
    ["timings.ceremonyTimeoutMs", 30_001],
  ])("depends on %s", (path, value) => {
    expect(networkId(parsed(changed(path, value)))).not.toBe(networkId(genesis));
  });

  it("depends on the order of the validators", () => {
    const file = JSON.parse(text) as { validators: unknown[] };
    file.validators.reverse();
    expect(networkId(parsed(JSON.stringify(file)))).not.toBe(networkId(genesis));
  });
});

describe("what is refused, by field", () => {
  const key = (name: string) => toHex(keyOf(name).publicKey);
  const [first] = genesis.validators;
  if (first === undefined) throw new Error("a genesis has validators");
  const IDENTITY_POINT = `01${"00".repeat(31)}`;

  it.each<[string, string, unknown]>([
    ["createdAt", "createdAt", -1],
    ["createdAt", "createdAt", "1763900000000"],
    ["createdAt", "createdAt", 1.5],
    ["createdAt", "createdAt", 2 ** 53],
    ["createdAt", "createdAt", undefined],
    ["extra", "extra", 1],
    ["validators", "validators", []],
    ["validators", "validators", {}],
    ["validators[1]", "validators.1", "node"],
    ["validators[1].id", "validators.1.id", "Node 2"],
    ["validators[1].id", "validators.1.id", "node-1"],
    ["validators[1].id", "validators.1.id", undefined],
    ["validators[1].weight", "validators.1.weight", 2],
    ["validators[1].peerAddress", "validators.1.peerAddress", "127.0.0.1"],
    ["validators[1].peerAddress", "validators.1.peerAddress", "127.0.0.1:0"],
    ["validators[1].peerAddress", "validators.1.peerAddress", "127.0.0.1:70000"],
    ["validators[1].peerAddress", "validators.1.peerAddress", "https://127.0.0.1:7102"],
    ["validators[1].peerAddress", "validators.1.peerAddress", first.peerAddress],
    ["validators[1].clientAddress", "validators.1.clientAddress", first.clientAddress],
    ["validators[0].clientAddress", "validators.0.clientAddress", first.peerAddress],
    ["validators[1].identityKey", "validators.1.identityKey", key("x").toUpperCase()],
    ["validators[1].identityKey", "validators.1.identityKey", key("x").slice(2)],
    ["validators[1].identityKey", "validators.1.identityKey", 7],
    ["validators[1].identityKey", "validators.1.identityKey", IDENTITY_POINT],
    ["validators[1].identityKey", "validators.1.identityKey", toHex(first.identityKey)],
    ["validators[1].custodyKey", "validators.1.custodyKey", toHex(first.custodyKey)],
    ["validators[1].custodyKey", "validators.1.custodyKey", toHex(first.identityKey)],
    ["assets", "assets", []],
    ["assets", "assets", Array.from({ length: 17 }, (_, i) => ({ code: `A${i}`, scale: 2 }))],
    ["assets[1].code", "assets.1.code", "eur"],
    ["assets[1].code", "assets.1.code", "EUR"],
    ["assets[1].scale", "assets.1.scale", 19],
    ["assets[1].name", "assets.1.name", "Bitcoin"],
    ["issuers", "issuers", []],
    ["issuers[0]", "issuers.0", IDENTITY_POINT],
    ["issuers[0]", "issuers.0", toHex(first.identityKey)],
    ["issuers[1]", "issuers.1", key("issuer")],
    ["limits", "limits", null],
    ["limits.blockOperationsMax", "limits.blockOperationsMax", 0],
    ["limits.blockOperationsMax", "limits.blockOperationsMax", 10_001],
    ["limits.blockBytesMax", "limits.blockBytesMax", 65_535],
    ["limits.sponsoredPerBlockMax", "limits.sponsoredPerBlockMax", -1],
    ["limits.unfundedPerSponsorMax", "limits.unfundedPerSponsorMax", 10_000_001],
    ["limits.fee", "limits.fee", 1],
    ["timings.graceMs", "timings.graceMs", 0],
    ["timings.graceMs", "timings.graceMs", undefined],
    ["timings.viewTimeoutMs", "timings.viewTimeoutMs", 8_001],
    ["timings.ceremonyTimeoutMs", "timings.ceremonyTimeoutMs", 3_598_001],
    ["timings.tickMs", "timings.tickMs", 1],
  ])("%s (%s = %j)", (field, path, value) => {
    const error = refused(changed(path, value));
    expect(error.field).toBe(field);
    expect(error.remedy).not.toBe("");
    expect(error.message).toContain(field);
  });

  it.each([
    ["seconds", 1_763_900_000],
    ["microseconds", 1_763_900_000_000_000],
    ["a time before 2001", 999_999_999_999],
    ["a time after 2096", 4_000_000_000_000],
  ])("createdAt in %s, with the unit as the remedy", (_, value) => {
    const { field, message, remedy } = refused(changed("createdAt", value));
    expect(field).toBe("createdAt");
    expect(message).toContain(`${value}`);
    expect(remedy).toMatch(/milliseconds since 1970, 1000000000000 to 3999999999999/);
  });

  it("the last values that fit are taken", () => {
    expect(parsed(changed("createdAt", 1_000_000_000_000))).toBeDefined();
    expect(parsed(changed("createdAt", 3_999_999_999_999))).toBeDefined();
    expect(parsed(changed("timings.ceremonyTimeoutMs", 3_598_000))).toBeDefined();
    expect(parsed(changed("limits.sponsoredPerBlockMax", 0))).toBeDefined();
    expect(parsed(formatGenesis(createGenesis(2))).validators).toHaveLength(2);
    expect(parsed(formatGenesis(createGenesis(100))).validators).toHaveLength(100);
  });

  it("one validator alone, and more than a hundred", () => {
    expect(refused(formatGenesis(createGenesis(1))).field).toBe("validators");
    expect(refused(formatGenesis(createGenesis(101))).field).toBe("validators");
  });

  it.each([
    ["no JSON", "genesis"],
    ["no object", "[]"],
    ["nothing", ""],
    ["a trailing comma", text.replace(/\}\s*$/, ",}")],
  ])("%s", (_, file) => {
    expect(refused(file).field).toBe("");
  });

  it.each([
    ["createdAt", text.replace("{", '{"createdAt": 1,')],
    ["assets[0].scale", text.replace('"scale"', '"scale": 1, "scale"')],
  ])("%s, given twice", (field, file) => {
    expect(refused(file)).toMatchObject({ field, message: expect.stringContaining("given twice") });
  });

  it.each(["1.763900000000e12", "1763900000000.0", "1763900000000.00000000001", "-0"])(
    "a number written as %s",
    (number) => {
      expect(refused(text.replace("1763900000000", number)).field).toBe("createdAt");
    },
  );
});

it("docs/operations.md explains every key, with its bounds, and no other", () => {
  const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const section = page.split("\n## ").find((part) => part.startsWith("The genesis file")) ?? "";
  const rows = [...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)];
  const meanings = new Map(rows.map(([, key = "", meaning = ""]) => [key, meaning]));
  const keys = (value: unknown, path: string): string[] => {
    if (Array.isArray(value)) return [path, ...keys(value[0], `${path}[]`)];
    if (typeof value !== "object" || value === null) return path.endsWith("[]") ? [] : [path];
    const dot = path === "" ? "" : `${path}.`;
    return Object.entries(value).flatMap(([name, inner]) => keys(inner, `${dot}${name}`));
  };
  expect([...meanings.keys()].sort()).toEqual(keys(JSON.parse(text), "").sort());
  for (const [of, bounds] of [
    ["limits", LIMIT_BOUNDS],
    ["timings", TIMING_BOUNDS],
  ] as const) {
    for (const [name, { min, max }] of Object.entries(bounds)) {
      expect(meanings.get(`${of}.${name}`)).toContain(`${min} to ${max}`);
    }
  }
});
