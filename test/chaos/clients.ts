// The clients of a run. Each makes one call after another, drawn from the seed, through gateways that may be dying.
import { setTimeout as sleep } from "node:timers/promises";
import { GetReceiptResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { GatewayClient } from "../../src/client/gateway-client.ts";
import type { NetworkId } from "../../src/primitives/ids.ts";
import type { Reply } from "../support/history/history.ts";
import { Random } from "../support/world/random.ts";
import {
  newWallet,
  type Order,
  orderCreation,
  orderTransfer,
  type Purse,
  statusOf,
} from "./purse.ts";
import { type Recorder, replyOfResult } from "./recorder.ts";

export interface ClientParts {
  readonly seed: number;
  readonly networkId: NetworkId;
  readonly gateways: readonly GatewayClient[];
  readonly recorder: Recorder;
  /** Wallets that all clients pay from at once. */
  readonly hot: readonly Purse[];
  /** Only this client pays from these. */
  readonly own: Purse;
  readonly torn: Purse;
}

const THINK_MS = [10, 60] as const;
/** Within the lifetime that the network allows, even if its clocks differ. */
const LIFETIME_MS = 30_000;
/** Now and then a deadline so short that the order may expire on its way. */
const SHORT_LIFETIME_MS = 4_000;
/** Number of remembered operations that may be asked about again. */
const REMEMBERED = 200;

export class ChaosClient {
  /** Orders without a known outcome. */
  readonly open: Order[] = [];
  readonly #number: number;
  readonly #parts: ClientParts;
  readonly #random: Random;
  /** Keys with results, newest last. */
  readonly #known: string[] = [];
  /** The highest height that this client was shown. */
  #height = 0;

  constructor(number: number, parts: ClientParts) {
    this.#number = number;
    this.#parts = parts;
    this.#random = new Random(parts.seed, 100 + number);
  }

  async runUntil(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await this.#step();
      await sleep(this.#random.between(...THINK_MS));
    }
  }

  /** Asks for every open order through all gateways in turn until each has an outcome; false if time runs out first. */
  async settle(deadline: number): Promise<boolean> {
    for (let turn = 0; this.open.length > 0; turn++) {
      if (performance.now() > deadline) return false;
      const order = this.open.shift();
      if (order === undefined) break;
      const gateway = (turn + (order.gateway ?? 0)) % this.#parts.gateways.length;
      const reply = await this.#send(order, order.gateway ?? gateway);
      if (reply.kind === "unknown") await sleep(THINK_MS[1]);
    }
    return true;
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const dice = random.next();
    const repeated = dice < 0.3 ? this.open.shift() : undefined;
    if (repeated !== undefined) {
      await this.#send(repeated, random.chance(0.3) ? repeated.gateway : undefined);
    } else if (dice < 0.5) {
      const [from = this.#parts.own, to = this.#parts.torn] = random.sample(this.#parts.hot, 2);
      await this.#send(this.#transfer(from, to, BigInt(random.between(1, 400))));
    } else if (dice < 0.68) {
      await this.#send(this.#transfer(this.#parts.own, random.pick(this.#parts.hot), 3n));
    } else if (dice < 0.78) await this.#spendTwice();
    else if (dice < 0.9) await this.#read();
    else if (dice < 0.97) await this.#askReceipt();
    else await this.#createWallet();
  }

  #transfer(from: Purse, to: Purse, units: bigint): Order {
    const lifetime = this.#random.chance(0.05) ? SHORT_LIFETIME_MS : LIFETIME_MS;
    const wait = this.#random.chance(0.5) ? "final" : "sealed";
    return orderTransfer(from, { to, units, validUntil: Date.now() + lifetime, wait });
  }

  /** Sends an order through the named gateway, or through one that takes it. */
  async #send(order: Order, via?: number): Promise<Reply> {
    const { gateways, recorder } = this.#parts;
    const gateway = via ?? order.gateway ?? this.#random.below(gateways.length);
    const client = gateways[gateway];
    if (client === undefined) throw new Error(`there is no gateway ${gateway}`);
    const asked = { client: this.#number, gateway, question: order.question };
    const reply = await recorder.call(asked, () => order.send(client.calls));
    // A gateway that is not the custodian knows an order only once it is ordered.
    const elsewhere = reply.kind === "refused" && reply.reason === "NOT_CUSTODIAN";
    if (reply.kind === "unknown" || elsewhere) this.open.push(order);
    if (reply.kind === "result") {
      this.#height = Math.max(this.#height, reply.height);
      this.#known.push(order.question.key);
      if (this.#known.length > REMEMBERED) this.#known.shift();
    }
    return reply;
  }

  /** Sends the whole balance of a wallet to two payees through two gateways at once: at most one transfer is applied. */
  async #spendTwice(): Promise<void> {
    const { torn, hot, gateways } = this.#parts;
    const read = await this.#readWallet(torn, this.#height);
    if (read.kind !== "wallet") return;
    const units = BigInt(read.balance);
    if (units < 10n) {
      await this.#send(this.#transfer(this.#parts.own, torn, 100n));
      return;
    }
    const [first, second] = this.#random.sample([...gateways.keys()], 2);
    await Promise.all(
      [first, second].map((gateway, place) => {
        const to = hot[place];
        if (to === undefined) throw new Error("two hot wallets at least");
        return this.#send(this.#transfer(torn, to, units), gateway);
      }),
    );
  }

  async #read(): Promise<void> {
    const { own, torn, hot } = this.#parts;
    const purse = this.#random.pick([own, torn, ...hot]);
    await this.#readWallet(purse, this.#random.chance(0.5) ? this.#height : undefined);
  }

  async #readWallet({ id }: Purse, minHeight: number | undefined): Promise<Reply> {
    const { gateways, recorder } = this.#parts;
    const gateway = this.#random.below(gateways.length);
    const question = { kind: "wallet", wallet: id, minHeight } as const;
    const reply = await recorder.call({ client: this.#number, gateway, question }, async () => {
      const least = minHeight === undefined ? {} : { minHeight: BigInt(minHeight) };
      const answer = await gatewayOf(gateways, gateway).getWallet({ id, ...least });
      const { wallet, height } = answer;
      if (wallet === undefined) throw new Error("an answer without a wallet");
      const { balance, entries } = wallet;
      const counts = { entries: Number(entries), height: Number(height) };
      return { kind: "wallet", balance: `${balance}`, ...counts };
    });
    if (reply.kind === "wallet") this.#height = Math.max(this.#height, reply.height);
    return reply;
  }

  async #askReceipt(): Promise<void> {
    if (this.#known.length === 0) return;
    const { gateways, recorder } = this.#parts;
    const key = this.#random.pick(this.#known);
    const [scope = "", id = ""] = key.split("/");
    const query = scope === "wallet" ? { walletId: id } : { from: scope, id };
    const gateway = this.#random.below(gateways.length);
    const question = { kind: "receipt", key } as const;
    await recorder.call({ client: this.#number, gateway, question }, async () => {
      const answer = await gatewayOf(gateways, gateway).getReceipt(query);
      const { result, receipt } = answer;
      return replyOfResult(GetReceiptResponseSchema, answer, { status: statusOf(result), receipt });
    });
  }

  async #createWallet(): Promise<void> {
    const wallet = newWallet(this.#parts.networkId).wallet;
    await this.#send(orderCreation(wallet, Date.now() + LIFETIME_MS));
  }
}

function gatewayOf(gateways: readonly GatewayClient[], index: number): GatewayClient["calls"] {
  const gateway = gateways[index];
  if (gateway === undefined) throw new Error(`there is no gateway ${index}`);
  return gateway.calls;
}
