// A member is absent when the key is made: the ceremony goes on without it and names it, and the member takes part
// later.
import { afterEach, expect, it } from "vitest";
import { CeremonyStatus } from "../../../gen/countersign/v1/ledger_service_pb.ts";
import { Cluster } from "../../support/cluster.ts";
import {
  expectAgreement,
  issue,
  SETUP_MS,
  signedTransfer,
  stopNetwork,
  until,
  untilKey,
} from "../network.ts";

let cluster: Cluster;
afterEach(() => stopNetwork(cluster));

it("is named, first as missing and then as left out, and the key is made by the others", {
  timeout: 2 * SETUP_MS,
}, async () => {
  const timings = { viewTimeoutMs: 200, sealTimeoutMs: 100, ceremonyTimeoutMs: 4_000 };
  cluster = await Cluster.prepare({ timings });
  for (const node of [0, 1, 2]) await cluster.startNode(node);
  const ceremony = async () => (await cluster.client(0).getNetwork({})).ceremony;
  const isNamed = async () => {
    const { status, missing } = (await ceremony()) ?? {};
    return status === CeremonyStatus.RUNNING && missing?.join() === "node4";
  };
  await until("the absent member to be named", isNamed, SETUP_MS);
  await until("the key", async () => (await cluster.client(0).getStatus({})).keyFinal, SETUP_MS);
  expect(await ceremony()).toMatchObject({
    status: CeremonyStatus.COMPLETE,
    members: ["node1", "node2", "node3"],
    missing: [],
    excluded: ["node4"],
  });

  const alice = await issue(cluster, 0, { balance: 10n });
  const bob = await issue(cluster, 1);
  const pay = () => signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
  const sealed = async (node: number) =>
    (await cluster.client(node).transaction(pay())).receipt?.sealedHeader;
  expect(await sealed(2)).toBeDefined();
  await cluster.startNode(3);
  await until("a payment through the one that was absent", () => sealed(3));
  await expectAgreement(cluster);
});

it("waits for as long as the genesis says, an hour like any other, and the key is made when all are there", {
  timeout: 2 * SETUP_MS,
}, async () => {
  // As `genesis compose` sets it: an attempt may take as long as its steps live.
  const timings = { ceremonyTimeoutMs: 3_600_000, clockSkewMs: 5_000, lifetimeMsMax: 3_610_000 };
  cluster = await Cluster.prepare({
    timings: { viewTimeoutMs: 200, sealTimeoutMs: 100, ...timings },
  });
  for (const node of [0, 1, 2]) await cluster.startNode(node);
  const isNamed = async () =>
    (await cluster.client(0).getNetwork({})).ceremony?.missing.join() === "node4";
  await until("the absent member to be named", isNamed, SETUP_MS);
  await cluster.startNode(3);
  await untilKey(cluster);
  expect((await cluster.client(0).getNetwork({})).ceremony).toMatchObject({
    members: ["node1", "node2", "node3", "node4"],
    excluded: [],
  });
});

it("K10: a member that begins with an empty store when there is a key orders no attempt at another one", {
  timeout: 2 * SETUP_MS,
}, async () => {
  const timings = { viewTimeoutMs: 200, sealTimeoutMs: 100, ceremonyTimeoutMs: 1_000 };
  cluster = await Cluster.prepare({ timings });
  // The first attempt is the first member's to open.
  for (const node of [1, 2, 3]) await cluster.startNode(node);
  await until("the key", async () => (await cluster.client(1).getStatus({})).keyFinal, SETUP_MS);
  const alice = await issue(cluster, 1, { balance: 2n });
  const bob = await issue(cluster, 2);
  // Its gateway has executed the block of the wallet; another node may not have.
  const { height } = await cluster.client(2).getStatus({});
  await cluster.startNode(0);
  const payment = signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
  await until("a payment through the member that began", () =>
    cluster.client(0).transaction(payment),
  );
  await expectAgreement(cluster);
  const { blocks } = await cluster.client(1).listBlocks({ fromHeight: height + 1n });
  const ordered = blocks.map(({ header }) => header?.operationCount ?? 0);
  expect(ordered.reduce((sum, count) => sum + count, 0)).toBe(1);
});
