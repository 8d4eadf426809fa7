// A repeated request gets the same result under the same header, and a lost answer leaves no doubt.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DeclineReason, ResultStatus } from "../../../gen/countersign/v1/types_pb.ts";
import type { Uuid } from "../../../src/primitives/ids.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import type { Cluster } from "../../support/cluster.ts";
import { namedSigningKey, randomUuid } from "../../support/operations.ts";
import { toldDeadline } from "../../support/told-deadline.ts";
import {
  balanceOf,
  expectAgreement,
  expectSealed,
  issue,
  type Owned,
  openCustodial,
  refusalOf,
  resultOf,
  signedCreation,
  signedTransfer,
  startNetwork,
  statuses,
  stopNetwork,
  until,
} from "../network.ts";

let cluster: Cluster;
let alice: Owned;
let bob: Owned;
let kept: Uuid;

beforeAll(async () => {
  cluster = await startNetwork({ timings: { viewTimeoutMs: 300, sealTimeoutMs: 150 } });
});
afterAll(() => stopNetwork(cluster));

beforeEach(async () => {
  alice = await issue(cluster, 0, { balance: 1_000n });
  bob = await issue(cluster, 1);
  kept = await openCustodial(cluster, 0, { balance: 1_000n });
});

const payKept = (id: Uuid, fields: object = {}) =>
  cluster
    .client(0)
    .transaction({ transaction: { from: kept, to: bob.id, amount: 5n, id, ...fields } });

