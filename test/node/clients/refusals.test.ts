// Every refusal of the client API has its own reason, field, remedy and code, and orders nothing.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Wait } from "../../../gen/countersign/v1/types_pb.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { toHex } from "../../../src/primitives/bytes.ts";
import type { Uuid } from "../../../src/primitives/ids.ts";
import type { RefusalReason } from "../../../src/transport/refusal.ts";
import type { Cluster } from "../../support/cluster.ts";
import { namedSigningKey, namedUuid, randomUuid } from "../../support/operations.ts";
import { toldDeadline } from "../../support/told-deadline.ts";
import {
  balanceOf,
  expectAgreement,
  issue,
  networkOf,
  type Owned,
  openCustodial,
  refusalOf,
  signedCreation,
  signedTransfer,
  startNetwork,
  statuses,
  stopNetwork,
} from "../network.ts";

const LIFETIME_MS = 3_600_000;
const SKEW_MS = 5_000;
const U64_MAX = 2n ** 64n - 1n;

interface World {
  readonly cluster: Cluster;
  /** A wallet with 1,000 EUR whose owner keeps the key. */
  readonly alice: Owned;
  readonly bob: Owned;
  /** A wallet for USD. */
  readonly carol: Owned;
  /** A wallet in custody of the first node. */
  readonly kept: Uuid;
  /**
   * Ids of a transfer by alice and of one from the custodial wallet; creation ids of alice's wallet and the custodial
   * one.
   */
  readonly used: { readonly id: Uuid; readonly aliceCreation: Uuid; readonly keptCreation: Uuid };
}

interface Case {
  readonly claim: string;
  readonly ask: (world: World) => Promise<unknown>;
  readonly code: string;
  readonly reason: RefusalReason;
  readonly field: string;
  /** The other fields of the metadata. */
  readonly names?: (world: World) => Record<string, string>;
}

const pay = (world: World, plan: Partial<Parameters<typeof signedTransfer>[1]> = {}) =>
  world.cluster
    .client(1)
    .transaction(
      signedTransfer(world.cluster, { from: world.alice, to: world.bob.id, amount: 1n, ...plan }),
    );

/** A transfer for the gateway to sign. */
const payKept = (world: World, fields: object = {}, gateway = 0) =>
  world.cluster.client(gateway).transaction({
    transaction: { from: world.kept, to: world.bob.id, amount: 1n, ...fields },
    wait: Wait.FINAL,
  });

const create = ({ cluster }: World, request: object) => cluster.client(1).walletCreation(request);

const created = (world: World, plan: Partial<Parameters<typeof signedCreation>[1]>) =>
  create(world, signedCreation(world.cluster, { by: namedSigningKey("dora"), ...plan }));

/** A signed request without one of its fields. */
async function without(request: object, field: string) {
  return Object.fromEntries(Object.entries(request).filter(([name]) => name !== field));
}

