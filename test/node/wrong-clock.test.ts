// T8: one node's clock is wrong: the node knows it, reports it, and blames no client for it. One node lies about the
// time: no other node changes its behaviour.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import type { Uuid } from "../../src/primitives/ids.ts";
import type { Cluster } from "../support/cluster.ts";
import { randomUuid } from "../support/operations.ts";
import { SetClocks } from "../support/set-clocks.ts";
import { twistedApi } from "../support/twisted-api.ts";
import {
  expectAgreement,
  issue,
  type Owned,
  openCustodial,
  refusalOf,
  SETUP_MS,
  signedTransfer,
  startNetwork,
  statuses,
  stopNetwork,
  until,
} from "./network.ts";

const CROOKED = 2;
const LIAR = 1;
const JUMP_MS = 600_000;

const clocks = new SetClocks();
let lieMs = 0;
let cluster: Cluster;
let payer: Owned;
let payee: Owned;
/** In custody of the node whose clock is wrong. */
let custodial: Uuid;

beforeAll(async () => {
  cluster = await startNetwork({
    systemOf: clocks.systemOf,
    asSeen: (index, api) =>
      index === LIAR
        ? twistedApi(api, () => ({ readClock: async () => ({ wallClock: Date.now() + lieMs }) }))
        : api,
  });
  [payer, payee] = [await issue(cluster, 0, { balance: 1_000n }), await issue(cluster, 1)];
  custodial = await openCustodial(cluster, CROOKED, { balance: 1_000n });
  await untilReady();
}, SETUP_MS);
afterAll(() => stopNetwork(cluster));
afterEach(async () => {
  clocks.set(CROOKED, 0);
  lieMs = 0;
  await untilReady();
});

/** Every node has compared its clock and found it right. */
async function untilReady(): Promise<void> {
  await until("four ready nodes", async () => {
    const all = await statuses(cluster);
    return all.every(({ ready, clockAheadMs }) => ready && clockAheadMs !== undefined);
  });
}

const status = () => cluster.client(CROOKED).getStatus({});
const fromCustody = (id: string, validUntil?: bigint) => ({
  transaction: {
    from: custodial,
    to: payee.id,
    amount: 1n,
    id,
    ...(validUntil === undefined ? {} : { validUntil }),
  },
  wait: Wait.FINAL,
});

describe.each([
  ["ahead of", JUMP_MS],
  ["behind", -JUMP_MS],
] as const)("T8: a node whose clock is ten minutes %s its peers'", (how, byMs) => {
  it("is not ready, says by how much, and is ready again when it is set", async () => {
    clocks.set(CROOKED, byMs);
    const { ready, notReadyBecause, clockAheadMs } = await status();
    expect(ready).toBe(false);
    expect(notReadyBecause).toMatch(`clock is 600.0 s ${how} its peers'`);
    expect(Math.abs(Number(clockAheadMs) - byMs)).toBeLessThan(2_000);
    const others = await Promise.all([0, 1, 3].map((i) => cluster.client(i).getStatus({})));
    expect(others.map((other) => other.ready)).toEqual([true, true, true]);
    clocks.set(CROOKED, 0);
    expect((await status()).ready).toBe(true);
  });

  it("signs no deadline by it, and the same request settles elsewhere in time", async () => {
    clocks.set(CROOKED, byMs);
    const id = randomUuid();
    const refused = await refusalOf(cluster.client(CROOKED).transaction(fromCustody(id)));
    expect(refused).toMatchObject({ reason: "NOT_READY", field: "transaction.validUntil" });
    expect(refused.message).toContain(how);
    expect(refused.remedy).toContain("another node");
    clocks.set(CROOKED, 0);
    const { result } = await cluster.client(CROOKED).transaction(fromCustody(id));
    expect(result).toBeDefined();
  });
});

it("a deadline that a gateway sets counts from the ledger's time, where its clock is behind that", async () => {
  // Within the tolerance: the gateway is ready and sets deadlines.
  clocks.set(CROOKED, -4_000);
  await issue(cluster, 0);
  // At rest: no empty block follows, whose time would be a later one.
  const { blockTime } = await expectAgreement(cluster);
  const { transaction } = await cluster.client(CROOKED).transaction(fromCustody(randomUuid()));
  expect(transaction?.validUntil).toBe(blockTime + 120_000n);
});

it("a clock that is ahead does not make clients sign again: their deadlines are not past", async () => {
  clocks.set(CROOKED, JUMP_MS);
  const request = signedTransfer(cluster, { from: payer, to: payee.id, amount: 1n });
  const refused = await refusalOf(
    cluster.client(CROOKED).transaction({ ...request, wait: Wait.FINAL }),
  );
  expect(refused.reason).toBe("NOT_READY");
  expect(refused.message).toContain("600.0 s ahead of");
});

it("a clock that is behind does not make clients sign again: the ledger shows a later time", async () => {
  const far = { from: payer, to: payee.id, amount: 1n, validUntil: Date.now() + 3_580_000 };
  await issue(cluster, 0);
  clocks.set(CROOKED, -JUMP_MS);
  const request = { ...signedTransfer(cluster, far), wait: Wait.FINAL };
  expect((await cluster.client(CROOKED).transaction(request)).result).toBeDefined();
});

describe("a node whose clock is right", () => {
  it("says what time it is where it refuses a window", async () => {
    const validUntil = Date.now() - 90_000;
    const request = signedTransfer(cluster, { from: payer, to: payee.id, amount: 1n, validUntil });
    const refused = await refusalOf(cluster.client(0).transaction(request));
    expect(refused).toMatchObject({ reason: "WINDOW_PAST", field: "transaction.validUntil" });
    const now = Number(refused.metadata["now"]);
    expect(Math.abs(now - Date.now())).toBeLessThan(30_000);
    expect(refused.message).toContain(`it is ${now} at this node, ${now - validUntil} ms after it`);
  });

  it.each([JUMP_MS, -JUMP_MS, 2 ** 50])(
    "stays ready beside a peer whose clock it is told to be %i ms off",
    async (byMs) => {
      lieMs = byMs;
      // A node with a new link asks at once.
      await cluster.stopNode(3);
      await cluster.startNode(3);
      await until("an answer of all, and the end of its check at start", async () => {
        const { connectedPeers, clockAheadMs, ready } = await cluster.client(3).getStatus({});
        return connectedPeers === 3 && clockAheadMs !== undefined && ready;
      });
      const all = await statuses(cluster);
      expect(all.map(({ ready }) => ready)).toEqual([true, true, true, true]);
      expect(Math.abs(Number(all[3]?.clockAheadMs))).toBeLessThan(2_000);
    },
  );
});
