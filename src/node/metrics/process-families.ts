/** Metrics of the process: event loop, memory, processor time, files. */
import { counter, type Family, flag, gauge } from "./family.ts";

export const PROCESS_FAMILIES: readonly Family[] = [
  gauge(
    "event_loop_delay_seconds",
    "How late the event loop ran its timers since the last scrape, as quantiles; 1 is the longest",
    ({ process }) =>
      process.eventLoopDelays().map(({ quantile, delayMs }) => ({
        labels: { quantile: String(quantile) },
        value: delayMs / 1000,
      })),
    ["quantile"],
  ),
  counter(
    "process_cpu_seconds_total",
    "Processor time of the process, all threads together",
    ({ process }) => process.cpuSeconds(),
  ),
  gauge(
    "process_resident_memory_bytes",
    "Memory of the process that is in use, as the system sees it",
    ({ process }) => process.residentBytes(),
  ),
  gauge("process_heap_bytes", "JavaScript heap in use, garbage included", ({ process }) =>
    process.heapBytes(),
  ),
  gauge("process_heap_limit_bytes", "JavaScript heap that the runtime allows", ({ process }) =>
    process.heapLimitBytes(),
  ),
  gauge(
    "process_open_files",
    "Open files and connections; none where the system does not say",
    ({ process }) => process.openFiles(),
  ),
  gauge(
    "process_open_files_limit",
    "The limit of open files; none where the system does not say",
    ({ process }) => process.openFilesLimit(),
  ),
  gauge(
    "memory_used_ratio",
    "Part of its memory that the node uses, the lowest reading of the last minute",
    ({ node }) => node.memory.used,
  ),
  gauge(
    "memory_full",
    "1 while new wallets are refused because memory is nearly used up",
    ({ node }) => flag(node.memory.isFull),
  ),
];
