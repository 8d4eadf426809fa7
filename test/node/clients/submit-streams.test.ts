/**
 * Goal: transfers that go through streams, which are cut at random moments and go on at another gateway, have each one certified
 * outcome, and no money comes or goes. Method: a network in memory, seeded transfers between a few wallets, among them
 * repetitions and more than a wallet holds. SEED repeats a run.
 */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ResultStatus, Wait } from "../../../gen/countersign/v1/types_pb.ts";
import type { Caller } from "../../../src/access/principal.ts";
import { scopeSet } from "../../../src/access/scope.ts";
import { type Trust, trustGenesis } from "../../../src/client/receipt-verifier.ts";
import { submitTransactions } from "../../../src/client/submit-transactions.ts";
import type { SubmittedOutcome } from "../../../src/client/submitted-outcomes.ts";
import { isValidPoint, sha256, verify } from "../../../src/node/base/crypto.ts";
import { type Bytes, toHex } from "../../../src/primitives/bytes.ts";
import type { NetworkId } from "../../../src/primitives/ids.ts";
import { readRefusal } from "../../../src/transport/errors.ts";
import type { Cluster, GatewayClient } from "../../support/cluster.ts";
import { namedSigningKey, randomUuid, signOperation } from "../../support/operations.ts";
import { sweep } from "../../support/sweep.ts";
import { Random } from "../../support/world/random.ts";
import {
  balanceOf,
  expectAgreement,
  issue,
  networkOf,
  type Owned,
  startNetwork,
  stopNetwork,
  type TransferPlan,
  transferOf,
} from "../network.ts";

const TRANSFERS = sweep({ whole: 3_000, all: 300, share: 120 });
/** Of one stream: more than the outcomes after which one is cut. */
const SENT_MAX = 20;
const WALLETS = 6;
const BALANCE = 1_000n;
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);

let cluster: Cluster;
let trust: Trust;

beforeAll(async () => {
  cluster = await startNetwork();
  trust = trustGenesis(cluster.genesis, { hash: sha256, verify, isValidPoint });
});
afterAll(() => stopNetwork(cluster));

function bytesOf(plan: TransferPlan): Bytes {
  return signOperation(networkOf(cluster), plan.by ?? plan.from.signer, transferOf(plan)).bytes;
}

async function all(outcomes: AsyncIterable<SubmittedOutcome>): Promise<SubmittedOutcome[]> {
  const gathered: SubmittedOutcome[] = [];
  for await (const outcome of outcomes) gathered.push(outcome);
  return gathered;
}

/** A few at a time, so that a cut finds some that are answered, some under way and some not sent. */
async function* inBursts(random: Random, sent: readonly Bytes[]): AsyncGenerator<Bytes> {
  for (const bytes of sent) {
    if (random.chance(0.1)) await pause(random.below(40));
    yield bytes;
  }
}

/** The first few of the transfers, and then nothing until the stream is cut: a slow gateway would answer all of them at once. */
async function* firstOf<R extends { readonly transfers?: readonly unknown[] }>(
  requests: AsyncIterable<R>,
  signal: AbortSignal,
): AsyncGenerator<R> {
  let room = SENT_MAX;
  for await (const request of requests) {
    const transfers = request.transfers?.slice(0, room) ?? [];
    room -= transfers.length;
    yield { ...request, transfers };
    if (room > 0) continue;
    if (!signal.aborted) await once(signal, "abort");
    return;
  }
}

/** Streams to a gateway at random, of which all but the last few are cut after some outcomes. */
function cutStreams(random: Random): {
  readonly calls: Pick<GatewayClient, "submitTransactions">;
  readonly cuts: () => number;
} {
  let cuts = 0;
  return {
    cuts: () => cuts,
    calls: {
      submitTransactions: (requests, options) => {
        const cut = new AbortController();
        const left = random.below(8);
        const client = cluster.client(random.below(cluster.size));
        return (async function* () {
          let told = 0;
          const stop = random.chance(0.3) ? setTimeout(() => cut.abort(), random.below(100)) : 0;
          try {
            const sent = firstOf(requests, cut.signal);
            for await (const message of client.submitTransactions(sent, {
              ...options,
              signal: cut.signal,
            })) {
              yield message;
              told += message.results.length + message.refusals.length;
              if (told > left) cut.abort();
            }
          } catch (error) {
            if (!cut.signal.aborted) throw error;
            cuts += 1;
            throw new ConnectError("the stream was cut", Code.Unavailable);
          } finally {
            clearTimeout(stop);
          }
        })();
      },
    },
  };
}

