/**
 * Reads whole files, each up to a bound for its kind, so that a file that was grown, swapped or made by another party
 * costs no more memory than an honest one. It counts bytes while it reads, because a pipe has no size and a file may
 * grow.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Bytes } from "../primitives/bytes.ts";

const CHUNK_BYTES = 64 * 1024;

/** The message is a clause without a subject, like those of the operating system. */
export class FileTooLarge extends Error {
  override readonly name = "FileTooLarge";

  constructor(bytesMax: number) {
    super(`it has more than the ${bytesMax} bytes that such a file may have`);
  }
}

/** The content of `path`; throws FileTooLarge, or the error of the operating system. */
export function readBounded(path: string, bytesMax: number): Bytes {
  const descriptor = openSync(path, "r");
  try {
    return readDescriptor(descriptor, bytesMax);
  } finally {
    closeSync(descriptor);
  }
}

/** The content as text; bytes that are not UTF-8 become replacement characters. */
export function readTextBounded(path: string, bytesMax: number): string {
  return textOf(readBounded(path, bytesMax));
}

/** The content of an open file from its present position on. */
export function readDescriptor(descriptor: number, bytesMax: number): Bytes {
  const { size } = fstatSync(descriptor);
  if (size > bytesMax) throw new FileTooLarge(bytesMax);
  // One byte more than the file has, so that its end is seen without another buffer.
  let content = Buffer.allocUnsafe(Math.max(size + 1, CHUNK_BYTES));
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, content, length, content.length - length, null);
    if (read === 0) return new Uint8Array(content.buffer, content.byteOffset, length);
    length += read;
    if (length > bytesMax) throw new FileTooLarge(bytesMax);
    if (length === content.length) {
      content = Buffer.concat([content], 2 * length);
    }
  }
}

/** Reads all of a file and drops the content, so that errors of the disk appear. */
export async function readThrough(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    while ((await file.read(chunk, 0, CHUNK_BYTES)).bytesRead > 0);
  } finally {
    await file.close();
  }
}

function textOf(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}
