/** Short texts in ASCII, as codes of assets and most references are: quicker than a decoder of UTF-8, which calls native code. */
import type { Bytes } from "./bytes.ts";

const LENGTH_MAX = 64;

/** The text of at most 64 bytes that are all ASCII; undefined for others, which a decoder of UTF-8 must read. */
export function readAscii(bytes: Bytes): string | undefined {
  if (bytes.length > LENGTH_MAX) return undefined;
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) > 0x7f) return undefined;
  return Reflect.apply(String.fromCharCode, undefined, bytes);
}
