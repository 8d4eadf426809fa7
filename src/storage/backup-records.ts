/**
 * The records of a store as a backup holds them: their keys, and their values with the checksums of the store, in the order of
 * keys. A record is the lengths of key (u16) and value (u32), the key, and the value.
 *
 * A backup holds neither the journal nor the numbers of batches. The journal of a running node has grown when the copy
 * ends, so a node could contradict from the copy what it has said (A10); the restored store numbers its own batches.
 */
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { unprotect } from "./checksum.ts";
import { type Entry, entriesIn, type KeyValue } from "./key-value.ts";
import { describeKey, EVERYTHING, letterOf, RECORD_LETTERS, singleKey } from "./keys.ts";
import { StorageError } from "./storage-errors.ts";

const HEAD_LENGTH = 6;
const JOURNAL_FLOOR = Buffer.from(singleKey("journalFloor"));

/** All records of a backup, as of the first step. Throws StorageCorruption at one that the disk has damaged. */
export async function* backedUpRecords(keyValue: Pick<KeyValue, "parts">): AsyncGenerator<Entry> {
  for await (const entry of entriesIn(keyValue, EVERYTHING)) {
    unprotect(entry.key, entry.value);
    if (isBackedUp(entry.key)) yield entry;
  }
}

function isBackedUp(key: Bytes): boolean {
  const letter = letterOf(key);
  if (letter === RECORD_LETTERS.journal || letter === RECORD_LETTERS.batch) return false;
  return !JOURNAL_FLOOR.equals(key);
}

/** Pieces of `bytesMax` bytes of the encoded records; the last one is shorter, and none is empty. */
export async function* encodeRecords(
  entries: AsyncIterable<Entry>,
  bytesMax: number,
): AsyncGenerator<Bytes> {
  let waiting: Bytes[] = [];
  let length = 0;
  for await (const entry of entries) {
    for (const part of [headOf(entry), entry.key, entry.value]) waiting.push(part);
    length += HEAD_LENGTH + entry.key.length + entry.value.length;
    if (length < bytesMax) continue;
    const whole = Buffer.concat(waiting, length);
    const end = length - (length % bytesMax);
    for (let at = 0; at < end; at += bytesMax) yield whole.subarray(at, at + bytesMax);
    waiting = [whole.subarray(end)];
    length -= end;
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}

function headOf({ key, value }: Entry): Bytes {
  const head = Buffer.allocUnsafe(HEAD_LENGTH);
  head.writeUInt16BE(key.length);
  head.writeUInt32BE(value.length, 2);
  return head;
}

/** The records in these pieces. Throws StorageError if they are none, are cut short, or are not in order. */
export async function* decodeRecords(pieces: AsyncIterable<Bytes>): AsyncGenerator<Entry> {
  let held: Buffer = Buffer.alloc(0);
  let previous: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    held = held.length === 0 ? bufferOf(piece) : Buffer.concat([held, piece]);
    let at = 0;
    for (;;) {
      const length = lengthAt(held, at);
      if (length === undefined || at + length > held.length) break;
      const entry = entryAt(held, at);
      const key = bufferOf(entry.key);
      if (previous.compare(key) >= 0) throw damaged(`${describeKey(key)} is out of order`);
      checked(entry);
      previous = key;
      yield entry;
      at += length;
    }
    held = held.subarray(at);
  }
  if (held.length > 0) throw damaged("its last record is cut short");
}

/** The length of the record at this place with its head; undefined if the head is not whole. */
function lengthAt(held: Buffer, at: number): number | undefined {
  if (at + HEAD_LENGTH > held.length) return undefined;
  const keyLength = held.readUInt16BE(at);
  const valueLength = held.readUInt32BE(at + 2);
  const { keyBytesMax, valueBytesMax } = LIMITS.backup;
  if (keyLength === 0 || keyLength > keyBytesMax || valueLength > valueBytesMax) {
    throw damaged("it holds a record of an impossible length");
  }
  return HEAD_LENGTH + keyLength + valueLength;
}

function entryAt(held: Buffer, at: number): Entry {
  const keyEnd = at + HEAD_LENGTH + held.readUInt16BE(at);
  const end = keyEnd + held.readUInt32BE(at + 2);
  return { key: held.subarray(at + HEAD_LENGTH, keyEnd), value: held.subarray(keyEnd, end) };
}

function checked({ key, value }: Entry): void {
  try {
    unprotect(key, value);
  } catch {
    throw damaged(`${describeKey(key)} does not match its checksum`);
  }
}

function bufferOf(bytes: Bytes): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(what: string): StorageError {
  return new StorageError("malformed", what);
}
