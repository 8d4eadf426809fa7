/**
 * A node that keeps few blocks drops the contents of the others once no one needs them, and says so. It pays no id twice, starts
 * again, votes and seals; nodes that lack blocks get them from one that keeps all.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Wait } from "../../../gen/countersign/v1/types_pb.ts";
import { createLedgerContext } from "../../../src/ledger/context.ts";
import { oldestInWindow } from "../../../src/ledger/window.ts";
import { isValidPoint, sha256 } from "../../../src/node/base/crypto.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { verifyStore } from "../../../src/node/verify/store-verifier.ts";
import { decodeHeader } from "../../../src/primitives/block.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import type { Uuid } from "../../../src/primitives/ids.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import { createCeremonyJudge } from "../../../src/seal/judge.ts";
import { createSuite } from "../../../src/seal/suite.ts";
import { MemoryDisk } from "../../../src/storage/memory-store.ts";
import type { Cluster } from "../../support/cluster.ts";
import { randomUuid } from "../../support/operations.ts";
import {
  balanceOf,
  expectAgreement,
  issue,
  type Owned,
  openCustodial,
  refusalOf,
  SETUP_MS,
  signedTransfer,
  startNetwork,
  stopNetwork,
  until,
} from "../network.ts";

/** Keeps everything. */
const ARCHIVE = 0;
const PRUNED = 1;
/** Has a webhook that is not delivered. */
const HELD = 2;
const FRESH = 3;
const KEPT = 12;
const TIMINGS = {
  ...{ viewTimeoutMs: 1_000, sealTimeoutMs: 400, graceMs: 500, lifetimeMsMax: 6_000 },
  ...{ clockSkewMs: 500, ceremonyTimeoutMs: 5_000 },
};
const WINDOW_MS = TIMINGS.graceMs + TIMINGS.lifetimeMsMax;
/** Blocks that a node executes rather than taking a snapshot: so many stay below the window. */
const SPARED = 4;
/** The pruning looks every ten seconds. */
const PATIENCE_MS = 90_000;

let cluster: Cluster;
let payer: Owned;
let payee: Owned;
let custodial: Uuid;
let first: Uuid;
const freshDisk = new MemoryDisk();

beforeAll(async () => {
  cluster = await startNetwork({
    timings: TIMINGS,
    snapshotBlocksMin: SPARED,
    keepBlocksOf: (index) => (index === ARCHIVE ? undefined : KEPT),
    diskOf: (index) => (index === FRESH ? freshDisk : new MemoryDisk()),
  });
  payer = await issue(cluster, ARCHIVE, { balance: 10_000n });
  payee = await issue(cluster, ARCHIVE);
  custodial = await openCustodial(cluster, PRUNED, { balance: 5n });
  first = randomUuid();
  await pay(first);
  const webhook = { name: "held", url: "https://held.invalid/", isPrivate: false, createdAt: 1 };
  await cluster.store(HELD).webhooks.add(webhook, { place: { height: height(2), index: 0 } });
  for (let i = 0; i < 30; i++) await pay(randomUuid());
  await new Promise((resolve) => setTimeout(resolve, WINDOW_MS));
  for (let i = 0; i < KEPT; i++) await pay(randomUuid());
  await expectAgreement(cluster);
}, SETUP_MS + PATIENCE_MS);
afterAll(() => stopNetwork(cluster));

function transferOf(id: Uuid) {
  const validUntil = Date.now() + TIMINGS.lifetimeMsMax - 500;
  return signedTransfer(cluster, { from: payer, to: payee.id, amount: 1n, id, validUntil });
}

const pay = (id: Uuid) =>
  cluster.client(ARCHIVE).transaction({ ...transferOf(id), wait: Wait.FINAL });

const bodiesFrom = async (index: number) =>
  Number((await cluster.client(index).getStatus({})).bodiesFrom);

/** Settles when the node has dropped all that it may, so that it drops nothing more during a test. */
async function untilPruned(index: number): Promise<number> {
  const lowest = await lowestKept();
  expect(lowest).toBeGreaterThan(await heightOf(first));
  const isThere = async () => (await bodiesFrom(index)) === lowest;
  await until(`node ${index} drops the blocks below ${lowest}`, isThere, PATIENCE_MS);
  return lowest;
}

/** The newest blocks stay, and those of which one so many above is in the window of the tip. */
async function lowestKept(): Promise<number> {
  const tip = await cluster.client(ARCHIVE).getStatus({});
  const oldest = oldestInWindow(cluster.genesis.timings, Number(tip.blockTime));
  let lowest = Number(tip.height) - KEPT + 1;
  while ((await timeOf(lowest - 1 + SPARED)) >= oldest) lowest -= 1;
  return lowest;
}

async function timeOf(at: number): Promise<number> {
  const bytes = await cluster.store(ARCHIVE).blocks.loadHeader(height(at));
  const header = bytes && decodeHeader(bytes);
  if (header === undefined || header instanceof EncodingError) expect.fail(`no header ${at}`);
  return header.time;
}

async function heightOf(id: Uuid): Promise<number> {
  const found = await cluster.store(ARCHIVE).operations.loadOperation(`${payer.id}/${id}`);
  return found?.height ?? Number.POSITIVE_INFINITY;
}

const receiptOf = (index: number, id: Uuid) =>
  cluster.client(index).getReceipt({ from: payer.id, id });

