/** Metrics of the traces of payments, at a node that makes them. */
import { counter, type Family } from "./family.ts";

export const TRACE_FAMILIES: readonly Family[] = [
  counter(
    "trace_spans_total",
    "Spans of payments by result: `sent` to the collector, `dropped` because the queue was full, `failed` because the collector did not take them; no sample without `traces` in the configuration",
    ({ traces }) =>
      Object.entries(traces?.figures ?? {}).map(([result, value]) => ({
        labels: { result },
        value,
      })),
    ["result"],
  ),
];
