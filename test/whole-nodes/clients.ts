/**
 * The clients of a world: wallets whose owners keep the keys, payments sent and repeated through one gateway or two,
 * ids used twice, and reads. Every answer goes into the history that the checks of the chaos runs read.
 */

import { OPEN_CALLER } from "../../src/access/principal.ts";
import { type Trust, trustGenesis, verifyReceipt } from "../../src/client/receipt-verifier.ts";
import { isValidPoint, sha256, verify } from "../../src/node/base/crypto.ts";
import type { OperationId, WalletId } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { CallContext, LedgerApi } from "../../src/transport/ledger-api.ts";
import { Refusal, type RefusalReason } from "../../src/transport/refusal.ts";
import { idOf, keyOf } from "../ledger/fixture.ts";
import type { Call, Question, Reply } from "../support/history/history.ts";
import { nameOf } from "../support/history/operation-name.ts";
import { openCall } from "../support/open-call.ts";
import { type Answer, type Order, Orders, type Wallet } from "./orders.ts";
import { PromisedSeals } from "./promised-seals.ts";
import type { World } from "./world.ts";

/** The number of wallets whose owners keep the keys; every gateway keeps the key of one more. */
const OWNED = 4;

/** Codes by which a gateway does not say that it ordered nothing. */
const OPEN: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  ...(["OUTCOME_UNKNOWN", "DEADLINE_EXCEEDED", "CANCELED", "INTERNAL"] as const),
  ...(["NOT_READY", "SHUTTING_DOWN", "LAGGING"] as const),
]);

type Result = Extract<Reply, { kind: "result" }>;

export class Clients {
  readonly history: Call[] = [];
  /** Receipts that fail verification, or are about another request. */
  readonly problems: string[] = [];
  readonly #world: World;
  readonly #trust: Trust;
  readonly #orders: Orders;
  readonly #wallets: Wallet[] = [];
  #isOver = false;
  #calls = 0;

  constructor(world: World) {
    this.#world = world;
    this.#orders = new Orders(world);
    const { genesis } = world.context;
    this.#trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
  }