describe("a node with keepBlocks", () => {
  it("drops the contents of old blocks, and keeps the newest, headers, certificates, seals and indexes", async () => {
    const from = await untilPruned(PRUNED);
    const { blocks, operations, seals } = cluster.store(PRUNED);
    const tip = (await blocks.loadTip())?.height ?? 0;
    expect(from).toBeLessThanOrEqual(tip - KEPT + 1);
    for (let at = 1; at <= tip; at++) {
      expect(await blocks.loadHeader(height(at))).toBeDefined();
      expect((await blocks.loadFinalization(height(at)))?.height).toBeGreaterThanOrEqual(at);
      if (at >= from) expect(await blocks.loadBlock(height(at))).toBeDefined();
    }
    expect((await seals.loadHighest())?.height).toBeGreaterThan(0);
    const key = `${payer.id}/${first}`;
    const location = await operations.loadOperation(key);
    expect(location).toEqual(await cluster.store(ARCHIVE).operations.loadOperation(key));
    // It is said before it is durable.
    const at = height(location?.height ?? 0);
    await until("the batch", async () => (await blocks.loadBlock(at)) === undefined);
    expect(await operations.loadResults(at)).toBeUndefined();
    expect(await bodiesFrom(ARCHIVE)).toBe(1);
  });

  it("keeps the block that proves whose a custodial wallet is", async () => {
    const { blocks, operations } = cluster.store(PRUNED);
    const at = (await operations.loadCreation(custodial))?.height ?? height(0);
    expect(at).toBeLessThan(await bodiesFrom(PRUNED));
    expect(await blocks.loadBlock(at)).toBeDefined();
  });

  it("keeps what a webhook has not got yet", async () => {
    expect(await bodiesFrom(HELD)).toBe(2);
    await cluster.store(HELD).webhooks.remove("held");
    await untilPruned(HELD);
  });

  it("refuses a pruned receipt with PRUNED and the nodes that keep it, and pays its id no second time", async () => {
    expect(await receiptOf(ARCHIVE, first)).toBeDefined();
    const before = await balanceOf(cluster, ARCHIVE, payee.id);
    const archive = cluster.genesis.validators[ARCHIVE]?.id ?? "";
    const refused = await until(
      "the names of the keepers",
      async () => {
        const refusal = await refusalOf(receiptOf(PRUNED, first));
        expect(refusal.reason).toBe("PRUNED");
        return refusal.metadata["nodes"]?.split(",").includes(archive) === true && refusal;
      },
      PATIENCE_MS,
    );
    expect(refused.metadata["bodiesFrom"]).toBe(`${await bodiesFrom(PRUNED)}`);
    expect((await refusalOf(cluster.client(PRUNED).transaction(transferOf(first)))).reason).toBe(
      "PRUNED",
    );
    await expectAgreement(cluster);
    expect(await balanceOf(cluster, ARCHIVE, payee.id)).toBe(before);
    const { peers } = await cluster.client(PRUNED).listPeers({});
    expect(peers.find(({ nodeId }) => nodeId === archive)?.bodiesFrom).toBe(1n);
  });

  it("says in lists and blocks from where on it has transactions, and lists entries of before without their operations", async () => {
    const from = BigInt(await bodiesFrom(PRUNED));
    const client = cluster.client(PRUNED);
    expect((await client.listTransactions({ pageSize: 1 })).completeFrom).toBe(from);
    const one = client.getBlock({ height: from - 1n });
    expect((await refusalOf(one)).reason).toBe("PRUNED");
    expect((await client.getBlock({ height: from })).block).toBeDefined();
    const statement = { walletId: payer.id, oldestFirst: true };
    expect((await client.listEntries(statement)).entries).not.toEqual([]);
    const withOperations = client.listEntries({ ...statement, withOperations: true });
    expect((await refusalOf(withOperations)).reason).toBe("PRUNED");
    const stream = client.subscribe({ fromHeight: 1n });
    const begun = (async () => {
      for await (const _ of stream) return;
    })();
    expect((await refusalOf(begun)).reason).toBe("PRUNED");
  });

  it("is checked as far as its records go, without a replay", async () => {
    const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
    const { genesis } = cluster;
    const context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
    const store = cluster.store(PRUNED);
    const self = validatorIndex(PRUNED);
    const outcome = await verifyStore({
      context,
      store,
      checker: inlineChecker,
      self,
      onBlock: () => undefined,
    });
    expect(outcome).toMatchObject({ kind: "pruned", bodiesFrom: await bodiesFrom(PRUNED) });
  });

  it("starts again, and votes", async () => {
    const before = await bodiesFrom(PRUNED);
    await cluster.stopNode(PRUNED);
    await cluster.startNode(PRUNED);
    await cluster.stopNode(HELD);
    await pay(randomUuid());
    await cluster.startNode(HELD);
    await expectAgreement(cluster);
    expect(await bodiesFrom(PRUNED)).toBeGreaterThanOrEqual(before);
  });
});

describe("a node without blocks", () => {
  it("gets all of them where most peers have dropped them", async () => {
    await cluster.stopNode(FRESH);
    for (const key of freshDisk.entries.keys()) {
      if (/^([hbrfsxocwld]|m[tchp]$)/.test(key)) freshDisk.entries.delete(key);
    }
    await cluster.startNode(FRESH);
    await expectAgreement(cluster);
    await until(
      "the whole history",
      async () => {
        const { historyFrom, ready } = await cluster.client(FRESH).getStatus({});
        return historyFrom === 1n && ready;
      },
      PATIENCE_MS,
    );
    await pay(randomUuid());
    await expectAgreement(cluster);
    const key = `${payer.id}/${first}`;
    expect(await cluster.store(FRESH).operations.loadOperation(key)).toBeDefined();
  });
});
