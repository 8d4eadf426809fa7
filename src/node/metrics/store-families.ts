/** Metrics of the store and its disk. */
import { counter, type Family, gauge, histogram } from "./family.ts";

export const STORE_FAMILIES: readonly Family[] = [
  counter(
    "store_writes_total",
    "Writes requested from the store; writes that wait together share a sync",
    ({ node }) => node.store.figures.writes,
  ),
  counter(
    "store_written_bytes_total",
    "Bytes of keys and values in these writes",
    ({ node }) => node.store.figures.bytes,
  ),
  gauge("store_waiting_writes", "Writes not synced yet", ({ node }) => node.store.figures.waiting),
  histogram(
    "store_sync_duration_seconds",
    "Time of a batch of writes, with its sync",
    ({ node }) => [{ labels: {}, distribution: node.store.figures.syncs }],
  ),
  counter(
    "store_syncs_total",
    "Batches written and synced",
    ({ node }) => node.store.figures.syncs.count,
  ),
  gauge(
    "store_size_bytes",
    "Bytes of the store on its disk",
    async ({ disk }) => (await disk.space())?.used,
  ),
  gauge(
    "disk_free_bytes",
    "Bytes of the store's disk that the node may still use",
    async ({ disk }) => (await disk.space())?.free,
  ),
];