const CASES: readonly Case[] = [
  {
    claim: "an issue that takes the supply past 2^64 - 1",
    ask: (world) => create(world, { initialBalance: U64_MAX }),
    code: "FailedPrecondition",
    reason: "OVERFLOW",
    field: "initialBalance",
  },
  {
    claim: "an amount of zero",
    ask: (world) => pay(world, { amount: 0n }),
    code: "InvalidArgument",
    reason: "AMOUNT_ZERO",
    field: "transaction.amount",
  },
  {
    claim: "a transfer to the paying wallet itself",
    ask: (world) => pay(world, { to: world.alice.id }),
    code: "InvalidArgument",
    reason: "SELF_TRANSFER",
    field: "transaction.to",
  },
  {
    claim: "a transfer to a wallet of another asset",
    ask: (world) => pay(world, { to: world.carol.id }),
    code: "FailedPrecondition",
    reason: "ASSET_MISMATCH",
    field: "transaction.to",
  },
  {
    claim: "an unknown paying wallet",
    ask: (world) => payKept(world, { from: namedUuid("absent") }),
    code: "NotFound",
    reason: "UNKNOWN_WALLET",
    field: "transaction.from",
  },
  {
    claim: "an unknown wallet to be paid",
    ask: (world) => pay(world, { to: namedUuid("absent") }),
    code: "NotFound",
    reason: "UNKNOWN_PAYEE",
    field: "transaction.to",
  },
  {
    claim: "a signature of another key",
    ask: (world) => pay(world, { by: namedSigningKey("mallory") }),
    code: "Unauthenticated",
    reason: "INVALID_SIGNATURE",
    field: "signature",
  },
  {
    claim: "a signature over something else",
    ask: (world) => {
      const { cluster, alice, bob } = world;
      const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
      const transaction = { ...request.transaction, amount: 2n };
      return cluster.client(1).transaction({ ...request, transaction });
    },
    code: "Unauthenticated",
    reason: "INVALID_SIGNATURE",
    field: "signature",
  },
  {
    claim:
      "a transfer signed for another network, naming the one that it would have to be signed for",
    ask: (world) => pay(world, { network: new Uint8Array(32).fill(7) }),
    code: "Unauthenticated",
    reason: "INVALID_SIGNATURE",
    field: "signature",
    names: ({ cluster }) => ({ networkId: toHex(networkOf(cluster)) }),
  },
  {
    claim: "a creation signed for another network",
    ask: (world) => created(world, { network: new Uint8Array(32).fill(7) }),
    code: "Unauthenticated",
    reason: "INVALID_SIGNATURE",
    field: "signature",
    names: ({ cluster }) => ({ networkId: toHex(networkOf(cluster)) }),
  },
  {
    claim: "an id that was used with another body, naming what differs",
    ask: (world) => pay(world, { id: world.used.id, amount: 2n }),
    code: "AlreadyExists",
    reason: "ID_IN_USE",
    field: "transaction.id",
    names: ({ used }) => ({ id: used.id, differs: "amount" }),
  },
  {
    claim: "a custodial transfer under an id that was used with another body",
    ask: (world) => payKept(world, { id: world.used.id, reference: "rent" }),
    code: "AlreadyExists",
    reason: "ID_IN_USE",
    field: "transaction.id",
    names: ({ used }) => ({ id: used.id, differs: "reference" }),
  },
  {
    claim: "a creation id that was used with another body",
    ask: ({ cluster, used }) =>
      cluster
        .client(0)
        .walletCreation({ creationId: used.keptCreation, initialBalance: 10n, asset: "USD" }),
    code: "AlreadyExists",
    reason: "ID_IN_USE",
    field: "creationId",
    names: ({ used }) => ({ id: used.keptCreation, differs: "asset" }),
  },
  {
    claim: "a deadline that is past",
    ask: (world) => pay(world, { validUntil: Date.now() - 1 }),
    code: "FailedPrecondition",
    reason: "WINDOW_PAST",
    field: "transaction.validUntil",
  },
  {
    claim: "a deadline so far ahead that a peer with a slower clock could not take it",
    ask: (world) => pay(world, { validUntil: Date.now() + LIFETIME_MS - SKEW_MS / 2 }),
    code: "OutOfRange",
    reason: "WINDOW_TOO_FAR",
    field: "transaction.validUntil",
  },
  {
    claim: "a creation's deadline that is past",
    ask: (world) => created(world, { validUntil: Date.now() - 1 }),
    code: "FailedPrecondition",
    reason: "WINDOW_PAST",
    field: "validUntil",
  },
  {
    claim: "an issuer that the genesis does not name",
    ask: (world) => created(world, { initialBalance: amount(5n) }),
    code: "PermissionDenied",
    reason: "NOT_ISSUER",
    field: "issuer",
  },
  {
    claim:
      "a custodial transfer at another gateway than the wallet's, naming the custodian's address",
    ask: (world) => payKept(world, {}, 2),
    code: "FailedPrecondition",
    reason: "NOT_CUSTODIAN",
    field: "transaction.from",
    names: () => ({ custodian: "node1", address: "127.0.0.1:7001" }),
  },
  {
    claim: "more than the wallet holds",
    ask: (world) => pay(world, { amount: 1_001n }),
    code: "FailedPrecondition",
    reason: "INSUFFICIENT_FUNDS",
    field: "transaction.amount",
  },
  {
    claim: "an asset that the genesis does not name",
    ask: (world) => create(world, { asset: "XXX" }),
    code: "InvalidArgument",
    reason: "UNKNOWN_ASSET",
    field: "asset",
  },
  {
    claim: "a second wallet of the same key and creation id, from any issuer",
    ask: ({ cluster, alice, used }) => {
      const { publicKey } = alice.signer;
      const creation = { initialBalance: 1n, publicKey, creationId: used.aliceCreation };
      return cluster.client(2).walletCreation(creation);
    },
    code: "AlreadyExists",
    reason: "WALLET_EXISTS",
    field: "creationId",
  },
  {
    claim: "an id that is no UUID",
    ask: (world) => payKept(world, { from: "alice" }),
    code: "InvalidArgument",
    reason: "MALFORMED",
    field: "transaction.from",
  },
  {
    claim: "a UUID in capitals",
    ask: (world) => payKept(world, { id: randomUuid().toUpperCase() }),
    code: "InvalidArgument",
    reason: "MALFORMED",
    field: "transaction.id",
  },
  {
    claim: "a reference of more than 140 bytes",
    ask: (world) => pay(world, { reference: "ü".repeat(71) }),
    code: "InvalidArgument",
    reason: "LIMIT",
    field: "transaction.reference",
  },
  {
    claim: "a public key that is no point of prime order",
    ask: (world) => create(world, { initialBalance: 1n, publicKey: new Uint8Array(32).fill(0xff) }),
    code: "InvalidArgument",
    reason: "MALFORMED",
    field: "publicKey",
  },
  {
    claim: "a public key that is too short",
    ask: (world) => create(world, { initialBalance: 1n, publicKey: new Uint8Array(31) }),
    code: "InvalidArgument",
    reason: "MALFORMED",
    field: "publicKey",
  },
  {
    claim: "a signature that is too short",
    ask: ({ cluster, alice, bob }) => {
      const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
      return cluster.client(0).transaction({ ...request, signature: new Uint8Array(63) });
    },
    code: "InvalidArgument",
    reason: "MALFORMED",
    field: "signature",
  },
  {
    claim: "a wait that does not exist",
    ask: (world) => world.cluster.client(0).walletCreation({ wait: 9 as Wait }),
    code: "InvalidArgument",
    reason: "MALFORMED",
    field: "wait",
  },
  {
    claim: "a call without a transaction",
    ask: ({ cluster }) => cluster.client(0).transaction({}),
    code: "InvalidArgument",
    reason: "MISSING_FIELD",
    field: "transaction",
  },
  {
    claim: "a transfer in another asset than the paying wallet's",
    ask: (world) => pay(world, { asset: "USD" }),
    code: "FailedPrecondition",
    reason: "ASSET_MISMATCH",
    field: "transaction.asset",
  },
  {
    claim: "a transfer in the asset of the payee alone",
    ask: (world) => pay(world, { asset: "USD", to: world.carol.id }),
    code: "FailedPrecondition",
    reason: "ASSET_MISMATCH",
    field: "transaction.asset",
  },
  {
    claim: "a transfer in another asset that the gateway should sign",
    ask: (world) => payKept(world, { asset: "USD" }),
    code: "FailedPrecondition",
    reason: "ASSET_MISMATCH",
    field: "transaction.asset",
  },
  {
    claim: "a transfer in an asset that the network does not have",
    ask: (world) => pay(world, { asset: "XXX" }),
    code: "InvalidArgument",
    reason: "UNKNOWN_ASSET",
    field: "transaction.asset",
  },
  ...["from", "to"].map((name) => missingIn("transaction", name)),
  ...["id", "asset", "validUntil"].map((name) => missingIn("signed transaction", name)),
  ...["creationId", "asset", "publicKey", "validUntil"].map((field) => ({
    claim: `a signed creation without ${field}`,
    ask: async (world: World) =>
      create(
        world,
        await without(signedCreation(world.cluster, { by: namedSigningKey("dora") }), field),
      ),
    code: "InvalidArgument",
    reason: "MISSING_FIELD" as const,
    field,
  })),
  {
    claim: "a signed creation of money that does not say which issuer signed",
    ask: async (world) => {
      const plan = { by: namedSigningKey("custody 0"), initialBalance: amount(1n) };
      return create(world, await without(signedCreation(world.cluster, plan), "issuer"));
    },
    code: "InvalidArgument",
    reason: "MISSING_FIELD",
    field: "issuer",
  },
  {
    claim: "an issuer named without a signature",
    ask: (world) =>
      create(world, { initialBalance: 1n, issuer: namedSigningKey("custody 1").publicKey }),
    code: "InvalidArgument",
    reason: "MISSING_FIELD",
    field: "signature",
  },
  {
    claim: "a wallet without money for another key, unsigned",
    ask: (world) => create(world, { publicKey: namedSigningKey("dora").publicKey }),
    code: "InvalidArgument",
    reason: "MISSING_FIELD",
    field: "signature",
  },
  {
    claim: "an unsigned transfer from a wallet whose owner keeps the key",
    ask: (world) => payKept(world, { from: world.alice.id }),
    code: "InvalidArgument",
    reason: "MISSING_FIELD",
    field: "signature",
  },
  {
    claim: "a question about an unknown wallet",
    ask: ({ cluster }) => cluster.client(0).getWallet({ id: namedUuid("absent") }),
    code: "NotFound",
    reason: "UNKNOWN_WALLET",
    field: "id",
  },
  {
    claim: "a question about a transfer that was never ordered",
    ask: ({ cluster, alice }) =>
      cluster.client(0).getReceipt({ from: alice.id, id: namedUuid("no transfer") }),
    code: "NotFound",
    reason: "NOT_FOUND",
    field: "id",
  },
  {
    claim: "a question about the creation of an unknown wallet",
    ask: ({ cluster }) => cluster.client(0).getReceipt({ walletId: namedUuid("absent") }),
    code: "NotFound",
    reason: "NOT_FOUND",
    field: "walletId",
  },
  {
    claim: "a question for a height that does not come within the call's time",
    ask: ({ cluster, alice }) =>
      cluster.client(0).getWallet({ id: alice.id, minHeight: 1_000_000n }, toldDeadline(1_000)),
    code: "Unavailable",
    reason: "LAGGING",
    field: "minHeight",
  },
];

