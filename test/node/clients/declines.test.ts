// A declined operation gets a certified result like any other: an answer with status, reason and receipt.

import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  DeclineReason,
  type Result,
  ResultSchema,
  ResultStatus,
} from "../../../gen/countersign/v1/types_pb.ts";
import type { SigningKey } from "../../../src/node/base/crypto.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { toHex } from "../../../src/primitives/bytes.ts";
import { validatorIndex } from "../../../src/primitives/numbers.ts";
import type { Operation } from "../../../src/primitives/operation-kinds.ts";
import type { WalletCreation } from "../../../src/primitives/operations/wallet-creation.ts";
import type { Cluster } from "../../support/cluster.ts";
import { namedSigningKey, namedUuid, randomUuid, signOperation } from "../../support/operations.ts";
import {
  balanceOf,
  expectAgreement,
  expectSealed,
  issue,
  networkOf,
  type Owned,
  signedTransfer,
  startNetwork,
  stopNetwork,
  transferOf,
  until,
} from "../network.ts";

interface World {
  readonly cluster: Cluster;
  readonly alice: Owned;
  readonly aliceCreation: ReturnType<typeof randomUuid>;
  readonly bob: Owned;
  readonly carol: Owned;
}

/** Issued with a validator's custody key, which the test genesis makes an issuer. */
function issueBy(custodian: SigningKey, fields: Partial<WalletCreation>): WalletCreation {
  return {
    kind: "walletCreation",
    author: custodian.publicKey,
    id: randomUuid(),
    validUntil: Date.now() + 60_000,
    publicKey: namedSigningKey(randomUuid()).publicKey,
    asset: "EUR",
    initialBalance: amount(1n),
    ...fields,
  };
}

interface Case {
  readonly claim: string;
  readonly reason: DeclineReason;
  readonly operation: (world: World) => Operation;
  readonly signer: (world: World) => SigningKey;
}

const byAlice = ({ alice }: World) => alice.signer;
const custodian = namedSigningKey("custody 2");

const CASES: readonly Case[] = [
  {
    claim: "more than the wallet holds",
    reason: DeclineReason.INSUFFICIENT_FUNDS,
    operation: ({ alice, bob }) => transferOf({ from: alice, to: bob.id, amount: 5_000n }),
    signer: byAlice,
  },
  {
    claim: "a transfer to an unknown wallet",
    reason: DeclineReason.UNKNOWN_PAYEE,
    operation: ({ alice }) => transferOf({ from: alice, to: namedUuid("absent"), amount: 1n }),
    signer: byAlice,
  },
  {
    claim: "a transfer between assets",
    reason: DeclineReason.ASSET_MISMATCH,
    operation: ({ alice, carol }) => transferOf({ from: alice, to: carol.id, amount: 1n }),
    signer: byAlice,
  },
  {
    claim: "a deadline that passed on the way",
    reason: DeclineReason.EXPIRED,
    operation: ({ alice, bob }) =>
      transferOf({ from: alice, to: bob.id, amount: 1n, validUntil: Date.now() - 500 }),
    signer: byAlice,
  },
  {
    claim: "money past 2^64 - 1",
    reason: DeclineReason.OVERFLOW,
    operation: () => issueBy(custodian, { initialBalance: amount(2n ** 64n - 1n) }),
    signer: () => custodian,
  },
  {
    claim: "a wallet that exists",
    reason: DeclineReason.WALLET_EXISTS,
    operation: ({ alice, aliceCreation }) =>
      issueBy(custodian, { publicKey: alice.signer.publicKey, id: aliceCreation }),
    signer: () => custodian,
  },
];

/** Repeats an operation as its client. */
function ask(cluster: Cluster, node: number, operation: Operation, signature: Uint8Array) {
  const client = cluster.client(node);
  const validUntil = BigInt(operation.validUntil);
  if (operation.kind === "transfer") {
    const { from, to, asset, id } = operation;
    const transaction = { from, to, asset, id, validUntil, amount: operation.amount };
    return client.transaction({ transaction, signature });
  }
  if (operation.kind !== "walletCreation") expect.fail("no operation of a client");
  const { id: creationId, asset, publicKey, author: issuer } = operation;
  const initialBalance = operation.initialBalance ?? 0n;
  const creation = { creationId, asset, publicKey, validUntil, issuer, initialBalance };
  return client.walletCreation({ ...creation, signature });
}

function declined(reason: DeclineReason): Result {
  return create(ResultSchema, { status: ResultStatus.DECLINED, reason });
}

describe("the network declines, with a sealed receipt at every gateway,", () => {
  let world: World;
  beforeAll(async () => {
    const cluster = await startNetwork();
    const aliceCreation = randomUuid();
    const alice = await issue(cluster, 0, { balance: 1_000n, creationId: aliceCreation });
    const bob = await issue(cluster, 1);
    const carol = await issue(cluster, 2, { asset: "USD" });
    world = { cluster, alice, aliceCreation, bob, carol };
  });
  afterAll(() => stopNetwork(world.cluster));

  for (const { claim, reason, operation: make, signer } of CASES) {
    it(claim, async () => {
      const { cluster, alice } = world;
      const [operation, networkId] = [make(world), networkOf(cluster)];
      const signed = signOperation(networkId, signer(world), operation);
      // A peer brings it in, because this node's own gateway would refuse to order it.
      const batch = { operations: [signed.bytes], consensusMessages: [], seals: [] };
      await cluster.node(1).peers.receive(validatorIndex(3), batch);
      await until("its result", () =>
        cluster
          .store(0)
          .operations.loadOperation(signed.key)
          .then((at) => at !== undefined),
      );
      const leaves = new Set<string>();
      for (let node = 0; node < 4; node++) {
        const { result, receipt } = await ask(cluster, node, operation, signed.signature);
        expect(result).toEqual(declined(reason));
        await expectSealed(cluster, receipt);
        leaves.add(toHex(receipt?.leaf ?? new Uint8Array()));
      }
      expect(leaves.size).toBe(1);
      await expectAgreement(cluster);
      expect(await balanceOf(cluster, 3, alice.id)).toBe(1_000n);
    });
  }

  it("one of two transfers of a whole balance that two gateways took at the same time", async () => {
    const { cluster, bob } = world;
    const dora = await issue(cluster, 0, { balance: 10n });
    const answers = await Promise.all(
      [1, 2].map((gateway) =>
        cluster
          .client(gateway)
          .transaction(signedTransfer(cluster, { from: dora, to: bob.id, amount: 10n })),
      ),
    );
    const results = answers.map(({ result }) => result);
    expect(results).toContainEqual(create(ResultSchema, { status: ResultStatus.APPLIED }));
    expect(results).toContainEqual(declined(DeclineReason.INSUFFICIENT_FUNDS));
    for (const { receipt } of answers) await expectSealed(cluster, receipt);
    await expectAgreement(cluster);
    for (let node = 0; node < 4; node++) expect(await balanceOf(cluster, node, dora.id)).toBe(0n);
  });
});
