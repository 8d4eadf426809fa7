// Access tokens of an authorization server: those that hold, and every hostile one that the JWT attacks of RFC 8725 make.
import type { JWTPayload } from "jose";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Caller } from "../../../src/access/principal.ts";
import { AccessControl } from "../../../src/node/access/access-control.ts";
import { AccessTokens } from "../../../src/node/access/access-tokens.ts";
import { Guesses } from "../../../src/node/access/guesses.ts";
import { readKeySet } from "../../../src/node/access/key-set.ts";
import { fixedKeys } from "../../../src/node/access/key-source.ts";
import { createLog } from "../../../src/node/base/log.ts";
import type { AuthorizationServerConfig } from "../../../src/node/files/authorization-config.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import {
  AUDIENCE,
  generateServerKey,
  ISSUER,
  keySetText,
  type ServerKey,
  signToken,
  type TokenTerms,
} from "./authorization-server.ts";
import {
  type ForgeKeys,
  generateForgeKeys,
  HOSTILE_TOKENS,
  TokenForge,
} from "./hostile-access-tokens.ts";

const START = 1_790_000_000_000;
const HOUR = 3_600_000;
const CONFIG: AuthorizationServerConfig = {
  issuer: ISSUER,
  audience: AUDIENCE,
  jwks: { file: "keys.json" },
  algorithms: ["ES256", "RS256", "EdDSA"],
  types: ["at+jwt"],
  scopeClaim: "scope",
  meaning: { prefix: "countersign:" },
  clockToleranceMs: 10_000,
};

let now: number;
let keys: ForgeKeys;
let key: ServerKey;
let rsa: ServerKey;
let foreign: ServerKey;
let tokens: AccessTokens;
let control: AccessControl;

beforeAll(async () => {
  keys = await generateForgeKeys();
  ({ first: key, rsa, foreign } = keys);
});

beforeEach(() => {
  now = START;
  const system = { wall: () => now, monotonic: () => now };
  tokens = new AccessTokens({ system, log: createLog("test", "silent") });
  trust({});
  const guesses = new Guesses(() => now);
  control = new AccessControl({ ways: [tokens], guesses, publicReads: false });
});

function source(...keys: readonly ServerKey[]) {
  const read = readKeySet(keySetText(...keys));
  return fixedKeys(typeof read === "string" ? expect.fail(read) : read);
}

function trust(changes: Partial<AuthorizationServerConfig>, own = [key, rsa]): void {
  tokens.use([{ config: { ...CONFIG, ...changes }, source: source(...own) }]);
}

const token = (terms: Partial<TokenTerms> = {}, by = key) => signToken(by, { now, ...terms });
const withClaims = (claims: JWTPayload) => token({ claims });

async function show(text: string, address = "192.0.2.1"): Promise<Caller | Refusal> {
  const authorization = `Bearer ${text}`;
  const shown = { authorization, clientCertificate: undefined, address, call: "/metrics" };
  return await control.authenticate(shown);
}

/** The caller in short, or the reason and message of the refusal. */
async function shown(text: string, address?: string): Promise<string> {
  const answer = await show(text, address);
  if (answer instanceof Refusal) return `${answer.reason}: ${answer.message}`;
  return `${answer.principal} ${[...answer.scopes].join(",")}`;
}

const PAYMENTS = `jwt:${ISSUER}#payments submit`;

