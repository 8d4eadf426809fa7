/**
 * The grammar of the HTTP fields and request targets that a listener reads: RFC 9110 (media types, codings, weights,
 * Host), RFC 9112 section 3.2 (targets) and RFC 3986 (host and port). Every function returns undefined for text outside
 * the grammar.
 */
import { isIPv4, isIPv6 } from "node:net";
import { LIMITS } from "../primitives/limits.ts";

/** Names are case-insensitive, and stored in lower case. */
export interface MediaType {
  /** type/subtype. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** One member of a weighted list; weights are from 0 to 1. */
export interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/** The host of a node, and its port if one is named: the *authority* of RFC 3986 section 3.2, without user information. */
export interface HostPort {
  /** In lower case, an IPv6 address without its brackets. */
  readonly host: string;
  readonly kind: "name" | "address";
  readonly port: number | undefined;
}

/** The target of a request; only the absolute form has a `hostPort`. */
export interface Target {
  readonly hostPort: HostPort | undefined;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const QUOTED = '"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';
const SPACE = "[ \\t]*";
const TYPE = new RegExp(`${TOKEN}/${TOKEN}`, "y");
const CODING = new RegExp(TOKEN, "y");
/** RFC 9110 section 5.6.6: a semicolon may stand without a parameter behind it. */
const PARAMETER = new RegExp(`${SPACE};${SPACE}(?:(${TOKEN})=(${TOKEN}|${QUOTED}))?`, "y");
const MEMBER = new RegExp(`(?:[^",]|${QUOTED})*`, "y");
const HOST_PORT = /^(\[[^\]]*\]|[^:[\]]*)(?::([0-9]*))?$/;
const BARE_IPV6 = /^([0-9a-fA-F:.]*:[0-9a-fA-F:.]*):([0-9]{1,5})$/;
const WEIGHT = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/;

/** A media type with its parameters (RFC 9110 section 8.3.1). */
export function parseMediaType(text: string): MediaType | undefined {
  const found = parseMember(trim(text), TYPE);
  return found?.rest === "" ? found : undefined;
}

/** The codings of Content-Encoding in the order in which they were applied (RFC 9110 section 8.4). */
export function parseCodings(text: string): readonly string[] | undefined {
  const members = splitList(text);
  if (members === undefined) return undefined;
  const codings = members.map((one) => one.toLowerCase());
  const isToken = new RegExp(`^${TOKEN}$`);
  if (!codings.every((one) => isToken.test(one))) return undefined;
  // Section 8.4.1.3: the two names mean the same coding.
  return codings.map((one) => (one === "x-gzip" ? "gzip" : one));
}

/** The members of Accept or Accept-Encoding with their weights (RFC 9110 section 12.4.2). */
export function parseWeighted(
  text: string,
  kind: "types" | "codings",
): readonly Weighted[] | undefined {
  const members = splitList(text)?.map((one) => {
    const found = parseMember(one, kind === "types" ? TYPE : CODING);
    const weight = found?.parameters.get("q") ?? "1";
    if (found === undefined || found.rest !== "" || !WEIGHT.test(weight)) return undefined;
    return { name: found.name, weight: Number(weight) };
  });
  const read = members?.filter((one) => one !== undefined);
  return read?.length === members?.length ? read : undefined;
}

/** host[:port] (RFC 9110 section 7.2); also an IPv6 address without its brackets, as clients of Node write it. */
export function parseHostPort(text: string): HostPort | undefined {
  if (text.length > LIMITS.hostPortLengthMax) return undefined;
  const written = HOST_PORT.exec(text) ?? BARE_IPV6.exec(text);
  const [, host = "", digits] = written ?? [];
  const port = digits === undefined || digits === "" ? undefined : Number(digits);
  if (port !== undefined && port > 65_535) return undefined;
  const inner = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (isIPv6(inner) && !inner.includes("%")) return { host: inner, kind: "address", port };
  if (host.startsWith("[") || host.includes(":")) return undefined;
  if (isIPv4(inner)) return { host: inner, kind: "address", port };
  // RFC 3986 section 3.2.2: reg-name. Only a DNS name can be reached.
  if (!/^(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/.test(inner) || inner.length > 254)
    return undefined;
  return { host: inner.replace(/\.$/, ""), kind: "name", port };
}

/** host[:port] by RFC 3986. */
export function formatHostPort({ host, port }: Pick<HostPort, "host" | "port">): string {
  const written = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? written : `${written}:${port}`;
}

/** A target of origin or absolute form (RFC 9112 section 3.2); "*" is a path of its own. */
export function parseTarget(text: string): Target | undefined {
  if (text === "*") return { hostPort: undefined, path: "*", query: "" };
  // Wider than RFC 3986, for example with quotes: users type JSON into queries.
  if (!/^[!"$-~]+$/.test(text)) return undefined;
  const [, scheme, given] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?]*)/.exec(text) ?? [];
  if (given === undefined) {
    return text.startsWith("/") ? { hostPort: undefined, ...splitPath(text) } : undefined;
  }
  const hostPort = parseHostPort(given);
  if (scheme?.toLowerCase() !== "https" || hostPort === undefined) return undefined;
  return { hostPort, ...splitPath(text.slice(`${scheme}://${given}`.length)) };
}

function splitPath(text: string): Pick<Target, "path" | "query"> {
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  return { path: plainPath(path === "" ? "/" : path), query: mark < 0 ? "" : text.slice(mark + 1) };
}

/** An escape of a character that needs none leaves the path the same (RFC 3986 section 6.2.2.2). */
function plainPath(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (escaped, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escaped;
  });
}

/**
 * The members of a comma-separated list (RFC 9110 section 5.6.1): empty ones are skipped, and commas inside quotes do
 * not separate.
 */
function splitList(text: string): readonly string[] | undefined {
  const members: string[] = [];
  for (let at = 0; ; at += 1) {
    MEMBER.lastIndex = at;
    const [member = ""] = MEMBER.exec(text) ?? [];
    members.push(trim(member));
    at += member.length;
    if (at >= text.length) return members.filter((one) => one !== "");
    // A quote that is never closed.
    if (text[at] !== ",") return undefined;
  }
}

/** A name, its parameters, and the rest of the text. */
function parseMember(text: string, name: RegExp): (MediaType & { rest: string }) | undefined {
  name.lastIndex = 0;
  const found = name.exec(text)?.[0];
  if (found === undefined) return undefined;
  const parameters = new Map<string, string>();
  let at = found.length;
  for (;;) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(text);
    if (match === null) break;
    at += match[0].length;
    const key = match[1]?.toLowerCase();
    // It is unclear which of the two is meant.
    if (key !== undefined && parameters.has(key)) return undefined;
    if (key !== undefined) parameters.set(key, unquote(match[2] ?? ""));
  }
  return { name: found.toLowerCase(), parameters, rest: trim(text.slice(at)) };
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
}

/** Not by a pattern: one that ends in "$" would scan all spaces again from each of them. */
function trim(text: string): string {
  let [begin, end] = [0, text.length];
  while (begin < end && isSpace(text[begin])) begin += 1;
  while (begin < end && isSpace(text[end - 1])) end -= 1;
  return text.slice(begin, end);
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
