// L28 through gateways: of a payment and its cancellation one is ordered, and every gateway answers both with that one.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ResultStatus, Wait } from "../../../gen/countersign/v1/types_pb.ts";
import type { Caller } from "../../../src/access/principal.ts";
import { scopeSet } from "../../../src/access/scope.ts";
import { outcomeOf, type PaymentOutcome } from "../../../src/client/cancel.ts";
import { trustGenesis } from "../../../src/client/receipt-verifier.ts";
import { submitTransactions } from "../../../src/client/submit-transactions.ts";
import { toHex } from "../../../src/primitives/bytes.ts";
import type { Uuid } from "../../../src/primitives/ids.ts";
import { assembleOperation } from "../../../src/primitives/operation.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import { cryptography } from "../../client/network.ts";
import type { Cluster } from "../../support/cluster.ts";
import { randomUuid } from "../../support/operations.ts";
import { sweep } from "../../support/sweep.ts";
import { Random } from "../../support/world/random.ts";
import {
  balanceOf,
  expectAgreement,
  issue,
  networkOf,
  type Owned,
  openCustodial,
  refusalOf,
  resultOf,
  signedCancellation,
  signedTransfer,
  startNetwork,
  stopNetwork,
  transferOf,
} from "../network.ts";

let cluster: Cluster;
let alice: Owned;
let bob: Owned;
beforeAll(async () => {
  cluster = await startNetwork();
  alice = await issue(cluster, 0, { balance: 1_000n });
  bob = await issue(cluster, 1);
});
afterAll(() => stopNetwork(cluster));

/** Half of the longest lifetime: all tests of this file end before it, on a busy machine too. */
const VALID_UNTIL = Date.now() + 1_800_000;
const NODES = [0, 1, 2, 3];

function payment(id: Uuid, from = alice, amount = 5n) {
  return { from, to: bob.id, amount, id, validUntil: VALID_UNTIL };
}

/** The outcome of the payment that the answer of a node proves. */
function proven(
  id: Uuid,
  answer: Parameters<typeof outcomeOf>[2],
  from = alice,
): PaymentOutcome["outcome"] {
  const trust = trustGenesis(cluster.genesis, cryptography);
  const asked = { from: from.id, id, validUntil: VALID_UNTIL };
  const { timings } = cluster.genesis;
  const outcome = outcomeOf({ trust, timings }, asked, answer);
  if ("valid" in outcome) expect.fail(`${outcome.field} ${outcome.problem}`);
  return outcome.outcome;
}

describe("L28: a cancellation that comes first", () => {
  const id = randomUuid();
  let first: string;

  it("is proved to every client, at every gateway, however often it asks", async () => {
    const request = signedCancellation(cluster, { from: alice, id, validUntil: VALID_UNTIL });
    const answer = await cluster.client(2).cancelTransaction(request);
    expect(answer.result?.status).toBe(ResultStatus.APPLIED);
    expect(proven(id, answer)).toBe("never");
    first = resultOf(answer.receipt);
    const later = signedCancellation(cluster, { from: alice, id, validUntil: VALID_UNTIL + 7 });
    for (const node of NODES) {
      for (const again of [request, later]) {
        const { receipt } = await cluster.client(node).cancelTransaction(again);
        expect(resultOf(receipt)).toBe(first);
      }
      const found = await cluster.client(node).getReceipt({ from: alice.id, id });
      expect(proven(id, found)).toBe("never");
    }
  });

  it("has every gateway refuse the payment, alone and in a stream, and nothing is paid", async () => {
    const before = await balanceOf(cluster, 0, alice.id);
    const plan = payment(id);
    for (const node of NODES) {
      const refused = await refusalOf(
        cluster.client(node).transaction(signedTransfer(cluster, plan)),
      );
      expect(refused).toMatchObject({
        reason: "PAYMENT_CANCELLED",
        field: "transaction.id",
        remedy: expect.stringMatching(/GetReceipt.*choose a new id/),
        metadata: { id },
      });
    }
    const operation = transferOf(plan);
    const empty = { operation, signature: new Uint8Array(64) };
    const { hash } = cryptography;
    const { unsignedBytes } = assembleOperation(hash, networkOf(cluster), empty);
    const signature = alice.signer.sign(unsignedBytes);
    const { bytes } = assembleOperation(hash, networkOf(cluster), { operation, signature });
    const trust = trustGenesis(cluster.genesis, cryptography);
    const outcomes = submitTransactions(cluster.client(1), trust, [bytes]);
    expect(await Array.fromAsync(outcomes)).toMatchObject([
      { refusal: { reason: "PAYMENT_CANCELLED" } },
    ]);
    expect(await balanceOf(cluster, 0, alice.id)).toBe(before);
  });

  it("stands in the list of all transactions, and in no statement", async () => {
    const { transactions } = await cluster.client(3).listTransactions({ pageSize: 1000 });
    const listed = transactions.filter(({ operation }) => operation.case === "cancellation");
    expect(listed).toMatchObject([
      { operation: { value: { id } }, receipt: { from: alice.id, id } },
    ]);
    const { entries } = await cluster.client(3).listEntries({ walletId: alice.id });
    expect(entries.map((entry) => entry.id)).not.toContain(id);
  });
});

