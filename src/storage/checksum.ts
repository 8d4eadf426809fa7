/**
 * Every stored value carries a CRC-32 over its key and value, so that a read notices a flipped bit, or a value under
 * another key. It detects faults of disks, not forgeries, which the state root detects. An engine's own block
 * checksums are not enough: LevelDB's binding does not offer to check them on reads, and a compaction would copy a
 * damaged value under a fresh checksum.
 */
import { crc32 } from "node:zlib";
import type { Bytes } from "../primitives/bytes.ts";
import { describeKey } from "./keys.ts";
import { StorageCorruption } from "./storage-errors.ts";

const CHECKSUM_LENGTH = 4;

/** The stored form of a value under `key`. */
export function protect(key: Bytes, value: Bytes): Bytes {
  const stored = Buffer.allocUnsafe(value.length + CHECKSUM_LENGTH);
  stored.set(value);
  stored.writeUInt32BE(crc32(value, crc32(key)), value.length);
  return stored;
}

/** The value without its checksum; throws StorageCorruption if the checksum does not match key and value. */
export function unprotect(key: Bytes, stored: Bytes): Bytes {
  const length = stored.length - CHECKSUM_LENGTH;
  if (length < 0) throw new StorageCorruption(describeKey(key), "its stored value is cut short");
  // A plain Uint8Array, not a Buffer, so that values from all sources compare alike.
  const value = new Uint8Array(stored.buffer, stored.byteOffset, length);
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  if (view.getUint32(length) !== crc32(value, crc32(key))) {
    throw new StorageCorruption(describeKey(key), "its stored value does not match its checksum");
  }
  return value;
}
