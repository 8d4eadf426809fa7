/**
 * Goal: a gateway that lies is caught in every case that a receipt or a header can show, and another one is asked. Method: a network in
 * memory, whose first gateway is asked first and changes its answers; one test a lie. docs/integrate.md names what nothing shows.
 */
import { clone, create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  EntryKind,
  GetReceiptResponseSchema,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { LedgerClient } from "../../src/client/ledger-client.ts";
import type { ProvenEvent } from "../../src/client/proven-streams.ts";
import type { TransferTerms, Wallet } from "../../src/client/wallet.ts";
import { amount } from "../../src/primitives/amount.ts";
import { toConnectError } from "../../src/transport/errors.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { randomUuid } from "../support/operations.ts";
import { type Calls, fundedWallet, ledgerOver } from "./ledger-bed.ts";
import { type Network, startNetwork } from "./network.ts";

let network: Network;
let payer: Wallet;
let payee: Wallet;
let payments: readonly TransferTerms[];

beforeAll(async () => {
  network = await startNetwork();
  [payer, payee] = [await fundedWallet(network, 1_000n), await fundedWallet(network, 1n)];
  payments = [5n, 7n, 11n].map((sum) => terms(sum));
  const ledger = ledgerOver(network);
  for (const one of payments) await ledger.order(payer.transfer(one));
});

afterAll(() => network?.cluster.stop());

function terms(sum: bigint): TransferTerms {
  const validUntil = Date.now() + 600_000;
  return { id: randomUuid(), to: payee.id, asset: "EUR", amount: amount(sum), validUntil };
}

/** The network, whose first gateway lies; it is asked first. */
function lying(change: (calls: Calls) => Partial<Calls>, timeoutMs = 20_000): LedgerClient {
  return ledgerOver(network, (calls, index) => (index === 0 ? change(calls) : {}), { timeoutMs });
}

/** The network, all of whose gateways lie. */
function allLying(change: (calls: Calls) => Partial<Calls>): LedgerClient {
  return ledgerOver(network, change, { timeoutMs: 1_500 });
}

const [first, second] = [() => payments[0] ?? expect.fail(), () => payments[1] ?? expect.fail()];
const refused = (reason: "NOT_FOUND" | "INSUFFICIENT_FUNDS") =>
  toConnectError(new Refusal(reason, { message: "no" }));

describe("a wrong receipt", () => {
  const wrong: [string, (calls: Calls) => Calls["getReceipt"]][] = [
    ["of another payment", (calls) => (_, options) => calls.getReceipt(of(second()), options)],
    [
      "with another result",
      (calls) => async (request, options) => {
        const answer = clone(GetReceiptResponseSchema, await calls.getReceipt(request, options));
        if (answer.result !== undefined) answer.result.status += 1;
        return answer;
      },
    ],
    [
      "with another seal",
      (calls) => async (request, options) => {
        const answer = clone(GetReceiptResponseSchema, await calls.getReceipt(request, options));
        answer.receipt?.sealedHeader?.seal.fill(7);
        return answer;
      },
    ],
    ["that is none", () => async () => create(GetReceiptResponseSchema)],
  ];
  const of = ({ id }: TransferTerms) => ({ from: payer.id, id });

  it.each(wrong)("%s is not returned; another gateway is asked", async (_, change) => {
    const ledger = lying((calls) => ({ getReceipt: change(calls) }));
    expect(await ledger.receipt(of(first()))).toMatchObject({
      ...{ valid: true, operation: { id: first().id, amount: 5n } },
    });
    // It is asked last from now on.
    expect(ledger.gateways.inOrder().at(-1)?.name).toBe("gateway 0");
  });

  it.each(wrong)("%s from every gateway is an error, UNPROVEN", async (_, change) => {
    const ledger = allLying((calls) => ({ getReceipt: change(calls) }));
    await expect(ledger.receipt(of(first()))).rejects.toMatchObject({ code: "UNPROVEN" });
  });

  it("for an order, of another one, is not returned", async () => {
    const [asked, other] = [terms(1n), first()];
    const ledger = lying((calls) => ({
      transaction: (_, options) => calls.transaction(payer.transfer(other), options),
    }));
    const receipt = await ledger.order(payer.transfer(asked));
    expect(receipt.operation.id).toBe(asked.id);
  });
});

describe('"never" for a payment that was made', () => {
  it("by the word that there is no receipt is not believed while another gateway has it", async () => {
    const ledger = lying(() => ({ getReceipt: () => Promise.reject(refused("NOT_FOUND")) }));
    const receipt = await ledger.receipt({ from: payer.id, id: first().id });
    expect(receipt).toMatchObject({ valid: true, result: { status: "applied" } });
  });

  it("by a refusal of the order is not believed while another gateway has the result", async () => {
    const ledger = lying(() => ({
      transaction: () => Promise.reject(refused("INSUFFICIENT_FUNDS")),
    }));
    const receipt = await ledger.order(payer.transfer(first()));
    expect(receipt).toMatchObject({ operation: { id: first().id }, result: { status: "applied" } });
  });
});

describe("stale state", () => {
  it("below a proven block is not returned", async () => {
    const old = await network.cluster.client(0).getWallet({ id: payee.id });
    const ledger = lying(() => ({ getWallet: async () => old }));
    await ledger.order(payer.transfer(terms(1n)));
    const { wallet, height } = await ledger.wallet(payee.id);
    expect(height).toBeGreaterThan(old.height);
    expect(wallet.balance).toBeGreaterThan(old.wallet?.balance ?? 0n);
  });

  it("with a height that is made up, and the time of an old block, is not returned", async () => {
    const old = await network.cluster.client(0).getWallet({ id: payee.id });
    const ledger = lying(() => ({ getWallet: async () => ({ ...old, height: 1_000_000n }) }));
    await ledger.order(payer.transfer(terms(1n)));
    const { height } = await ledger.wallet(payee.id);
    expect(height).toBeLessThan(1_000_000n);
  });

  it("from every gateway is an error, STALE, and so is a newest block that is too old for the caller", async () => {
    const old = await network.cluster.client(0).getWallet({ id: payee.id });
    const ledger = allLying(() => ({ getWallet: async () => old }));
    await ledger.order(payer.transfer(terms(1n)), { timeoutMs: 60_000 });
    await expect(ledger.wallet(payee.id)).rejects.toMatchObject({ code: "STALE" });
    const honest = ledgerOver(network, undefined, {
      timeoutMs: 500,
      now: () => Date.now() + 60_000,
    });
    await expect(honest.wallet(payee.id, { maxAgeMs: 1_000 })).rejects.toMatchObject({
      code: "STALE",
    });
  });

  it("of another wallet is not returned", async () => {
    const ledger = lying((calls) => ({
      getWallet: (_, options) => calls.getWallet({ id: payer.id }, options),
    }));
    expect((await ledger.wallet(payee.id)).wallet.id).toBe(payee.id);
  });
});

describe("a stream of events", () => {
  /** The messages of the honest node, changed. */
  const changing =
    (change: (message: SubscribeResponse) => void) =>
    (calls: Calls): Partial<Calls> => ({
      subscribe: async function* (request, options) {
        for await (const message of calls.subscribe(request, options)) {
          const copy = clone(SubscribeResponseSchema, message);
          change(copy);
          yield copy;
        }
      },
    });

  async function take(ledger: LedgerClient, count: number): Promise<ProvenEvent[]> {
    const found: ProvenEvent[] = [];
    for await (const event of ledger.watch({ walletId: payee.id, fromHeight: 0n })) {
      found.push(event);
      if (found.length === count) break;
    }
    return found;
  }

  it("comes with the receipts that prove it", async () => {
    const found = await take(ledgerOver(network), 4);
    expect(found.map(({ entry }) => entry.amount)).toEqual([1n, 5n, 7n, 11n]);
    expect(found.every(({ receipt }) => receipt?.valid)).toBe(true);
  });

  it.each<[string, (message: SubscribeResponse) => void]>([
    ["reordered", ({ events }) => void events.reverse()],
    ["repeated", ({ events }) => void events.push(...events)],
    ["with one left out", ({ events }) => void events.splice(1, 1)],
    [
      "with another wallet's entries",
      ({ events }) => {
        for (const { event } of events) {
          if (event.case === "entry" && event.value.receipt) event.value.receipt.id = randomUuid();
        }
      },
    ],
    [
      "with another amount, and balances that add up to it",
      ({ events }) => {
        for (const { event } of events) {
          if (event.case !== "entry" || event.value.number === 1n) continue;
          event.value.amount += 1n;
          event.value.balance += event.value.number - 1n;
        }
      },
    ],
    [
      "with a payment that was not made",
      ({ events }) => {
        const last = events.at(-1)?.event;
        if (last?.case === "entry") last.value.counterparty = randomUuid();
      },
    ],
    [
      "that shows what was paid as received",
      ({ events }) => {
        for (const { event } of events) {
          if (event.case === "entry") event.value.kind = EntryKind.PAID;
        }
      },
    ],
  ])("%s is an error, UNPROVEN", async (_, change) => {
    const ledger = lying(changing(change), 2_000);
    await expect(take(ledger, Number.POSITIVE_INFINITY)).rejects.toMatchObject({
      code: "UNPROVEN",
    });
  });

  it("that is cut goes on at another gateway, without a gap", async () => {
    const ledger = lying((calls) => ({
      subscribe: async function* (request, options) {
        for await (const message of calls.subscribe(request, options)) {
          if (message.events.length === 0) continue;
          yield { ...message, events: message.events.slice(0, 2) };
          return;
        }
      },
    }));
    const found = await take(ledger, 4);
    expect(found.map(({ entry }) => entry.number)).toEqual([1n, 2n, 3n, 4n]);
  });
});

describe("a statement", () => {
  const entriesOf = async (ledger: LedgerClient) =>
    await Array.fromAsync(ledger.statement({ walletId: payee.id, oldestFirst: true }));

  it("comes with the receipts that prove it", async () => {
    const entries = await entriesOf(ledgerOver(network));
    expect(entries.slice(0, 4).map(({ entry }) => entry.amount)).toEqual([1n, 5n, 7n, 11n]);
    expect(entries.every(({ receipt }) => receipt?.valid)).toBe(true);
  });

  it("with another wallet's entries is an error, UNPROVEN", async () => {
    const ledger = lying((calls) => ({
      listEntries: (request, options) =>
        calls.listEntries({ ...request, walletId: payer.id }, options),
    }));
    await expect(entriesOf(ledger)).rejects.toMatchObject({ code: "UNPROVEN" });
  });
});
