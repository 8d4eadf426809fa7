// Each node reports the failures that its network still tolerates, in networks that tolerate fewer than they promise.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type GetStatusResponse,
  SealShare,
} from "../../../gen/countersign/v1/ledger_service_pb.ts";
import { ResultStatus, UnsealedReason } from "../../../gen/countersign/v1/types_pb.ts";
import { assess, describeTolerance, isWhole, type NodeReport } from "../../../src/cli/tolerance.ts";
import { Cluster } from "../../support/cluster.ts";
import {
  expectAgreement,
  issue,
  running,
  SETUP_MS,
  signedTransfer,
  stopNetwork,
  until,
  untilKey,
} from "../network.ts";

const TIMINGS = { viewTimeoutMs: 200, sealTimeoutMs: 100 };
const LEFT_OUT =
  "node4 holds no share of the group key, and never will: the key was made without it";

let cluster: Cluster;
afterEach(() => stopNetwork(cluster));

/** The data that `countersign status` uses. */
async function reports(): Promise<NodeReport[]> {
  const asked = Array.from({ length: cluster.size }, async (_, i): Promise<NodeReport> => {
    const id = `node${i + 1}`;
    if (!cluster.isRunning(i)) return { id, status: undefined, problem: "it is down" };
    return { id, status: await cluster.client(i).getStatus({}), problem: "" };
  });
  return await Promise.all(asked);
}

async function tolerance() {
  const found = assess(await reports());
  return { ...found, whole: isWhole(found), text: describeTolerance(found).join("\n") };
}

const allReady = async () => {
  const all = await reports();
  return all.every(({ status }) => status === undefined || status.ready) && all;
};
const linked = (status: GetStatusResponse | undefined) =>
  status?.connectedPeers === running(cluster).length - 1;

async function untilLinked() {
  await until("links between all that run", async () => {
    const all = await allReady();
    return all ? all.every(({ status }) => status === undefined || linked(status)) : undefined;
  });
}

describe("a member that came too late for the group key", () => {
  beforeEach(async () => {
    cluster = await Cluster.prepare({ timings: { ...TIMINGS, ceremonyTimeoutMs: 4_000 } });
    for (const node of [0, 1, 2]) await cluster.startNode(node);
    const keyFinal = async () => (await cluster.client(0).getStatus({})).keyFinal;
    await until("the key", keyFinal, SETUP_MS);
    await cluster.startNode(3);
    await untilLinked();
    // A node that is ready may be a few blocks behind, and not know yet how the key was made.
    await expectAgreement(cluster);
  }, 3 * SETUP_MS);

  it("is told by every node and in the network's rules, with the failures that the seals tolerate, though all are ready", async () => {
    for (const [i, { status }] of (await reports()).entries()) {
      expect(status).toMatchObject({
        ready: true,
        connectedPeers: 3,
        faultsTolerated: 1,
        sealShare: i === 3 ? SealShare.LEFT_OUT : SealShare.HELD,
        sealHolders: 3,
        sealHoldersPresent: 3,
        sealMargin: 0,
        reducedBecause: [LEFT_OUT],
      });
    }
    const { members, sealFaultsTolerated } = await cluster.client(3).getNetwork({});
    expect(members.map(({ holdsSealShare }) => holdsSealShare)).toEqual([true, true, true, false]);
    expect(sealFaultsTolerated).toBe(0);
    expect(await tolerance()).toMatchObject({
      whole: false,
      promised: 1,
      votes: { present: 4, tolerates: 1 },
      seals: { holders: 3, present: 3, needed: 3, tolerates: 0 },
      reasons: [LEFT_OUT],
      text: expect.stringContaining("they tolerate no further failure"),
    });
  });

  it("leaves no seal to be made when one of the others fails, which is said", async () => {
    await cluster.stopNode(2);
    await until("the loss of the link", async () => {
      const { sealMargin } = await cluster.client(0).getStatus({});
      return sealMargin === -1;
    });
    expect(await tolerance()).toMatchObject({
      votes: { present: 3, tolerates: 0 },
      seals: { holders: 3, present: 2, tolerates: -1 },
      reasons: [
        "node3 gives no answer (it is down)",
        "node3 is away: there is no link to it",
        LEFT_OUT,
      ],
      text: expect.stringContaining("no seal can be made now"),
    });
  });

  it("S1: keeps no payment waiting for a seal that cannot come, and has it sealed when the holders are back", async () => {
    const alice = await issue(cluster, 0, { balance: 10n });
    const bob = await issue(cluster, 1);
    await cluster.stopNode(2);
    await until("the loss of the link", async () => {
      return (await cluster.client(0).getStatus({})).sealMargin === -1;
    });
    const payment = signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
    const begun = performance.now();
    const { result, receipt, unsealed } = await cluster.client(0).transaction(payment);
    // Half of a gateway's wait for a seal that can come.
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(result?.status).toBe(ResultStatus.APPLIED);
    expect(receipt?.sealPending).toBe(true);
    expect(unsealed).toMatchObject({
      reason: UnsealedReason.TOO_FEW_HOLDERS,
      message:
        "a seal takes 3 of those that hold a share of the group key, and 2 can be reached from here: not node3 and node4, which holds none",
    });
    const { from, id } = payment.transaction;
    expect((await cluster.client(1).getReceipt({ from, id })).unsealed?.reason).toBe(
      UnsealedReason.TOO_FEW_HOLDERS,
    );
    await cluster.startNode(2);
    const sealed = await until("the seal", async () => {
      const answer = await cluster.client(0).getReceipt({ from, id });
      return answer.receipt?.sealPending === false && answer;
    });
    expect(sealed.unsealed).toBeUndefined();
  });
});

