/** The answer to an order that this node signed before, while it takes nothing new: it may be applied already. */
import { describe, expect, it } from "vitest";
import { height } from "../../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../../src/primitives/operation.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { keyOf, sign, transfer } from "../../ledger/fixture.ts";
import { network, pay, self } from "../intake/intake-rig.ts";
import { GatewayRig, KEPT, OPEN, reasonOf } from "./gateway-rig.ts";

const openStore = () => openMemoryStore({ identity: { networkId: network.context.networkId } });

interface Situation {
  readonly name: string;
  readonly waitsMax?: number;
  readonly arrange: (rig: GatewayRig) => Promise<unknown> | unknown;
  readonly reason: string;
}

const ofKept = (id: string): SignedOperation =>
  transfer(network, { from: KEPT, to: "bob", amount: 60n, id });

const SITUATIONS: readonly Situation[] = [
  {
    name: "free orders come too fast",
    arrange: async ({ intake: { intake, pool } }) => {
      pool.add(ofKept("under way"), self);
      pool.add(pay("under way", 90n), self);
      for (let number = 0, kind = ""; kind !== "tooFast"; number++) {
        const above = pay(`above ${number}`, 90n);
        ({ kind } = await intake.fromClient(above, "a client"));
        pool.settle([above.key], 0, 0);
      }
    },
    reason: "TOO_MANY_REQUESTS",
  },
  {
    name: "the pool is full",
    arrange: async ({ intake: { intake } }) => {
      for (const id of ["a", "b", "c"]) await intake.fromClient(pay(id), "a client");
    },
    reason: "POOL_FULL",
  },
  {
    name: "there is no room to wait",
    waitsMax: 0,
    arrange: () => undefined,
    reason: "POOL_FULL",
  },
  {
    name: "its operator has taken it out of service",
    arrange: ({ draining }) => draining.begin(),
    reason: "NOT_READY",
  },
  {
    name: "blocks of the history are still to come",
    arrange: (rig) => {
      rig.history = { snapshot: height(9), from: height(9), below: height(2) };
    },
    reason: "HISTORY_INCOMPLETE",
  },
];

describe.each(SITUATIONS)("L24: while $name", ({ arrange, reason, waitsMax }) => {
  it("an order that this node signed before may be applied, and one that is new is not taken", async () => {
    const store = await openStore();
    const before = new GatewayRig(store);
    await before.leave((signal) => before.transfer(signal));
    const again = new GatewayRig(store, waitsMax);
    await arrange(again);
    expect(await again.transfer()).toBe("OUTCOME_UNKNOWN");

    const other = new GatewayRig(await openStore(), waitsMax);
    await arrange(other);
    expect(await other.transfer()).toBe(reason);
  });
});

it("L24: while memory is short, a wallet that this node signed before may exist, and no new one is made", async () => {
  const store = await openStore();
  const before = new GatewayRig(store);
  await before.leave((signal) => before.createWallet(signal));
  const again = new GatewayRig(store);
  again.intake.memory.isFull = true;
  expect(await again.createWallet()).toBe("OUTCOME_UNKNOWN");
  const other = new GatewayRig(await openStore());
  other.intake.memory.isFull = true;
  expect(await other.createWallet()).toBe("MEMORY_SHORT");
});

it("L8: with no room to wait, an order whose other body is pooled is not called refused", async () => {
  const rig = new GatewayRig(await openStore(), 0);
  const pooled = pay("signed by the client");
  await rig.intake.order(pooled);
  const again = sign(
    network,
    { ...pooled.operation, validUntil: pooled.operation.validUntil + 1 },
    keyOf("alice"),
  );
  if (again.operation.kind !== "transfer") throw new Error("not a transfer");
  const command = {
    kind: "signed",
    transfer: again.operation,
    signature: again.signature,
    wait: "final",
  } as const;
  const answer = await rig.gateway.transfer(command, OPEN, AbortSignal.timeout(60_000));
  expect(reasonOf(answer)).toBe("OUTCOME_UNKNOWN");
});
