/**
 * The files of the explorer, which shows the network in a browser, at the client listener: a fixed table in memory, made at the start.
 * They are the same for every reader; what the explorer shows comes by calls, which the gate judges as any other (T11).
 */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { constants, gzipSync } from "node:zlib";
import { EXPLORER_FILES } from "../../gen/explorer/files.ts";
import { type Bytes, utf8 } from "../primitives/bytes.ts";
import { acceptedCodings } from "./compression.ts";
import type { ErrorAnswer } from "./errors.ts";
import type { FixedPage } from "./page.ts";

/** Scripts and styles of this listener alone (CSP 3); no text becomes markup (Trusted Types); no other site shows or frames it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/**
 * Not Strict-Transport-Security: it would hold for every port of the host, and take from the reader the way past a certificate that the
 * browser does not know.
 */
const HEADERS = {
  "content-security-policy": POLICY,
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Asked for again each time, and answered without a body while nothing has changed.
  "cache-control": "no-cache",
};

/** `genesis`: the text of the network's genesis, which the explorer verifies receipts by. */
export function explorerPages(genesis: string): ReadonlyMap<string, FixedPage> {
  const json = { path: "/genesis.json", contentType: "application/json", text: genesis };
  const files = [...EXPLORER_FILES, json];
  return new Map(files.map(({ path, ...file }) => [path, fixedPage(file)]));
}

function fixedPage(file: { readonly contentType: string; readonly text: string }): FixedPage {
  const body = utf8(file.text);
  const packed: Bytes = gzipSync(body, { level: constants.Z_BEST_COMPRESSION });
  // One tag for both codings, so a weak one (RFC 9110 section 8.8.1).
  const etag = `W/"${createHash("sha256").update(body).digest("base64url")}"`;
  const common = { ...HEADERS, etag, vary: "Accept-Encoding, Origin" };
  const whole = { ...common, "content-type": file.contentType };
  return {
    answerTo: (headers) => {
      if (isHeld(headers, etag)) return { status: 304, headers: common, body: new Uint8Array() };
      const [coding] = acceptedCodings(headers["accept-encoding"]?.toString() ?? "", ["gzip"]);
      if (coding === undefined) return answer(whole, body);
      return answer({ ...whole, "content-encoding": coding }, packed);
    },
  };
}

function answer(headers: Readonly<Record<string, string>>, body: Bytes): ErrorAnswer {
  return { status: 200, headers: { ...headers, "content-length": String(body.length) }, body };
}

/** RFC 9110 section 13.1.2. A list of tags is compared tag by tag; none of ours holds a comma. */
function isHeld({ "if-none-match": tags = "" }: IncomingHttpHeaders, etag: string): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  return tags.split(",").some((tag) => tag.trim() === "*" || opaque(tag) === opaque(etag));
}
