/**
 * The node's log: one JSON line for each event, never a secret. Lines with the same text are written at a bounded
 * rate, so that they cannot fill the disk; the next one says how many were left out.
 */
import { type Logger, pino } from "pino";
import { withoutTokens } from "../../access/token.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { LogLevel } from "../../primitives/log-level.ts";
import { printableJson } from "../../primitives/printable.ts";
import { TokenBucket } from "../../primitives/token-bucket.ts";
import { LogStream } from "./log-stream.ts";

export interface Log extends Pick<Logger, "debug" | "info" | "warn" | "error"> {
  /** Absent: it takes every level. */
  isLevelEnabled?(level: string): boolean;
}

/** False if lines at `debug` would go nowhere: then they need not be put together. */
export function isDebugged(log: Log): boolean {
  return log.isLevelEnabled?.("debug") ?? true;
}

/** The level of a log, which can change while it is written. */
export class LogLevels {
  readonly #logger: Pick<Logger, "level">;
  #current: LogLevel;

  constructor(logger: Pick<Logger, "level">, current: LogLevel) {
    this.#logger = logger;
    this.#current = current;
  }

  get current(): LogLevel {
    return this.#current;
  }

  set(level: LogLevel): void {
    this.#current = level;
    this.#logger.level = level;
  }
}

/** `write` takes whole lines; by default they go to standard output at once. */
export function createLog(
  node: string,
  level: LogLevel,
  write = toStandardOutput(),
): Log & Pick<Logger, "level"> {
  return pino(
    { level, base: { node }, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => write(`${withoutTokens(printableJson(line.trimEnd()))}\n`) },
  );
}

function toStandardOutput(): (line: string) => void {
  const stream = new LogStream();
  return (line) => stream.write(line);
}

/** The rate of lines with one level and text. */
class Kind {
  readonly rate: TokenBucket;
  leftOut = 0;
  /** A few further lines for each member, so that the lines about one member hide none about another. */
  readonly #ofMembers = new Map<number, TokenBucket>();

  constructor(now: number) {
    this.rate = new TokenBucket(LIMITS.logLinesOfKind, now);
  }

  membersTake(member: number | undefined, now: number): boolean {
    if (member === undefined || member >= LIMITS.validatorsMax) return false;
    const rate = this.#ofMembers.get(member) ?? new TokenBucket(LIMITS.logLinesOfMember, now);
    this.#ofMembers.set(member, rate);
    return rate.take(1, now);
  }
}

/** The member that a line is about, from any of the fields that name one. */
function memberIn(fields: Readonly<Record<string, unknown>>): number | undefined {
  const member = fields["signer"] ?? fields["member"] ?? fields["sender"] ?? fields["peer"];
  return typeof member === "number" && Number.isSafeInteger(member) ? member : undefined;
}

type Line = (first: object | string, text?: string) => void;

/** `log` with its lines of one level and text bounded by `LIMITS.logLinesOfKind`, all but debug. `now` in milliseconds. */
export function boundedLog(log: Log, now: () => number): Log {
  const kinds = new Map<string, Kind>();
  const kindOf = (name: string): Kind => {
    // The texts are those of this program. A few contain a value, so their number is bounded too.
    const known = kinds.get(name) ?? (kinds.size >= LIMITS.logKindsMax ? kinds.get("") : undefined);
    if (known !== undefined) return known;
    const kind = new Kind(now());
    kinds.set(kinds.size + 1 >= LIMITS.logKindsMax ? "" : name, kind);
    return kind;
  };
  const bounded = (level: "info" | "warn" | "error"): Line => {
    return (first, text) => {
      const kind = kindOf(`${level} ${typeof first === "string" ? first : (text ?? "")}`);
      const fields = typeof first === "string" ? {} : shortened(first);
      const isOwnTurn = kind.rate.take(1, now()) || kind.membersTake(memberIn(fields), now());
      if (!isOwnTurn) {
        kind.leftOut += 1;
        return;
      }
      const leftOut = kind.leftOut > 0 ? { leftOut: kind.leftOut } : {};
      kind.leftOut = 0;
      log[level]({ ...fields, ...leftOut }, typeof first === "string" ? first : text);
    };
  };
  return {
    isLevelEnabled: (level) => log.isLevelEnabled?.(level) ?? true,
    // Its methods are other ones after a change of its level.
    debug: (first: object | string, text?: string) => log.debug(first, text),
    info: bounded("info"),
    warn: bounded("warn"),
    error: bounded("error"),
  };
}

/** Cuts its texts to `LIMITS.logTextLengthMax`: their sender chooses the length of a path or reason. */
function shortened(fields: object): Record<string, unknown> {
  const cut = Object.entries(fields).map(([name, value]: [string, unknown]) => {
    const isLong = typeof value === "string" && value.length > LIMITS.logTextLengthMax;
    return [name, isLong ? `${value.slice(0, LIMITS.logTextLengthMax)}…` : value];
  });
  return Object.fromEntries(cut);
}
