/** The levels of a node's log, in a file of their own so that reading a configuration does not load the log. */

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
