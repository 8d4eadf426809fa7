// The time of an answer tells no more than the answer: a foreign wallet takes the same steps as one that does not exist.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Caller } from "../../../src/access/principal.ts";
import { scopeSet } from "../../../src/access/scope.ts";
import type { Uuid } from "../../../src/primitives/ids.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import { walletIdOf } from "../../ledger/fixture.ts";
import type { Cluster } from "../../support/cluster.ts";
import { randomUuid } from "../../support/operations.ts";
import { network, pay } from "../intake/intake-rig.ts";
import { issue, startNetwork, stopNetwork, untilKey } from "../network.ts";
import { GatewayRig, KEPT, reasonOf } from "./gateway-rig.ts";

function caller(name: string): Caller {
  return { principal: `token:${name}`, scopes: scopeSet(["read", "submit", "custody", "issue"]) };
}

describe("T14: an order that pays from a foreign wallet waits and checks as if there were none", () => {
  const by = { caller: caller("stranger"), countedAs: "token:stranger" };
  const absent = walletIdOf(network, "absent");
  const openRig = async () =>
    new GatewayRig(await openMemoryStore({ identity: { networkId: network.context.networkId } }));

  it.each([
    ["custodial", walletIdOf(network, KEPT)],
    ["custodial", absent],
  ])("%s %s", async (_, from) => {
    const rig = await openRig();
    expect(await rig.transfer(AbortSignal.timeout(60_000), by, from)).toBe("UNKNOWN_WALLET");
    expect(rig.lagWaits).toBe(1);
  });

  it.each([walletIdOf(network, "alice"), absent])("signed by another key %s", async (from) => {
    const rig = await openRig();
    const { operation, signature } = pay("forged", 1n, KEPT);
    if (operation.kind !== "transfer") throw new Error("not a transfer");
    const command = {
      kind: "signed",
      transfer: { ...operation, from },
      signature,
      wait: "final",
    } as const;
    const answer = await rig.gateway.transfer(command, by, AbortSignal.timeout(60_000));
    expect(reasonOf(answer)).toBe("UNKNOWN_WALLET");
    expect([rig.lagWaits, rig.intake.checked]).toEqual([1, 2]);
  });
});

describe("T14: a foreign receipt", () => {
  let cluster: Cluster;
  let wallet: Uuid;
  beforeAll(async () => {
    cluster = await startNetwork();
    ({ id: wallet } = await issue(cluster, 0, { balance: 5n }));
    // Nothing is kept in memory of its block.
    await cluster.stopNode(0);
    await cluster.startNode(0);
    await untilKey(cluster);
  }, 120_000);
  afterAll(() => stopNetwork(cluster));

  it("of a creation is refused before its block is read", async () => {
    const { blocks, operations } = cluster.store(0);
    const created = await operations.loadCreation(wallet);
    const read = vi.spyOn(blocks, "loadBlock");
    const ask = (walletId: Uuid) =>
      cluster
        .client(0, caller("stranger"))
        .getReceipt({ walletId })
        .then(
          () => "answered",
          (error: unknown) => readRefusal(error)?.reason,
        );
    expect(await ask(randomUuid())).toBe("NOT_FOUND");
    expect(await ask(wallet)).toBe("NOT_FOUND");
    expect(read.mock.calls.flat()).not.toContain(created?.height);
    await cluster.client(0).getReceipt({ walletId: wallet });
    expect(read.mock.calls.flat(), "the watch sees reads").toContain(created?.height);
  });
});
