/**
 * Reads a JWT before its signature is checked. Two readers must not understand one token differently, so JSON with a name
 * that is given twice is refused.
 */
import { isRecord, JsonProblem, readJson } from "../../primitives/json.ts";

/** The sender's claims; nothing of it is proven. */
export interface UnprovenJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly issuer: string;
  /** Milliseconds since 1970; undefined if the claim is no number. */
  readonly expiresAt: number | undefined;
}

const utf8Text = new TextDecoder("utf-8", { fatal: true });

/** A text says why it is refused. `text` has the form of a JWT (`looksLikeJwt`). */
export function readJwt(text: string): UnprovenJwt | string {
  const parts = text.split(".");
  const [head = "", body = "", signature = ""] = parts;
  if (parts.length === 5) return "the access token is encrypted, and this node takes signed ones";
  if (parts.length !== 3) return "the access token does not have three parts";
  if (signature === "") return "the access token has no signature";
  const header = readPart(head);
  const claims = readPart(body);
  if (header === undefined || claims === undefined) {
    return "the header or the claims of the access token are no JSON object, or give a name twice";
  }
  const { iss, exp } = claims;
  const { kid } = header;
  if (kid !== undefined && typeof kid !== "string")
    return "the access token names no key by a text";
  if (typeof iss !== "string") return "the access token has no claim iss";
  return { header, issuer: iss, expiresAt: typeof exp === "number" ? exp * 1000 : undefined };
}

function readPart(part: string): Readonly<Record<string, unknown>> | undefined {
  let text: string;
  try {
    text = utf8Text.decode(Buffer.from(part, "base64url"));
  } catch {
    return undefined;
  }
  const strict = readJson(text);
  if (strict instanceof JsonProblem || !isRecord(strict)) return undefined;
  return JSON.parse(text);
}
