/** The key `access.authorizationServers`: the servers whose access tokens are accepted, and the scopes that they grant. */
import {
  ACCESS_TOKEN_TYPES,
  type AccessTokenType,
  type ScopeMeaning,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from "../../access/access-token.ts";
import { SCOPES, type Scope } from "../../access/scope.ts";
import type { JsonField } from "../../primitives/json-fields.ts";
import { printable } from "../../primitives/printable.ts";

/** The place of a server's public keys, a JWK Set (RFC 7517 section 5). */
export type KeySetPlace =
  /** Absolute path. */
  | { readonly file: string }
  /** `authorityFile`: absolute path of the authority of its TLS certificate; absent: the public authorities. */
  | { readonly url: string; readonly authorityFile?: string | undefined };

export interface AuthorizationServerConfig {
  /** Its name in tokens, an https URL. */
  readonly issuer: string;
  /** The name of this node in tokens. */
  readonly audience: string;
  readonly jwks: KeySetPlace;
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly types: readonly AccessTokenType[];
  /** The claim that holds the scopes. */
  readonly scopeClaim: string;
  readonly meaning: ScopeMeaning;
  /** The allowed difference between the clocks of the server and this node. */
  readonly clockToleranceMs: number;
}

/** The fields of the file for one server. */
export interface AuthorizationServerFile {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: string;
  readonly jwksAuthority?: string;
  readonly algorithms?: readonly string[];
  readonly types?: readonly string[];
  readonly scopeClaim?: string;
  readonly scopePrefix?: string;
  readonly scopes?: Readonly<Record<string, readonly string[]>>;
  readonly clockToleranceMs?: number;
}

const REQUIRED = ["issuer", "audience", "jwks"] as const;
const OPTIONAL = [
  "jwksAuthority",
  "algorithms",
  "types",
  "scopeClaim",
  "scopePrefix",
  "scopes",
  "clockToleranceMs",
] as const satisfies readonly (keyof AuthorizationServerFile)[];

/** Those that servers use most, and that need no old hash or padding but for RS256, which most of them have as default. */
const ALGORITHMS: readonly SignatureAlgorithm[] = ["ES256", "PS256", "RS256", "EdDSA", "Ed25519"];
const TYPES: readonly AccessTokenType[] = ["at+jwt"];
const SCOPE_CLAIM = "scope";
/** A server has scopes for other services too, and their names must not create money here. */
const SCOPE_PREFIX = "countersign:";
const CLOCK_TOLERANCE_MS = 10_000;
const CLOCK_TOLERANCE_MS_MAX = 60_000;
const SERVERS_MAX = 8;
/** Leaves 75 bytes of a principal for its subject. */
const ISSUER_LENGTH_MAX = 120;
const TEXT_LENGTH_MAX = 256;

/** `path` resolves a path in the file. */
export function readAuthorizationServers(
  field: JsonField | undefined,
  path: (field: JsonField) => string,
): readonly AuthorizationServerConfig[] {
  const entries = field?.list({ min: 1, max: SERVERS_MAX }) ?? [];
  const servers = entries.map((entry) => readServer(entry, path));
  servers.forEach(({ issuer }, place) => {
    if (servers.findIndex((other) => other.issuer === issuer) === place) return;
    entries[place]?.fail("has the issuer of another entry", "keep one entry for each issuer");
  });
  return servers;
}

function readServer(
  field: JsonField,
  path: (field: JsonField) => string,
): AuthorizationServerConfig {
  const fields = field.record(REQUIRED, OPTIONAL);
  return {
    issuer: issuer(fields.issuer),
    audience: shortText(fields.audience, "the name of this node in tokens, such as its URL"),
    jwks: keySetPlace(fields.jwks, fields.jwksAuthority, path),
    algorithms: oneOrMore(fields.algorithms, SIGNATURE_ALGORITHMS) ?? ALGORITHMS,
    types: oneOrMore(fields.types, ACCESS_TOKEN_TYPES) ?? TYPES,
    scopeClaim:
      fields.scopeClaim === undefined
        ? SCOPE_CLAIM
        : shortText(fields.scopeClaim, "the name of a claim, such as scope"),
    meaning: scopeMeaning(fields),
    clockToleranceMs:
      fields.clockToleranceMs?.integer({ min: 0, max: CLOCK_TOLERANCE_MS_MAX }) ??
      CLOCK_TOLERANCE_MS,
  };
}

/** RFC 8414 section 2: an https URL without query and fragment. Tokens repeat it character by character. */
function issuer(field: JsonField): string {
  const text = field.string() ?? "";
  const isIssuer = isHttpsUrl(text) && !text.includes("?") && printable(text) === text;
  if (isIssuer && text.length <= ISSUER_LENGTH_MAX) return text;
  return field.fail(
    "is not the name of an authorization server",
    `write its https URL as its tokens have it in "iss", without ? and #, at most ${ISSUER_LENGTH_MAX} characters`,
  );
}

function keySetPlace(
  field: JsonField,
  authority: JsonField | undefined,
  path: (field: JsonField) => string,
): KeySetPlace {
  const text = shortText(field, "the path of a file, or an https URL");
  const authorityFile = authority === undefined ? undefined : path(authority);
  if (isHttpsUrl(text)) return { url: text, authorityFile };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    field.fail("is no place for keys", "write the path of a file, or an https URL");
  }
  if (authorityFile === undefined) return { file: path(field) };
  return field.fail(
    'is a file, which needs no "jwksAuthority"',
    'write an https URL, or remove "jwksAuthority"',
  );
}

