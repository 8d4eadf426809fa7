/** The time that a caller waits, in the form of its protocol, bounded so that a timer can take it. */
import { LIMITS } from "../primitives/limits.ts";
import type { Dialect } from "./dialect.ts";
import { Refusal } from "./refusal.ts";
import { boundDuration } from "./timers.ts";

const MS_OF_UNIT: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

export function deadlineHeaderOf(dialect: Dialect): string {
  return isGrpc(dialect) ? "grpc-timeout" : "connect-timeout-ms";
}

/** The milliseconds that the value of that header says, bounded; undefined if the request has no such header. */
export function readDeadline(
  text: string | undefined,
  dialect: Dialect,
): number | undefined | Refusal {
  if (text === undefined) return undefined;
  const ms = isGrpc(dialect) ? readGrpc(text) : readConnect(text);
  return ms === undefined ? noDuration(dialect) : boundDuration(ms);
}

/** Bounds the deadline in `headers`, or gives its fault. */
export function boundDeadline(headers: Headers, dialect: Dialect): Refusal | undefined {
  const name = deadlineHeaderOf(dialect);
  const text = headers.get(name) ?? undefined;
  const bounded = readDeadline(text, dialect);
  if (bounded instanceof Refusal) return bounded;
  // At the bound, the eight digits of gRPC cannot hold milliseconds.
  if (bounded === LIMITS.timerMsMax) {
    headers.set(name, isGrpc(dialect) ? `${Math.floor(bounded / 1_000)}S` : `${bounded}`);
  }
  return undefined;
}

function isGrpc(dialect: Dialect): boolean {
  return dialect === "grpc" || dialect === "grpc-web";
}

function noDuration(dialect: Dialect): Refusal {
  const name = deadlineHeaderOf(dialect);
  const form = isGrpc(dialect) ? "1 to 8 digits and one of H, M, S, m, u, n" : "1 to 10 digits";
  return new Refusal("MALFORMED", {
    message: `the header ${name} is not a duration`,
    field: name,
    remedy: `Write it as ${form}, or leave it out.`,
  });
}

function readConnect(text: string): number | undefined {
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}

function readGrpc(text: string): number | undefined {
  const [, digits, unit = ""] = /^([0-9]{1,8})([HMSmun])$/.exec(text) ?? [];
  const factor = MS_OF_UNIT[unit];
  return factor === undefined ? undefined : Number(digits) * factor;
}
