/** The files of a backup, as streams: written with mode 0600, synced and summed; read and held to their checksums. */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type BackupFile, recordsFileName } from "./backup-manifest.ts";
import { StorageError } from "./storage-errors.ts";
import { systemRefusal } from "./system-errors.ts";

const READ_BYTES = 256 * 1024;

/** Cuts a stream of records into files of a bounded size. Errors are those of the operating system. */
export class BackupWriter {
  readonly #folder: string;
  readonly #files: BackupFile[] = [];
  #open: OpenFile | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The files that are complete. */
  get files(): readonly BackupFile[] {
    return this.#files;
  }

  async write(records: Bytes): Promise<void> {
    let rest = records;
    while (rest.length > 0) {
      this.#open ??= await this.#create(recordsFileName(this.#files.length + 1));
      const file = this.#open;
      const room = LIMITS.backup.fileBytesMax - file.bytes;
      await file.write(rest.subarray(0, room));
      rest = rest.subarray(room);
      if (file.bytes === LIMITS.backup.fileBytesMax) await this.endFile();
    }
  }

  /** The next record begins a new file. */
  async endFile(): Promise<void> {
    if (this.#open === undefined) return;
    const file = this.#open;
    this.#files.push(await file.end());
    this.#open = undefined;
  }

  async writeFile(name: string, content: Bytes): Promise<void> {
    this.#open = await this.#create(name);
    await this.#open.write(content);
    await this.endFile();
  }

  /** Closes a file that an error left open. */
  async close(): Promise<void> {
    await this.#open?.close();
  }

  async #create(name: string): Promise<OpenFile> {
    if (this.#files.length >= LIMITS.backup.filesMax) {
      throw new StorageError(
        "unavailable",
        `the store is too large for a backup: it needs more than ${LIMITS.backup.filesMax} files; prune it (keepBlocks)`,
      );
    }
    return new OpenFile(name, await open(join(this.#folder, name), "wx", 0o600));
  }
}

/** A file that is being written. */
class OpenFile {
  readonly #name: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  bytes = 0;

  constructor(name: string, handle: FileHandle) {
    this.#name = name;
    this.#handle = handle;
  }

  async write(piece: Bytes): Promise<void> {
    // Unlike write, it writes all of it.
    await this.#handle.appendFile(piece);
    this.#hash.update(piece);
    this.bytes += piece.length;
  }

  async end(): Promise<BackupFile> {
    await this.#handle.sync();
    await this.close();
    return { name: this.#name, bytes: this.bytes, sha256: this.#hash.digest() };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/**
 * The content of one file, piece by piece. Throws StorageError, at its end at the latest, if it is not the one that the manifest
 * names.
 */
export async function* piecesOf(folder: string, file: BackupFile): AsyncGenerator<Bytes> {
  const path = join(folder, file.name);
  const handle = await open(path, "r").catch((error: unknown) => {
    if (isAbsent(error)) throw new StorageError("malformed", `${file.name} is missing`, error);
    throw systemRefusal(path, error) ?? error;
  });
  const hash = createHash("sha256");
  let length = 0;
  try {
    for (;;) {
      const piece = await read(handle, path);
      length += piece.length;
      if (piece.length === 0 || length > file.bytes) break;
      hash.update(piece);
      yield piece;
    }
  } finally {
    await handle.close();
  }
  if (length !== file.bytes) {
    const found = length > file.bytes ? `more than ${file.bytes}` : `${length} of ${file.bytes}`;
    throw new StorageError("malformed", `${file.name} has ${found} bytes`);
  }
  if (!equalBytes(hash.digest(), file.sha256)) {
    throw new StorageError("malformed", `${file.name} does not match its checksum`);
  }
}

async function read(handle: FileHandle, path: string): Promise<Bytes> {
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw systemRefusal(path, error) ?? error;
  }
}

function isAbsent(error: unknown): boolean {
  return errorCode(error) === "ENOENT";
}
