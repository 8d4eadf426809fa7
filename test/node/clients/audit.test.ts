// The audit log of a node: what it signs by the right of its callers is taken down before the caller has the answer.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Wait } from "../../../gen/countersign/v1/types_pb.ts";
import type { Cluster } from "../../support/cluster.ts";
import { MemoryAuditSink } from "../../support/memory-audit.ts";
import { namedSigningKey, randomUuid } from "../../support/operations.ts";
import {
  expectAgreement,
  issue,
  openCustodial,
  signedCreation,
  signedTransfer,
  startNetwork,
  stopNetwork,
} from "../network.ts";

const sinks = Array.from({ length: 4 }, () => new MemoryAuditSink());

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startNetwork({ auditOf: (index) => sinks[index] ?? new MemoryAuditSink() });
});
afterAll(() => stopNetwork(cluster));

/** Acts that node 0 took down since it had `from` lines. */
function acts(from: number): string[] {
  return (sinks[0]?.lines ?? []).slice(from).map((line) => {
    const { act, principal, call } = JSON.parse(line);
    return `${act} ${principal} ${call}`;
  });
}

const count = () => sinks[0]?.lines.length ?? 0;

describe("the audit log", () => {
  it("has money that is created, custodial wallets and payments, and wallets that the node answers for", async () => {
    const before = count();
    const from = await openCustodial(cluster, 0, { balance: 5n });
    const to = await openCustodial(cluster, 0);
    await cluster.client(0).transaction({
      transaction: { from, to, amount: 2n, id: randomUuid() },
      wait: Wait.FINAL,
    });
    await cluster.client(0).walletCreation({
      ...signedCreation(cluster, { by: namedSigningKey(randomUuid()) }),
      wait: Wait.FINAL,
    });
    expect(acts(before)).toEqual([
      "issue open WalletCreation",
      "custody open WalletCreation",
      "custody open Transaction",
      "sponsor open WalletCreation",
    ]);
  });

  it("has no line for what a client signed itself, and none on other nodes", async () => {
    const from = await issue(cluster, 1, { balance: 5n });
    const to = await openCustodial(cluster, 1);
    const [before, others] = [count(), sinks.slice(2).map(({ lines }) => lines.length)];
    await cluster.client(0).transaction({
      ...signedTransfer(cluster, { from, to, amount: 1n }),
      wait: Wait.FINAL,
    });
    expect(count()).toBe(before);
    expect(sinks.slice(2).map(({ lines }) => lines.length)).toEqual(others);
  });

  it("names the operation by the hash that receipts have, and neither wallets nor amounts", async () => {
    const from = await openCustodial(cluster, 0, { balance: 1_234_567n });
    const lines = sinks[0]?.lines.join("\n") ?? "";
    expect(JSON.parse(sinks[0]?.lines.at(-1) ?? "").subject).toMatch(/^[0-9a-f]{64}$/);
    expect(lines).not.toContain(from);
    expect(lines).not.toContain("1234567");
  });
});

describe("an audit log that cannot be written", () => {
  it("lets no order leave: the call fails, and nothing is ordered", async () => {
    const [sink] = sinks;
    const from = await openCustodial(cluster, 0, { balance: 5n });
    const to = await openCustodial(cluster, 1);
    if (sink === undefined) throw new Error("no sink");
    sink.failure = new Error("no space left");
    const { height } = await expectAgreement(cluster);
    const paid = cluster.client(0).transaction({ transaction: { from, to, amount: 1n } });
    await expect(paid).rejects.toThrow();
    await expect(openCustodial(cluster, 0, { balance: 5n })).rejects.toThrow();
    expect((await cluster.client(1).getStatus({})).height).toBe(height);
  });
});
