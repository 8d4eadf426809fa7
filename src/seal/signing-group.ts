/** The group arithmetic that FROST signing needs, as a type alone. */
import type { Bytes } from "../primitives/bytes.ts";

/** Arithmetic of the prime-order group of Ed25519, injected. Points and scalars are 32 canonical bytes. */
export interface SigningGroup {
  /** scalar·B, in constant time. Throws if that is the identity. */
  readonly multiplyBase: (scalar: Bytes) => Bytes;
  /** scalar·point. Throws if that is the identity, or for a point that is not canonical or not of prime order. */
  readonly multiply: (scalar: Bytes, point: Bytes) => Bytes;
  /** Throws for bytes that encode no point. */
  readonly add: (left: Bytes, right: Bytes) => Bytes;
  /** 64 bytes, read little-endian, modulo the order of the group; in constant time. */
  readonly reduce: (wide: Bytes) => Bytes;
  /** SHA-512. */
  readonly hash: (data: Bytes) => Bytes;
}
