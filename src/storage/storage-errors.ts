/** Faults of the disk and of the folders on it. They stop the node or its start; the message says what to do. */

/** A closed list, so that the command line can choose an exit code. */
export type StorageErrorCode =
  /** A record or file holds other bytes than were written. */
  | "corruption"
  /** Another process holds the folder. */
  | "locked"
  /** Something that must exist does not. */
  | "missing"
  /** Something that must not exist does. */
  | "exists"
  /** The operating system refuses, or the machine lacks something. */
  | "unavailable"
  /** Written for another network. */
  | "foreignNetwork"
  /** Written by a newer version of this program. */
  | "newerSchema"
  /** Written by an older version, whose layout of records is not read any more. */
  | "olderSchema"
  /** A file that does not read, or holds something else. */
  | "malformed"
  /** A secret that others than its owner may read. */
  | "exposed"
  | "wrongPassphrase"
  /** The disk refused a write; nothing more is written until the next start. */
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

/** Bytes on disk that are not those that were written. They are never handed out. */
export class StorageCorruption extends StorageError {
  override readonly name = "StorageCorruption";
  /** The damaged record in words: "the header of block 12". */
  readonly record: string;

  constructor(record: string, what: string, cause?: unknown) {
    super(
      "corruption",
      `${record}: ${what}; move the store folder away and run countersign rejoin, which makes an empty one that the ` +
        "peers fill",
      cause,
    );
    this.record = record;
  }
}
