/**
 * The audit log of a node. Each authorised act is a line, chained to the one before, and synced before the act is
 * answered. Acts that come during a sync share the next one.
 */
import type { Hash } from "../primitives/hash.ts";
import {
  type AuditedFields,
  type AuditHead,
  auditLine,
  cutFields,
  hashOfLine,
} from "./audit-chain.ts";
import { StorageError } from "./storage-errors.ts";

/** Records acts. A failure stops the node, because an act without its line must not be answered. */
export interface AuditTrail {
  /** Settles when the line of this act is synced. */
  record(act: AuditedFields): Promise<void>;
}

/** The destination of the lines. */
export interface AuditSink {
  /** Appends whole lines; settles when they are synced. Called one at a time. */
  append(lines: string): Promise<void>;
}

export interface AuditLogParts {
  readonly sink: AuditSink;
  /** The end of the chain in the sink. */
  readonly head: AuditHead;
  readonly hash: Hash;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

export class AuditLog implements AuditTrail {
  readonly #parts: AuditLogParts;
  #head: AuditHead;
  readonly #waiting: string[] = [];
  /** Settles when all waiting lines are synced. */
  #next: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: StorageError | undefined;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
    this.#head = parts.head;
  }

  /** The number of lines requested so far. */
  get head(): AuditHead {
    return this.#head;
  }

  record(act: AuditedFields): Promise<void> {
    const { hash, wall } = this.#parts;
    const number = this.#head.number + 1;
    const line = auditLine({ number, at: wall(), ...cutFields(act), previous: this.#head.hash });
    this.#head = { number, hash: hashOfLine(hash, line) };
    this.#waiting.push(line);
    this.#next ??= this.#writing.then(() => this.#write());
    return this.#next;
  }

  /** Settles when everything recorded so far is synced or has failed. */
  async idle(): Promise<void> {
    await (this.#next ?? this.#writing).catch(() => undefined);
  }

  async #write(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const lines = this.#waiting.splice(0);
    this.#next = undefined;
    const written = this.#append(lines);
    // The next lines wait until this write has ended, with or without an error.
    this.#writing = written.catch(() => undefined);
    await written;
  }

  async #append(lines: readonly string[]): Promise<void> {
    try {
      await this.#parts.sink.append(lines.map((line) => `${line}\n`).join(""));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failure = new StorageError(
        "writeFailed",
        `the audit log cannot be written (${reason}); free or repair its disk, then start the node again`,
        error,
      );
      throw this.#failure;
    }
  }
}