describe("L28: a payment that comes first", () => {
  it("is the answer to its cancellation, at every gateway", async () => {
    const id = randomUuid();
    const paid = await cluster.client(0).transaction(signedTransfer(cluster, payment(id)));
    const request = signedCancellation(cluster, { from: alice, id, validUntil: VALID_UNTIL });
    for (const node of NODES) {
      const answer = await cluster.client(node).cancelTransaction(request);
      expect(answer.operation).toMatchObject({ case: "transaction", value: { id, amount: 5n } });
      expect(resultOf(answer.receipt)).toBe(resultOf(paid.receipt));
      expect(proven(id, answer)).toBe("applied");
    }
  });
});

describe("a cancellation is refused,", () => {
  const request = (changes: object = {}) => {
    const made = signedCancellation(cluster, {
      from: alice,
      id: randomUuid(),
      validUntil: VALID_UNTIL,
    });
    return { ...made, cancellation: { ...made.cancellation, ...changes } };
  };
  const refused = async (asked: object) =>
    await refusalOf(cluster.client(1).cancelTransaction(asked));

  it.each([
    ["cancellation", {}],
    ["signature", { cancellation: { from: randomUuid(), id: randomUuid(), validUntil: 9n } }],
  ])("without its %s", async (field, asked) => {
    expect(await refused(asked)).toMatchObject({ reason: "MISSING_FIELD", field });
  });

  it.each(["from", "id"])("without %s", async (name) => {
    expect(await refused(request({ [name]: "" }))).toMatchObject({
      reason: "MISSING_FIELD",
      field: `cancellation.${name}`,
    });
  });

  it("without a deadline", async () => {
    expect(await refused(request({ validUntil: 0n }))).toMatchObject({
      reason: "MISSING_FIELD",
      field: "cancellation.validUntil",
    });
  });

  it("outside its window", async () => {
    const { lifetimeMsMax } = cluster.genesis.timings;
    const at = (validUntil: number) =>
      refused(signedCancellation(cluster, { from: alice, id: randomUuid(), validUntil }));
    const field = "cancellation.validUntil";
    expect(await at(Date.now() - 1)).toMatchObject({ reason: "WINDOW_PAST", field });
    const far = Date.now() + lifetimeMsMax + 60_000;
    expect(await at(far)).toMatchObject({ reason: "WINDOW_TOO_FAR", field });
  });

  it("by another key, before anything is said of the id", async () => {
    const id = randomUuid();
    await cluster.client(0).transaction(signedTransfer(cluster, payment(id)));
    const forged = { from: alice, by: bob.signer, validUntil: VALID_UNTIL };
    for (const of of [id, randomUuid()]) {
      expect(await refused(signedCancellation(cluster, { ...forged, id: of }))).toMatchObject({
        reason: "INVALID_SIGNATURE",
        field: "signature",
      });
    }
  });

  it("T14: and a stranger does not learn whether the wallet exists", async () => {
    const stranger: Caller = { principal: "token:stranger", scopes: scopeSet(["submit"]) };
    const id = randomUuid();
    const forged = { by: bob.signer, id, validUntil: VALID_UNTIL };
    const absent = { ...alice, id: randomUuid() };
    for (const from of [alice, absent]) {
      const asked = signedCancellation(cluster, { ...forged, from });
      expect(await refusalOf(cluster.client(1, stranger).cancelTransaction(asked))).toMatchObject({
        reason: "UNKNOWN_WALLET",
        field: "cancellation.from",
      });
    }
    const own = signedCancellation(cluster, { from: alice, id, validUntil: VALID_UNTIL });
    const answer = await cluster.client(1, stranger).cancelTransaction(own);
    expect(proven(id, answer)).toBe("never");
  });

  it("for a custodial wallet, whose key a node keeps", async () => {
    const kept = await openCustodial(cluster, 0, { balance: 5n });
    const from = { ...alice, id: kept };
    const asked = signedCancellation(cluster, { from, id: randomUuid(), validUntil: VALID_UNTIL });
    expect(await refused(asked)).toMatchObject({ reason: "INVALID_SIGNATURE" });
  });
});

