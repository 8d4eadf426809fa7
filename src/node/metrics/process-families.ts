/** Metrics of the process: event loop, memory, processor time, files. */
import { counter, type Family, flag, gauge } from "./family.ts";

export const PROCESS_FAMILIES: readonly Family[] = [
  gauge(
    "event_loop_delay_seconds",
    "Delay of the event loop's timers since the last scrape, as quantiles; 1 is the longest",
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
  gauge("process_resident_memory_bytes", "Resident memory of the process", ({ process }) =>
    process.residentBytes(),
  ),
  gauge("process_heap_bytes", "JavaScript heap in use, including garbage", ({ process }) =>
    process.heapBytes(),
  ),
  gauge("process_heap_limit_bytes", "Limit of the JavaScript heap", ({ process }) =>
    process.heapLimitBytes(),
  ),
  gauge(
    "process_open_files",
    "Open files and connections; none if the system does not report them",
    ({ process }) => process.openFiles(),
  ),
  gauge(
    "process_open_files_limit",
    "The limit of open files; none if the system does not report it",
    ({ process }) => process.openFilesLimit(),
  ),
  gauge(
    "memory_used_ratio",
    "Used part of the node's memory, the lowest reading of the last minute",
    ({ node }) => node.memory.used,
  ),
  gauge(
    "memory_full",
    "1 while new wallets are refused because memory is nearly used up",
    ({ node }) => flag(node.memory.isFull),
  ),
];
