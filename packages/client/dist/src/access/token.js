/**
 * The text of a bearer token: `cs_` and 256 random bits in base64url (RFC 4648 section 5). The prefix lets scanners
 * find leaked tokens. A node keeps only the SHA-256: with so many bits, a slow hash would add nothing.
 */
import { toHex, utf8 } from "../primitives/bytes.js";
export const TOKEN_PREFIX = "cs_";
export const TOKEN_ENTROPY_BYTES = 32;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Tokens, and access tokens (access-token.ts), from their beginning. */
const TEXTS = /cs_[A-Za-z0-9_-]{43,}|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}/g;
const TEXT = /^cs_[A-Za-z0-9_-]{43}$/;
/** Number of characters after `cs_` by which guesses are grouped: 48 of the 256 bits. */
const GUESSED_PREFIX = 8;
export const TOKEN_ID_DIGITS = 12;
export function tokenText(entropy) {
    let digits = "";
    for (let bit = 0; bit < 8 * entropy.length; bit += 6) {
        const at = Math.floor(bit / 8);
        const pair = ((entropy[at] ?? 0) << 8) | (entropy[at + 1] ?? 0);
        digits += ALPHABET[(pair >> (10 - (bit % 8))) & 63] ?? "";
    }
    return `${TOKEN_PREFIX}${digits}`;
}
export function isTokenText(text) {
    return TEXT.test(text);
}
export function tokenHash(hash, text) {
    return hash(utf8(text));
}
/** The short name of a token: the beginning of its hash, which anyone who finds the token can compute. */
export function tokenId(hash) {
    return toHex(hash).slice(0, TOKEN_ID_DIGITS);
}
/** True for a name that could be an id. One call takes either, so a name of this form would revoke another's token. */
export function looksLikeTokenId(name) {
    return /^[0-9a-f]{12}$/i.test(name);
}
/** True for a name that is, or holds, the text of a token: names are listed and logged. */
export function holdsToken(name) {
    return withoutTokens(name) !== name;
}
/** `text` with `cs_…` or `eyJ…` for each token in it: what someone pasted into the wrong place goes no further. */
export function withoutTokens(text) {
    return text.replace(TEXTS, (found) => `${found.slice(0, TOKEN_PREFIX.length)}…`);
}
/** The beginning of a token, by which guesses are grouped. */
export function guessedPrefix(text) {
    return text.slice(0, TOKEN_PREFIX.length + GUESSED_PREFIX);
}
/** Names of tokens: 1 to 64 letters, digits, dots, dashes and underscores. */
export const TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