it("T9: a wallet without money cancels, at the rate of orders that cost nothing", async () => {
  const poor = await issue(cluster, 0, { balance: 1n });
  await cluster.client(0).transaction(signedTransfer(cluster, payment(randomUuid(), poor, 1n)));
  const reasons = await Promise.all(
    Array.from({ length: 80 }, async () => {
      const id = randomUuid();
      const asked = signedCancellation(cluster, { from: poor, id, validUntil: VALID_UNTIL });
      try {
        const answer = await cluster.client(3).cancelTransaction({ ...asked, wait: Wait.FINAL });
        return proven(id, answer, poor);
      } catch (error) {
        const refusal = readRefusal(error);
        if (refusal?.reason === "TOO_MANY_REQUESTS") {
          expect(refusal).toMatchObject({
            field: "cancellation.from",
            metadata: { retryAfterMs: expect.stringMatching(/^\d+$/) },
          });
        }
        return refusal?.reason;
      }
    }),
  );
  expect(new Set(reasons)).toEqual(new Set(["never", "TOO_MANY_REQUESTS"]));
});

const RACES = sweep({ whole: 200, all: 100, share: 50 });
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);

it(`L28: sent to two gateways at once, exactly one of them is ordered, and both answers and all nodes say which, ${RACES} times (SEED=${seed})`, async () => {
  const random = new Random(seed, 28);
  const before = (await balanceOf(cluster, 0, alice.id)) ?? 0n;
  const outcomes = new Map<string, number>();
  for (let done = 0; done < RACES; done += 25) {
    const races = Array.from({ length: 25 }, () => {
      const [pays = 0, cancels = 1] = [random.below(4), random.below(4)];
      return { id: randomUuid(), pays, cancels };
    });
    await Promise.all(
      races.map(async ({ id, pays, cancels }) => {
        const plan = { from: alice, id, validUntil: VALID_UNTIL };
        const [paid, settled] = await Promise.all([
          cluster
            .client(pays)
            .transaction({ ...signedTransfer(cluster, payment(id, alice, 1n)), wait: Wait.FINAL })
            .then(
              ({ receipt }) => resultOf(receipt),
              (error: unknown) => readRefusal(error)?.reason,
            ),
          cluster
            .client(cancels)
            .cancelTransaction({ ...signedCancellation(cluster, plan), wait: Wait.FINAL }),
        ]);
        const outcome = proven(id, settled);
        expect(outcome).toMatch(/^(applied|never)$/);
        expect(paid).toBe(outcome === "never" ? "PAYMENT_CANCELLED" : resultOf(settled.receipt));
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }),
    );
    await expectAgreement(cluster);
    for (const { id } of races) {
      const found = await Promise.all(
        NODES.map((node) => cluster.client(node).getReceipt({ from: alice.id, id })),
      );
      expect(
        new Set(found.map(({ receipt }) => toHex(receipt?.leaf ?? new Uint8Array()))).size,
      ).toBe(1);
    }
  }
  expect(await balanceOf(cluster, 2, alice.id)).toBe(before - BigInt(outcomes.get("applied") ?? 0));
  expect((outcomes.get("applied") ?? 0) + (outcomes.get("never") ?? 0)).toBe(RACES);
  expect(Math.min(outcomes.get("applied") ?? 0, outcomes.get("never") ?? 0)).toBeGreaterThan(0);
}, 180_000);
