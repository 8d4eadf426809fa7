/** The time that a caller waits, in the form of its protocol, bounded so that a timer can take it. */
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

/** Bounds the deadline in `headers`, or gives its fault. */
export function boundDeadline(headers: Headers, dialect: Dialect): Refusal | undefined {
  const isGrpc = dialect === "grpc" || dialect === "grpc-web";
  const name = isGrpc ? "grpc-timeout" : "connect-timeout-ms";
  const text = headers.get(name);
  if (text === null) return undefined;
  const ms = isGrpc ? readGrpc(text) : readConnect(text);
  if (ms === undefined) {
    const form = isGrpc ? "1 to 8 digits and one of H, M, S, m, u, n" : "1 to 10 digits";
    return new Refusal("MALFORMED", {
      message: `the header ${name} is not a duration`,
      field: name,
      remedy: `Write it as ${form}, or leave it out.`,
    });
  }
  const bounded = boundDuration(ms);
  // At the bound, the eight digits of gRPC cannot hold milliseconds.
  if (bounded < ms) headers.set(name, isGrpc ? `${Math.floor(bounded / 1_000)}S` : `${bounded}`);
  return undefined;
}

function readConnect(text: string): number | undefined {
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}

function readGrpc(text: string): number | undefined {
  const [, digits, unit = ""] = /^([0-9]{1,8})([HMSmun])$/.exec(text) ?? [];
  const factor = MS_OF_UNIT[unit];
  return factor === undefined ? undefined : Number(digits) * factor;
}
