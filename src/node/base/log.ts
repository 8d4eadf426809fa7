/** The node's log: one JSON line for each event, never a secret. */
import { type Logger, pino } from "pino";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

export function createLog(node: string, level: LogLevel): Log {
  return pino({ level, base: { node }, timestamp: pino.stdTimeFunctions.isoTime });
}
