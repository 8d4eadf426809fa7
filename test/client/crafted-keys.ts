/**
 * Ed25519 keys and signatures that no honest program makes: keys of points that are not of prime order, and
 * signatures with a small R.
 */
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../../src/primitives/bytes.ts";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const SECRET = 1_234_567_890_123_456_789n;
/** Of order 8. */
const TORSION = Point.fromHex(ED25519_TORSION_SUBGROUP[1] ?? "");

/** The sum of a point of prime order and one of order 8: the same secret signs for it one time in eight. */
export const mixedKey: Bytes = Point.BASE.multiply(SECRET).add(TORSION).toBytes();
/** A key of prime order whose secret is known here. */
export const plainKey: Bytes = Point.BASE.multiply(SECRET).toBytes();

/** A signature under `mixedKey` that verifies if the verifier does not check the key's order. */
export function signMixed(message: Bytes): Bytes {
  for (let nonce = 1n; ; nonce++) {
    const r = Point.BASE.multiply(nonce).toBytes();
    const full = littleEndian(sha512(Uint8Array.from([...r, ...mixedKey, ...message])));
    // Multiplying by eight removes the part of order 8.
    if ((full % ORDER) % 8n === 0n) return join(r, nonce + (full % ORDER) * SECRET);
  }
}

/** A signature under `plainKey` with the identity as R: the equation holds, and the secret is revealed. */
export function signWithSmallR(message: Bytes): Bytes {
  const r = Point.ZERO.toBytes();
  const k = littleEndian(sha512(Uint8Array.from([...r, ...plainKey, ...message])));
  return join(r, (k % ORDER) * SECRET);
}

/** The same signature with S increased by the group order, which satisfies the same equation. */
export function raiseS(signature: Bytes): Bytes {
  const s = littleEndian(signature.slice(32)) + ORDER;
  return Uint8Array.from([...signature.slice(0, 32), ...toLittleEndian(s)]);
}

function join(r: Bytes, s: bigint): Bytes {
  return Uint8Array.from([...r, ...toLittleEndian(s % ORDER)]);
}

function littleEndian(bytes: Bytes): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function toLittleEndian(value: bigint): Bytes {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}
