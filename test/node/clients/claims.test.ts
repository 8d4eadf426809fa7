// A claim on a custodial wallet is recorded before the order leaves, and counts only if that order created the wallet.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ResultStatus, Wait } from "../../../gen/countersign/v1/types_pb.ts";
import type { Caller } from "../../../src/access/principal.ts";
import { type Scope, scopeSet } from "../../../src/access/scope.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { createdWalletId } from "../../../src/primitives/operations/wallet-creation.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import type { Cluster } from "../../support/cluster.ts";
import { randomUuid } from "../../support/operations.ts";
import { network } from "../intake/intake-rig.ts";
import { issue, networkOf, startNetwork, stopNetwork, until } from "../network.ts";
import { GatewayRig, OPEN } from "./gateway-rig.ts";

function caller(name: string, scopes: readonly Scope[] = ["read", "custody"]): Caller {
  return { principal: `token:${name}`, scopes: scopeSet(scopes) };
}

const reasonOf = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    (error: unknown) => readRefusal(error)?.reason,
  );

describe("T14: a claim whose order was never applied", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startNetwork({ limits: { unfundedPerSponsorMax: 1 } });
  }, 120_000);
  afterAll(() => stopNetwork(cluster));

  it("gives nothing of a wallet that an issuer creates for the gateway's key under the same id", async () => {
    const thief = () => cluster.client(0, caller("thief"));
    const ids = [randomUuid(), randomUuid()];
    const orders = ids.map((id) => thief().walletCreation({ creationId: id, wait: Wait.FINAL }));
    const results = (await Promise.all(orders)).map(({ result }) => result?.status);
    const declined = results.indexOf(ResultStatus.DECLINED);
    const creationId = ids[declined] ?? expect.fail("the quota is one wallet");
    const publicKey = cluster.genesis.validators[0]?.custodyKey ?? expect.fail("no member");
    const id = createdWalletId(
      { hash: sha256, networkId: networkOf(cluster) },
      { publicKey, id: creationId },
    );
    const owner = await cluster.store(0).walletOwners.ownerOf(id);
    expect(owner, "the order came as far as the claim").toBe("token:thief");
    const funded = await cluster
      .client(1)
      .walletCreation(
        { creationId, publicKey, initialBalance: 100n, wait: Wait.FINAL },
        { timeoutMs: 60_000 },
      );
    expect(funded.wallet?.id).toBe(id);
    const open = cluster.client(0);
    await until("the wallet at the gateway", async () => (await open.getWallet({ id })).wallet);

    const { id: payee } = await issue(cluster, 1, {});
    const pay = () => thief().transaction({ transaction: { from: id, to: payee, amount: 1n } });
    expect(await reasonOf(thief().getWallet({ id }))).toBe("UNKNOWN_WALLET");
    expect(await reasonOf(pay())).toBe("UNKNOWN_WALLET");
    expect(await reasonOf(thief().getReceipt({ walletId: id }))).toBe("NOT_FOUND");
    const { wallets } = await thief().listWallets({});
    expect(wallets.map((wallet) => wallet.id)).not.toContain(id);
  }, 120_000);
});

it("T14: an order of the open principal that is under way across a restart is claimed by none", async () => {
  const store = await openMemoryStore({ identity: { networkId: network.context.networkId } });
  const before = new GatewayRig(store);
  await before.leave((signal) => before.createWallet(signal));
  const after = new GatewayRig(store);
  const by = { caller: caller("thief"), countedAs: "token:thief" };
  expect(await after.createWallet(AbortSignal.timeout(60_000), by)).toBe("ID_IN_USE");
  expect(after.intake.sent).toEqual([]);
  expect(await new GatewayRig(store).createWallet(AbortSignal.abort(), OPEN)).toBe(
    "OUTCOME_UNKNOWN",
  );
});
