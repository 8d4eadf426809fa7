/** How much a node's log tells; apart from the log, for who reads a configuration need not load it. */

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
