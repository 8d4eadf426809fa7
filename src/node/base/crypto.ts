/**
 * The native functions that pure code uses: SHA-2 of OpenSSL, Ed25519 and its group of libsodium. libsodium's
 * `crypto_sign_verify_detached` is the one verifier of the protocol (L3): verifiers disagree about crafted
 * signatures, and two verifiers in one network would fork it.
 */
import { hash as digest, randomBytes } from "node:crypto";
import sodium from "sodium-native";
import type { Bytes } from "../../primitives/bytes.ts";
import { DIGEST_LENGTH, type Hash } from "../../primitives/hash.ts";
import type { IsValidPoint, SigningKey, Verify } from "../../primitives/signature.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "../../primitives/signature.ts";
import type { SigningGroup } from "../../seal/signing-group.ts";

export type { SigningKey } from "../../primitives/signature.ts";

export const SEED_LENGTH = 32;

/**
 * OpenSSL's digest as a text of one character for each byte: as a buffer it takes twice as long, because each buffer is an object
 * outside the heap. OpenSSL uses the processor's instructions for SHA-256, which libsodium does not.
 */
export const sha256: Hash = (data, into) => {
  const text = digest("sha256", data, "binary");
  const out = into ?? new Uint8Array(DIGEST_LENGTH);
  for (let i = 0; i < DIGEST_LENGTH; i++) out[i] = text.charCodeAt(i);
  return out;
};

export const verify: Verify = ({ publicKey, message, signature }) => {
  if (publicKey.length !== PUBLIC_KEY_LENGTH || signature.length !== SIGNATURE_LENGTH) return false;
  return sodium.crypto_sign_verify_detached(buffer(signature), buffer(message), buffer(publicKey));
};

export const isValidPoint: IsValidPoint = (point) =>
  point.length === PUBLIC_KEY_LENGTH && sodium.crypto_core_ed25519_is_valid_point(buffer(point));

/** libsodium's multiplications are in constant time; it refuses points outside the prime-order group. */
export const signingGroup: SigningGroup = {
  multiplyBase: (scalar) => {
    return filled((out) => sodium.crypto_scalarmult_ed25519_base_noclamp(out, buffer(scalar)));
  },
  multiply: (scalar, point) => {
    const [n, p] = [buffer(scalar), buffer(point)];
    return filled((out) => sodium.crypto_scalarmult_ed25519_noclamp(out, n, p));
  },
  add: (left, right) => {
    return filled((out) => sodium.crypto_core_ed25519_add(out, buffer(left), buffer(right)));
  },
  reduce: (wide) => {
    return filled((out) => sodium.crypto_core_ed25519_scalar_reduce(out, buffer(wide)));
  },
  hash: (data) => plain(digest("sha512", data, "buffer")),
};

/** Random bytes of the operating system. */
export function entropy(length: number): Bytes {
  return plain(randomBytes(length));
}

/** The key pair of a 32-byte seed (RFC 8032 section 5.1.5). */
export function signingKeyOf(seed: Bytes): SigningKey {
  const publicKey = Buffer.alloc(PUBLIC_KEY_LENGTH);
  const secretKey = Buffer.alloc(64);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, buffer(seed));
  return {
    publicKey: plain(publicKey),
    sign: (message) => {
      const signature = Buffer.alloc(SIGNATURE_LENGTH);
      sodium.crypto_sign_detached(signature, buffer(message), secretKey);
      return plain(signature);
    },
  };
}

/** 32 bytes that `fill` writes. */
function filled(fill: (out: Buffer) => void): Bytes {
  const out = Buffer.alloc(32);
  fill(out);
  return plain(out);
}

/** A Buffer over the same memory, because libsodium's binding accepts only that. */
function buffer(bytes: Bytes): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A plain Uint8Array over the same memory, so that values from all sources compare alike. */
function plain(bytes: Buffer): Bytes {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