describe("a network that waits for a member with its key", () => {
  it("says for whom and until when, and that no seal comes before", {
    timeout: 3 * SETUP_MS,
  }, async () => {
    cluster = await Cluster.prepare({ timings: { ...TIMINGS, ceremonyTimeoutMs: 600_000 } });
    for (const node of [0, 1, 2]) await cluster.startNode(node);
    const ofNode4 = /^there is no group key yet: the ceremony waits for node4, until 20\d\d-.*Z$/;
    // While a node lacks the newest blocks its reason is another one, and each names the nodes that give it.
    const isNamed = async () => {
      const now = await tolerance();
      return now.reasons.some((reason) => ofNode4.test(reason)) && now;
    };
    const waiting = await until("the absent member to be named by all nodes", isNamed, SETUP_MS);
    expect(waiting).toMatchObject({
      whole: false,
      seals: undefined,
      reasons: [
        "node4 gives no answer (it is down)",
        "node4 has never been reached",
        expect.stringMatching(ofNode4),
      ],
    });
    const { receipt, unsealed } = await cluster.client(0).walletCreation({ initialBalance: 1n });
    expect(receipt?.sealPending).toBe(true);
    expect(unsealed).toMatchObject({
      reason: UnsealedReason.NO_GROUP_KEY,
      message: expect.stringContaining("the ceremony waits for node4, until "),
    });
    await cluster.startNode(3);
    await untilKey(cluster);
    await untilLinked();
    expect(await tolerance()).toMatchObject({ whole: true, reasons: [] });
  });
});

describe("a member whose keys lack its share", () => {
  it("tells of it itself, and does not count as one that countersigns", {
    timeout: 2 * SETUP_MS,
  }, async () => {
    let isLost = false;
    cluster = await Cluster.start({
      timings: TIMINGS,
      keysOf: (index, ring) => ({
        has: async (name) =>
          !(isLost && index === 1 && name === "signing-share") && (await ring.has(name)),
        load: (name, kind) => ring.load(name, kind),
        save: (entry, secret) => ring.save(entry, secret),
        destroy: (name) => ring.destroy(name),
      }),
    });
    await untilKey(cluster);
    await untilLinked();
    expect(await tolerance()).toMatchObject({ whole: true, reasons: [], seals: { tolerates: 1 } });
    isLost = true;
    await cluster.stopNode(1);
    await cluster.startNode(1);
    await untilLinked();
    const { sealShare } = await cluster.client(1).getStatus({});
    expect(sealShare).toBe(SealShare.MISSING);
    expect(await tolerance()).toMatchObject({
      whole: false,
      seals: { holders: 4, present: 3, tolerates: 0 },
      reasons: ["node2 has lost its share of the group key: put its keys back from their backup"],
    });
  });
});

describe("a member that shows clients a certificate that has expired", () => {
  it("says so, and since when", { timeout: SETUP_MS }, async () => {
    const ends = Date.UTC(2026, 0, 2);
    const certificateEndsAt = (index: number) => (index === 1 ? ends : Date.now() + 60_000);
    cluster = await Cluster.start({ timings: TIMINGS, certificateEndsAt });
    await untilKey(cluster);
    await untilLinked();
    expect(await tolerance()).toMatchObject({
      whole: false,
      reasons: [
        "node2 shows clients a certificate that expired at 2026-01-02T00:00:00.000Z: renew it, and reload",
      ],
    });
  });
});

describe("a network of three", () => {
  it("promises to tolerate no failure, and says so", { timeout: SETUP_MS }, async () => {
    cluster = await Cluster.start({ nodes: 3, timings: TIMINGS });
    await untilKey(cluster);
    await untilLinked();
    expect(await tolerance()).toMatchObject({
      whole: true,
      promised: 0,
      text: expect.stringContaining("that takes at least four nodes"),
    });
  });
});
