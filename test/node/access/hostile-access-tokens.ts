/**
 * Access tokens that must not hold: every attack on JWTs that RFC 8725 names, and every claim and header that is wrong, absent or
 * of another type. They are made for one authorization server, whose keys are those of the forge.
 */
import { createHmac, createPublicKey, type JsonWebKey } from "node:crypto";
import { CompactEncrypt, importJWK, type JWTPayload } from "jose";
import { LIMITS } from "../../../src/primitives/limits.ts";
import {
  AUDIENCE,
  generateServerKey,
  ISSUER,
  type ServerKey,
  signToken,
  type TokenTerms,
} from "./authorization-server.ts";

export interface ForgeKeys {
  /** The server's own: ES256 with the id "first", and RS256 with the id "rsa". */
  readonly first: ServerKey;
  readonly rsa: ServerKey;
  /** Of another server, with the id "first". */
  readonly foreign: ServerKey;
}

export async function generateForgeKeys(): Promise<ForgeKeys> {
  const [first, rsa, foreign] = await Promise.all([
    generateServerKey("first"),
    generateServerKey("rsa", "RS256"),
    generateServerKey("first"),
  ]);
  return { first, rsa, foreign };
}

/** Makes the tokens of one server at one moment, and what looks like them. */
export class TokenForge {
  readonly keys: ForgeKeys;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly #claims: JWTPayload;

  /** `claims`: those of all tokens, besides those of `signToken`. */
  constructor(keys: ForgeKeys, now: number, claims: JWTPayload = {}) {
    this.keys = keys;
    this.now = now;
    this.#claims = claims;
  }

