/** The answer to an order that this node signed before, while it takes nothing new: it may be applied already. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { OPEN_CALLER } from "../../../src/access/principal.ts";
import { Custody } from "../../../src/node/clients/custody.ts";
import { Gateway } from "../../../src/node/clients/gateway.ts";
import { Ownership } from "../../../src/node/clients/ownership.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import { SealWait } from "../../../src/node/clients/seal-wait.ts";
import { Signing } from "../../../src/node/clients/signing.ts";
import { Waiters } from "../../../src/node/clients/waiters.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../../src/primitives/operation.ts";
import type { Store } from "../../../src/storage/contracts.ts";
import { type History, WHOLE_HISTORY } from "../../../src/storage/history.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { CustodialCreation, CustodialTransfer } from "../../../src/transport/ledger-api.ts";
import type { Refusal } from "../../../src/transport/refusal.ts";
import { creation, idOf, keyOf, sign, transfer, walletIdOf } from "../../ledger/fixture.ts";
import { memoryAudit } from "../../support/memory-audit.ts";
import { IntakeRig, network, pay, self } from "../intake/intake-rig.ts";

/** The custody key of this node has this name, and a wallet with 100 of it. */
const KEPT = "custody 0";
const CALLER = { caller: OPEN_CALLER, countedAs: "a client" };

const order: CustodialTransfer = {
  kind: "custodial",
  from: walletIdOf(network, KEPT),
  to: walletIdOf(network, "bob"),
  amount: amount(60n),
  id: idOf("order"),
  wait: "final",
};
const newWallet: CustodialCreation = { kind: "custodial", creationId: idOf("new"), wait: "final" };

/** A gateway over a store, as a node has it after a start: nothing is pooled. */
class GatewayRig {
  readonly intake = new IntakeRig();
  readonly gateway: Gateway;
  history: History = WHOLE_HISTORY;

  constructor(store: Store, waitsMax: number = LIMITS.finalityWaitsMax) {
    this.intake.chain.add(creation(network, { name: KEPT, balance: 100n }));
    const { context } = network;
    const { chain, system, intake } = this.intake;
    const finalizer = {
      keyCertificate: undefined,
      get committed() {
        const last = chain.executed.at(-1);
        if (last === undefined) throw new Error("an empty chain");
        const { header, hash } = last.block;
        return { state: last.execution.state, header, hash };
      },
    };
    const waiters = new Waiters({ final: 0, sealed: 0 }, waitsMax);
    const custody = new Custody({
      context,
      self,
      custodyKey: keyOf(KEPT),
      audit: memoryAudit(),
      journal: store.custody,
      finalizer,
    });
    const shared = {
      context,
      intake,
      receipts: new Receipts({ context, store, finalizer }),
      custody,
      ownership: new Ownership({ owners: store.walletOwners, custodyKey: keyOf(KEPT) }),
      system,
      finalizer,
      clock: { errorMs: undefined },
      lag: { caughtUp: () => Promise.resolve() },
    };
    const historyNow = (): History => this.history;
    this.gateway = new Gateway({
      ...shared,
      signing: new Signing(shared),
      waiters,
      seals: new SealWait({
        context,
        finalizer,
        sealing: { outlook: { share: "missing", holders: [], present: [], margin: undefined } },
        waiters,
        system,
      }),
      store: {
        blocks: {
          get history() {
            return historyNow();
          },
        },
      },
    });
  }

  async transfer(signal = AbortSignal.timeout(60_000)): Promise<string> {
    return reasonOf(await this.gateway.transfer(order, CALLER, signal));
  }

  async createWallet(signal = AbortSignal.timeout(60_000)): Promise<string> {
    return reasonOf(await this.gateway.createWallet(newWallet, CALLER, signal));
  }

  /** Gives `call` until its order has left. */
  async leave(call: (signal: AbortSignal) => Promise<string>): Promise<void> {
    const stop = new AbortController();
    const answer = call(stop.signal);
    while (this.intake.sent.length === 0) await nextTurn();
    stop.abort();
    expect(await answer).toBe("OUTCOME_UNKNOWN");
  }
}

function reasonOf(answer: object | Refusal): string {
  return "reason" in answer ? String(answer.reason) : "an answer";
}

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
  const answer = await rig.gateway.transfer(command, CALLER, AbortSignal.timeout(60_000));
  expect(reasonOf(answer)).toBe("OUTCOME_UNKNOWN");
});
