/** Metrics of operations before they are ordered: pool, waiting room, inbox, and what was refused. */
import { counter, type Family, gauge } from "./family.ts";

export const MEMPOOL_FAMILIES: readonly Family[] = [
  gauge(
    "mempool_operations",
    "Operations in the pool, by kind",
    ({ node }) =>
      Object.entries(node.pool.numbers).map(([kind, value]) => ({ labels: { kind }, value })),
    ["kind"],
  ),
  gauge("mempool_bytes", "Bytes of the operations in the pool", ({ node }) => node.pool.bytes),
  gauge(
    "mempool_waiting_operations",
    "Operations outside the pool that wait for an unknown wallet",
    ({ node }) => node.waitingRoom.size,
  ),
  gauge(
    "mempool_inbox_operations",
    "Operations of peers that are not checked yet: paid ones, and unpaid ones that wait " +
      "for their rate",
    ({ node }) => {
      const { fresh, unpaid } = node.inbox.waiting;
      return [
        { labels: { queue: "fresh" }, value: fresh },
        { labels: { queue: "unpaid" }, value: unpaid },
      ];
    },
    ["queue"],
  ),
  counter(
    "mempool_inbox_dropped_total",
    "Operations of peers that were dropped: no room in the inbox, or too fast",
    ({ node }) => node.inbox.dropped,
  ),
  counter(
    "mempool_admitted_total",
    "Operations admitted to the pool, by source",
    ({ node }) =>
      [...node.intake.figures.admitted].map(([source, value]) => ({ labels: { source }, value })),
    ["source"],
  ),
  counter(
    "mempool_refused_total",
    "Operations not admitted to the pool, by source and reason",
    ({ node }) =>
      [...node.intake.figures.refused].flatMap(([source, reasons]) =>
        [...reasons].map(([reason, value]) => ({ labels: { source, reason }, value })),
      ),
    ["source", "reason"],
  ),
];
