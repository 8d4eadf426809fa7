/**
 * Honest payers. Each pays the next through its gateway, one payment after another, and counts a payment when its
 * sealed receipt is verified. On a refusal it does what a client should: it sends the same order again a little
 * later.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { TransactionRequest } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { createPayers, type Payer } from "../../src/cli/payment-load.ts";
import type { GatewayClient } from "../../src/client/gateway-client.ts";
import { isAnswerTo, verifyAnswer } from "../../src/client/receipt-answer.ts";
import { type Trust, trustGenesis } from "../../src/client/receipt-verifier.ts";
import type { Genesis } from "../../src/ledger/genesis.ts";
import { isValidPoint, sha256, verify } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { randomUuid } from "../support/operations.ts";

const PER_GATEWAY = 8;
const AGAIN_MS = 100;
const LIFETIME_MS = 600_000;
const CALL_MS = 10_000;

export interface Flow {
  readonly perSecond: number;
  /** The longest time without a verified payment. */
  readonly stallMs: number;
}

export class Payers {
  readonly #payers: readonly Payer[];
  readonly #trust: Trust;
  /** The time at which each payment was verified, ascending. */
  readonly #paid: number[] = [];
  readonly #end = new AbortController();
  readonly #running: Promise<void>[] = [];
  /** Calls that were refused or got no answer, and were repeated. */
  repeated = 0;

  private constructor(payers: readonly Payer[], genesis: Genesis) {
    this.#payers = payers;
    this.#trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
  }

  /** Creates wallets with money behind these gateways, and payers that use them. */
  static async start(gateways: readonly GatewayClient[], genesis: Genesis): Promise<Payers> {
    const payers = new Payers(await createPayers(gateways, gateways.length * PER_GATEWAY), genesis);
    for (const place of payers.#payers.keys()) payers.#running.push(payers.#run(place));
    return payers;
  }

  get wallets(): string[] {
    return this.#payers.map(({ wallet }) => wallet.id);
  }

  /** The payments between two readings of `performance.now()`. */
  flow(from: number, to: number): Flow {
    const within = this.#paid.filter((at) => at >= from && at < to);
    let stallMs = 0;
    let last = from;
    for (const at of [...within, to]) {
      stallMs = Math.max(stallMs, at - last);
      last = at;
    }
    return { perSecond: (within.length * 1000) / (to - from), stallMs };
  }

  /** Settles when no payment is under way; rejects if a receipt failed its verification. */
  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#running);
  }

  async #run(place: number): Promise<void> {
    const [payer, to] = [this.#payers[place], this.#payers[(place + 1) % this.#payers.length]];
    if (payer === undefined || to === undefined) return;
    while (!this.#end.signal.aborted) {
      const request = payer.wallet.transfer({
        id: randomUuid(),
        to: to.wallet.id,
        asset: payer.asset,
        amount: amount(1n),
        validUntil: Date.now() + LIFETIME_MS,
      });
      await this.#pay(payer.client, request);
    }
  }

  /** Sends the same order until it is settled or the run is over. */
  async #pay({ calls }: GatewayClient, request: TransactionRequest): Promise<void> {
    while (!this.#end.signal.aborted) {
      const order = { ...request, wait: Wait.SEALED };
      const answer = await calls
        .transaction(order, { timeoutMs: CALL_MS, signal: this.#end.signal })
        .catch(() => undefined);
      if (answer?.receipt === undefined || answer.receipt.sealPending) {
        if (this.#end.signal.aborted) return;
        this.repeated += 1;
        await sleep(AGAIN_MS);
        continue;
      }
      const verified = verifyAnswer(this.#trust, answer);
      if (!verified.valid) throw new Error(`receipt: ${verified.field} ${verified.problem}`);
      if (!isAnswerTo(request, verified)) throw new Error("the receipt of another order");
      this.#paid.push(performance.now());
      return;
    }
  }
}