describe("L8: the same request again", () => {
  it("gives the same result under the same header through every gateway: a signed transfer", async () => {
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 5n });
    const all = [0, 1, 2, 3, 0, 1, 2, 3];
    const first = await cluster.client(2).transaction(request);
    const again = await Promise.all(all.map((node) => cluster.client(node).transaction(request)));
    for (const { receipt, result } of again) {
      expect(result).toEqual(first.result);
      expect(resultOf(receipt)).toBe(resultOf(first.receipt));
    }
    await expectAgreement(cluster);
    expect(await balanceOf(cluster, 3, alice.id)).toBe(995n);
  });

  it("gives the same result if it is sent to all gateways at once", async () => {
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 5n });
    const answers = await Promise.all(
      [0, 1, 2, 3, 3].map((node) => cluster.client(node).transaction(request)),
    );
    expect(new Set(answers.map(({ receipt }) => resultOf(receipt))).size).toBe(1);
    await expectAgreement(cluster);
    expect(await balanceOf(cluster, 3, alice.id)).toBe(995n);
  });

  it("gives the same wallet: a creation signed by its owner, sponsored by whichever gateway", async () => {
    const request = signedCreation(cluster, { by: namedSigningKey("dora") });
    const answers = await Promise.all(
      [0, 1, 2, 3].map((node) => cluster.client(node).walletCreation(request)),
    );
    const again = await cluster.client(1).walletCreation(request);
    const results = [...answers, again].map(({ receipt }) => resultOf(receipt));
    expect(new Set(results).size).toBe(1);
    expect(new Set([...answers, again].map(({ wallet }) => wallet?.id)).size).toBe(1);
  });

  it("L24: gives the same result: a custodial transfer whose deadline the gateway chose", async () => {
    const id = randomUuid();
    const first = await payKept(id);
    const again = await payKept(id);
    expect(resultOf(again.receipt)).toBe(resultOf(first.receipt));
    expect(again.transaction).toEqual(first.transaction);
    expect(await balanceOf(cluster, 0, kept)).toBe(995n);
  });

  it("gives the same result through a gateway that does not keep the wallet's key", async () => {
    const id = randomUuid();
    const first = await payKept(id);
    const transaction = { from: kept, to: bob.id, amount: 5n, id };
    const again = await cluster.client(2).transaction({ transaction });
    expect(resultOf(again.receipt)).toBe(resultOf(first.receipt));
    const other = cluster.client(2).transaction({ transaction: { ...transaction, amount: 6n } });
    expect(await refusalOf(other)).toMatchObject({
      reason: "ID_IN_USE",
      metadata: { differs: "amount" },
    });
  });

  it("gives the same result: custodial transfers under one id at the same time", async () => {
    const id = randomUuid();
    const answers = await Promise.all(Array.from({ length: 8 }, () => payKept(id)));
    expect(new Set(answers.map(({ receipt }) => resultOf(receipt))).size).toBe(1);
    expect(await balanceOf(cluster, 0, kept)).toBe(995n);
  });

  it("gives the same wallet: custodial creations under one creation id", async () => {
    const creation = { creationId: randomUuid(), initialBalance: 7n };
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => cluster.client(2).walletCreation(creation)),
    );
    const again = await cluster.client(2).walletCreation(creation);
    expect(new Set(answers.map(({ receipt }) => resultOf(receipt))).size).toBe(1);
    expect(again.wallet).toEqual(answers[0]?.wallet);
    expect(again.wallet?.balance).toBe(7n);
  });

  it("gives the first result to a transfer that was signed again with another deadline", async () => {
    const terms = { from: alice, to: bob.id, amount: 5n, id: randomUuid() };
    const first = await cluster.client(0).transaction(signedTransfer(cluster, terms));
    for (const [node, ms] of [30_000, 90_000, 120_000, -1].entries()) {
      const request = signedTransfer(cluster, { ...terms, validUntil: Date.now() + ms });
      const again = await cluster.client(node).transaction(request);
      expect(resultOf(again.receipt)).toBe(resultOf(first.receipt));
      expect(again.transaction).toEqual(first.transaction);
    }
    await expectAgreement(cluster);
    expect(await balanceOf(cluster, 3, alice.id)).toBe(995n);
  });

  it("gives one result to transfers that differ in the deadline alone, sent to all gateways at once", async () => {
    const terms = { from: alice, to: bob.id, amount: 5n, id: randomUuid() };
    const requests = [40_000, 50_000, 60_000, 70_000, 80_000, 90_000, 100_000, 110_000].map((ms) =>
      signedTransfer(cluster, { ...terms, validUntil: Date.now() + ms }),
    );
    const answers = await Promise.all(
      requests.map((request, i) => cluster.client(i % 4).transaction(request)),
    );
    expect(new Set(answers.map(({ receipt }) => resultOf(receipt))).size).toBe(1);
    await expectAgreement(cluster);
    expect(await balanceOf(cluster, 3, alice.id)).toBe(995n);
  });

  it("gives the same wallet to a creation that was signed again with another deadline", async () => {
    const terms = { by: namedSigningKey("emil"), id: randomUuid() };
    const first = await cluster.client(0).walletCreation(signedCreation(cluster, terms));
    const later = signedCreation(cluster, { ...terms, validUntil: Date.now() + 90_000 });
    const again = await cluster.client(1).walletCreation(later);
    expect(again.wallet).toEqual(first.wallet);
    expect(again.creation).toEqual(first.creation);
  });

  it("gives the first result to a custodial transfer that names another deadline", async () => {
    const id = randomUuid();
    const first = await payKept(id);
    const again = await payKept(id, { validUntil: BigInt(Date.now() + 30_000) });
    expect(again.transaction).toEqual(first.transaction);
    expect(await balanceOf(cluster, 0, kept)).toBe(995n);
  });

  it("L25: tells those who cannot sign nothing, whether the id is used or not", async () => {
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 5n });
    const creation = signedCreation(cluster, { by: namedSigningKey("frida") });
    await cluster.client(0).transaction(request);
    await cluster.client(0).walletCreation(creation);
    const forged = { signature: new Uint8Array(64).fill(7) };
    const other = { transaction: { ...request.transaction, amount: 6n } };
    const unused = { transaction: { ...request.transaction, id: randomUuid() } };
    const calls = [
      () => cluster.client(0).transaction({ ...request, ...forged }),
      () => cluster.client(1).transaction({ ...request, ...other, ...forged }),
      () => cluster.client(1).transaction({ ...request, ...other }),
      () => cluster.client(0).transaction({ ...request, ...unused }),
      () => cluster.client(2).walletCreation({ ...creation, ...forged }),
      () => cluster.client(3).walletCreation({ ...creation, ...forged, asset: "USD" }),
    ];
    for (const call of calls) {
      const refusal = await refusalOf(call());
      expect(refusal).toMatchObject({ reason: "INVALID_SIGNATURE", field: "signature" });
      expect(Object.keys(refusal.metadata)).toEqual(["networkId"]);
    }
  });

  it("shows the wallet as it was created, without later changes", async () => {
    const creation = { creationId: randomUuid(), initialBalance: 7n };
    const first = await cluster.client(0).walletCreation(creation);
    const from = first.wallet?.id ?? "";
    await cluster.client(0).transaction({ transaction: { from, to: bob.id, amount: 7n } });
    expect((await cluster.client(0).walletCreation(creation)).wallet).toEqual(first.wallet);
  });

  it("gives the same decline, for ever, though the wallet could pay now", async () => {
    const [left, right] = [
      signedTransfer(cluster, { from: alice, to: bob.id, amount: 1_000n }),
      signedTransfer(cluster, { from: alice, to: bob.id, amount: 1_000n }),
    ];
    const answers = await Promise.all([
      cluster.client(0).transaction(left),
      cluster.client(1).transaction(right),
    ]);
    const loser = answers.findIndex(({ result }) => result?.status === ResultStatus.DECLINED);
    const request = loser === 0 ? left : right;
    const back = signedTransfer(cluster, { from: bob, to: alice.id, amount: 1_000n });
    await cluster.client(2).transaction(back);
    const again = await cluster.client(3).transaction(request);
    expect(again.result?.reason).toBe(DeclineReason.INSUFFICIENT_FUNDS);
    expect(resultOf(again.receipt)).toBe(resultOf(answers[loser]?.receipt));
  });
});

