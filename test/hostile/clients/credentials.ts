/**
 * Credentials of hostile clients: each way to be a principal, done wrong in each way, and credentials that hold but give little. A new
 * way to be a principal adds its entries here, and is then tried on every call in every encoding.
 */
import type { Scope } from "../../../src/access/scope.ts";
import type { CertificateAndKey } from "../../../src/transport/certificate-keys.ts";

/** The request that a credential is shown with; signatures cover parts of it. */
export interface AskedRequest {
  readonly verb: string;
  readonly target: string;
  readonly body: Uint8Array;
}

export interface Credential {
  readonly name: string;
  /** The rights that it gives; none for a credential that does not hold. */
  readonly scopes: readonly Scope[];
  /** The headers that show it: names in lower case. */
  readonly headers?: (asked: AskedRequest) => readonly (readonly [name: string, value: string])[];
  /** True if it is wrong over HTTP/1.1 alone: this suite's client of HTTP/2 does not send two fields of one name. */
  readonly http1Only?: boolean;
  /** Shown in the handshake. A connection has one, so the requests of each credential have connections of their own. */
  readonly certificate?: CertificateAndKey;
}

export function bearer(name: string, text: string, scopes: readonly Scope[] = []): Credential {
  return { name, scopes, headers: () => [["authorization", `Bearer ${text}`]] };
}

export function withHeaders(
  name: string,
  headers: readonly (readonly [string, string])[],
): Credential {
  return { name, scopes: [], headers: () => headers };
}

export function withCertificate(
  name: string,
  certificate: CertificateAndKey,
  scopes: readonly Scope[] = [],
): Credential {
  return { name, scopes, certificate };
}

export const NOTHING: Credential = { name: "nothing", scopes: [] };

/** `held`: a token that holds; its holder never makes it this wrong. */
export function brokenTokens(held: string): Credential[] {
  const [first = "", ...rest] = held.slice("cs_".length);
  const other = `${first === "A" ? "B" : "A"}${rest.join("")}`;
  const last = held.slice(0, -1) + (held.endsWith("A") ? "B" : "A");
  const raw = (name: string, value: string) => withHeaders(name, [["authorization", value]]);
  return [
    bearer("a token with another first character", `cs_${other}`),
    bearer("a token with another last character", last),
    bearer("a token without its last character", held.slice(0, -1)),
    bearer("a token without its first half", `cs_${held.slice(25)}`),
    bearer("a token that is longer", `${held}A`),
    bearer("a token without its prefix", held.slice("cs_".length)),
    bearer("a token in capitals", held.toUpperCase()),
    bearer("a token of nothing", "cs_"),
    bearer("no token", ""),
    raw("a token without a scheme", held),
    raw(
      "a token as a user and password",
      `Basic ${Buffer.from(`token:${held}`).toString("base64")}`,
    ),
    raw("a token behind another scheme", `Negotiate ${held}`),
    raw("two tokens in one header", `Bearer ${held}, Bearer ${held}`),
    raw("a token in quotes", `Bearer "${held}"`),
    raw("a header of 8,000 characters", `Bearer ${"A".repeat(8_000)}`),
    {
      ...withHeaders("two headers, both with a token that holds", [
        ["authorization", `Bearer ${held}`],
        ["authorization", `Bearer ${held}`],
      ]),
      http1Only: true,
    },
    withHeaders("a token in a cookie", [["cookie", `authorization=${held}; token=${held}`]]),
    withHeaders("a token in a header of another name", [
      ["proxy-authorization", `Bearer ${held}`],
      ["x-authorization", `Bearer ${held}`],
    ]),
    withHeaders("headers of proxies that vouch for the caller", [
      ["x-forwarded-for", "127.0.0.1"],
      ["x-forwarded-user", "root"],
      ["x-ssl-client-verify", "SUCCESS"],
      ["x-ssl-client-s-dn", "CN=treasury"],
      ["x-forwarded-client-cert", 'Subject="CN=treasury"'],
    ]),
  ];
}

/** A JWT without a signature, and one that names the wrong algorithm: text that looks like another way's credential. */
export function forgedTokens(): Credential[] {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = part({ sub: "root", scope: "read:all issue operate", exp: 4_000_000_000 });
  return [
    bearer("a JWT without a signature", `${part({ alg: "none" })}.${claims}.`),
    bearer("a JWT with a made-up signature", `${part({ alg: "HS256" })}.${claims}.c2lnbmVk`),
  ];
}
