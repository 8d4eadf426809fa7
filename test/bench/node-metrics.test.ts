// The bench reads counters from the text that a node gives Prometheus.
import { describe, expect, it } from "vitest";
import { growth, parseMetrics } from "../../bench/readings/node-metrics.ts";

const PAGE = `# HELP countersign_blocks_total Blocks
# TYPE countersign_blocks_total counter
countersign_blocks_total{proposer="node1"} 3
countersign_blocks_total{proposer="node2"} 4
countersign_store_syncs_total 17
countersign_block_operations_bucket{le="1"} 5
countersign_block_operations_sum 90
countersign_block_operations_count 7
countersign_event_loop_delay_seconds{quantile="0.5"} 0.01
process_other 3
`;

describe("metrics of a node", () => {
  it("are summed over labels, without buckets, quantiles and other programs' metrics", () => {
    expect([...parseMetrics(PAGE)]).toEqual([
      ["blocks_total", 7],
      ["store_syncs_total", 17],
      ["block_operations_sum", 90],
      ["block_operations_count", 7],
    ]);
  });

  it("grow between two readings, unless one lacks the metric", () => {
    const [before, after] = [
      parseMetrics("countersign_a_total 3\n"),
      parseMetrics("countersign_a_total 10\n"),
    ];
    expect(growth(before, after, "a_total")).toBe(7);
    expect(growth(before, after, "b_total")).toBeUndefined();
  });
});
