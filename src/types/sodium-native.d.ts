/**
 * The part of `sodium-native` 5.1 (libsodium) that Countersign uses; the package ships no types.
 * Arguments of a wrong length throw. Loaded as CommonJS: only the default import has the constants.
 */
declare module "sodium-native" {
  interface Sodium {
    readonly crypto_sign_BYTES: 64;
    readonly crypto_sign_PUBLICKEYBYTES: 32;
    readonly crypto_sign_SECRETKEYBYTES: 64;
    readonly crypto_sign_SEEDBYTES: 32;
    /** Fills `publicKey` and `secretKey` (seed and public key, 64 bytes) from a 32-byte seed (RFC 8032). */
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
    /** Fills `signature` (64 bytes). */
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
    /** False for an invalid signature. Longer signatures are NOT refused: check the length first. */
    crypto_sign_verify_detached(
      signature: Uint8Array,
      message: Uint8Array,
      publicKey: Uint8Array,
    ): boolean;
    /** True for the canonical encoding of a point of the prime-order group other than the identity. */
    crypto_core_ed25519_is_valid_point(point: Uint8Array): boolean;
    /** Fills `product` with scalar·B, in constant time. Throws if that is the identity. */
    crypto_scalarmult_ed25519_base_noclamp(product: Uint8Array, scalar: Uint8Array): void;
    /** Fills `product`, in constant time. Throws for the identity, and for a point outside the prime-order group. */
    crypto_scalarmult_ed25519_noclamp(
      product: Uint8Array,
      scalar: Uint8Array,
      point: Uint8Array,
    ): void;
    /** Fills `sum`. Throws for bytes that encode no point of the curve; points of any order are taken. */
    crypto_core_ed25519_add(sum: Uint8Array, left: Uint8Array, right: Uint8Array): void;
    /** Fills `scalar` (32 bytes) with 64 bytes, read little-endian, modulo the order of the group. */
    crypto_core_ed25519_scalar_reduce(scalar: Uint8Array, wide: Uint8Array): void;

    readonly crypto_aead_xchacha20poly1305_ietf_ABYTES: 16;
    readonly crypto_aead_xchacha20poly1305_ietf_KEYBYTES: 32;
    readonly crypto_aead_xchacha20poly1305_ietf_NPUBBYTES: 24;
    /** Fills `ciphertext` (message length + 16) and returns its length; `secretNonce` is always null. */
    crypto_aead_xchacha20poly1305_ietf_encrypt(
      ciphertext: Uint8Array,
      message: Uint8Array,
      additionalData: Uint8Array | null,
      secretNonce: null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;
    /** Fills `message` (ciphertext length - 16) and returns its length; throws if the authentication tag is wrong. */
    crypto_aead_xchacha20poly1305_ietf_decrypt(
      message: Uint8Array,
      secretNonce: null,
      ciphertext: Uint8Array,
      additionalData: Uint8Array | null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;

    readonly crypto_pwhash_ALG_ARGON2ID13: 2;
    readonly crypto_pwhash_SALTBYTES: 16;
    readonly crypto_pwhash_OPSLIMIT_INTERACTIVE: number;
    readonly crypto_pwhash_MEMLIMIT_INTERACTIVE: number;
    readonly crypto_pwhash_OPSLIMIT_MODERATE: number;
    readonly crypto_pwhash_MEMLIMIT_MODERATE: number;
    /** Fills `out` from a passphrase (Argon2id); blocks for the time that the limits cause. */
    crypto_pwhash(
      out: Uint8Array,
      passphrase: Uint8Array,
      salt: Uint8Array,
      operationsLimit: number,
      memoryLimitBytes: number,
      algorithm: number,
    ): void;

    /** Fills the buffer from the operating system's random source. */
    randombytes_buf(buffer: Uint8Array): void;
    /** Overwrites the buffer with zeros; the compiler cannot remove it. */
    sodium_memzero(buffer: Uint8Array): void;
  }
  const sodium: Sodium;
  export default sodium;
}

/** The native functions below the checks of their arguments. */
declare module "sodium-native/binding.js" {
  interface Binding {
    /** Memory, offset and length of the signature, the message and the public key. */
    crypto_sign_verify_detached(
      signature: ArrayBufferLike,
      signatureOffset: number,
      signatureLength: number,
      message: ArrayBufferLike,
      messageOffset: number,
      messageLength: number,
      publicKey: ArrayBufferLike,
      publicKeyOffset: number,
      publicKeyLength: number,
    ): boolean;
  }
  const binding: Binding;
  export default binding;
}