/** A transfer without one field; a signed one lacks a field that its signature covers. */
function missingIn(kind: "transaction" | "signed transaction", name: string): Case {
  const empty = name === "validUntil" ? 0n : "";
  return {
    claim: `a ${kind} without ${name}`,
    ask: (world) => {
      if (kind === "transaction") return payKept(world, { [name]: empty });
      const { cluster, alice, bob } = world;
      const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
      const transaction = { ...request.transaction, [name]: empty };
      return cluster.client(0).transaction({ ...request, transaction });
    },
    code: "InvalidArgument",
    reason: "MISSING_FIELD",
    field: `transaction.${name}`,
  };
}

async function build(cluster: Cluster): Promise<World> {
  const [aliceCreation, keptCreation] = [randomUuid(), randomUuid()];
  const used = { id: namedUuid("used"), aliceCreation, keptCreation };
  const alice = await issue(cluster, 0, { balance: 1_001n, creationId: aliceCreation });
  const bob = await issue(cluster, 1, { balance: 1n });
  const carol = await issue(cluster, 2, { balance: 1n, asset: "USD" });
  const kept = await openCustodial(cluster, 0, { balance: 10n, creationId: keptCreation });
  const world = { cluster, alice, bob, carol, kept, used };
  await pay(world, { id: used.id });
  await payKept(world, { id: used.id });
  return world;
}