/** False for another protocol, and for a URL with a user, a fragment or a space. */
function isHttpsUrl(text: string): boolean {
  return /^https:\/\/[^\s#@]+$/.test(text) && URL.canParse(text);
}

function scopeMeaning(fields: {
  readonly scopePrefix?: JsonField;
  readonly scopes?: JsonField;
}): ScopeMeaning {
  const { scopePrefix: prefix, scopes } = fields;
  if (scopes === undefined) {
    const text = prefix === undefined ? SCOPE_PREFIX : prefix.string();
    if (text !== undefined && text.length <= TEXT_LENGTH_MAX) {
      return { prefix: text };
    }
    prefix?.fail("is no prefix", `write a text such as "${SCOPE_PREFIX}", or "" for none`);
  }
  prefix?.fail('has no meaning beside "scopes"', "remove one of them");
  return { scopes: scopesByText(scopes, 'an object such as {"bank-payer": ["submit"]}') };
}

/** Lists of scopes by any text. `form` says what to write. */
export function scopesByText(
  field: JsonField | undefined,
  form: string,
): ReadonlyMap<string, readonly Scope[]> {
  const entries = Object.entries(field?.entries(form) ?? {});
  const list = { min: 0, max: SCOPES.length };
  return new Map(
    entries.map(([text, scopes]) => [text, scopes.list(list).map((one) => one.oneOf(SCOPES))]),
  );
}

function oneOrMore<T extends string>(
  field: JsonField | undefined,
  values: readonly T[],
): readonly T[] | undefined {
  return field?.list({ min: 1, max: values.length }).map((one) => one.oneOf(values));
}

function shortText(field: JsonField, form: string): string {
  const text = field.string() ?? "";
  const isShort = text.length > 0 && text.length <= TEXT_LENGTH_MAX;
  return isShort ? text : field.fail("is not a text of an allowed length", `write ${form}`);
}

/** As a value that JSON shows, to compare. */
export function serversAsJson(servers: readonly AuthorizationServerConfig[]): unknown {
  return servers.map(({ meaning, ...server }) => ({
    ...server,
    meaning: "scopes" in meaning ? [...meaning.scopes] : meaning.prefix,
  }));
}
