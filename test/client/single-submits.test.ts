/** Goal: transfers that go as single calls have the outcomes of a stream. Method: a network in memory, and its answers changed on their way. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Outbox } from "../../src/client/outbox.ts";
import { submitSingly } from "../../src/client/single-submits.ts";
import { type StreamedOutcome, submitTransactions } from "../../src/client/submit-transactions.ts";
import { SubmitFault } from "../../src/client/submitted-outcomes.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { amount } from "../../src/primitives/amount.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { randomUuid } from "../support/operations.ts";
import { type Calls, fundedWallet, ledgerOver } from "./ledger-bed.ts";
import { type Network, startNetwork } from "./network.ts";

type Transaction = Calls["transaction"];

let network: Network;
let wallet: Wallet;
let payee: Wallet;
beforeAll(async () => {
  network = await startNetwork();
  [wallet, payee] = [await fundedWallet(network, 1_000n), await fundedWallet(network, 1n)];
});
afterAll(() => network.cluster.stop());

function signed(count: number, sum = 1n): readonly Bytes[] {
  const terms = { to: payee.id, asset: "EUR", amount: amount(sum) };
  const validUntil = Date.now() + 600_000;
  return Array.from({ length: count }, () =>
    wallet.transferBytes({ ...terms, id: randomUuid(), validUntil }),
  );
}

async function outcomes(
  transfers: readonly Bytes[],
  change: (transaction: Transaction) => Transaction = (same) => same,
): Promise<StreamedOutcome[]> {
  const calls = network.cluster.client(0) as Calls;
  const transaction = change(calls.transaction);
  const submits = { submitTransactions: submitSingly({ transaction }, network.trust) };
  return await Array.fromAsync(
    submitTransactions(submits, network.trust, transfers, { attemptsMax: 1 }),
  );
}

it("each have their own outcome, proven or refused, and at most 32 are under way", async () => {
  let [running, most] = [0, 0];
  const counted = (transaction: Transaction): Transaction => {
    return async (...args) => {
      running += 1;
      most = Math.max(most, running);
      return await transaction(...args).finally(() => {
        running -= 1;
      });
    };
  };
  const transfers = [...signed(100), ...signed(1, 5_000n)];
  const told = await outcomes(transfers, counted);
  expect(told.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([...transfers.keys()]);
  const paid = told.filter(({ kind }) => kind === "result");
  expect(paid).toHaveLength(100);
  const [refused] = told.filter(({ kind }) => kind === "refused");
  expect(refused).toMatchObject({ number: 100, refusal: { reason: "INSUFFICIENT_FUNDS" } });
  expect(most).toBe(32);
});

it("are not believed without a receipt of their own", async () => {
  const [mine = new Uint8Array(), other = new Uint8Array()] = signed(2);
  let first: ReturnType<Transaction> | undefined;
  const swapped = (transaction: Transaction): Transaction => {
    return (...args) => {
      first ??= transaction(...args);
      return first;
    };
  };
  await expect(outcomes([mine, other], swapped)).rejects.toThrow(SubmitFault);
  const bare = (transaction: Transaction): Transaction => {
    return async (...args) => {
      const { receipt, ...rest } = await transaction(...args);
      expect(receipt).toBeDefined();
      return rest;
    };
  };
  await expect(outcomes([mine], bare)).rejects.toThrow(/without its receipt/);
});

it("end when their reader leaves, and when it aborts", async () => {
  const left = new Set<AbortSignal>();
  let asked = 0;
  // The first call is answered; the others wait until they are ended.
  const transaction: Transaction = (request, options) => {
    asked += 1;
    if (asked % 3 === 1) return (network.cluster.client(0) as Calls).transaction(request, options);
    const signal = options?.signal ?? expect.fail("a call can be ended");
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => {
      left.add(signal);
      reject(signal.reason);
    });
    return promise;
  };
  const submits = { submitTransactions: submitSingly({ transaction }, network.trust) };
  const requests = async function* () {
    yield { transfers: signed(3).map((operation, number) => ({ number, operation })) };
  };
  for await (const { results } of submits.submitTransactions(requests())) {
    expect(results).toHaveLength(1);
    break;
  }
  expect([asked, left.size]).toEqual([3, 1]);

  const end = new AbortController();
  const { signal } = end;
  const run = submitTransactions(submits, network.trust, signed(3), { signal });
  expect((await run.next()).done).toBe(false);
  end.abort();
  await expect(run.next()).rejects.toThrow(/abort/i);
  expect([asked, left.size]).toEqual([6, 2]);
});

it("carry an outbox: each payment is made once", async () => {
  const batches: string[] = [];
  const ledger = ledgerOver(network, (calls) => ({
    submitTransactions: submitSingly(calls, network.trust),
  }));
  const storage = {
    batches,
    add: async (batch: string) => {
      batches.push(batch);
      return true;
    },
    replace: async () => undefined,
    close: async () => undefined,
  };
  const outbox = await Outbox.open({ ledger, wallet, storage });
  const ids = Array.from({ length: 40 }, randomUuid);
  for (const id of ids) await outbox.pay({ id, to: payee.id, amount: "0.01 EUR" });
  const ends = await Promise.all(ids.map((id) => outbox.outcome(id)));
  expect(ends.map(({ state }) => state)).toEqual(ids.map(() => "applied"));
  await outbox.close();
});
