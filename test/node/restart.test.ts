// All nodes stop, cleanly or by losing their power, and start again from their disks: nothing that was acknowledged
// is lost.
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Receipt, ResultStatus, Wait } from "../../gen/countersign/v1/types_pb.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { Cluster } from "../support/cluster.ts";
import { randomUuid } from "../support/operations.ts";
import {
  balanceOf,
  expectAgreement,
  expectSealed,
  issue,
  type Owned,
  openCustodial,
  refusalOf,
  resultOf,
  running,
  SETUP_MS,
  signedTransfer,
  startNetwork,
  stopNetwork,
  until,
} from "./network.ts";

// Each test makes its own network.
vi.setConfig({ testTimeout: SETUP_MS + 45_000 });

type Request = ReturnType<typeof signedTransfer>;

let cluster: Cluster;
afterEach(() => stopNetwork(cluster));

const hex = (bytes: Uint8Array | undefined) => toHex(bytes ?? new Uint8Array());

async function linked(): Promise<void> {
  await until("all links", async () => {
    const all = await Promise.all(
      running(cluster).map((node) => cluster.client(node).listPeers({})),
    );
    return all.every(({ peers }) => peers.every(({ connected }) => connected));
  });
}

async function registrationNumbers(): Promise<bigint[]> {
  const all = await Promise.all(running(cluster).map((node) => cluster.client(node).listPeers({})));
  return all.flatMap(({ peers }) => peers.map(({ registrationNumber }) => registrationNumber));
}

async function restartAll(crash: boolean): Promise<void> {
  for (const node of running(cluster)) await cluster.stopNode(node, crash);
  for (let node = 0; node < cluster.size; node++) await cluster.startNode(node);
  await linked();
}

/** A short history with every kind of record that must survive it. */
async function prepare() {
  cluster = await startNetwork({ timings: { viewTimeoutMs: 300, sealTimeoutMs: 150 } });
  await linked();
  const [alice, bob] = [await issue(cluster, 0, { balance: 1_000n }), await issue(cluster, 1)];
  const kept = await openCustodial(cluster, 0, { balance: 1_000n });
  const signed = signedTransfer(cluster, { from: alice, to: bob.id, amount: 5n });
  const custodial = { transaction: { from: kept, to: bob.id, amount: 7n, id: randomUuid() } };
  const first = await cluster.client(1).transaction(signed);
  const keptFirst = await cluster.client(0).transaction(custodial);
  const { groupPublicKey } = await cluster.client(0).getNetwork({});
  return { alice, bob, kept, signed, custodial, first, keptFirst, groupPublicKey };
}

describe.each([
  { how: "a clean stop", crash: false },
  { how: "a power cut", crash: true },
])("after $how of all nodes", ({ crash }) => {
  it("state, ids, receipts, registrations, key and seals are there, and payments go on", async () => {
    const world = await prepare();
    const { alice, bob, kept, signed, custodial, first, keptFirst, groupPublicKey } = world;
    const before = await expectAgreement(cluster);
    expect(new Set(await registrationNumbers())).toEqual(new Set([1n]));
    await restartAll(crash);

    const after = await expectAgreement(cluster);
    expect(after.height).toBe(before.height);
    expect(hex(after.stateRoot)).toBe(hex(before.stateRoot));
    expect(after.keyFinal).toBe(true);
    expect(new Set(await registrationNumbers())).toEqual(new Set([2n]));
    for (let node = 0; node < 4; node++) {
      const client = cluster.client(node);
      expect(hex((await client.getNetwork({})).groupPublicKey)).toBe(hex(groupPublicKey));
      expect(await balanceOf(cluster, node, alice.id)).toBe(995n);
      expect(await balanceOf(cluster, node, kept)).toBe(993n);
      const { from, id } = signed.transaction;
      const { receipt } = await client.getReceipt({ from, id });
      await expectSealed(cluster, receipt);
      expect(resultOf(receipt)).toBe(resultOf(first.receipt));
    }

    const again = await cluster.client(3).transaction(signed);
    expect(resultOf(again.receipt)).toBe(resultOf(first.receipt));
    const keptAgain = await cluster.client(0).transaction(custodial);
    expect(resultOf(keptAgain.receipt)).toBe(resultOf(keptFirst.receipt));
    const { transaction } = custodial;
    const other = cluster.client(0).transaction({ transaction: { ...transaction, amount: 8n } });
    expect(await refusalOf(other)).toMatchObject({ reason: "ID_IN_USE" });

    const next = signedTransfer(cluster, { from: alice, to: bob.id, amount: 5n });
    const { receipt } = await cluster.client(2).transaction(next);
    await expectSealed(cluster, receipt);
    await expectAgreement(cluster);
    const place = await cluster
      .store(0)
      .operations.loadOperation(`${alice.id}/${next.transaction.id}`);
    expect(place?.height).toBe(Number(before.height) + 1);
  });
});

