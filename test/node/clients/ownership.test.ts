// A caller sees and spends its own wallets alone; all others answer exactly as wallets that do not exist.
import { ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Wait } from "../../../gen/countersign/v1/types_pb.ts";
import { type Caller, walletPrincipal } from "../../../src/access/principal.ts";
import { type Scope, scopeSet } from "../../../src/access/scope.ts";
import type { Uuid } from "../../../src/primitives/ids.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import type { Cluster, GatewayClient } from "../../support/cluster.ts";
import { namedSigningKey, randomUuid } from "../../support/operations.ts";
import { issue, type Owned, signedTransfer, startNetwork, stopNetwork } from "../network.ts";

const HOLDER: readonly Scope[] = ["read", "submit", "custody", "issue"];

function caller(principal: string, scopes: readonly Scope[] = HOLDER): Caller {
  return { principal, scopes: scopeSet(scopes) };
}

let cluster: Cluster;
/** Its owner keeps the key. */
let owned: Owned;
let kept: { readonly id: Uuid; readonly creationId: Uuid };
let payment: Uuid;

const alice = () => cluster.client(0, caller("token:alice"));
const bob = () => cluster.client(0, caller("token:bob"));

beforeAll(async () => {
  cluster = await startNetwork();
  owned = await issue(cluster, 0, { balance: 100n });
  const creationId = randomUuid();
  const { wallet } = await alice().walletCreation({
    creationId,
    initialBalance: 50n,
    wait: Wait.FINAL,
  });
  kept = { id: wallet?.id as Uuid, creationId };
  payment = randomUuid();
  await alice().transaction({
    transaction: { id: payment, from: kept.id, to: owned.id, amount: 1n },
    wait: Wait.FINAL,
  });
}, 120_000);

afterAll(() => stopNetwork(cluster));

/** Everything that a refusal says, with the id that was asked for left out. */
async function refusal(call: Promise<unknown>, id: string): Promise<object> {
  const error = await call.then(
    () => expect.fail("it was answered"),
    (thrown: unknown) => thrown,
  );
  const { reason, message, field, remedy, metadata } =
    readRefusal(error) ?? expect.fail(`${error}`);
  const { code } = ConnectError.from(error);
  const said = JSON.stringify({ code, reason, message, field, remedy, metadata });
  return JSON.parse(said.replaceAll(id === "" ? "no id" : id, "ID")) as object;
}

/** Asks about a foreign wallet, and in the same way about one that does not exist. */
async function expectHidden(ask: (wallet: Uuid) => Promise<unknown>, foreign: Uuid) {
  const absent = randomUuid();
  expect(await refusal(ask(foreign), foreign)).toEqual(await refusal(ask(absent), absent));
}

function pay(client: GatewayClient, from: Uuid) {
  return client.transaction({ transaction: { from, to: owned.id, amount: 1n } });
}

describe("T14: an issuer", () => {
  const creation = async () => {
    const { wallet } = await cluster.client(0).getWallet({ id: kept.id });
    return {
      initialBalance: 1n,
      publicKey: wallet?.publicKey ?? new Uint8Array(0),
      wait: Wait.FINAL,
    };
  };

  it("makes no custodial wallet by the gateway's own key without the scope custody", async () => {
    const issuer = cluster.client(0, caller("token:issuer", ["read", "issue"]));
    expect(await refusal(issuer.walletCreation(await creation()), "")).toMatchObject({
      reason: "PERMISSION_DENIED",
      field: "publicKey",
      metadata: { scope: "custody" },
    });
    const { publicKey } = namedSigningKey("kept by its owner");
    const its = { ...(await creation()), publicKey };
    expect((await issuer.walletCreation(its)).wallet?.custodian).toBeUndefined();
  });

  it("makes one with it", async () => {
    const { wallet } = await alice().walletCreation(await creation());
    expect((await alice().getWallet({ id: wallet?.id ?? "" })).wallet?.balance).toBe(1n);
  });
});

describe("T14: the owner of a custodial wallet", () => {
  it("reads and spends it, and sees its receipts", async () => {
    expect((await alice().getWallet({ id: kept.id })).wallet).toMatchObject({ balance: 49n });
    await pay(alice(), kept.id);
    const { entries } = await alice().listEntries({ walletId: kept.id });
    expect(entries.map(({ balance }) => balance)).toEqual([48n, 49n, 50n]);
    for (const { receipt } of entries) await alice().getReceipt(receipt ?? {});
    expect((await alice().getReceipt({ walletId: kept.id })).operation.case).toBe("creation");
    expect((await alice().getReceipt({ from: kept.id, id: payment })).operation.case).toBe(
      "transaction",
    );
    const again = await alice().walletCreation({
      creationId: kept.creationId,
      initialBalance: 50n,
    });
    expect(again.creation?.walletId).toBe(kept.id);
  });

  it("is one principal, even beside one that may read everything", async () => {
    const { operation } = await bob()
      .getReceipt({ from: kept.id, id: payment })
      .catch(() => ({ operation: { case: undefined } }));
    expect(operation.case).toBeUndefined();
    const auditor = cluster.client(0, caller("token:auditor", ["read:all", "custody"]));
    expect((await auditor.getWallet({ id: kept.id })).wallet?.id).toBe(kept.id);
    expect((await auditor.getReceipt({ from: kept.id, id: payment })).operation.case).toBe(
      "transaction",
    );
    expect(await refusal(pay(auditor, kept.id), kept.id)).toMatchObject({
      reason: "PERMISSION_DENIED",
    });
  });

  it("lists it, and no other principal's", async () => {
    const idsOf = async (client: GatewayClient, request: { readonly all?: boolean } = {}) => {
      const { wallets } = await client.listWallets({ pageSize: 1_000, ...request });
      return wallets.map(({ id }) => id);
    };
    expect(await idsOf(alice())).toContain(kept.id);
    expect(await idsOf(alice())).not.toContain(owned.id);
    expect(await idsOf(bob())).toEqual([]);
    expect(await idsOf(cluster.client(1, caller("token:alice")))).toEqual([]);
    expect(await refusal(alice().listWallets({ all: true }), "")).toMatchObject({
      reason: "PERMISSION_DENIED",
      metadata: { scope: "read:all" },
    });
    const auditor = cluster.client(0, caller("token:auditor", ["read:all"]));
    const all = await idsOf(auditor, { all: true });
    expect(all).toEqual(expect.arrayContaining([kept.id, owned.id]));
    expect(await idsOf(auditor)).toEqual([]);
    // Without access control, the custodial wallets of the node that is asked.
    expect(await idsOf(cluster.client(0))).toContain(kept.id);
    expect(await idsOf(cluster.client(0))).not.toContain(owned.id);
    expect(await idsOf(cluster.client(1))).not.toContain(kept.id);
  });

  it("is known at its own gateway alone", async () => {
    const elsewhere = cluster.client(1, caller("token:alice"));
    await expectHidden((id) => elsewhere.getWallet({ id }), kept.id);
    await expectHidden((walletId) => elsewhere.listEntries({ walletId }), kept.id);
    await expectHidden((from) => pay(elsewhere, from), kept.id);
  });
});

