/** The key `corsOrigins`: the origins whose web pages may call this node. */
import type { JsonField } from "../../primitives/json-fields.ts";
import { isLoopback } from "../../primitives/network-address.ts";

const ORIGINS_MAX = 32;
const ORIGIN_LENGTH_MAX = 260;

export const ORIGINS_MEANING =
  'optional: the origins whose web pages may call this node, such as ["https://app.example"]; without it none may';

/** Refused on an open node: every caller has every right there, and so would the pages of these origins. */
export function readOrigins(field: JsonField | undefined, hasAccess: boolean): readonly string[] {
  const origins = field?.list({ min: 0, max: ORIGINS_MAX }).map(readOrigin) ?? [];
  if (field !== undefined && origins.length > 0 && !hasAccess) {
    return field.fail(
      'without "access" gives the pages of these origins every right on this node',
      'add "access", such as {"tokens": true}, or remove "corsOrigins"',
    );
  }
  return origins;
}

/** Exactly as browsers write it (RFC 6454 section 6.2), because origins are compared by character. */
function readOrigin(field: JsonField): string {
  const text = field.string() ?? "";
  if (text.includes("*") || text === "null") {
    return field.fail("stands for pages of anyone", "name each origin");
  }
  const url = text.length <= ORIGIN_LENGTH_MAX ? URL.parse(text) : null;
  if (url === null || url.origin !== text) {
    return field.fail(
      "is no origin as browsers write it",
      "write scheme, host in lower case and port alone, the port only if it is not the usual one, such as https://app.example",
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(host))) return text;
  return field.fail(
    "is an origin whose pages anyone on the way may change",
    "write an origin of https, or of http on loopback",
  );
}
