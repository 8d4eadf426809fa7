/** A gateway over a store, as a node has it after a start: nothing is pooled. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "vitest";
import { OPEN_CALLER } from "../../../src/access/principal.ts";
import { Draining } from "../../../src/node/base/draining.ts";
import { Custody } from "../../../src/node/clients/custody.ts";
import { Gateway } from "../../../src/node/clients/gateway.ts";
import { Ownership } from "../../../src/node/clients/ownership.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import { SealWait } from "../../../src/node/clients/seal-wait.ts";
import { Signing } from "../../../src/node/clients/signing.ts";
import { Waiters } from "../../../src/node/clients/waiters.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import type { Store } from "../../../src/storage/contracts.ts";
import { type History, WHOLE_HISTORY } from "../../../src/storage/history.ts";
import type { CustodialCreation, CustodialTransfer } from "../../../src/transport/ledger-api.ts";
import type { Refusal } from "../../../src/transport/refusal.ts";
import { creation, idOf, keyOf, walletIdOf } from "../../ledger/fixture.ts";
import { memoryAudit } from "../../support/memory-audit.ts";
import { IntakeRig, network, self } from "../intake/intake-rig.ts";

/** The custody key of this node has this name, and a wallet with 100 of it. */
export const KEPT = "custody 0";
export const OPEN = { caller: OPEN_CALLER, countedAs: "a client" };

const order: CustodialTransfer = {
  kind: "custodial",
  from: walletIdOf(network, KEPT),
  to: walletIdOf(network, "bob"),
  amount: amount(60n),
  id: idOf("order"),
  wait: "final",
};
const newWallet: CustodialCreation = { kind: "custodial", creationId: idOf("new"), wait: "final" };

/** The gateway of one start of a node. */
export class GatewayRig {
  readonly intake = new IntakeRig();
  readonly gateway: Gateway;
  readonly draining = new Draining(this.intake.system);
  history: History = WHOLE_HISTORY;
  /** The number of waits for a newer state. */
  lagWaits = 0;

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
    const receipts = new Receipts({ context, store, finalizer });
    const shared = {
      context,
      intake,
      receipts,
      custody,
      ownership: new Ownership({ context, store, custody, receipts }),
      system,
      finalizer,
      clock: { errorMs: undefined },
      lag: {
        caughtUp: () => {
          this.lagWaits += 1;
          return Promise.resolve();
        },
      },
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

  async transfer(
    signal = AbortSignal.timeout(60_000),
    by = OPEN,
    from = order.from,
  ): Promise<string> {
    const command = { ...order, from };
    return reasonOf(
      await this.draining.order((refusal) =>
        this.gateway.transfer(command, { ...by, refusal }, signal),
      ),
    );
  }

  async createWallet(signal = AbortSignal.timeout(60_000), by = OPEN): Promise<string> {
    return reasonOf(
      await this.draining.order((refusal) =>
        this.gateway.createWallet(newWallet, { ...by, refusal }, signal),
      ),
    );
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

export function reasonOf(answer: object | Refusal): string {
  return "reason" in answer ? String(answer.reason) : "an answer";
}