  token({ claims, header = {} }: Partial<TokenTerms> = {}, by = this.keys.first): Promise<string> {
    return signToken(by, { now: this.now, header, claims: { ...this.#claims, ...claims } });
  }

  withClaims(claims: JWTPayload): Promise<string> {
    return this.token({ claims });
  }

  /** Claims that hold, and give more than those of `token`. */
  get fullClaims(): JWTPayload {
    const iat = Math.floor(this.now / 1000);
    return {
      ...{ iss: ISSUER, aud: AUDIENCE, sub: "payments", iat, exp: iat + 300 },
      scope: "countersign:issue",
      ...this.#claims,
    };
  }

  /** Signs exactly these texts with the server's key. */
  async signed(header: string, claims: string): Promise<string> {
    const input = raw(header, claims).split(".").slice(0, 2).join(".");
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const { privateKey } = this.keys.first;
    const bytes = await crypto.subtle.sign(algorithm, privateKey, Buffer.from(input));
    return `${input}.${Buffer.from(bytes).toString("base64url")}`;
  }

  hmac(secret: string | Buffer, kid: string): string {
    const header = json({ alg: "HS256", typ: "at+jwt", kid });
    return raw(header, json(this.fullClaims), (input) =>
      createHmac("sha256", secret).update(input).digest("base64url"),
    );
  }

  /** For the server's own key of RSA. */
  async encrypted(): Promise<string> {
    const inner = new TextEncoder().encode(json(this.fullClaims));
    const header = { alg: "RSA-OAEP-256", enc: "A256GCM", typ: "at+jwt" } as const;
    const { kid: _, alg: __, use: ___, ...jwk } = this.keys.rsa.publicJwk;
    return await new CompactEncrypt(inner)
      .setProtectedHeader(header)
      .encrypt(await importJWK(jwk, "RSA-OAEP-256"));
  }
}

type HostileToken = readonly [
  name: string,
  make: (forge: TokenForge) => string | Promise<string>,
  /** In the message of the refusal. */
  problem: RegExp,
];

const json = (value: unknown) => JSON.stringify(value);
const HEADER = json({ alg: "ES256", typ: "at+jwt", kid: "first" });

export const HOSTILE_TOKENS: readonly HostileToken[] = [
  [
    "by no algorithm",
    (forge) => raw(json({ alg: "none", typ: "at+jwt" }), json(forge.fullClaims)),
    /algor/,
  ],
  [
    "by no algorithm and without a signature",
    (forge) => raw(json({ alg: "none", typ: "at+jwt" }), json(forge.fullClaims), () => ""),
    /has no signature/,
  ],
  [
    "by HS256 with the public key in PEM as its secret",
    (forge) => {
      return forge.hmac(publicPart(forge.keys.rsa).export({ format: "pem", type: "spki" }), "rsa");
    },
    /algorithm/,
  ],
  [
    "by HS256 with the public key in DER as its secret",
    (forge) => {
      return forge.hmac(publicPart(forge.keys.rsa).export({ format: "der", type: "spki" }), "rsa");
    },
    /algorithm/,
  ],
  [
    "by a key of another server with the same id",
    (forge) => forge.token({}, forge.keys.foreign),
    /signature/,
  ],
  [
    "with the key of RSA named for ES256",
    (forge) => forge.token({ header: { kid: "rsa" } }),
    /names a key/,
  ],
  [
    "with a key id that is a path",
    (forge) => forge.token({ header: { kid: "../../dev/null" } }),
    /names a/,
  ],
  [
    "with a key id that is no text",
    (forge) => forge.token({ header: { kid: ["first"] } }),
    /no key by a text/,
  ],
  [
    "with a key of its own in the header jwk",
    (forge) =>
      forge.token(
        { header: { kid: undefined, jwk: forge.keys.foreign.publicJwk } },
        forge.keys.foreign,
      ),
    /signature/,
  ],
  [
    "with a place for keys of its own in the headers jku and x5u",
    (forge) =>
      forge.token(
        { header: { jku: "https://evil.example/keys", x5u: "https://evil.example/x", kid: "a" } },
        forge.keys.foreign,
      ),
    /names a key/,
  ],
  [
    "with critical extensions",
    (forge) => forge.token({ header: { crit: ["x-strict"], "x-strict": true } }),
    /cannot be read/,
  ],
  [
    "of another issuer",
    (forge) => forge.withClaims({ iss: "https://evil.example" }),
    /no authorization serv/,
  ],
  [
    "of an issuer with one more slash",
    (forge) => forge.withClaims({ iss: `${ISSUER}/` }),
    /no authoriza/,
  ],
  ["of two issuers", (forge) => forge.withClaims({ iss: [ISSUER] as never }), /no claim iss/],
  [
    "without an issuer",
    (forge) => forge.token({ claims: { iss: undefined as never } }),
    /no claim iss/,
  ],
  [
    "for another audience",
    (forge) => forge.withClaims({ aud: "https://node2.example" }),
    /audience/,
  ],
  ["for a longer audience", (forge) => forge.withClaims({ aud: `${AUDIENCE}/x` }), /audience/],
  [
    "for no audience",
    (forge) => forge.token({ claims: { aud: undefined as never } }),
    /no claim aud/,
  ],
  ["that has expired", (forge) => forge.withClaims({ exp: forge.now / 1000 - 10 }), /has expired/],
  ["without exp", (forge) => forge.token({ claims: { exp: undefined as never } }), /no claim exp/],
  [
    "with exp in a text",
    (forge) => forge.withClaims({ exp: "9999999999" as never }),
    /wrong claim exp/,
  ],
  ["without iat", (forge) => forge.token({ claims: { iat: undefined as never } }), /no claim iat/],
  ["with iat in a text", (forge) => forge.withClaims({ iat: "1" as never }), /future|iat/],
  [
    "that begins later",
    (forge) => forge.withClaims({ nbf: forge.now / 1000 + 3_600 }),
    /not valid yet/,
  ],
  ["with nbf in a text", (forge) => forge.withClaims({ nbf: "0" as never }), /not valid yet|nbf/],
  [
    "without a subject",
    (forge) => forge.token({ claims: { sub: undefined as never } }),
    /no claim sub/,
  ],
  ["with an empty subject", (forge) => forge.withClaims({ sub: "" }), /subject/],
  ["with a subject that is a number", (forge) => forge.withClaims({ sub: 7 as never }), /subject/],
  ["with a subject of two lines", (forge) => forge.withClaims({ sub: "a\nb" }), /subject/],
  [
    "with a subject that steers a terminal",
    (forge) => forge.withClaims({ sub: "a\u001b[2J" }),
    /subject/,
  ],
  [
    "with a subject that reorders text",
    (forge) => forge.withClaims({ sub: "a\u202eb" }),
    /subject/,
  ],
  ["with a long subject", (forge) => forge.withClaims({ sub: "a".repeat(200) }), /subject/],
  [
    "with a claim that is given twice",
    async (forge) => {
      const twice = json(forge.fullClaims).replace("{", '{"sub":"treasury",');
      return await forge.signed(json({ alg: "ES256", typ: "at+jwt", kid: "first" }), twice);
    },
    /give a name twice/,
  ],
  [
    "with an algorithm that is given twice",
    async (forge) => {
      const header = '{"alg":"none","typ":"at+jwt","kid":"first","alg":"ES256"}';
      return await forge.signed(header, json(forge.fullClaims));
    },
    /give a name twice/,
  ],
  ["with claims that are no object", (forge) => forge.signed(HEADER, "[]"), /no JSON object/],
  ["with claims that are no JSON", (forge) => forge.signed(HEADER, "claims"), /no JSON object/],
  [
    "with a header that is no JSON",
    (forge) => forge.signed("\u0000", json(forge.fullClaims)),
    /no JSON obj/,
  ],
  [
    "with claims in no UTF-8",
    (forge) => {
      const bytes = Buffer.from(json({ ...forge.fullClaims, sub: "\u00ff" }), "latin1");
      return raw(HEADER, "").replace("..", `.${bytes.toString("base64url")}.`);
    },
    /no JSON object/,
  ],
  ["nested deeply", () => raw(`${'{"a":'.repeat(900)}1${"}".repeat(900)}`, "{}"), /no JSON object/],
  ["encrypted", (forge) => forge.encrypted(), /is encrypted/],
  [
    "of two parts",
    async (forge) => (await forge.token()).split(".").slice(0, 2).join("."),
    /no credential/,
  ],
  ["of four parts", async (forge) => `${await forge.token()}.e30`, /three parts/],
  [
    "without its signature",
    async (forge) => (await forge.token()).replace(/[^.]+$/, ""),
    /no signature/,
  ],
  [
    "without its end",
    async (forge) => (await forge.token()).slice(0, -1),
    /signature|cannot be read/,
  ],
  [
    "with another character in its claims",
    async (forge) => flipped(await forge.token(), 1),
    /signature|JSON/,
  ],
  [
    "with another character in its header",
    async (forge) => flipped(await forge.token(), 0),
    /UNAUTH/,
  ],
  [
    "longer than the limit",
    (forge) => forge.withClaims({ pad: "x".repeat(LIMITS.accessTokens.bytesMax) }),
    /longer than 8192/,
  ],
  [
    "with a space within",
    async (forge) => (await forge.token()).replace(".", ". "),
    /no credential/,
  ],
  ["with the prefix of other tokens", async (forge) => `cs_${await forge.token()}`, /JSON object/],
];

/** A token with this header and these claims, in the text given, signed by `sign`. */
function raw(header: string, claims: string, sign?: (input: string) => string): string {
  const encode = (text: string) => Buffer.from(text).toString("base64url");
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign?.(input) ?? encode("signature")}`;
}

function publicPart({ publicJwk }: ServerKey) {
  return createPublicKey({ key: { ...publicJwk } as JsonWebKey, format: "jwk" });
}

/** A part of the token with its middle character replaced. */
function flipped(text: string, place: number): string {
  const parts = text.split(".");
  const part = parts[place] ?? "";
  const at = Math.floor(part.length / 2);
  parts[place] = `${part.slice(0, at)}${part[at] === "A" ? "B" : "A"}${part.slice(at + 1)}`;
  return parts.join(".");
}
