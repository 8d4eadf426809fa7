export const DIGEST_LENGTH = 32;
/** The digest for something that does not exist: the parent of the genesis header, an unset record. */
export const zeroDigest = new Uint8Array(DIGEST_LENGTH);
