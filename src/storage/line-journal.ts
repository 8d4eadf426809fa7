/**
 * A file of lines that is only added to, by one process at a time. A line that was added is on disk; one that a crash cut off is
 * gone at the next opening. The first line says what the file is, and whose.
 */
import { open } from "node:fs/promises";
import { type Bytes, utf8 } from "../primitives/bytes.ts";
import { createFileDurably, writeFileDurably } from "./atomic-file.ts";
import { FileTooLarge, readBounded } from "./bounded-file.ts";
import type { ExclusiveLock } from "./exclusive-lock.ts";
import { StorageError } from "./storage-errors.ts";

export interface LineJournalOptions {
  /** The first line of a new file, without its end. */
  readonly head: string;
  /** Nothing is added that would make the file larger. */
  readonly bytesMax: number;
}

interface LineJournalParts {
  readonly path: string;
  readonly bytesMax: number;
  readonly lock: ExclusiveLock;
  readonly content: Bytes;
}

const LOCK_SUFFIX = ".lock";
const NEWLINE = 0x0a;

export class LineJournal {
  readonly path: string;
  /** The first line. */
  readonly head: string;
  /** The other lines that the file had when it was opened. */
  readonly lines: readonly string[];
  readonly #bytesMax: number;
  readonly #lock: ExclusiveLock;
  /** Bytes of whole lines: what a crash cut off is overwritten. */
  #length: number;
  /** Bytes on disk, with that. */
  #size: number;

  private constructor({ path, bytesMax, lock, content }: LineJournalParts) {
    this.path = path;
    this.#bytesMax = bytesMax;
    this.#lock = lock;
    this.#size = content.length;
    this.#length = wholeLength(content);
    const text = Buffer.from(content.buffer, content.byteOffset, this.#length).toString("utf8");
    const [head = "", ...lines] = text.split("\n").slice(0, -1);
    this.head = head;
    this.lines = lines;
  }

  /**
   * Opens the file, made if there is none. Undefined if a process has it open, this one too; its lock is a folder beside it, which
   * stays. Throws StorageError for a folder or file that cannot be used. Must be closed.
   */
  static async open(
    path: string,
    { head, bytesMax }: LineJournalOptions,
  ): Promise<LineJournal | undefined> {
    // Loads SQLite, of which Node 22 warns that it is experimental, and which other parts of a program may not need.
    const { takeExclusiveLock } = await import("./exclusive-lock.ts");
    const lock = await takeExclusiveLock(`${path}${LOCK_SUFFIX}`);
    if (lock === undefined) return undefined;
    try {
      await createFileDurably(path, utf8(`${head}\n`));
      return new LineJournal({ path, bytesMax, lock, content: contentOf(path, bytesMax) });
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /**
   * Settles when the lines are on disk; false if they have no room, and nothing was written. Throws StorageError if something else
   * has changed the file, which it then leaves alone. Calls must not overlap.
   */
  async add(lines: readonly string[]): Promise<boolean> {
    const added = utf8(lines.map((line) => `${line}\n`).join(""));
    const length = this.#length + added.length;
    // The next opening could not read more.
    if (length > this.#bytesMax) return false;
    const file = await open(this.path, "a");
    try {
      const { size } = await file.stat();
      if (size !== this.#size) throw this.#changed();
      await file.truncate(this.#length);
      await file.appendFile(added);
      await file.sync();
      this.#size = (await file.stat()).size;
    } finally {
      await file.close();
    }
    if (this.#size !== length) throw this.#changed();
    this.#length = length;
    return true;
  }

  /** Settles when the file has these lines behind its first one instead of all others; a crash leaves the old ones or the new. */
  async replace(lines: readonly string[]): Promise<void> {
    const content = utf8([this.head, ...lines].map((line) => `${line}\n`).join(""));
    await writeFileDurably(this.path, content);
    this.#length = content.length;
    this.#size = content.length;
  }

  close(): Promise<void> {
    return this.#lock.release();
  }

  #changed(): StorageError {
    return new StorageError(
      "corruption",
      `${this.path} was changed by something else while it was open; see that nothing else writes it`,
    );
  }
}

function contentOf(path: string, bytesMax: number): Bytes {
  try {
    return readBounded(path, bytesMax);
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw error;
    throw new StorageError("malformed", `${path} cannot be used: ${error.message}`, error);
  }
}

/** Up to the end of the last line. A power cut may leave zeros in a line that was being written, even with its end. */
function wholeLength(content: Bytes): number {
  const end = content.lastIndexOf(NEWLINE) + 1;
  const start = end < 2 ? 0 : content.lastIndexOf(NEWLINE, end - 2) + 1;
  return content.subarray(start, end).includes(0) ? start : end;
}
