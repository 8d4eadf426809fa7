/**
 * Goal: a network older than rulesets gets one by the approval of all its members, while it pays: nothing is activated before,
 * every node has the new rules from the same height on, and a node that does not know them stops before that height.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { OPEN_CALLER } from "../../src/access/principal.ts";
import { offlineContext } from "../../src/cli/stopped-store.ts";
import { UnknownRuleset } from "../../src/ledger/rulesets.ts";
import { inlineChecker } from "../../src/node/base/signature-checker.ts";
import { verifyStore } from "../../src/node/verify/store-verifier.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import type { Cluster } from "../support/cluster.ts";
import { randomUuid } from "../support/operations.ts";
import {
  balanceOf,
  expectAgreement,
  issue,
  type Owned,
  refusalOf,
  running,
  SETUP_MS,
  signedCancellation,
  signedTransfer,
  startNetwork,
  until,
} from "./network.ts";

vi.setConfig({ testTimeout: SETUP_MS + 60_000 });

/** Timings with a short window of ids: a member that is away for longer takes over a snapshot. */
const SHORT = {
  viewTimeoutMs: 1_000,
  sealTimeoutMs: 400,
  graceMs: 500,
  lifetimeMsMax: 10_000,
  clockSkewMs: 500,
  ceremonyTimeoutMs: 9_000,
};
/** As the software was before it knew rulesets and stated what it can do. */
const OLDER = { protocol: { min: 1, max: 1 }, rulesetMax: 1 };
/** Later software that knows no other ruleset than the first. */
const NEVER_UPDATED = { protocol: { min: 1, max: 2 }, rulesetMax: 1 };

let cluster: Cluster;
const older = new Map<number, typeof OLDER>();
afterEach(async () => {
  older.clear();
  await cluster.stop();
});

/** All members run older software, and there are two wallets. */
async function startOlder(): Promise<{ readonly alice: Owned; readonly bob: Owned }> {
  for (let node = 0; node < 4; node++) older.set(node, OLDER);
  cluster = await startNetwork({ rulesets: [], capabilitiesOf: (node) => older.get(node) });
  return { alice: await issue(cluster, 0, { balance: 1_000n }), bob: await issue(cluster, 1) };
}

async function restart(node: number, as?: typeof OLDER): Promise<void> {
  await cluster.stopNode(node);
  if (as === undefined) older.delete(node);
  else older.set(node, as);
  await cluster.startNode(node);
  await until(`links of node ${node}`, async () => {
    return (
      (await cluster.client(node).getStatus({})).connectedPeers === running(cluster).length - 1
    );
  });
}

async function heightOf(node: number): Promise<number> {
  return Number((await cluster.client(node).getStatus({})).height);
}

async function rulesets(): Promise<number[]> {
  const statuses = running(cluster).map((node) => cluster.client(node).getStatus({}));
  return (await Promise.all(statuses)).map(({ ruleset }) => ruleset);
}

interface Heights {
  readonly from: number;
  readonly until?: number;
}

async function approve(node: number, { from, until = from + 1_000 }: Heights): Promise<string[]> {
  const asked = { ruleset: 2, from, until };
  const answer = await cluster.node(node).insight.upgrade.approve(asked, OPEN_CALLER);
  if (answer instanceof Refusal) throw new Error(answer.message);
  return [...answer.missing];
}

/** This node holds the approvals of so many members: theirs come with their greetings, which a link does not wait for. */
async function untilHeld(node: number, count: number): Promise<void> {
  await until(`${count} approvals at node ${node}`, async () => {
    const { members } = cluster.node(node).insight.upgrade.show();
    return members.filter(({ approved }) => approved !== undefined).length === count;
  });
}

const soon = () => Date.now() + cluster.genesis.timings.lifetimeMsMax / 2;

/** Pays in a row through one node after the other; every payment is acknowledged. */
async function pay(from: Owned, to: Owned, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const order = signedTransfer(cluster, { from, to: to.id, amount: 1n, validUntil: soon() });
    const nodes = running(cluster);
    await cluster.client(nodes[i % nodes.length] ?? 0).transaction(order);
  }
}

