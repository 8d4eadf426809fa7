// The metrics of nodes that run: every family is there, and its values are those of the network.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Wait } from "../../../gen/countersign/v1/types_pb.ts";
import { FAMILY_GROUPS } from "../../../src/node/metrics/families.ts";
import type { Cluster } from "../../support/cluster.ts";
import { randomUuid } from "../../support/operations.ts";
import { readExposition } from "../../support/promql/evaluate.ts";
import { openCustodial, refusalOf, startNetwork, stopNetwork, until } from "../network.ts";
import { scrapeOf } from "./scrape.ts";

const families = FAMILY_GROUPS.flatMap((group) => group.families);

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startNetwork();
});
afterAll(() => stopNetwork(cluster));

/** The sum of a metric's samples with these labels, as node `index` gives it now. */
async function sum(index: number, metric: string, labels: Record<string, string> = {}) {
  const samples = readExposition(await scrapeOf(cluster.node(index)));
  const found = samples.filter(
    ({ name, labels: own }) =>
      name === metric && Object.entries(labels).every(([label, value]) => own[label] === value),
  );
  return found.reduce((total, { value }) => total + value, 0);
}

describe("the metrics of a node", () => {
  it("have every family with help and type, and samples with its labels and no others", async () => {
    await openCustodial(cluster, 0, { balance: 5n });
    const text = await scrapeOf(cluster.node(0));
    const samples = readExposition(text);
    for (const { name, type, help, labels } of families) {
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
      const own = samples.filter((sample) =>
        type === "histogram" ? sample.name === `${name}_count` : sample.name === name,
      );
      for (const sample of own)
        expect(Object.keys(sample.labels).sort()).toEqual([...labels].sort());
    }
    expect(samples.filter(({ value }) => Number.isNaN(value))).toEqual([]);
  });

  it("are of all families, but where there is nothing to tell yet", async () => {
    // The certificate of this test never expires, there is no token, no authorization server and no sink, and no listener takes
    // its calls.
    const may = new Set([
      "countersign_key_set_keys",
      "countersign_key_set_age_seconds",
      "countersign_key_set_fetches_total",
      "countersign_certificate_expiry_timestamp_seconds",
      "countersign_token_expiry_timestamp_seconds",
      "countersign_rpc_calls_total",
      "countersign_rpc_duration_seconds",
      "countersign_sink_attempts_total",
      "countersign_sink_lag_seconds",
      "countersign_sink_dead_letters",
      "countersign_trace_spans_total",
    ]);
    const silent = async () => {
      const samples = readExposition(await scrapeOf(cluster.node(0)));
      const names = new Set(samples.map(({ name }) => name));
      const absent = families.filter(
        ({ name, type }) => !names.has(type === "histogram" ? `${name}_count` : name),
      );
      return absent.map(({ name }) => name).filter((name) => !may.has(name));
    };
    // Some are told once the peers have answered.
    await expect.poll(silent).toEqual([]);
  });

  it("count what is paid: blocks, operations by result, syncs, bytes on links", async () => {
    const from = await openCustodial(cluster, 0, { balance: 5n });
    const to = await openCustodial(cluster, 0);
    const names = [
      ["countersign_operations_total", { kind: "transfer", result: "applied" }],
      ["countersign_mempool_admitted_total", { source: "client" }],
      ["countersign_blocks_total", {}],
      ["countersign_block_operations_count", {}],
      ["countersign_store_syncs_total", {}],
      ["countersign_store_sync_duration_seconds_count", {}],
      ["countersign_link_sent_bytes_total", { peer: "node2" }],
      ["countersign_link_received_bytes_total", { peer: "node2" }],
    ] as const;
    const read = () => Promise.all(names.map(([name, labels]) => sum(0, name, labels)));
    const before = await read();
    await cluster.client(0).transaction({
      transaction: { from, to, amount: 2n, id: randomUuid() },
      wait: Wait.FINAL,
    });
    const after = await read();
    for (const [place, [name]] of names.entries()) {
      expect(after[place], name).toBeGreaterThan(before[place] ?? 0);
    }
    expect((after[0] ?? 0) - (before[0] ?? 0)).toBe(1);
  });

  it("tell why orders are refused, by reason and never by caller", async () => {
    const from = await openCustodial(cluster, 0, { balance: 1n });
    const to = await openCustodial(cluster, 0);
    const labels = { source: "client", reason: "insufficientFunds" };
    const before = await sum(0, "countersign_mempool_refused_total", labels);
    await refusalOf(
      cluster.client(0).transaction({ transaction: { from, to, amount: 2n, id: randomUuid() } }),
    );
    // It is judged again after a moment in which the gateway might have learned better.
    expect(await sum(0, "countersign_mempool_refused_total", labels)).toBeGreaterThan(before);
  });

  it("agree with the status: height, seals, members, links", async () => {
    const status = await cluster.client(0).getStatus({});
    expect(await sum(0, "countersign_block_height")).toBeGreaterThanOrEqual(Number(status.height));
    expect(await sum(0, "countersign_seal_margin")).toBe(status.sealMargin);
    expect(await sum(0, "countersign_members")).toBe(4);
    expect(await sum(0, "countersign_link_up")).toBe(3);
    expect(await sum(0, "countersign_ready")).toBe(1);
    await until("clocks told", async () => {
      const offset = await sum(0, "countersign_peer_clock_offset_seconds");
      return Math.abs(offset) < 1;
    });
  });
});
