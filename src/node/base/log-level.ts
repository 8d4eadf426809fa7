/** The levels of a node's log; apart from the log, so that reading a configuration does not load it. */

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