  begin(): void {
    for (let i = 0; i < OWNED; i++) void this.#openOwned(i);
    for (const { index } of this.#world.honest) void this.#openCustodial(index);
    this.#next();
  }

  /** Starts no more payments; those under way go on. */
  end(): void {
    this.#isOver = true;
  }

  /** A payment through this gateway, repeated until it is answered. */
  async payBy(gateway: number): Promise<void> {
    for (;;) {
      const from = this.#wallets.find((wallet) => "signer" in wallet);
      const to = this.#wallets.find((wallet) => wallet !== from);
      const order = from && to && this.#orders.payment(from, to.id, 1n);
      if (order !== undefined && (await this.#pursue(order, () => gateway)) !== undefined) return;
      await this.#world.clock.sleep(100);
    }
  }

  /** Asks every node for the receipt of every applied payment: by now it has its seal, if S2 promises it one. */
  async recheck(tip: number): Promise<void> {
    const seals = new PromisedSeals(this.#world);
    const keys = new Set(
      this.history.flatMap(({ question, reply }) => {
        const applied = reply.kind === "result" && reply.status === "applied";
        return applied && "key" in question ? [question.key] : [];
      }),
    );
    for (const { index, listening } of this.#world.honest) {
      for (const key of keys) {
        const answer = await listening?.ledger?.getReceipt(queryOf(key), openCall());
        if (answer === undefined || answer instanceof Refusal) {
          this.problems.push(`node ${index} has no receipt of ${key}: ${answer?.message}`);
          continue;
        }
        const reply = this.#readReceipt(key, answer);
        const isUnsealed = reply.kind === "result" && answer.receipt.proof.kind !== "sealed";
        if (isUnsealed && seals.covers(reply.height, tip)) {
          this.problems.push(`the receipt of ${key} at node ${index} is not sealed`);
        }
      }
    }
  }

  #next(): void {
    const { clock, random, plan, pace } = this.#world;
    clock.after(random.between(1, 2 * plan.paymentEveryMs * pace), () => {
      if (this.#isOver) return;
      if (this.#wallets.length >= 2) this.#doSomething();
      this.#next();
    });
  }

  #doSomething(): void {
    const { random } = this.#world;
    if (random.chance(0.2)) return void this.#read();
    const [from, to] = random.sample(this.#wallets, 2);
    if (from === undefined || to === undefined) return;
    const order = this.#orders.payment(from, to.id, BigInt(random.between(1, 300)));
    void this.#pay(order);
    // The same body through two gateways at once; or another body under its id, of which at most one may be ordered.
    if (random.chance(0.2)) void this.#pay(order);
    else if (order.other !== undefined && random.chance(0.15)) void this.#pay(order.other());
  }

  async #pay(order: Order): Promise<void> {
    const { clock, random } = this.#world;
    await this.#pursue(order, () => this.#gatewayFor(order));
    if (!random.chance(0.3)) return;
    await clock.sleep(random.between(1, 8_000));
    if (random.chance(0.5)) await this.#ask(order, this.#gatewayFor(order));
    else await this.#askReceipt(order);
  }

  /** The acknowledged result; undefined if there was none before the client gave up. */
  async #pursue(order: Order, gateway: () => number): Promise<Result | undefined> {
    const { clock, random } = this.#world;
    for (let pauseMs = 200; clock.now < order.until; pauseMs *= 2) {
      const reply = await this.#ask(order, gateway());
      if (reply.kind === "result") return reply;
      await clock.sleep(random.between(20, pauseMs));
    }
    return undefined;
  }

  async #openOwned(number: number): Promise<void> {
    const signer = keyOf(`owner ${number}`);
    const id = await this.#open((attempt) => {
      return this.#orders.creation(signer, idOf(`creation ${number} ${attempt}`));
    });
    this.#wallets.push({ id, signer });
  }

