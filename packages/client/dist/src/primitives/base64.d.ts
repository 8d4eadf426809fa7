/** Base64 (RFC 4648 section 4) with padding, in the one form that encoding gives. */
import type { Bytes } from "./bytes.ts";
/** True if decoding `text` and encoding the bytes again gives `text`. */
export declare function isBase64(text: string): boolean;
/** The bytes of `text`, for which `isBase64` holds. */
export declare function fromBase64(text: string): Bytes;
