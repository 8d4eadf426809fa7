/**
 * L28 at the client: the outcome of a cancellation is the one that its receipt proves. Method: a network in memory, and
 * gateways that answer with every other receipt that they can have.
 */
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type CancelTransactionResponse,
  CancelTransactionResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { CancelFault, type CancelTerms, cancel, cancellationOf } from "../../src/client/cancel.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { entropy, sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import type { OperationId } from "../../src/primitives/ids.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { namedSigningKey, randomUuid } from "../support/operations.ts";
import { type Network, startNetwork } from "./network.ts";

let network: Network;
let alice: Wallet;
let bob: Wallet;
beforeAll(async () => {
  network = await startNetwork();
  [alice, bob] = [await fundedWallet(), await fundedWallet()];
});
afterAll(() => network?.cluster.stop());

async function fundedWallet(): Promise<Wallet> {
  const { networkId } = network.trust;
  const key = signingKeyOf(entropy(32));
  const made = new Wallet({ networkId, hash: sha256, key, creationId: randomUuid() });
  const terms = { asset: "EUR", validUntil: Date.now() + 60_000, initialBalance: amount(100n) };
  const issuer = namedSigningKey("custody 2");
  await network.cluster.client(1).walletCreation(made.createIssued(terms, issuer));
  return made;
}

const lifetime = () => Date.now() + 60_000;

async function pay(id: OperationId, from = alice, to = bob, of = 1n): Promise<number> {
  const validUntil = lifetime();
  const terms = { id, to: to.id, asset: "EUR", amount: amount(of), validUntil };
  await network.cluster.client(0).transaction(from.transfer(terms));
  return validUntil;
}

const termsOf = (id: OperationId, validUntil?: number, wallet = alice): CancelTerms => {
  const { cluster, trust } = network;
  const { timings } = cluster.genesis;
  return { trust, timings, wallet, payment: { id, validUntil }, now: Date.now() };
};

const through = (node: number) => network.cluster.client(node);
/** A gateway that answers with this. */
const lying = (answer: CancelTransactionResponse) => ({
  cancelTransaction: () => Promise.resolve(answer),
});

describe("cancel()", () => {
  it("ends as never for a payment that was not ordered, and covers each deadline that was signed by now", async () => {
    const [id, validUntil] = [randomUuid(), lifetime()];
    const first = await cancel(through(2), termsOf(id, validUntil));
    expect(first).toMatchObject({ outcome: "never", receipt: { valid: true } });
    if (first.outcome !== "never") expect.fail();
    const { graceMs, lifetimeMsMax, clockSkewMs } = network.cluster.genesis.timings;
    expect(first.covers.earliest).toBe(first.receipt.header.time - graceMs);
    // As far ahead as a node takes a deadline, less the tolerance for clocks.
    expect(first.covers.latest).toBeGreaterThan(Date.now() + lifetimeMsMax - 3 * clockSkewMs);
    const again = await cancel(through(3), termsOf(id));
    expect(again).toMatchObject({ outcome: "never", covers: first.covers });
    const terms = { id, to: bob.id, asset: "EUR", amount: amount(1n), validUntil };
    const refused = await through(0)
      .transaction(alice.transfer(terms))
      .then(
        () => "paid",
        (error: unknown) => readRefusal(error)?.reason,
      );
    expect(refused).toBe("PAYMENT_CANCELLED");
  });

  it("ends as applied for a payment that was made", async () => {
    const id = randomUuid();
    const validUntil = await pay(id);
    const outcome = await cancel(through(1), termsOf(id, validUntil));
    expect(outcome).toMatchObject({ outcome: "applied", receipt: { operation: { id } } });
  });

  it("throws the refusal of a node, which decides nothing", async () => {
    const absent = new Wallet({
      networkId: network.trust.networkId,
      hash: sha256,
      key: signingKeyOf(entropy(32)),
      creationId: randomUuid(),
    });
    const error = await cancel(through(1), termsOf(randomUuid(), undefined, absent)).catch(
      (thrown: unknown) => thrown,
    );
    expect(readRefusal(error)?.reason).toBe("UNKNOWN_WALLET");
  });

  it("signs no deadline before the payment's", () => {
    const far = Date.now() + 10 ** 9;
    const { cancellation } = cancellationOf(termsOf(randomUuid(), far));
    expect(cancellation?.validUntil).toBe(BigInt(far));
  });
});

describe("cancel() is not deceived by a gateway that", () => {
  const ordered = async (id: OperationId, wallet = alice) =>
    through(0).cancelTransaction(cancellationOf(termsOf(id, undefined, wallet)));

  const deceived = async (answer: CancelTransactionResponse, id: OperationId, validUntil: number) =>
    await cancel(lying(answer), termsOf(id, validUntil)).catch((error: unknown) => error);

  it("answers with the cancellation of another payment, or of another wallet's payment under the same id", async () => {
    const id = randomUuid();
    const validUntil = await pay(id);
    for (const other of [await ordered(randomUuid()), await ordered(id, bob)]) {
      const fault = await deceived(other, id, validUntil);
      expect(fault).toBeInstanceOf(CancelFault);
      expect(fault).toMatchObject({ message: /receipt is of another operation/ });
    }
  });

  it("tells of a cancellation where the receipt is of the payment", async () => {
    const id = randomUuid();
    const validUntil = await pay(id);
    const { receipt, result } = await through(0).getReceipt({ from: alice.id, id });
    const cancellation = { from: alice.id, id, validUntil: BigInt(validUntil) };
    const answer = create(CancelTransactionResponseSchema, {
      operation: {
        case: "cancellation",
        value: { $typeName: "countersign.v1.Cancellation", ...cancellation },
      },
      ...(receipt && { receipt }),
      ...(result && { result }),
    });
    const fault = await deceived(answer, id, validUntil);
    expect(fault).toBeInstanceOf(CancelFault);
    expect(fault).toMatchObject({ message: /cancellation is not what the receipt proves/ });
    // Without the views it is what it is.
    const bare = create(CancelTransactionResponseSchema, receipt && { receipt });
    expect(await deceived(bare, id, validUntil)).toMatchObject({ outcome: "applied" });
  });

  it("answers with no receipt", async () => {
    const fault = await deceived(create(CancelTransactionResponseSchema), randomUuid(), lifetime());
    expect(fault).toBeInstanceOf(CancelFault);
  });

  it("answers with an early cancellation of the same id, for a payment with a later deadline", async () => {
    const [id, early] = [randomUuid(), lifetime()];
    const answer = await through(0).cancelTransaction(
      alice.cancellation({ id, validUntil: early }),
    );
    expect(await deceived(answer, id, early)).toMatchObject({ outcome: "never" });
    expect(await deceived(answer, id, early + 1)).toMatchObject({
      outcome: "unproven",
      covers: { latest: early },
    });
  });
});
