/** Faults of the disk and of its folders. They stop the node or its start; each message names the remedy. */

/** A closed list, so that the command line can choose an exit code. */
export type StorageErrorCode =
  /** A record or file does not hold the bytes that were written. */
  | "corruption"
  /** Another process holds the folder. */
  | "locked"
  /** Something that must exist does not. */
  | "missing"
  /** Something that must not exist does. */
  | "exists"
  /** The operating system refuses, or the machine lacks a resource. */
  | "unavailable"
  /** Written for another network. */
  | "foreignNetwork"
  /** Written by a newer version of this program. */
  | "newerSchema"
  /** Written by an older version, whose layout of records this version cannot use. */
  | "olderSchema"
  /** A file that cannot be parsed, or that is of another kind. */
  | "malformed"
  /** A secret that others than its owner may read. */
  | "exposed"
  | "wrongPassphrase"
  /** The disk refused a write; no more is written until the next start. */
  | "writeFailed"
  | "closed";

export class StorageError extends Error {
  override readonly name: string = "StorageError";
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The bytes on disk differ from those that were written. They are never handed out. */
export class StorageCorruption extends StorageError {
  override readonly name = "StorageCorruption";
  /** The damaged record in words, such as "the header of block 12". */
  readonly record: string;
  readonly #what: string;

  /** `folder`: the store's, if it is known; it is shown in the message. */
  constructor(record: string, what: string, cause?: unknown, folder?: string) {
    const named = folder === undefined ? "the store folder" : `the store folder ${folder}`;
    super(
      "corruption",
      `${record}: ${what}; move ${named} away and run countersign rejoin, which makes an empty one that the peers fill`,
      cause,
    );
    this.record = record;
    this.#what = what;
  }

  /** The same damage, with the folder of the store in its message. */
  in(folder: string): StorageCorruption {
    return new StorageCorruption(this.record, this.#what, this, folder);
  }
}
