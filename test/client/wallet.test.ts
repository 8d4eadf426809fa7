import { ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAnswerTo, verifyAnswer } from "../../src/client/receipt-answer.ts";
import { Wallet } from "../../src/client/wallet.ts";
import {
  entropy,
  type SigningKey,
  sha256,
  signingKeyOf,
  verify,
} from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { deriveWalletId } from "../../src/primitives/ids.ts";
import { encodeOperation } from "../../src/primitives/operation.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { expectAgreement } from "../node/network.ts";
import { namedSigningKey, randomUuid } from "../support/operations.ts";
import { type Network, startNetwork } from "./network.ts";

let network: Network;

beforeAll(async () => {
  network = await startNetwork();
});

afterAll(() => network.cluster.stop());

/** A key of the genesis that may create money. */
const issuer: SigningKey = namedSigningKey("custody 2");

function newWallet(key: SigningKey = signingKeyOf(entropy(32))): Wallet {
  const { networkId } = network.trust;
  return new Wallet({ networkId, hash: sha256, key, creationId: randomUuid() });
}

const soon = () => Date.now() + 60_000;
const terms = () => ({ asset: "EUR", validUntil: soon() });

async function fundedWallet(balance: bigint): Promise<Wallet> {
  const wallet = newWallet();
  const request = wallet.createIssued({ ...terms(), initialBalance: amount(balance) }, issuer);
  await network.cluster.client(1).walletCreation(request);
  return wallet;
}

async function balanceOf(wallet: Wallet, node: number): Promise<bigint | undefined> {
  // No node alone knows the height of the last payment: the one that answered for it may be ahead of all others.
  await expectAgreement(network.cluster);
  return (await network.cluster.client(node).getWallet({ id: wallet.id })).wallet?.balance;
}

describe("a wallet whose key its owner keeps", () => {
  it("L13: is created without money by its own signature and the gateway's sponsorship", async () => {
    const wallet = newWallet();
    const request = wallet.create(terms());
    expect(request).toMatchObject({ initialBalance: 0n, issuer: new Uint8Array() });
    const answer = await network.cluster.client(3).walletCreation(request);
    expect(answer.wallet).toMatchObject({ id: wallet.id, balance: 0n, asset: "EUR" });
    expect(answer.wallet?.custodian).toBeUndefined();
    expect(verifyAnswer(network.trust, answer)).toMatchObject({
      valid: true,
      operation: { author: wallet.publicKey, publicKey: wallet.publicKey },
      receipt: { proof: { kind: "sealed" } },
    });
  });

  it("L12: is created with money by an issuer's signature alone", async () => {
    const wallet = newWallet();
    const request = wallet.createIssued({ ...terms(), initialBalance: amount(5_000n) }, issuer);
    const answer = await network.cluster.client(0).walletCreation(request);
    expect(answer.wallet).toMatchObject({ id: wallet.id, balance: 5_000n });
    expect(answer.creation?.issuer).toEqual(issuer.publicKey);
    expect(verifyAnswer(network.trust, answer)).toMatchObject({
      valid: true,
      operation: { author: issuer.publicKey, initialBalance: 5_000n },
    });
  });

  it("has the id that its key and creation id give", () => {
    const key = namedSigningKey("owner");
    const creationId = randomUuid();
    const { networkId } = network.trust;
    const wallet = new Wallet({ networkId, hash: sha256, key, creationId });
    const { publicKey } = key;
    expect(wallet.id).toBe(deriveWalletId(sha256, { networkId, publicKey, creationId }));
    expect(newWallet(key).id).not.toBe(wallet.id);
  });

  it("pays by its own signature, through any gateway", async () => {
    const [payer, payee] = await Promise.all([fundedWallet(100n), fundedWallet(1n)]);
    const id = randomUuid();
    const request = payer.transfer({
      id,
      to: payee.id,
      asset: "EUR",
      amount: amount(30n),
      validUntil: soon(),
    });
    const answer = await network.cluster.client(2).transaction(request);
    expect(answer.transaction).toEqual(request.transaction);
    expect(verifyAnswer(network.trust, answer)).toMatchObject({
      valid: true,
      operation: { kind: "transfer", from: payer.id, to: payee.id, amount: 30n, id },
      result: { status: "applied" },
    });
    expect(await balanceOf(payer, 3)).toBe(70n);
    expect(await balanceOf(payee, 3)).toBe(31n);
  });

  it("signs exactly the canonical transfer, an empty reference apart from none", () => {
    const wallet = newWallet();
    const { networkId } = network.trust;
    for (const reference of [undefined, "", "for the bicycle"]) {
      const transfer = {
        id: randomUuid(),
        to: newWallet().id,
        asset: "EUR",
        amount: amount(3n),
        validUntil: 5,
        reference,
      };
      const { signature, transaction } = wallet.transfer(transfer);
      expect(transaction?.reference).toBe(reference);
      const { publicKey } = wallet;
      const common = { kind: "transfer", author: publicKey, from: wallet.id } as const;
      const message = encodeOperation(networkId, { ...common, ...transfer });
      expect(verify({ publicKey, message, signature })).toBe(true);
    }
  });
});

