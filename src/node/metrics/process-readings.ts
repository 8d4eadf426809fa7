/** Readings of the process for metrics: processor time, memory, files, and the delay of the event loop. */
import { readdirSync } from "node:fs";
import { getHeapStatistics } from "node:v8";
import type { LoopDelayReader } from "../base/system.ts";
import { openFilesLimit } from "../files/open-files.ts";

export interface LoopDelay {
  readonly quantile: number;
  readonly delayMs: number;
}

export interface ProcessReadings {
  /** Since the last call. */
  eventLoopDelays(): readonly LoopDelay[];
  cpuSeconds(): number;
  residentBytes(): number;
  heapBytes(): number;
  heapLimitBytes(): number;
  /** Undefined where the system does not say. */
  openFiles(): number | undefined;
  openFilesLimit(): number | undefined;
}

const QUANTILES = [0.5, 0.9, 0.99, 1];
/** Where Linux lists the open files of this process. */
const OPEN_FILES = "/proc/self/fd";

export function readingsOfProcess(delays: LoopDelayReader): ProcessReadings {
  const limit = openFilesLimit();
  return {
    eventLoopDelays: () => {
      const found = QUANTILES.map((quantile) => ({ quantile, delayMs: delays.delayMs(quantile) }));
      delays.reset();
      return found;
    },
    cpuSeconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000_000;
    },
    residentBytes: () => process.memoryUsage.rss(),
    heapBytes: () => getHeapStatistics().used_heap_size,
    heapLimitBytes: () => getHeapStatistics().heap_size_limit,
    openFiles: countOpenFiles,
    openFilesLimit: () => limit,
  };
}

function countOpenFiles(): number | undefined {
  try {
    return readdirSync(OPEN_FILES).length;
  } catch {
    return undefined;
  }
}
