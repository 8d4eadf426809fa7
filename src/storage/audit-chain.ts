/**
 * The lines of an audit log: one JSON object each, with its number and the hash of the line before, so that a
 * changed, removed or inserted line is found. Reading is strict: a line must have exactly the bytes that were
 * written.
 */
import { toHex, utf8 } from "../primitives/bytes.ts";
import type { Hash } from "../primitives/hash.ts";
import { JsonProblem } from "../primitives/json.ts";
import { type JsonField, readFields } from "../primitives/json-fields.ts";

/**
 * issue: the node signed as issuer; custody: it signed with its custody key for a caller; sponsor: it answers for a wallet
 * without money; token: a token was made or revoked; webhook: an endpoint of webhooks was added, changed or removed; operator: an operator's call.
 */
export const AUDITED_ACTS = [
  "issue",
  "custody",
  "sponsor",
  "token",
  "webhook",
  "operator",
] as const;
export type AuditedAct = (typeof AUDITED_ACTS)[number];

export interface AuditedFields {
  readonly act: AuditedAct;
  /** The caller whose right was used. */
  readonly principal: string;
  /** Name of the call in the contract. */
  readonly call: string;
  /**
   * The object of the act, by its public name, such as the hash of an operation or the name of a token. Never a
   * secret, never a body.
   */
  readonly subject: string;
}

export interface AuditEntry extends AuditedFields {
  /** From 1, without a gap. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of the line before, hexadecimal. */
  readonly previous: string;
}

/** The end of a chain. */
export interface AuditHead {
  readonly number: number;
  readonly hash: string;
}

/** Before the first line. */
export const NO_AUDIT: AuditHead = { number: 0, hash: "0".repeat(64) };

const TEXT_LENGTH_MAX = 256;

/** The line of an entry, without the newline. */
export function auditLine(entry: AuditEntry): string {
  const { number, at, act, principal, call, subject, previous } = entry;
  return JSON.stringify({ number, at, act, principal, call, subject, previous });
}

/** Callers choose names, so a long one is cut. */
export function cutFields({ act, principal, call, subject }: AuditedFields): AuditedFields {
  const [who, what, which] = [principal, call, subject].map((text) =>
    text.slice(0, TEXT_LENGTH_MAX).toWellFormed(),
  );
  return { act, principal: who ?? "", call: what ?? "", subject: which ?? "" };
}

export function hashOfLine(hash: Hash, line: string): string {
  return toHex(hash(utf8(line)));
}

/** The entry of a line; for an invalid line, a clause that says why. */
export function readAuditLine(line: string): AuditEntry | string {
  const read = readFields(line, readEntry);
  if (read instanceof JsonProblem) {
    return read.field === "" ? read.message : `"${read.field}" ${read.message}`;
  }
  return auditLine(read) === line ? read : "has another form than it was written in";
}

function readEntry(root: JsonField): AuditEntry {
  const names = ["number", "at", "act", "principal", "call", "subject", "previous"] as const;
  const fields = root.record(names);
  const whole = { min: 1, max: Number.MAX_SAFE_INTEGER };
  const text = (field: JsonField) => field.string() ?? field.fail("is no text", "restore it");
  return {
    number: fields.number.integer(whole),
    at: fields.at.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    act: fields.act.oneOf(AUDITED_ACTS),
    principal: text(fields.principal),
    call: text(fields.call),
    subject: text(fields.subject),
    previous: toHex(fields.previous.bytes(32)),
  };
}

/** A fault of a chain: the place of the line, from 1, and a clause. */
export interface AuditBreak {
  readonly line: number;
  readonly problem: string;
}

/** Checks a chain line by line. */
export class AuditReader {
  readonly #hash: Hash;
  #head: AuditHead | undefined;
  #line = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** The end of the chain so far; undefined before the first line. */
  get head(): AuditHead | undefined {
    return this.#head;
  }

  /** A file begins: lines are counted from 1 again. */
  beginFile(): void {
    this.#line = 0;
  }

  /** The entry of the next line, or its fault. The first line of all may have any number. */
  read(line: string): AuditEntry | AuditBreak {
    this.#line += 1;
    const entry = readAuditLine(line);
    if (typeof entry === "string") return { line: this.#line, problem: entry };
    const before = this.#head ?? (entry.number === 1 ? NO_AUDIT : undefined);
    if (before !== undefined && entry.number !== before.number + 1) {
      const problem = `has number ${entry.number}, but follows ${before.number}`;
      return { line: this.#line, problem };
    }
    if (before !== undefined && entry.previous !== before.hash) {
      const problem =
        "does not name the hash of the line before: that line, or one above it, is not as it was written";
      return { line: this.#line, problem };
    }
    this.#head = { number: entry.number, hash: hashOfLine(this.#hash, line) };
    return entry;
  }
}
