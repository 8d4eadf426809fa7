/** The node's log: one JSON line for each event, never a secret. */
import { type Logger, pino } from "pino";
import type { LogLevel } from "./config.ts";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

export function createLog(node: string, level: LogLevel): Log {
  return pino({ level, base: { node }, timestamp: pino.stdTimeFunctions.isoTime });
}