describe("a node refuses", () => {
  let world: World;
  beforeAll(async () => {
    world = await build(await startNetwork());
  });
  afterAll(() => stopNetwork(world.cluster));

  for (const { claim, ask, code, reason, field, names } of CASES) {
    it(`${claim}: ${reason}`, async () => {
      const before = await expectAgreement(world.cluster);
      const refusal = await refusalOf(ask(world));
      expect(refusal).toMatchObject({ code, reason, field });
      expect(refusal.remedy).toMatch(/^[A-Z].{10,}\.$/);
      expect(refusal.message).not.toBe("");
      if (names !== undefined) expect(refusal.metadata).toMatchObject(names(world));
      for (const { height, pendingOperations } of await statuses(world.cluster)) {
        expect({ height, pendingOperations }).toEqual({
          height: before.height,
          pendingOperations: 0,
        });
      }
    });
  }

  it("and after all that every balance is what it was, on every node", async () => {
    const { cluster, alice, bob, carol, kept } = world;
    for (let node = 0; node < 4; node++) {
      expect(await balanceOf(cluster, node, alice.id)).toBe(1_000n);
      expect(await balanceOf(cluster, node, bob.id)).toBe(3n);
      expect(await balanceOf(cluster, node, carol.id)).toBe(1n);
      expect(await balanceOf(cluster, node, kept)).toBe(9n);
    }
  });

  it("L9, L11: with a reason of its own for each, but for a signature that fails either way", () => {
    const named = CASES.slice(0, 16).map(({ reason }) => reason);
    expect([...new Set(named)]).toEqual([
      "OVERFLOW",
      "AMOUNT_ZERO",
      "SELF_TRANSFER",
      "ASSET_MISMATCH",
      "UNKNOWN_WALLET",
      "UNKNOWN_PAYEE",
      "INVALID_SIGNATURE",
      "ID_IN_USE",
      "WINDOW_PAST",
      "WINDOW_TOO_FAR",
    ]);
  });
});
