// Bearer tokens as a node keeps them: effective at once, expiring, revoked, and never there in their text.
import { beforeEach, describe, expect, it } from "vitest";
import { PRINCIPAL_BYTES_MAX } from "../../../src/access/principal.ts";
import { isTokenText, tokenText } from "../../../src/access/token.ts";
import { AccessControl } from "../../../src/node/access/access-control.ts";
import { Guesses } from "../../../src/node/access/guesses.ts";
import { type Announce, Tokens } from "../../../src/node/access/tokens.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { toHex, utf8 } from "../../../src/primitives/bytes.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import type { Store } from "../../../src/storage/contracts.ts";
import { MemoryDisk, openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { MadeToken, NewToken } from "../../../src/transport/operator-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { networkId } from "../../transport/identities.ts";

const HOUR = 3_600_000;
let now: number;
let disk: MemoryDisk;
let store: Store;
let tokens: Tokens;
let control: AccessControl;
let guesses: Guesses;

async function start(): Promise<void> {
  store = await openMemoryStore({ identity: { networkId }, disk });
  const system = { wall: () => now, entropy: realSystem.entropy };
  tokens = await Tokens.open({ records: store.tokens, system, log: createLog("test", "silent") });
  guesses = new Guesses(() => now);
  control = new AccessControl({ ways: [tokens], guesses, publicReads: false });
}

const stop = (): Promise<void> => store.close();

beforeEach(async () => {
  now = 1_790_000_000_000;
  disk = new MemoryDisk();
  await start();
});

const silent: Announce = async () => undefined;
const create = (asked: NewToken) => tokens.create(asked, silent);
const revoke = (idOrName: string) => tokens.revoke(idOrName, silent);

async function made(asked: Partial<NewToken> = {}): Promise<MadeToken> {
  const token = await create({ name: "payments", scopes: ["submit"], further: false, ...asked });
  return token instanceof Refusal ? expect.fail(token.message) : token;
}

/** The principal, or the reason of the refusal. */
async function show(authorization: string | undefined, address = "192.0.2.1"): Promise<string> {
  const shown = { authorization, clientCertificate: undefined, address, call: "/metrics" };
  const caller = await control.authenticate(shown);
  return caller instanceof Refusal ? caller.reason : caller.principal;
}

const showText = (text: string, address?: string) => show(`Bearer ${text}`, address);

describe("T14: a token", () => {
  it("is 256 bits of base64url behind its prefix", () => {
    const texts = [0, 85, 255].map((byte) => tokenText(new Uint8Array(32).fill(byte)));
    expect(texts).toEqual(
      [0, 85, 255].map((byte) => `cs_${Buffer.alloc(32, byte).toString("base64url")}`),
    );
    expect(texts.every(isTokenText)).toBe(true);
  });

  it("holds from the moment it is made, with its scopes", async () => {
    const { text, token } = await made({ scopes: ["read:all"] });
    expect(await showText(text)).toBe("token:payments");
    expect(token).toMatchObject({ name: "payments", scopes: ["read:all"], createdAt: now });
  });

  it("holds after a start, and its text is nowhere in the store", async () => {
    const { text } = await made();
    await showText(text);
    await stop();
    for (const [key, value] of disk.entries) {
      const bytes = `${key}${Buffer.from(value).toString("latin1")}`;
      for (let at = 0; at + 16 <= text.length; at++) {
        expect(bytes).not.toContain(text.slice(at, at + 16));
      }
      expect(`${toHex(value)}`).not.toContain(toHex(utf8(text)));
    }
    await start();
    expect(await showText(text)).toBe("token:payments");
  });

  it("is revoked at once, by id or by name, and stays so after a start", async () => {
    const first = await made();
    const second = await made({ further: true });
    expect(await revoke(first.token.id)).toMatchObject([{ id: first.token.id }]);
    expect(await showText(first.text)).toBe("UNAUTHENTICATED");
    expect(await showText(second.text)).toBe("token:payments");
    await revoke("payments");
    expect(await showText(second.text)).toBe("UNAUTHENTICATED");
    await stop();
    await start();
    expect(await showText(second.text)).toBe("UNAUTHENTICATED");
    expect(tokens.list().map(({ revokedAt }) => revokedAt)).toEqual([now, now]);
  });

  it("stays revoked although a use of it is being written", async () => {
    const { text } = await made();
    const used = showText(text);
    await Promise.all([used, revoke("payments")]);
    await stop();
    await start();
    expect(await showText(text)).toBe("UNAUTHENTICATED");
  });

  it("expires, and not before", async () => {
    const { text } = await made({ expiresAt: now + HOUR });
    now += HOUR - 1;
    expect(await showText(text)).toBe("token:payments");
    now += 1;
    expect(await showText(text)).toBe("UNAUTHENTICATED");
  });

  it("has its last use written at most once a minute", async () => {
    const { text } = await made();
    const written = async () => (await store.tokens.load())[0]?.lastUsedAt;
    const first = now;
    await showText(text);
    now += 59_000;
    await showText(text);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(await written()).toBe(first);
    expect(tokens.list()[0]?.lastUsedAt).toBe(now);
    now += 1_000;
    await showText(text);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(await written()).toBe(now);
  });
});

describe("T14: what is no token of this node is refused", () => {
  it.each([
    [
      "another text",
      (text: string) => `Bearer ${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`,
    ],
    ["a part of it", (text: string) => `Bearer ${text.slice(0, -1)}`],
    ["more than it", (text: string) => `Bearer ${text}A`],
    ["its letters in another case", (text: string) => `Bearer ${text.toUpperCase()}`],
    ["another scheme", (text: string) => `Basic ${text}`],
    ["no scheme", (text: string) => text],
    ["two credentials", (text: string) => `Bearer ${text}, Bearer ${text}`],
    ["a scheme alone", () => "Bearer "],
    ["nothing", () => ""],
    ["its hash", (text: string) => `Bearer cs_${Buffer.from(text).toString("hex").slice(0, 43)}`],
  ])("%s", async (_, header) => {
    const { text } = await made();
    expect(await show(header(text))).toBe("UNAUTHENTICATED");
    expect(await show(`bEARER  ${text} `)).toBe("token:payments");
  });

  it("a request without a credential is anonymous", async () => {
    expect(await show(undefined)).toBe("anonymous");
  });
});

describe("T14: tokens are made only", () => {
  const asked = { name: "a", scopes: ["read"], further: false } as const;
  const cases: readonly [string, NewToken, string][] = [
    ["with a name", { ...asked, name: "" }, "MALFORMED"],
    ["with a printable name", { ...asked, name: "a b" }, "MALFORMED"],
    ["with a short name", { ...asked, name: "a".repeat(65) }, "MALFORMED"],
    ["with a name that is no id", { ...asked, name: "0123456789ab" }, "MALFORMED"],
    ["with a name that is no id in capitals", { ...asked, name: "0123456789AB" }, "MALFORMED"],
    ["with a name that is no token", { ...asked, name: `cs_${"a".repeat(43)}` }, "MALFORMED"],
    ["with a scope", { ...asked, scopes: [] }, "MALFORMED"],
    ["with a time to come", { ...asked, expiresAt: 1_790_000_000_000 }, "MALFORMED"],
  ];
  it.each(cases)("%s", async (_, wrong, reason) => {
    expect(await create(wrong)).toMatchObject({ reason });
    expect(tokens.list()).toEqual([]);
  });

  it("for another holder under another name, even after the first is revoked", async () => {
    await made();
    await revoke("payments");
    const again = { name: "payments", scopes: ["read"], further: false } as const;
    expect(await create(again)).toMatchObject({ reason: "ID_IN_USE", field: "name" });
    expect(await create({ ...again, further: true })).not.toBeInstanceOf(Refusal);
  });

  it("up to a number that hold; of those that hold no more the oldest are forgotten", async () => {
    for (let i = 0; i < LIMITS.tokensMax; i++) await made({ name: `n${i}` });
    expect(await create({ ...asked })).toMatchObject({ reason: "LIMIT" });
    for (let i = 0; i < LIMITS.tokensMax; i++) await revoke(`n${i}`);
    for (let i = 0; i < 3; i++) {
      now += 1;
      await made({ name: `m${i}` });
    }
    const names = tokens.list().map(({ name }) => name);
    expect(names).toHaveLength(LIMITS.tokensMax + 2);
    // The names of the forgotten ones stay taken, after a start too.
    expect(await create({ ...asked, name: "n0" })).toMatchObject({ reason: "ID_IN_USE" });
    await stop();
    await start();
    expect(tokens.list().map(({ name }) => name)).toEqual(names);
    expect(await create({ ...asked, name: "n0" })).toMatchObject({ reason: "ID_IN_USE" });
    expect(await create({ ...asked, name: "n0", further: true })).not.toBeInstanceOf(Refusal);
  });

  it("once for each name, when two calls come together", async () => {
    const both = await Promise.all([create(asked), create(asked)]);
    expect(both.map((one) => (one instanceof Refusal ? one.reason : "made"))).toEqual([
      "made",
      "ID_IN_USE",
    ]);
  });

  it("with a place left, when many calls come together", async () => {
    const many = Array.from({ length: LIMITS.tokensMax + 5 }, (_, i) =>
      create({ ...asked, name: `n${i}` }),
    );
    const refused = (await Promise.all(many)).filter((one) => one instanceof Refusal);
    expect(refused.map(({ reason }) => reason)).toEqual(new Array(5).fill("LIMIT"));
  });

  it("in no way that undoes a revocation by their name", async () => {
    const making = made();
    await revoke("payments");
    const { text } = await making;
    await stop();
    await start();
    expect(await showText(text)).toBe("UNAUTHENTICATED");
  });

  it("with a principal that the store takes", () => {
    expect(utf8(`token:${"a".repeat(64)}`).length).toBeLessThan(PRINCIPAL_BYTES_MAX);
  });
});

describe("what operators are shown of tokens", () => {
  it("is the number of those that hold, and when the first name has none left", async () => {
    expect([tokens.holding, tokens.firstExpiry]).toEqual([0, undefined]);
    await made({ name: "for-ever" });
    expect([tokens.holding, tokens.firstExpiry]).toEqual([1, undefined]);
    await made({ name: "later", expiresAt: now + 3 * HOUR });
    await made({ name: "soon", expiresAt: now + HOUR });
    expect([tokens.holding, tokens.firstExpiry]).toEqual([3, now + HOUR]);
    // A further token of the same holder, made before the first one expires.
    await made({ name: "soon", expiresAt: now + 5 * HOUR, further: true });
    expect([tokens.holding, tokens.firstExpiry]).toEqual([4, now + 3 * HOUR]);
    await revoke("later");
    expect([tokens.holding, tokens.firstExpiry]).toEqual([3, now + 5 * HOUR]);
    now += 2 * HOUR;
    expect([tokens.holding, tokens.firstExpiry]).toEqual([2, now + 3 * HOUR]);
  });
});

describe("T14: guessing", () => {
  const guess = (n: number) => tokenText(new Uint8Array(32).fill(n));
  const other = (n: number) => tokenText(Uint8Array.of(...new Uint8Array(31).fill(9), n));

  it("is slowed down for the address that guesses, and for no other", async () => {
    const { text } = await made();
    const { burst } = LIMITS.guessesOfAddress;
    for (let n = 1; n <= burst; n++) expect(await showText(guess(n))).toBe("UNAUTHENTICATED");
    expect(await showText(guess(burst + 1))).toBe("TOO_MANY_REQUESTS");
    expect(guesses.figures.of("new")).toBe(burst);
    expect(guesses.figures.of("slowed")).toBe(1);
    expect(await showText(guess(burst + 1), "192.0.2.2")).toBe("UNAUTHENTICATED");
    now += 1_000;
    expect(await showText(guess(burst + 2))).toBe("UNAUTHENTICATED");
    expect(await showText(text)).toBe("token:payments");
  });

  it("is slowed down for those that begin alike, from wherever they come", async () => {
    const { burst } = LIMITS.guessesOfPrefix;
    for (let n = 1; n <= burst; n++) {
      expect(await showText(other(n), `192.0.2.${n}`)).toBe("UNAUTHENTICATED");
    }
    expect(await showText(other(burst + 1), "192.0.2.100")).toBe("TOO_MANY_REQUESTS");
    expect(await showText(guess(1), "192.0.2.100")).toBe("UNAUTHENTICATED");
  });

  it("does not lock out a token, whether or not it was shown at the address before", async () => {
    const { text } = await made();
    const beginsAlike = (n: number) => `${text.slice(0, -4)}${String(n).padStart(4, "A")}`;
    for (let n = 1; n <= 200; n++) await showText(beginsAlike(n));
    expect(await showText(beginsAlike(201))).toBe("TOO_MANY_REQUESTS");
    for (const address of ["192.0.2.1", "192.0.2.2"]) {
      expect(await showText(text, address)).toBe("token:payments");
    }
    await revoke("payments");
    expect(await showText(text)).toBe("TOO_MANY_REQUESTS");
  });

  it("is no repetition of one token that does not hold", async () => {
    const { text } = await made();
    for (let n = 1; n <= 1_000; n++) expect(await showText(guess(1))).toBe("UNAUTHENTICATED");
    expect(await showText(text)).toBe("token:payments");
    expect([...guesses.figures]).toEqual([
      ["new", 1],
      ["repeated", 999],
    ]);
  });
});
