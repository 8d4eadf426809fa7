/**
 * Credentials of hostile clients: each way to be a principal, done wrong in each way, and credentials that hold but give little. A new
 * way to be a principal adds its entries here, and is then tried on every call in every encoding.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import type { Scope } from "../../../src/access/scope.ts";
import type { WalletId } from "../../../src/primitives/ids.ts";
import type { CertificateAndKey } from "../../../src/transport/certificate-keys.ts";

/** The request that a credential is shown with; signatures cover parts of it. */
export interface AskedRequest {
  readonly verb: string;
  readonly target: string;
  readonly body: Uint8Array;
  readonly call: DescMethod;
}

export interface Credential {
  readonly name: string;
  /** The rights that it gives; none for a credential that does not hold. */
  readonly scopes: readonly Scope[];
  /** The one wallet that it reads beside these. */
  readonly reads?: WalletId;
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
    withHeaders("a header of 8,000 characters", [["authorization", `Bearer ${"A".repeat(8_000)}`]]),
    withHeaders("headers of proxies that vouch for the caller", [
      ["x-forwarded-for", "127.0.0.1"],
      ["x-forwarded-user", "root"],
      ["x-ssl-client-verify", "SUCCESS"],
      ["x-ssl-client-s-dn", "CN=treasury"],
      ["x-forwarded-client-cert", 'Subject="CN=treasury"'],
    ]),
  ];
}

/** `held`: a bearer token that holds, such as "an access token", shown in other ways than RFC 6750 section 2.1 has. */
export function misplacedTokens(name: string, held: string): Credential[] {
  const raw = (how: string, value: string) =>
    withHeaders(`${name} ${how}`, [["authorization", value]]);
  const password = Buffer.from(`token:${held}`).toString("base64");
  return [
    raw("without a scheme", held),
    raw("as a user and password", `Basic ${password}`),
    raw("behind another scheme", `Negotiate ${held}`),
    raw("twice in one header", `Bearer ${held}, Bearer ${held}`),
    raw("in quotes", `Bearer "${held}"`),
    {
      ...withHeaders(`${name} in two headers`, [
        ["authorization", `Bearer ${held}`],
        ["authorization", `Bearer ${held}`],
      ]),
      http1Only: true,
    },
    withHeaders(`${name} in a cookie`, [["cookie", `authorization=${held}; token=${held}`]]),
    withHeaders(`${name} in a header of another name`, [
      ["proxy-authorization", `Bearer ${held}`],
      ["x-authorization", `Bearer ${held}`],
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
