/**
 * The files of an audit log. Lines are appended to the newest file. A full file is followed by the next one, and the
 * oldest are removed when there are too many. A line that a crash cut off was never synced; the next start removes
 * it.
 */
import type { Stats } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rm, stat, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Hash } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { syncDirectory } from "./atomic-file.ts";
import { type AuditHead, hashOfLine, NO_AUDIT, readAuditLine } from "./audit-chain.ts";
import type { AuditSink } from "./audit-trail.ts";
import { namesIn } from "./folder-names.ts";
import { StorageError } from "./storage-errors.ts";
import { namingRefusals } from "./system-errors.ts";

export interface AuditFileLimits {
  /** A larger file is followed by the next one. */
  readonly fileBytesMax: number;
  readonly filesMax: number;
}

/** A file that was removed to make room: the trail in the folder begins after its last entry. */
export interface RemovedAuditFile {
  readonly file: string;
  /** Its last entry; undefined if that cannot be parsed. */
  readonly last: AuditHead | undefined;
}

export interface AuditFilesOptions {
  readonly limits?: AuditFileLimits;
  /** Called before a file is removed, which cannot be undone. */
  readonly onRemoval: (removed: RemovedAuditFile) => void;
}

const NAME = /^audit-(\d{8})\.jsonl$/;
const NEWLINE = 0x0a;

export class AuditFiles implements AuditSink {
  readonly #folder: string;
  readonly #options: AuditFilesOptions;
  readonly #limits: AuditFileLimits;
  readonly #hash: Hash;
  /** Numbers of the files, ascending. */
  readonly #numbers: number[];
  #file: FileHandle;
  #bytes: number;
  #removed = 0;

  private constructor(parts: {
    readonly folder: string;
    readonly options: AuditFilesOptions;
    readonly hash: Hash;
    readonly numbers: number[];
    readonly file: FileHandle;
    readonly bytes: number;
  }) {
    this.#folder = parts.folder;
    this.#options = parts.options;
    this.#limits = parts.options.limits ?? LIMITS.auditFiles;
    this.#hash = parts.hash;
    this.#numbers = parts.numbers;
    this.#file = parts.file;
    this.#bytes = parts.bytes;
  }

  /** Opens the log in `folder`, or begins one; gives the end of its chain. */
  static async open(
    folder: string,
    hash: Hash,
    options: AuditFilesOptions,
  ): Promise<{ readonly files: AuditFiles; readonly head: AuditHead }> {
    return await namingRefusals(folder, async () => {
      const created = await mkdir(folder, { recursive: true, mode: 0o700 });
      if (created !== undefined) await syncDirectory(dirname(folder));
      const numbers = numbersOf((await namesIn(folder)) ?? []);
      const head = await headOf(folder, numbers, hash);
      const newest = numbers.at(-1) ?? 1;
      const path = join(folder, nameOf(newest));
      const file = await open(path, "a", 0o600);
      await syncDirectory(folder);
      const { size: bytes } = await file.stat();
      const known = numbers.length === 0 ? [newest] : numbers;
      const files = new AuditFiles({ folder, options, hash, numbers: known, file, bytes });
      return { files, head };
    });
  }

  /** Files removed since the log was opened. */
  get removed(): number {
    return this.#removed;
  }

  /**
   * False if the newest file is not where this log writes it, or has lost bytes: another program removed, replaced or
   * shortened it. Older files may be moved to an archive. Changed bytes are found by the chain of hashes alone.
   */
  async isIntact(): Promise<boolean> {
    const file = this.#file;
    const bytes = this.#bytes;
    const path = join(this.#folder, nameOf(this.#numbers.at(-1) ?? 0));
    const [own, named] = await Promise.all([statOf(file.stat()), statOf(stat(path))]);
    // The next file was begun meanwhile, or the log was closed.
    if (file !== this.#file || own === undefined) return true;
    return named?.ino === own.ino && named.dev === own.dev && named.size >= bytes;
  }

  async append(lines: string): Promise<void> {
    if (this.#bytes > this.#limits.fileBytesMax) await this.#beginNext();
    const bytes = Buffer.from(lines);
    await this.#file.appendFile(bytes);
    await this.#file.datasync();
    this.#bytes += bytes.length;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #beginNext(): Promise<void> {
    const number = (this.#numbers.at(-1) ?? 0) + 1;
    const next = await open(join(this.#folder, nameOf(number)), "ax", 0o600);
    await syncDirectory(this.#folder);
    await this.#file.close();
    this.#file = next;
    this.#bytes = 0;
    this.#numbers.push(number);
    while (this.#numbers.length > this.#limits.filesMax) await this.#removeOldest();
  }

  async #removeOldest(): Promise<void> {
    const name = nameOf(this.#numbers.shift() ?? 0);
    const path = join(this.#folder, name);
    // The operator may have moved it to an archive.
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (bytes === undefined) return;
    this.#removed += 1;
    this.#options.onRemoval({ file: name, last: lastEntry(bytes, this.#hash) });
    await rm(path, { force: true });
  }
}

/** Undefined if there is no such file, or it cannot be asked. */
function statOf(asked: Promise<Stats>): Promise<Stats | undefined> {
  return asked.catch(() => undefined);
}

function nameOf(number: number): string {
  return `audit-${String(number).padStart(8, "0")}.jsonl`;
}

function numbersOf(names: readonly string[]): number[] {
  const numbers = names.flatMap((name) => {
    const [, digits] = NAME.exec(name) ?? [];
    return digits === undefined ? [] : [Number(digits)];
  });
  return numbers.sort((left, right) => left - right);
}

/** The end of the chain: the last line of the newest file with a line. */
async function headOf(folder: string, numbers: readonly number[], hash: Hash): Promise<AuditHead> {
  for (const number of numbers.toReversed()) {
    const path = join(folder, nameOf(number));
    const line = await lastLine(path);
    if (line === undefined) continue;
    const entry = readAuditLine(line);
    if (typeof entry === "string") {
      throw new StorageError(
        "malformed",
        `${path}: its last line ${entry}; move the folder ${folder} away and keep it for an auditor: the node begins a new log`,
      );
    }
    return { number: entry.number, hash: hashOfLine(hash, line) };
  }
  return NO_AUDIT;
}

/** The last whole line; the rest was cut off by a crash and is removed. */
async function lastLine(path: string): Promise<string | undefined> {
  const bytes = await readFile(path);
  const end = bytes.lastIndexOf(NEWLINE);
  if (end + 1 < bytes.length) await truncate(path, end + 1);
  if (end <= 0) return undefined;
  return lineBefore(bytes, end);
}

function lineBefore(bytes: Buffer, end: number): string {
  const start = bytes.lastIndexOf(NEWLINE, end - 1);
  return bytes.subarray(start + 1, end).toString("utf8");
}

function lastEntry(bytes: Buffer, hash: Hash): AuditHead | undefined {
  const end = bytes.lastIndexOf(NEWLINE);
  if (end <= 0) return undefined;
  const line = lineBefore(bytes, end);
  const entry = readAuditLine(line);
  if (typeof entry === "string") return undefined;
  return { number: entry.number, hash: hashOfLine(hash, line) };
}
