// A user's own names for wallets: what may be one, and the file that says whom a name pays.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { valuesOf } from "../../src/cli/completion-values.ts";
import { isWalletName } from "../../src/cli/wallet-name.ts";
import { changeNames, WalletNames } from "../../src/cli/wallet-names.ts";
import { parseUuid } from "../../src/primitives/ids.ts";
import { randomUuid } from "../support/operations.ts";
import { countersignHere } from "./in-process.ts";

const [ALICE, BOB] = [
  "0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90",
  "7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43",
];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-names-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wallet = (...words: string[]) => countersignHere(["wallet", ...words, "--wallets", folder]);
const file = () => join(folder, "names");

describe("a name", () => {
  it.each(["alice", "a", "rent-2026", "acme.eu_1", "cafe", "decade", "x".repeat(32)])(
    "may be %s",
    (name) => expect(isWalletName(name)).toBe(true),
  );

  it.each([
    ...["", "Alice", "1st", "-a", "a-", "a--b", "a..b", "a b", "a\n", "\u001b[2J", "x".repeat(33)],
    ...["аlice", "alıce", "ａlice", "a\u0301", "a\u202eb", "a/b", "..", "=1+1", "$(x)", ALICE],
    ...["deadbeef", "deadbeef-1234", "deadbeef.x"],
  ])("is not %j", async (name) => {
    expect(isWalletName(name)).toBe(false);
    const { code, error } = await wallet("name", "--", name, ALICE);
    expect(code).toBe(EXIT.usage);
    expect(error).toMatch(/^countersign: wallet name: [\x20-\x7e\p{L}\p{M}]+\n$/u);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is never an id or a part of one that begins it, nor an option", () => {
    const id = fc.uuid();
    const cut = fc.nat({ max: 28 }).map((more) => 8 + more);
    fc.assert(
      fc.property(id, cut, (whole, length) => {
        expect(isWalletName(whole.slice(0, length))).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        if (!isWalletName(text)) return;
        expect(parseUuid(text)).toBeUndefined();
        expect(text).toMatch(/^[a-z][a-z0-9._-]*$/);
      }),
    );
  });

  it.each([
    ["bob", "b0b"],
    ["alan", "a1an"],
    ["corner", "comer"],
    ["ewe", "evve"],
    ["rent-may", "rent_may"],
    ["rent-may", "rent.may"],
  ])("%s leaves no room for %s", async (first, second) => {
    expect(await wallet("name", first, ALICE)).toMatchObject({ code: EXIT.ok });
    const { code, error } = await wallet("name", second, BOB);
    expect(code).toBe(EXIT.failed);
    expect(error).toContain(`"${second}" looks like "${first}", which is the name of ${ALICE}`);
    expect(readFileSync(file(), "utf8")).toBe(`${first} ${ALICE}\n`);
  });
});

it("a name moves to another wallet, or a wallet to another name, only after it was removed", async () => {
  await wallet("name", "alice", ALICE);
  expect(await wallet("name", "alice", ALICE)).toMatchObject({ code: EXIT.ok });
  const moved = await wallet("name", "alice", BOB);
  expect(moved.error).toContain(`"alice" is the name of ${ALICE}; choose another name`);
  const second = await wallet("name", "other", ALICE);
  expect(second.error).toContain(`${ALICE} has the name "alice"; choose another name`);
  const gone = await wallet("unname", "alice", "--json");
  expect(JSON.parse(gone.out)).toEqual({ name: "alice", id: ALICE });
  expect((await wallet("name", "alice", BOB)).code).toBe(EXIT.ok);
  const { out } = await wallet("names", "--json");
  expect(JSON.parse(out)).toEqual({ names: [{ name: "alice", id: BOB }] });
});

it("a file of names that others can write is used by no command", async () => {
  await wallet("name", "alice", ALICE);
  chmodSync(file(), 0o620);
  for (const line of [["names"], ["name", "bob", BOB], ["show", "alice"], ["show", ALICE]]) {
    const { code, error } = await wallet(...line);
    expect([line, code]).toEqual([line, EXIT.failed]);
    expect(error).toMatch(/can be written by others, who could choose whom you pay; .*chmod 600/);
  }
});

it.each([
  [`alice ${ALICE}\nb0b\n`, /line 2 is not NAME ID/],
  [`alice ${ALICE} x\n`, /line 1 is not NAME ID/],
  [`\u001b[2J ${ALICE}\n`, /line 1 is not NAME ID/],
  [`bob ${ALICE}\nb0b ${BOB}\n`, /line 2 has a name like another one/],
  [`bob ${ALICE}\nalice ${ALICE}\n`, /line 2 has the id of another name/],
])("a damaged file of names is named with its line: %j", async (text, message) => {
  writeFileSync(file(), text, { mode: 0o600 });
  const { code, out, error } = await wallet("show", ALICE);
  expect([code, out]).toEqual([EXIT.failed, ""]);
  expect(error).toMatch(message);
  expect(valuesOf("names", { wallets: folder, genesis: "" })).toEqual([]);
});

it("of names given at once by several commands none is lost: a command that did not give its own says so", async () => {
  const given = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const { code, error } = await wallet("name", `n-${"abcdefgh"[i]}`, randomUuid());
      if (code !== EXIT.ok) expect(error).toMatch(/another command changes the names; repeat/);
      return code;
    }),
  );
  const { all } = WalletNames.read("test", { wallets: folder });
  expect(all).toHaveLength(given.filter((code) => code === EXIT.ok).length);
  expect(all.length).toBeGreaterThan(0);
});

it("there are at most ten thousand names", async () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => {
    const letters = i.toString(3).replace(/./g, (digit) => "abc".charAt(Number(digit)));
    return `x${letters} ${randomUuid()}\n`;
  });
  writeFileSync(file(), lines.join(""), { mode: 0o600 });
  const { code, error } = await wallet("name", "one-more", ALICE);
  expect(code).toBe(EXIT.failed);
  expect(error).toMatch(/has 10000 names, the most it may have/);
  await changeNames("test", { wallets: folder }, (held) => new Map(held.all.slice(1)));
  expect((await wallet("name", "one-more", ALICE)).code).toBe(EXIT.ok);
});

it("completion offers names where it offers ids, and names alone to remove", async () => {
  await wallet("name", "alice", ALICE);
  const places = { wallets: folder, genesis: "" };
  expect(valuesOf("wallets", places)).toEqual(["alice"]);
  expect(valuesOf("names", places)).toEqual(["alice"]);
});

it("suggests the name that was meant, and never pays by it", async () => {
  await wallet("name", "alice", ALICE);
  const pay = ["transfer", "--from", "alise", "--to", BOB, "--amount", "1", "--wallets", folder];
  const { code, error } = await countersignHere(pay);
  expect(code).toBe(EXIT.usage);
  expect(error).toMatch(
    /--from is "alise", but must be a wallet's id, .*; did you mean alice\?\n$/,
  );
});