describe("without a quorum", () => {
  afterEach(async () => {
    for (const node of [2, 3]) if (!cluster.isRunning(node)) await cluster.startNode(node);
  });

  it("an answer says that the outcome is unknown, and with which id to ask; a node's return settles it", async () => {
    const before = await expectAgreement(cluster);
    await cluster.stopNode(2, true);
    await cluster.stopNode(3, true);
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 5n });
    const { id } = request.transaction;
    const custodialId = randomUuid();
    const [unknown, custodial] = await Promise.all([
      refusalOf(cluster.client(1).transaction(request, toldDeadline(800))),
      refusalOf(
        cluster
          .client(0)
          .transaction(
            { transaction: { from: kept, to: bob.id, amount: 5n, id: custodialId } },
            toldDeadline(800),
          ),
      ),
    ]);
    const expected = { code: "DeadlineExceeded", reason: "OUTCOME_UNKNOWN" };
    expect(unknown).toMatchObject({ ...expected, metadata: { id } });
    expect(custodial).toMatchObject({ ...expected, metadata: { id: custodialId } });
    for (const status of await statuses(cluster)) {
      expect(status).toMatchObject({ height: before.height, pendingOperations: 2, ready: false });
    }
    for (const node of [0, 1]) {
      expect(await balanceOf(cluster, node, alice.id)).toBe(1_000n);
      const question = cluster.client(node).getReceipt({ from: alice.id, id });
      expect(await refusalOf(question)).toMatchObject({ reason: "NOT_FOUND" });
    }

    await cluster.startNode(2);
    const settled = await until("the result", async () =>
      cluster.client(0).getReceipt({ from: alice.id, id }),
    );
    expect(settled.result?.status).toBe(ResultStatus.APPLIED);
    const again = await cluster.client(2).transaction(request);
    expect(resultOf(again.receipt)).toBe(resultOf(settled.receipt));
    const custodialAgain = await payKept(custodialId);
    expect(custodialAgain.result?.status).toBe(ResultStatus.APPLIED);
    await expectSealed(cluster, custodialAgain.receipt);

    await cluster.startNode(3);
    await expectAgreement(cluster);
    expect(await balanceOf(cluster, 3, alice.id)).toBe(995n);
    expect(await balanceOf(cluster, 3, kept)).toBe(995n);
    expect(await balanceOf(cluster, 3, bob.id)).toBe(11n);
  });

  it("a request signed again waits for the outcome of its id, while the first body waits in pools", async () => {
    await cluster.stopNode(2, true);
    await cluster.stopNode(3, true);
    const terms = { from: alice, to: bob.id, amount: 5n, id: randomUuid() };
    const signed = (ms: number) =>
      signedTransfer(cluster, { ...terms, validUntil: Date.now() + ms });
    const first = cluster.client(1).transaction(signed(60_000), toldDeadline(800));
    expect(await refusalOf(first)).toMatchObject({
      reason: "OUTCOME_UNKNOWN",
      metadata: { id: terms.id },
    });
    const forged = { ...signed(60_000), signature: new Uint8Array(64) };
    expect(await refusalOf(cluster.client(1).transaction(forged))).toMatchObject({
      reason: "INVALID_SIGNATURE",
    });
    const again = [0, 1].map((node) => cluster.client(node).transaction(signed(70_000 + node)));
    await cluster.startNode(2);
    const results = (await Promise.all(again)).map(({ receipt }) => resultOf(receipt));
    expect(new Set(results).size).toBe(1);
    await cluster.startNode(3);
    await expectAgreement(cluster);
    expect(await balanceOf(cluster, 3, alice.id)).toBe(995n);
  });

  it("a custodial transfer is not called refused after its deadline, while it may still be ordered", async () => {
    await cluster.stopNode(2, true);
    await cluster.stopNode(3, true);
    const id = randomUuid();
    const validUntil = BigInt(Date.now() + 1_500);
    const call = () => payKept(id, { validUntil });
    await refusalOf(
      cluster
        .client(0)
        .transaction(
          { transaction: { from: kept, to: bob.id, amount: 5n, id, validUntil } },
          toldDeadline(500),
        ),
    );
    await cluster.stopNode(0, true);
    await cluster.startNode(0);
    await until("the deadline", () => Promise.resolve(BigInt(Date.now()) > validUntil));
    // The node that signed it has restarted: its pool is empty, but its journal is not.
    const pending = await refusalOf(call());
    expect(pending).toMatchObject({ reason: "OUTCOME_UNKNOWN", metadata: { id } });
    await cluster.startNode(2);
    await cluster.startNode(3);
    await cluster
      .client(0)
      .transaction(signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n }));
    // A block proposed before the deadline may have become final after it, or a block came too late.
    const late = await call().then(
      ({ result }) => result?.status,
      (error: unknown) => readRefusal(error)?.reason ?? `${error}`,
    );
    expect([ResultStatus.APPLIED, ResultStatus.DECLINED, "WINDOW_PAST"]).toContain(late);
    const left = late === ResultStatus.APPLIED ? 995n : 1_000n;
    expect(await balanceOf(cluster, 0, kept)).toBe(left);
  });

  it("a refusal that no state could change comes at once", async () => {
    await cluster.stopNode(2);
    await cluster.stopNode(3);
    // From here on the network has work that it cannot complete.
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 5n });
    await refusalOf(cluster.client(1).transaction(request, toldDeadline(300)));
    const zero = signedTransfer(cluster, { from: alice, to: bob.id, amount: 0n });
    const question = cluster.client(1).transaction(zero, toldDeadline(300));
    expect(await refusalOf(question)).toMatchObject({ reason: "AMOUNT_ZERO" });
  });
});