  async #openCustodial(gateway: number): Promise<void> {
    const id = await this.#open((attempt) => {
      return this.#orders.custodialCreation(gateway, idOf(`custody ${gateway} ${attempt}`));
    });
    this.#wallets.push({ id, gateway });
  }

  async #open(order: (attempt: number) => Order): Promise<WalletId> {
    for (let attempt = 0; ; attempt++) {
      const creation = order(attempt);
      const created = await this.#pursue(creation, () => this.#gatewayFor(creation));
      if (created?.status === "applied")
        return creation.question.key.slice(PREFIX.length) as WalletId;
    }
  }

  #ask(order: Order, gateway: number): Promise<Reply> {
    return this.#call(gateway, order.question, async (ledger, call) => {
      const answer = await order.make(ledger, call);
      if (answer instanceof Refusal) return replyOf(answer);
      return this.#readReceipt(order.question.key, answer, order);
    });
  }

  async #askReceipt({ question }: Order): Promise<void> {
    const asked = { kind: "receipt", key: question.key } as const;
    await this.#call(this.#anyGateway(), asked, async (ledger, call) => {
      const answer = await ledger.getReceipt(queryOf(question.key), call);
      if (answer instanceof Refusal) return replyOf(answer);
      return this.#readReceipt(question.key, answer);
    });
  }

  async #read(): Promise<void> {
    const { random } = this.#world;
    const { id } = random.pick(this.#wallets);
    const told = this.history.flatMap(({ reply }) => ("height" in reply ? [reply.height] : []));
    const minHeight = random.chance(0.5) ? undefined : Math.max(0, ...told);
    const question = { kind: "wallet", wallet: id, minHeight } as const;
    await this.#call(this.#anyGateway(), question, async (ledger, call) => {
      const atLeast = minHeight === undefined ? undefined : height(minHeight);
      const answer = await ledger.getWallet({ id, minHeight: atLeast }, call);
      if (answer instanceof Refusal) return replyOf(answer);
      if (answer.wallet === undefined) throw new Error("no proof of an absence was asked for");
      const { balance, entries } = answer.wallet;
      return { kind: "wallet", balance: String(balance), entries, height: answer.height };
    });
  }

  /**
   * A call over the network and back. Without an answer it ends when the caller has waited enough or the gateway is
   * gone.
   */
  async #call(
    gateway: number,
    question: Question,
    make: (ledger: LedgerApi, call: CallContext) => Promise<Reply>,
  ): Promise<Reply> {
    const { clock, random, members, network } = this.#world;
    const start = clock.now;
    await clock.sleep(random.between(1, network.delayMaxMs));
    const asleepMs = members[gateway]?.clock.wakesInMs ?? 0;
    if (asleepMs > 0) await clock.sleep(asleepMs);
    const life = members[gateway]?.listening;
    const reply = await new Promise<Reply>((resolve) => {
      const nothing = (why: string) => () => resolve({ kind: "unknown", why });
      if (life?.ledger === undefined) return nothing("no node listens")();
      const timeLeftMs = random.pick([700, 3_000]);
      const gone = new AbortController();
      const cancel = clock.after(timeLeftMs, () => gone.abort());
      life.end.signal.addEventListener("abort", nothing("the connection broke"), { once: true });
      gone.signal.addEventListener("abort", nothing("no answer in time"), { once: true });
      make(life.ledger, {
        caller: OPEN_CALLER,
        countedAs: "a client",
        signal: gone.signal,
        timeLeftMs,
      })
        .then(resolve, (error: unknown) => {
          life.fail(error);
          nothing("the call failed")();
        })
        .finally(cancel);
    });
    if (reply.kind !== "unknown") await clock.sleep(random.between(1, network.delayMaxMs));
    // A store that was lost may go back, so its node counts as another gateway from then on.
    const known = gateway + members.length * (members[gateway]?.losses ?? 0);
    const client = this.#calls++;
    this.history.push({ client, gateway: known, start, end: clock.now, question, reply });
    this.#world.note(gateway, `answers ${question.kind}: ${describe(reply)}`);
    return reply;
  }

  #readReceipt(key: string, { receipt }: Answer, asked?: Order): Reply {
    const verified = verifyReceipt(this.#trust, receipt);
    if (!verified.valid) {
      this.problems.push(`receipt of ${key}: ${verified.field} ${verified.problem}`);
      return { kind: "unknown", why: "a receipt that does not hold" };
    }
    const { operation, result, header } = verified;
    if (nameOf(this.#trust, operation) !== key || asked?.isOf(operation) === false) {
      this.problems.push(`the receipt of ${key} is about something else`);
    }
    const status = result.status === "applied" ? "applied" : result.reason;
    return { kind: "result", status, height: header.height, answer: "" };
  }

  #gatewayFor({ gateway }: Order): number {
    return gateway ?? this.#anyGateway();
  }

  #anyGateway(): number {
    return this.#world.random.pick(this.#world.honest).index;
  }
}

function replyOf({ reason }: Refusal): Reply {
  return OPEN.has(reason) ? { kind: "unknown", why: reason } : { kind: "refused", reason };
}

/** Precedes a wallet's id where the history names its creation. */
const PREFIX = "wallet/";

/** The order of the transfer or creation with this name in the history. */
function queryOf(key: string) {
  const [first = "", second = ""] = key.split("/");
  if (key.startsWith(PREFIX)) return { kind: "creation", walletId: second as WalletId } as const;
  return { kind: "transfer", from: first as WalletId, id: second as OperationId } as const;
}

function describe(reply: Reply): string {
  if (reply.kind === "result") return reply.status;
  if (reply.kind === "wallet") return "read";
  return reply.kind === "refused" ? reply.reason : `unknown (${reply.why})`;
}