describe("T14: a foreign wallet looks like none", () => {
  const forms: readonly [string, () => Uuid][] = [
    ["a custodial wallet", () => kept.id],
    ["a wallet whose owner keeps the key", () => owned.id],
  ];

  it.each(forms)("to reads: %s", async (_, wallet) => {
    await expectHidden((id) => bob().getWallet({ id }), wallet());
    await expectHidden((walletId) => bob().getReceipt({ walletId }), wallet());
    await expectHidden((walletId) => bob().listEntries({ walletId }), wallet());
    await expectHidden((from) => bob().getReceipt({ from, id: payment }), wallet());
  });

  it.each(forms)("to an order that the gateway should sign: %s", async (_, wallet) => {
    await expectHidden((from) => pay(bob(), from), wallet());
  });

  it.each(forms)("to a signed order that its key did not sign: %s", async (_, wallet) => {
    const thief = namedSigningKey(randomUuid());
    const order = (from: Uuid, more: object) =>
      bob().transaction(
        signedTransfer(cluster, {
          from: { id: from, signer: thief },
          to: kept.id,
          amount: 1n,
          ...more,
        }),
      );
    await expectHidden((from) => order(from, {}), wallet());
    await expectHidden((from) => order(from, { validUntil: 1 }), wallet());
    await expectHidden((from) => order(from, { asset: "XXX" }), wallet());
    await expectHidden((from) => order(from, { to: from }), wallet());
  });

  it("to another principal that names the id of its creation, for the same order and another one", async () => {
    const { creationId } = kept;
    for (const initialBalance of [50n, 51n]) {
      expect(await refusal(bob().walletCreation({ creationId, initialBalance }), "")).toMatchObject(
        {
          reason: "ID_IN_USE",
          metadata: { id: creationId },
          message: expect.not.stringContaining("differ"),
        },
      );
    }
  });

  it("is created for one of two principals that name one id at a time", async () => {
    const creationId = randomUuid();
    const asked = [alice(), bob()].map((client) =>
      client.walletCreation({ creationId, initialBalance: 5n, wait: Wait.FINAL }),
    );
    const [first, second] = await Promise.allSettled(asked);
    expect([first?.status, second?.status].sort()).toEqual(["fulfilled", "rejected"]);
    const [owner, other] = first?.status === "fulfilled" ? [alice(), bob()] : [bob(), alice()];
    const won = first?.status === "fulfilled" ? first : second;
    const id = won?.status === "fulfilled" ? (won.value.wallet?.id as Uuid) : expect.fail("none");
    expect((await owner.getWallet({ id })).wallet?.id).toBe(id);
    await expectHidden((wallet) => other.getWallet({ id: wallet }), id);
  });
});

describe("T14: a signed order", () => {
  it("needs no ownership, and tells its signer what is wrong with it", async () => {
    const order = signedTransfer(cluster, { from: owned, to: kept.id, amount: 2n });
    expect((await bob().transaction({ ...order, wait: Wait.FINAL })).result?.status).toBe(1);
    const late = signedTransfer(cluster, { from: owned, to: kept.id, amount: 2n, validUntil: 1 });
    expect(await refusal(bob().transaction(late), "")).toMatchObject({ reason: "WINDOW_PAST" });
  });

  it("shows its receipt to the payee too", async () => {
    const id = randomUuid();
    const order = signedTransfer(cluster, { from: owned, to: kept.id, amount: 2n, id });
    await bob().transaction({ ...order, wait: Wait.FINAL });
    const { operation } = await alice().getReceipt({ from: owned.id, id });
    expect(operation.case).toBe("transaction");
  });
});

describe("T14: the principal of a wallet", () => {
  it("reads that wallet and no other", async () => {
    const own = cluster.client(1, caller(walletPrincipal(owned.id), ["read"]));
    expect((await own.getWallet({ id: owned.id })).wallet?.id).toBe(owned.id);
    await expectHidden((id) => own.getWallet({ id }), kept.id);
  });
});

describe("T14: the open principal", () => {
  it("has all custodial wallets of its gateway", async () => {
    const open = cluster.client(0);
    expect((await open.getWallet({ id: kept.id })).wallet?.id).toBe(kept.id);
    await pay(open, kept.id);
  });
});