const cancel = (from: Owned, node = 0) => {
  const order = signedCancellation(cluster, {
    from,
    id: randomUuid(),
    validUntil: soon(),
  });
  return cluster.client(node).cancelTransaction(order);
};

describe("L30: a network older than rulesets", () => {
  it("takes a cancellation only once all members have updated and approved, from one height on", async () => {
    const { alice, bob } = await startOlder();
    for (const node of [0, 1, 2]) {
      await restart(node);
      await pay(alice, bob, 2);
    }
    const refused = await refusalOf(cancel(alice));
    expect(refused).toMatchObject({ reason: "NOT_ACTIVE", metadata: { ruleset: "2" } });
    const from = (await heightOf(0)) + 3;
    for (const node of [0, 1, 2]) expect(await approve(node, { from })).toContain("node4");
    await pay(alice, bob, 6);
    expect(await rulesets()).toEqual([1, 1, 1, 1]);
    // Back to the older version and forth again: the approval waits on its disk.
    await restart(1, OLDER);
    await pay(alice, bob, 2);
    await restart(1);
    await restart(3);
    await untilHeld(3, 3);
    expect(await approve(3, { from })).toEqual([]);
    await until("ruleset 2 everywhere", async () => {
      await pay(alice, bob, 1);
      return (await rulesets()).every((ruleset) => ruleset === 2);
    });
    expect((await cancel(alice, 2)).operation.case).toBe("cancellation");
    await pay(alice, bob, 4);
    await expectAgreement(cluster);
    expect(cluster.failures).toEqual([]);
  });

  it("whose member goes back after its approval: that node stops, names the version, and resumes", async () => {
    const { alice, bob } = await startOlder();
    for (const node of [0, 1, 2, 3]) await restart(node);
    const from = (await heightOf(0)) + 4;
    for (const node of [0, 1, 2, 3]) await approve(node, { from });
    await restart(3, NEVER_UPDATED);
    const { reducedBecause } = await cluster.client(3).getStatus({});
    expect(reducedBecause.join()).toMatch(
      /node4 has approved ruleset 2 .* install version "0\.1\.0"/,
    );
    await until("the others to have ruleset 2, and this one to stop", async () => {
      await pay(alice, bob, 1).catch(() => undefined);
      return cluster.failures.length > 0;
    });
    const [failure] = cluster.failures;
    expect(failure).toBeInstanceOf(UnknownRuleset);
    expect(String(failure)).toMatch(
      /has ruleset 2, .* up to 1: install version "0\.1\.0" or later/,
    );
    const stoppedAt = Number((await cluster.store(3).blocks.loadTip())?.height);
    await cluster.stopNode(3);
    await pay(alice, bob, 3);
    expect(await rulesets()).toEqual([2, 2, 2]);
    expect((await cancel(alice)).operation.case).toBe("cancellation");
    // Each start of the older version says so at once, and changes nothing.
    await expect(cluster.startNode(3)).rejects.toBeInstanceOf(UnknownRuleset);
    await restart(3);
    await until("node 3 to have caught up", async () => (await heightOf(3)) > stoppedAt + 3);
    expect(await rulesets()).toEqual([2, 2, 2, 2]);
    await pay(alice, bob, 4);
    await expectAgreement(cluster);
  });

  it("whose member was away from before the activation executes it when it catches up", async () => {
    const { alice, bob } = await startOlder();
    for (const node of [0, 1, 2, 3]) await restart(node);
    const from = (await heightOf(0)) + 3;
    for (const node of [0, 1, 2, 3]) await approve(node, { from });
    for (const node of running(cluster)) await untilHeld(node, cluster.size);
    await cluster.stopNode(3);
    await until("ruleset 2", async () => {
      await pay(alice, bob, 1);
      return (await rulesets()).every((ruleset) => ruleset === 2);
    });
    await cancel(alice);
    const balance = await balanceOf(cluster, 0, bob.id);
    await restart(3);
    await expectAgreement(cluster);
    expect(await balanceOf(cluster, 3, bob.id)).toBe(balance);
    expect(await rulesets()).toEqual([2, 2, 2, 2]);
    expect(cluster.failures).toEqual([]);
  });

  it("whose member takes over a snapshot from above the activation has the new rules, and its whole history holds", async () => {
    cluster = await startNetwork({ rulesets: [], timings: SHORT, snapshotBlocksMin: 10 });
    const [alice, bob] = [await issue(cluster, 0, { balance: 1_000n }), await issue(cluster, 1)];
    await expectAgreement(cluster);
    const from = (await heightOf(0)) + 2;
    for (const node of [0, 1, 2, 3]) await approve(node, { from });
    for (const node of running(cluster)) await untilHeld(node, cluster.size);
    await cluster.stopNode(3);
    await until("ruleset 2", async () => {
      await pay(alice, bob, 1);
      return (await rulesets()).every((ruleset) => ruleset === 2);
    });
    await cancel(alice);
    // Longer than the window, so that the member takes the state over and does not execute the activation.
    const end = Date.now() + SHORT.graceMs + SHORT.lifetimeMsMax;
    await until("the window to pass", async () => {
      await pay(alice, bob, 1);
      return Date.now() > end;
    });
    await pay(alice, bob, 20);
    // The node that answers here is not the one that answered the last payment.
    await expectAgreement(cluster);
    const balance = await balanceOf(cluster, 0, bob.id);
    await cluster.startNode(3);
    const { history } = cluster.store(3).blocks;
    expect(history.snapshot).toBeGreaterThan(from);
    await until("node 3 to have its whole history", async () => {
      const { historyFrom, ready } = await cluster.client(3).getStatus({});
      return historyFrom === 1n && ready;
    });
    expect(await rulesets()).toEqual([2, 2, 2, 2]);
    expect(await balanceOf(cluster, 3, bob.id)).toBe(balance);
    expect((await cancel(alice, 3)).operation.case).toBe("cancellation");
    // With another member down, no payment settles without the one that took the snapshot.
    await cluster.stopNode(0);
    await pay(alice, bob, 4);
    const outcome = await verifyStore({
      context: offlineContext(cluster.genesis),
      store: cluster.store(3),
      checker: inlineChecker,
      self: validatorIndex(3),
      onBlock: () => undefined,
    });
    expect(outcome).toMatchObject({ kind: "sound" });
    expect(cluster.failures).toEqual([]);
  });

  it("stays as it is if members approve different heights, or the plan's heights have passed", async () => {
    const { alice, bob } = await startOlder();
    for (const node of [0, 1, 2, 3]) await restart(node);
    const from = (await heightOf(0)) + 1;
    for (const node of [0, 1, 2]) await approve(node, { from, until: from + 2 });
    await approve(3, { from, until: from + 3 });
    await pay(alice, bob, 5);
    await approve(3, { from: from + 20, until: from + 21 });
    expect(await rulesets()).toEqual([1, 1, 1, 1]);
    const again = (await heightOf(0)) + 2;
    for (const node of [0, 1, 2, 3]) await approve(node, { from: again });
    await until("ruleset 2", async () => {
      await pay(alice, bob, 1);
      return (await rulesets()).every((ruleset) => ruleset === 2);
    });
    expect(cluster.failures).toEqual([]);
  });

  it("whose operator asks for what cannot be is told the field and the bound", async () => {
    await startOlder();
    for (const node of [0, 1, 2, 3]) await restart(node);
    const height = await heightOf(0);
    const ask = async (ruleset: number, from: number, last: number) => {
      const asked = { ruleset, from, until: last };
      const answer = await cluster.node(0).insight.upgrade.approve(asked, OPEN_CALLER);
      return answer instanceof Refusal ? answer.field : "approved";
    };
    expect(await ask(3, height + 9, height + 9)).toBe("ruleset");
    expect(await ask(1, height + 9, height + 9)).toBe("ruleset");
    expect(await ask(2, 0, height + 9)).toBe("fromHeight");
    expect(await ask(2, 1, height)).toBe("untilHeight");
    expect(await ask(2, height + 9, height + 8)).toBe("untilHeight");
    expect(await ask(2, height + 9, height + 9 + 10_000_001)).toBe("untilHeight");
  });
});
