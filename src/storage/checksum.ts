/**
 * The checksum that every stored value carries: CRC-32 over key and value, so that a flipped bit, and a value under
 * another's key, is noticed when it is read. It guards against accidents of disks, not against forgers: those meet the
 * state root. LevelDB's own block checksums are not enough: its binding does not offer to check them on reads, and a
 * compaction would copy a damaged value under a fresh one.
 */
import { crc32 } from "node:zlib";
import type { Bytes } from "../primitives/bytes.ts";
import { StorageCorruption } from "./errors.ts";
import { describeKey } from "./keys.ts";

const CHECKSUM_LENGTH = 4;

/** The value as it is stored under `key`. */
export function protect(key: Bytes, value: Bytes): Bytes {
  const stored = Buffer.allocUnsafe(value.length + CHECKSUM_LENGTH);
  stored.set(value);
  stored.writeUInt32BE(crc32(value, crc32(key)), value.length);
  return stored;
}

/** The value again; throws StorageCorruption if it is not what was stored under `key`. */
export function unprotect(key: Bytes, stored: Bytes): Bytes {
  const length = stored.length - CHECKSUM_LENGTH;
  if (length < 0) throw new StorageCorruption(describeKey(key), "its stored value is cut short");
  // Plain, not a Buffer, so that values compare alike wherever they were kept.
  const value = new Uint8Array(stored.buffer, stored.byteOffset, length);
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  if (view.getUint32(length) !== crc32(value, crc32(key))) {
    throw new StorageCorruption(describeKey(key), "its stored value does not match its checksum");
  }
  return value;
}
