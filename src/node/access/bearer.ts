/** The header `authorization` of RFC 6750: the scheme Bearer with one credential. */

const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** Undefined for another scheme, and for a malformed header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return BEARER.exec(authorization ?? "")?.[1];
}