describe("T14: an access token", () => {
  it.each(["ES256", "ES384", "ES512", "RS256", "PS256", "EdDSA", "Ed25519"])(
    "signed by %s names a principal and grants the scopes that its claim has",
    async (alg) => {
      const own = alg === "RS256" ? rsa : await generateServerKey("own", alg);
      trust({ algorithms: [alg as "ES256"] }, [own]);
      expect(await shown(await token({}, own))).toBe(PAYMENTS);
      trust({ algorithms: ["RS512"] }, [own, rsa]);
      expect(await shown(await token({}, own))).toMatch(/^UNAUTHENTICATED: .*algorithm/);
    },
  );

  it("needs no key id if one key fits, and names it if more do", async () => {
    const unnamed = await token({ header: { kid: undefined } });
    expect(await shown(unnamed)).toBe(PAYMENTS);
    trust({}, [key, await generateServerKey("second")]);
    expect(await shown(unnamed)).toMatch(/^UNAUTHENTICATED: more than one key/);
  });

  it("grants nothing by texts that stand for no scope", async () => {
    for (const [scope, granted] of [
      ["countersign:read:all", "read:all,read"],
      ["countersign:operate countersign:metrics", "operate,metrics"],
      [["countersign:custody", 7, null, "submit"], "custody"],
      ["submit countersign:admin countersign: COUNTERSIGN:submit", ""],
      [{ "countersign:submit": true }, ""],
      [undefined, ""],
      [true, ""],
    ]) {
      const text = await withClaims({ scope });
      expect(await shown(text)).toBe(`jwt:${ISSUER}#payments ${granted}`);
    }
  });

  it("grants by another claim and by the configured meaning of its texts", async () => {
    const scopes = new Map([["bank payer", ["submit", "read"] as const]]);
    trust({ scopeClaim: "roles", meaning: { scopes } });
    const text = await withClaims({ roles: ["bank payer", "submit", "__proto__"] });
    expect(await shown(text)).toBe(`jwt:${ISSUER}#payments submit,read`);
    trust({ scopeClaim: "__proto__", meaning: { prefix: "" } });
    expect(await shown(text)).toBe(`jwt:${ISSUER}#payments `);
  });

  it("has another principal for each server and subject", async () => {
    const config = { ...CONFIG, issuer: `${ISSUER}:a` };
    const both = [{ config: CONFIG, source: source(key) }];
    tokens.use([...both, { config, source: source(key) }]);
    const names = await Promise.all(
      [
        { sub: ":a#b" },
        { sub: "b" },
        { iss: `${ISSUER}:a`, sub: "b" },
        { iss: `${ISSUER}:a`, sub: "#b" },
      ].map(async (claims) => shown(await withClaims(claims))),
    );
    expect(new Set(names).size).toBe(4);
    expect(names.every((name) => name.startsWith("jwt:"))).toBe(true);
  });

  it("is not judged by the keys of another server", async () => {
    const config = { ...CONFIG, issuer: "https://other.example" };
    tokens.use([
      { config: CONFIG, source: source(key) },
      { config, source: source(foreign) },
    ]);
    expect(await shown(await token({}, foreign))).toMatch(/signature .* is not valid/);
    const own = { claims: { iss: config.issuer } };
    expect(await shown(await token(own, foreign))).toBe(`jwt:${config.issuer}#payments submit`);
  });

  it("holds from nbf until exp, with the tolerance for the clocks", async () => {
    const text = await withClaims({ nbf: now / 1000 + 60, exp: now / 1000 + 120 });
    for (const [atMs, holds] of [
      [49_000, false],
      [50_000, true],
      [129_000, true],
      [130_000, false],
    ] as const) {
      now = START + atMs;
      expect((await shown(text)) === PAYMENTS, `${atMs}`).toBe(holds);
    }
  });

  it("holds for a day after it was made, and no longer if exp is later", async () => {
    const text = await withClaims({ exp: now / 1000 + 365 * 86_400 });
    now = START + 24 * HOUR + 9_000;
    expect(await shown(text)).toBe(PAYMENTS);
    now += 3_000;
    expect(await shown(text)).toMatch(/is older than a day/);
  });

  it("that was made in the future does not hold", async () => {
    expect(await shown(await withClaims({ iat: now / 1000 + 10 }))).toBe(PAYMENTS);
    expect(await shown(await withClaims({ iat: now / 1000 + 11 }))).toMatch(/in the future/);
  });

  it("of the type JWT holds only where that type is taken", async () => {
    const plain = await token({ header: { typ: "JWT" } });
    const untyped = await token({ header: { typ: undefined } });
    expect(await shown(plain)).toMatch(/^UNAUTHENTICATED: .* type/);
    trust({ types: ["at+jwt", "JWT"] });
    expect(await shown(plain)).toBe(PAYMENTS);
    expect(await shown(await token({ header: { typ: "application/AT+jwt" } }))).toBe(PAYMENTS);
    expect(await shown(untyped)).toMatch(/^UNAUTHENTICATED: .* type/);
  });

  it("does not hold any more when its key or its server is gone", async () => {
    const text = await token();
    expect(await shown(text)).toBe(PAYMENTS);
    trust({}, [rsa]);
    expect(await shown(text)).toMatch(/names a key that its authorization server does not have/);
    trust({});
    expect(await shown(text)).toBe(PAYMENTS);
    trust({ audience: "https://node2.example" });
    expect(await shown(text)).toMatch(/its audience is another/);
    tokens.use([]);
    expect(await shown(text)).toMatch(/no credential of a kind/);
  });
});

