/** Ed25519 keys and signatures that no honest program makes: of a point that is not of prime order, or with a small R. */
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../../src/primitives/bytes.ts";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const SECRET = 1_234_567_890_123_456_789n;
/** Of order 8. */
const TORSION = Point.fromHex(ED25519_TORSION_SUBGROUP[1] ?? "");

/** A point of prime order and one of order 8, added: the same secret signs for it one time in eight. */
export const mixedKey: Bytes = Point.BASE.multiply(SECRET).add(TORSION).toBytes();
/** Of prime order, with a secret that is known here. */
export const plainKey: Bytes = Point.BASE.multiply(SECRET).toBytes();

/** A signature that verifies under `mixedKey` wherever the key's order is not looked at. */
export function signMixed(message: Bytes): Bytes {
  for (let nonce = 1n; ; nonce++) {
    const r = Point.BASE.multiply(nonce).toBytes();
    const full = littleEndian(sha512(Uint8Array.from([...r, ...mixedKey, ...message])));
    // Times a multiple of eight, the part of order 8 is gone.
    if ((full % ORDER) % 8n === 0n) return join(r, nonce + (full % ORDER) * SECRET);
  }
}

/** Under `plainKey`, with the identity as R: the equation holds, and the secret is given away. */
export function signWithSmallR(message: Bytes): Bytes {
  const r = Point.ZERO.toBytes();
  const k = littleEndian(sha512(Uint8Array.from([...r, ...plainKey, ...message])));
  return join(r, (k % ORDER) * SECRET);
}

/** The same signature with S raised by the group order: another spelling of the same equation. */
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
