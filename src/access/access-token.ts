/**
 * Access tokens of OAuth 2 authorization servers: signed JWTs (RFC 7519, RFC 9068). Their forms, the principals that
 * they name, and the scopes that they grant.
 */
import type { Principal } from "./principal.ts";
import { isScope, type Scope } from "./scope.ts";

/** The accepted algorithms, all asymmetric: no key that others have makes a valid token (RFC 8725 section 3.1). */
export const SIGNATURE_ALGORITHMS = [
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
  "EdDSA",
  "Ed25519",
] as const;

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** Values of the header `typ`. RFC 9068 asks for the first one; ID tokens often have the second. */
export const ACCESS_TOKEN_TYPES = ["at+jwt", "JWT"] as const;

export type AccessTokenType = (typeof ACCESS_TOKEN_TYPES)[number];

/** The meaning of the texts in the claim of scopes. Texts that it does not know grant nothing. */
export type ScopeMeaning =
  /** The prefix and a scope of this node. */
  | { readonly prefix: string }
  /** Scopes of this node by text. */
  | { readonly scopes: ReadonlyMap<string, readonly Scope[]> };

const JWT = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,4}$/;

/** True for the form of a JWT, signed (three parts) or encrypted (five); no token of this node has a dot. */
export function looksLikeJwt(text: string): boolean {
  return JWT.test(text);
}

/** True for a signed JWT in its written form: header and claims are objects in base64url. */
export function isSignedJwt(text: string): boolean {
  return /^eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(text);
}

/** Issuers have no "#" (RFC 8414 section 2), so two issuers never name the same principal. */
export function accessTokenPrincipal(issuer: string, subject: string): Principal {
  return `jwt:${issuer}#${subject}`;
}

/** `claim`: a list of texts, or texts with spaces between them (RFC 8693 section 4.2). Anything else grants nothing. */
export function grantedScopes(claim: unknown, meaning: ScopeMeaning): readonly Scope[] {
  const texts: readonly unknown[] = typeof claim === "string" ? claim.split(" ") : listOf(claim);
  return texts.flatMap((text) => (typeof text === "string" ? meaningOf(text, meaning) : []));
}

function listOf(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? claim : [];
}

function meaningOf(text: string, meaning: ScopeMeaning): readonly Scope[] {
  if ("scopes" in meaning) return meaning.scopes.get(text) ?? [];
  if (!text.startsWith(meaning.prefix)) return [];
  const scope = text.slice(meaning.prefix.length);
  return isScope(scope) ? [scope] : [];
}

/** The type that the header `typ` names, with or without "application/" (RFC 7515 section 4.1.9). */
export function typeOfHeader(typ: unknown): AccessTokenType | undefined {
  if (typeof typ !== "string") return undefined;
  const short = typ.toLowerCase().replace(/^application\//, "");
  return ACCESS_TOKEN_TYPES.find((type) => type.toLowerCase() === short);
}