describe(`streams of transfers (SEED=${seed})`, () => {
  it("T9, L8: give each operation one certified outcome, cut as they may be, and keep the money", async () => {
    const random = new Random(seed);
    const wallets = await Promise.all(
      Array.from({ length: WALLETS }, (_, i) => issue(cluster, i % 4, { balance: BALANCE })),
    );
    const sent: Bytes[] = [];
    const plans: TransferPlan[] = [];
    while (sent.length < TRANSFERS) {
      const [from, to] = random.sample(wallets, 2) as [Owned, Owned];
      const plan: TransferPlan = {
        from,
        to: to.id,
        amount: BigInt(1 + random.below(random.chance(0.1) ? 1_500 : 60)),
        id: randomUuid(),
      };
      const again = random.chance(0.15) ? sent[random.below(sent.length)] : undefined;
      const place = again === undefined ? -1 : sent.indexOf(again);
      sent.push(again ?? bytesOf(plan));
      plans.push(plans[place] ?? plan);
    }
    const { calls, cuts } = cutStreams(random);
    const outcomes = await all(
      submitTransactions(calls, trust, inBursts(random, sent), { attemptsMax: 100 }),
    );
    expect(cuts()).toBeGreaterThan(2);
    expect(outcomes.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([
      ...new Array(TRANSFERS).keys(),
    ]);
    await expectAgreement(cluster);
    const expected = new Map(wallets.map(({ id }) => [id as string, BALANCE]));
    const counted = new Set<string>();
    for (const outcome of outcomes) {
      const plan = plans[outcome.number] ?? expect.fail();
      const query = { from: plan.from.id, id: plan.id ?? "" };
      const found = await cluster.client(random.below(4)).getReceipt(query).catch(readRefusal);
      const ordered = found !== undefined && "$typeName" in found ? found : undefined;
      // A refusal is the word of one gateway; another one may have ordered the operation before the stream was cut.
      if (outcome.kind === "result") {
        expect(toHex(ordered?.receipt?.leaf ?? expect.fail("it is ordered"))).toBe(
          toHex(outcome.receipt.receipt.leaf),
        );
      }
      const isNew = !counted.has(query.id);
      counted.add(query.id);
      if (!isNew || ordered?.result?.status !== ResultStatus.APPLIED) continue;
      expected.set(plan.from.id, (expected.get(plan.from.id) ?? 0n) - plan.amount);
      expected.set(plan.to, (expected.get(plan.to) ?? 0n) + plan.amount);
    }
    for (const { id } of wallets) expect(await balanceOf(cluster, 0, id)).toBe(expected.get(id));
    const kinds = new Set(
      outcomes.map((one) => (one.kind === "refused" ? "refused" : one.receipt.result.status)),
    );
    expect(kinds).toContain("applied");
  }, 300_000);

  it("answer a transfer that was ordered before with its receipt, and what is wrong with its reason", async () => {
    const [payer, payee] = await Promise.all([
      issue(cluster, 0, { balance: 100n }),
      issue(cluster, 1),
    ]);
    const plan = { from: payer, to: payee.id, amount: 10n, id: randomUuid() };
    const once = bytesOf(plan);
    const [first] = await all(submitTransactions(cluster.client(0), trust, [once]));
    if (first?.kind !== "result") throw new Error("it was refused");
    expect(first.receipt.receipt.proof.kind).toBe("sealed");
    const forged = bytesOf({ ...plan, id: randomUuid(), by: namedSigningKey("another") });
    const wrong = [
      once,
      bytesOf({ ...plan, amount: 11n }),
      forged,
      bytesOf({ ...plan, id: randomUuid(), amount: 1_000n }),
      bytesOf({ ...plan, id: randomUuid(), to: randomUuid() }),
      bytesOf({ ...plan, id: randomUuid(), validUntil: Date.now() - 60_000 }),
      bytesOf({ ...plan, id: randomUuid(), from: { ...payer, id: randomUuid() } }),
    ];
    const outcomes = await all(submitTransactions(cluster.client(2), trust, wrong));
    const told = outcomes.toSorted((a, b) => a.number - b.number);
    const [again = expect.fail(), ...refused] = told;
    expect(again.kind === "result" && toHex(again.receipt.receipt.leaf)).toBe(
      toHex(first.receipt.receipt.leaf),
    );
    expect(refused.map((one) => one.kind === "refused" && one.refusal.reason)).toEqual([
      "ID_IN_USE",
      "INVALID_SIGNATURE",
      "INSUFFICIENT_FUNDS",
      "UNKNOWN_PAYEE",
      "WINDOW_PAST",
      "UNKNOWN_WALLET",
    ]);
  });

  it("refuse bytes that are no transfer of this network, each by itself", async () => {
    const payer = await issue(cluster, 0, { balance: 100n });
    const plan = { from: payer, to: randomUuid(), amount: 1n };
    const good = bytesOf(plan);
    const network = sha256(networkOf(cluster));
    const foreign = signOperation(network as NetworkId, payer.signer, transferOf(plan)).bytes;
    const transfers = [
      new Uint8Array(200),
      good.slice(0, -1),
      new Uint8Array([...good, 0]),
      foreign,
    ];
    const numbered = transfers.map((operation, number) => ({ number, operation }));
    async function* requests() {
      yield { transfers: numbered, wait: Wait.FINAL };
    }
    const reasons: string[] = [];
    for await (const { refusals } of cluster.client(0).submitTransactions(requests())) {
      for (const { number, detail } of refusals) reasons[number] = detail?.reason ?? "";
    }
    expect(reasons).toEqual(["MALFORMED", "MALFORMED", "MALFORMED", "WRONG_NETWORK"]);
  });

  it("T14: need the scope submit, and hide a foreign wallet as single calls do", async () => {
    const payer = await issue(cluster, 0, { balance: 100n });
    const plan = { from: payer, to: payer.id, amount: 1n };
    const reader: Caller = { principal: "token:reader", scopes: scopeSet(["read", "custody"]) };
    const refused = await all(
      submitTransactions(cluster.client(0, reader), trust, [bytesOf(plan)]),
    ).catch(readRefusal);
    expect(refused).toMatchObject({
      reason: "PERMISSION_DENIED",
      metadata: { scope: "submit" },
    });
    const submitter: Caller = { principal: "token:payments", scopes: scopeSet(["submit"]) };
    const forged = bytesOf({ ...plan, by: namedSigningKey("another") });
    const [hidden] = await all(submitTransactions(cluster.client(0, submitter), trust, [forged]));
    expect(hidden).toMatchObject({ kind: "refused", refusal: { reason: "UNKNOWN_WALLET" } });
  });
});