describe("T14: a hostile access token is refused", () => {
  it.each(HOSTILE_TOKENS)("%s", async (_, make, problem) => {
    const text = await make(new TokenForge(keys, now));
    const answer = await show(text);
    expect(answer).toBeInstanceOf(Refusal);
    expect(answer).toMatchObject({
      reason: "UNAUTHENTICATED",
      message: expect.stringMatching(problem.source === "UNAUTH" ? /./ : problem),
    });
    // Nothing of the token is in the answer.
    const told = JSON.stringify(answer);
    for (const part of text.split(".").filter(({ length }) => length > 8)) {
      expect(told).not.toContain(part.slice(0, 16));
    }
    expect(await shown(await token({ claims: { jti: "again" } }))).toBe(PAYMENTS);
  });
});

describe("T9: signature checks of access tokens", () => {
  const { stranger, known } = LIMITS.accessTokenChecks;

  it("are made once for each token that holds", async () => {
    const text = await token();
    const answers: string[] = [];
    for (let n = 0; n < known.burst + stranger.burst + 10; n++) answers.push(await shown(text));
    expect(new Set(answers)).toEqual(new Set([PAYMENTS]));
  });

  it("have a rate, which an address where none held takes from no other", async () => {
    for (let n = 0; n < stranger.burst; n++) {
      await shown(await token({ claims: { jti: `${n}` } }, foreign));
    }
    const fresh = await withClaims({ jti: "fresh" });
    expect(await shown(fresh)).toMatch(/^TOO_MANY_REQUESTS: too many new access tokens/);
    expect(await shown(fresh, "192.0.2.2")).toBe(PAYMENTS);
    // It is remembered now.
    expect(await shown(fresh)).toBe(PAYMENTS);
    now += 1_000;
    expect(await shown(await withClaims({ jti: "another" }))).toBe(PAYMENTS);
  });

  it("leave a lane to addresses where a token held, while others use up theirs", async () => {
    expect(await shown(await token(), "192.0.2.1")).toBe(PAYMENTS);
    const bad = await token({}, foreign);
    for (let n = 0; n <= LIMITS.accessTokenChecks.strangers.burst; n++) {
      await shown(bad, `198.51.100.${n % 200}`);
    }
    const fresh = await withClaims({ jti: "fresh" });
    expect(await shown(fresh, "203.0.113.1")).toMatch(/^TOO_MANY_REQUESTS/);
    expect(await shown(fresh, "192.0.2.1")).toBe(PAYMENTS);
  });

  it("come after all that costs less: what is refused without one uses up nothing", async () => {
    const stale = await withClaims({ exp: now / 1000 - 60 });
    const wrong = await withClaims({ iss: "https://evil.example" });
    const strange = await token({ header: { kid: "strange" } });
    for (let n = 0; n < 2 * stranger.burst; n++) {
      for (const text of [stale, wrong, strange]) await shown(text);
    }
    expect(await shown(await token())).toBe(PAYMENTS);
  });
});

describe("T14: a guessed access token", () => {
  it("counts among the guesses of its address, and says so", async () => {
    const { burst } = LIMITS.guessesOfAddress;
    for (let n = 0; n < burst; n++) {
      const text = await withClaims({ aud: "other", jti: `${n}` });
      expect(await shown(text)).toMatch(/^UNAUTHENTICATED/);
    }
    const more = await withClaims({ aud: "other" });
    expect(await shown(more)).toMatch(/^TOO_MANY_REQUESTS: too many credentials/);
    expect(await shown(more, "192.0.2.2")).toMatch(/^UNAUTHENTICATED/);
    expect(await shown(await token())).toBe(PAYMENTS);
  });
});