describe("a power cut of all nodes at once, under load,", () => {
  it("loses nothing that was acknowledged, and the rest can be asked for again", async () => {
    cluster = await startNetwork({ timings: { viewTimeoutMs: 300, sealTimeoutMs: 150 } });
    const payee = await openCustodial(cluster, 0);
    const payers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => issue(cluster, i % 4, { balance: 1_000n })),
    );
    const acknowledged = new Map<Request, Receipt | undefined>();
    const unanswered: Request[] = [];
    const pay = async (from: Owned, gateway: number) => {
      const client = cluster.client(gateway);
      for (;;) {
        const request = signedTransfer(cluster, { from, to: payee, amount: 1n });
        try {
          const answer = await client.transaction({ ...request, wait: Wait.FINAL });
          acknowledged.set(request, answer.receipt);
        } catch {
          unanswered.push(request);
          return;
        }
      }
    };
    const paying = payers.map((from, i) => pay(from, i % 4));
    await until("some payments", async () => acknowledged.size > 40, SETUP_MS);
    await Promise.all([0, 1, 2, 3].map((node) => cluster.stopNode(node, true)));
    await Promise.all(paying);
    expect(unanswered).toHaveLength(payers.length);

    for (let node = 0; node < 4; node++) await cluster.startNode(node);
    await linked();
    for (const [{ transaction }, receipt] of acknowledged) {
      const { from, id } = transaction;
      const found = await Promise.all(
        [0, 1, 2, 3].map((node) =>
          until("the receipt", () => cluster.client(node).getReceipt({ from, id })),
        ),
      );
      expect(new Set(found.map((answer) => hex(answer.receipt?.leaf)))).toEqual(
        new Set([hex(receipt?.leaf)]),
      );
    }
    for (const request of unanswered) {
      const { result } = await cluster.client(1).transaction(request);
      expect(result?.status).toBe(ResultStatus.APPLIED);
    }
    await expectAgreement(cluster);
    const settled = BigInt(acknowledged.size + unanswered.length);
    for (let node = 0; node < 4; node++) {
      expect(await balanceOf(cluster, node, payee)).toBe(settled);
    }
  });
});

describe("a restart in the middle of the key ceremony", () => {
  it("does not keep the network from a key", async () => {
    cluster = await Cluster.start({ timings: { viewTimeoutMs: 300, sealTimeoutMs: 150 } });
    await until(
      "the ceremony's first steps",
      async () => {
        const { ceremony } = await cluster.client(0).getNetwork({});
        return (ceremony?.attempt ?? 0) > 0;
      },
      SETUP_MS,
    );
    await restartAll(true);
    const hasKey = async () => {
      const { ceremony, groupPublicKey } = await cluster.client(3).getNetwork({});
      return ceremony !== undefined && groupPublicKey !== undefined;
    };
    await until("the group key", hasKey, SETUP_MS);
    const alice = await issue(cluster, 0, { balance: 10n });
    const bob = await issue(cluster, 1);
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 5n });
    await expectSealed(cluster, (await cluster.client(2).transaction(request)).receipt);
  });
});
