/**
 * The text of a bearer token: `cs_` and 256 random bits in base64url (RFC 4648 section 5). The prefix lets scanners
 * find leaked tokens. A node keeps only the SHA-256: with so many bits, a slow hash would add nothing.
 */
import { type Bytes } from "../primitives/bytes.ts";
import type { Digest, Hash } from "../primitives/hash.ts";
export declare const TOKEN_PREFIX = "cs_";
export declare const TOKEN_ENTROPY_BYTES = 32;
export declare const TOKEN_ID_DIGITS = 12;
export declare function tokenText(entropy: Bytes): string;
export declare function isTokenText(text: string): boolean;
export declare function tokenHash(hash: Hash, text: string): Digest;
/** The short name of a token: the beginning of its hash, which anyone who finds the token can compute. */
export declare function tokenId(hash: Digest): string;
/** True for a name that could be an id. One call takes either, so a name of this form would revoke another's token. */
export declare function looksLikeTokenId(name: string): boolean;
/** True for a name that is, or holds, the text of a token: names are listed and logged. */
export declare function holdsToken(name: string): boolean;
/** `text` with `cs_…` or `eyJ…` for each token in it: what someone pasted into the wrong place goes no further. */
export declare function withoutTokens(text: string): string;
/** The beginning of a token, by which guesses are grouped. */
export declare function guessedPrefix(text: string): string;
/** Names of tokens: 1 to 64 letters, digits, dots, dashes and underscores. */
export declare const TOKEN_NAME: RegExp;
