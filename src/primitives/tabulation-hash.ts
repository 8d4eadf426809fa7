/**
 * Simple tabulation hashing (Zobrist 1970; Pătraşcu and Thorup, "The Power of Simple Tabulation Hashing", J. ACM 2012): the hash of
 * a key is the exclusive or of one random number for each of its bytes. Who does not know the numbers finds no keys that
 * collide more often than chance has it, so strangers may choose the keys of a table.
 */
import { concatBytes } from "./bytes.ts";
import type { Hash } from "./hash.ts";
import { DIGEST_LENGTH } from "./hash.ts";

const VALUES = 256;

export class TabulationHash {
  readonly keyLength: number;
  readonly #numbers: Uint32Array;

  /** `seed` is secret where strangers choose the keys. */
  constructor(hash: Hash, seed: Uint8Array, keyLength: number) {
    this.keyLength = keyLength;
    this.#numbers = new Uint32Array(keyLength * VALUES);
    const perDigest = DIGEST_LENGTH / 4;
    for (let at = 0; at < this.#numbers.length; at += perDigest) {
      const digest = hash(concatBytes(seed, Uint8Array.of(at >>> 24, at >>> 16, at >>> 8, at)));
      const view = new DataView(digest.buffer, digest.byteOffset, DIGEST_LENGTH);
      for (let i = 0; i < perDigest; i++) this.#numbers[at + i] = view.getUint32(4 * i);
    }
  }

  /** A number of 32 bits for the key that begins at `at`. */
  of(bytes: Uint8Array, at = 0): number {
    const numbers = this.#numbers;
    let mixed = 0;
    for (let i = 0; i < this.keyLength; i++) {
      mixed ^= numbers[i * VALUES + (bytes[at + i] ?? 0)] ?? 0;
    }
    return mixed >>> 0;
  }
}
