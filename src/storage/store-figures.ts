/** Counts of a store's writes, kept by its write queue and read by metrics. */
import { Distribution } from "../primitives/distribution.ts";

/** Seconds. */
const SYNC_BOUNDS = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export class StoreFigures {
  /** Writes that were asked for; those that wait at the same time share a sync. */
  writes = 0;
  /** Bytes of keys and values in them. */
  bytes = 0;
  /** Writes that wait for a sync or are in one. */
  waiting = 0;
  /** Durations of the batches, each with one sync, seconds. */
  readonly syncs = new Distribution(SYNC_BOUNDS);
}