describe("a request that is sent again", () => {
  it("creates a wallet once, with one receipt, through any gateway", async () => {
    const wallet = newWallet();
    const request = wallet.create(terms());
    const first = await network.cluster.client(0).walletCreation(request);
    for (const node of [0, 1, 2, 3]) {
      const again = await network.cluster.client(node).walletCreation(request);
      expect(again.wallet).toEqual(first.wallet);
      expect(again.receipt?.leaf).toEqual(first.receipt?.leaf);
      expect(verifyAnswer(network.trust, again)).toMatchObject({ valid: true });
    }
  });

  it("pays once, with the first result, through any gateway and at once", async () => {
    const [payer, payee] = await Promise.all([fundedWallet(100n), fundedWallet(1n)]);
    const request = payer.transfer({
      id: randomUuid(),
      to: payee.id,
      asset: "EUR",
      amount: amount(60n),
      validUntil: soon(),
    });
    const answers = await Promise.all(
      [0, 1, 2, 3, 0].map((node) => network.cluster.client(node).transaction(request)),
    );
    const [first] = answers;
    for (const answer of answers) {
      expect(answer.result).toEqual(first?.result);
      expect(answer.receipt?.leaf).toEqual(first?.receipt?.leaf);
      expect(answer.receipt?.index).toBe(first?.receipt?.index);
    }
    expect(await balanceOf(payer, 1)).toBe(40n);
    expect(await balanceOf(payee, 1)).toBe(61n);
  });

  it("with another deadline is answered with the first order, and that is what was asked for", async () => {
    const [payer, payee] = await Promise.all([fundedWallet(100n), fundedWallet(1n)]);
    const order = { id: randomUuid(), to: payee.id, asset: "EUR", amount: amount(9n) };
    const first = payer.transfer({ ...order, validUntil: soon() });
    const again = payer.transfer({ ...order, validUntil: soon() + 20_000 });
    const other = payer.transfer({ ...order, amount: amount(8n), validUntil: soon() });
    const before = await network.cluster.client(0).transaction(first);
    const answer = await network.cluster.client(1).transaction(again);
    expect(answer.transaction).toEqual(before.transaction);
    const verified = verifyAnswer(network.trust, answer);
    if (!verified.valid) expect.fail(verified.problem);
    expect([first, again, other].map((asked) => isAnswerTo(asked, verified))).toEqual([
      true,
      true,
      false,
    ]);
    expect(isAnswerTo(payer.create(terms()), verified)).toBe(false);

    const wallet = newWallet();
    const [one, two] = [wallet.create(terms()), wallet.create({ ...terms(), asset: "USD" })];
    const creation = verifyAnswer(
      network.trust,
      await network.cluster.client(2).walletCreation(one),
    );
    if (!creation.valid) expect.fail(creation.problem);
    expect([one, two, first].map((asked) => isAnswerTo(asked, creation))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("with the same id and another body is refused", async () => {
    const [payer, payee] = await Promise.all([fundedWallet(100n), fundedWallet(1n)]);
    const same = { id: randomUuid(), to: payee.id, asset: "EUR", validUntil: soon() };
    await network.cluster.client(0).transaction(payer.transfer({ ...same, amount: amount(1n) }));
    const other = payer.transfer({ ...same, amount: amount(2n) });
    const error: unknown = await network.cluster
      .client(1)
      .transaction(other)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectError);
    expect(readRefusal(error)).toMatchObject({ reason: "ID_IN_USE" });
  });
});

describe("a gateway cannot change what was signed", () => {
  it.each([
    ["amount", { amount: 99n }],
    ["asset", { asset: "USD" }],
    ["payee", { to: "00000000-0000-4000-8000-000000000000" }],
    ["deadline", { validUntil: BigInt(Date.now() + 90_000) }],
    ["reference", { reference: "" }],
  ])("%s", async (_, changes) => {
    const payer = await fundedWallet(100n);
    const terms = {
      id: randomUuid(),
      to: newWallet().id,
      asset: "EUR",
      amount: amount(5n),
      validUntil: soon(),
    };
    const request = payer.transfer(terms);
    Object.assign(request.transaction ?? {}, changes);
    const error: unknown = await network.cluster
      .client(0)
      .transaction(request)
      .catch((reason: unknown) => reason);
    expect(readRefusal(error)?.reason).toBe("INVALID_SIGNATURE");
    expect(await balanceOf(payer, 0)).toBe(100n);
  });
});
