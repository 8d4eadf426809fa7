export const PUBLIC_KEY_LENGTH = 32;
export const SIGNATURE_LENGTH = 64;
