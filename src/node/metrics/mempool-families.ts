/** Metrics of operations before they are ordered: pool, waiting room, inbox, and what was refused. */
import { OVERLOAD_REASONS } from "../intake/intake-figures.ts";
import { counter, type Family, gauge } from "./family.ts";
import type { ObservedNode } from "./observed.ts";

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
    ({ node }) => [...neverOverloaded(node), ...refusals(node)],
    ["source", "reason"],
  ),
];

function refusals({ intake }: ObservedNode) {
  return [...intake.figures.refused].flatMap(([source, reasons]) =>
    [...reasons].map(([reason, value]) => ({ labels: { source, reason }, value })),
  );
}

/** Zeros for overload that there was not: a series that begins with its first refusals shows no increase. */
function neverOverloaded({ intake }: ObservedNode) {
  const reasons = intake.figures.refused.get("client");
  return OVERLOAD_REASONS.filter((reason) => reasons?.of(reason) === 0).map((reason) => ({
    labels: { source: "client", reason },
    value: 0,
  }));
}
