/**
 * Goal: a gateway that lies about a wallet or its statement is caught, and another one is asked. Method: a network in memory, whose first
 * gateway is asked first and changes its answers; one test a lie. Each lie is told by every gateway too, and then nothing is returned.
 */
import { clone } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Entry,
  type GetWalletRequest,
  type GetWalletResponse,
  GetWalletResponseSchema,
  ListEntriesResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { LedgerClient } from "../../src/client/ledger-client.ts";
import { verifyProofFile } from "../../src/client/proof-file.ts";
import { excerptOf } from "../../src/client/statement-excerpt.ts";
import type { TransferTerms, Wallet } from "../../src/client/wallet.ts";
import { verifyWalletProof } from "../../src/client/wallet-proof-verifier.ts";
import { encodeWalletRecord } from "../../src/ledger/wallet-record.ts";
import { amount } from "../../src/primitives/amount.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import { encodeStatementProof } from "../../src/primitives/statement-proof.ts";
import { decodeWalletProof, encodeWalletProof } from "../../src/primitives/wallet-proof.ts";
import { randomUuid } from "../support/operations.ts";
import { type Calls, fundedWallet, ledgerOver } from "./ledger-bed.ts";
import { type Network, startNetwork } from "./network.ts";

let network: Network;
let payer: Wallet;
let payee: Wallet;
/** The id of the last payment. */
let last: string;
const PAID = [5n, 7n, 11n, 13n];

beforeAll(async () => {
  network = await startNetwork();
  [payer, payee] = [await fundedWallet(network, 1_000n), await fundedWallet(network, 1n)];
  const ledger = ledgerOver(network);
  for (const sum of PAID) {
    const payment = terms(sum);
    await ledger.order(payer.transfer(payment));
    last = payment.id;
  }
});

afterAll(() => network?.cluster.stop());

function terms(sum: bigint): TransferTerms {
  const validUntil = Date.now() + 600_000;
  return { id: randomUuid(), to: payee.id, asset: "EUR", amount: amount(sum), validUntil };
}

/** A client that has seen the last payment proven: a state from before it is old. */
async function informed(ledger: LedgerClient): Promise<LedgerClient> {
  await ledger.receipt({ from: payer.id, id: last });
  return ledger;
}

type Lie = (calls: Calls) => Partial<Calls>;

const lying = (lie: Lie) =>
  ledgerOver(network, (calls, index) => (index === 0 ? lie(calls) : {}), { timeoutMs: 60_000 });
const allLying = (lie: Lie) => ledgerOver(network, lie, { timeoutMs: 3_000 });

/** Another answer to GetWallet. */
function answering(change: (answer: GetWalletResponse, asked: GetWalletRequest) => void): Lie {
  return (calls) => ({
    getWallet: async (asked, options) => {
      const answer = clone(GetWalletResponseSchema, await calls.getWallet(asked, options));
      change(answer, asked as GetWalletRequest);
      return answer;
    },
  });
}

/** Another list of entries on each page. */
function listing(change: (entries: readonly Entry[]) => readonly Entry[]): Lie {
  return (calls) => ({
    listEntries: async (asked, options) => {
      const page = clone(ListEntriesResponseSchema, await calls.listEntries(asked, options));
      page.entries = [...change(page.entries)];
      return page;
    },
  });
}

function readProof({ proof }: GetWalletResponse) {
  const read = decodeWalletProof(proof);
  if (read instanceof EncodingError) throw read;
  return read;
}

/** The record in the proof with a million more, and the same beside it. */
function forgeBalance(answer: GetWalletResponse): undefined {
  const proof = readProof(answer);
  const verified = verifyWalletProof(network.trust, proof.walletId, answer.proof);
  if (!verified.valid || verified.kind !== "wallet" || answer.wallet === undefined) {
    return expect.fail("the honest answer proves the wallet");
  }
  const balance = amount(verified.wallet.balance + 1_000_000n);
  const record = encodeWalletRecord(network.trust.networkId, { ...verified.wallet, balance });
  answer.proof = encodeWalletProof({ ...proof, end: { kind: "wallet", record } });
  answer.wallet.balance = balance;
}

/** "There is no such wallet", with the path of the wallet that there is. */
function deny(answer: GetWalletResponse): void {
  answer.proof = encodeWalletProof({ ...readProof(answer), end: { kind: "gap" } });
  delete answer.wallet;
}

const swapped = (entries: readonly Entry[]): readonly Entry[] => {
  const [first, second, third, ...rest] = entries;
  if (first === undefined || second === undefined || third === undefined) return entries;
  // Numbers and balances as they would be in that order: only the chain knows better.
  const upper = { ...second, number: third.number, balance: third.balance };
  const lower = { ...third, number: second.number, balance: first.balance + third.amount };
  return [first, lower, upper, ...rest];
};

const LIES: readonly (readonly [string, Lie])[] = [
  ["forges a balance", answering(forgeBalance)],
  ["denies a wallet", answering(deny)],
  [
    "answers with the proof of another wallet",
    (calls) => ({
      getWallet: (asked, options) => calls.getWallet({ ...asked, id: payer.id }, options),
    }),
  ],
];

const STATEMENT_LIES: readonly (readonly [string, Lie])[] = [
  ["hides an entry", listing((entries) => entries.toSpliced(1, 1))],
  ["hides the last entry", listing((entries) => entries.slice(0, -1))],
  [
    "hides an entry and numbers the others anew",
    listing((entries) =>
      entries.toSpliced(1, 1).map((entry, place) => {
        const all = entries.toSpliced(1, 1).slice(0, place + 1);
        const balance = all.reduce((sum, one) => sum + one.amount, 0n);
        return { ...entry, number: BigInt(place + 1), balance };
      }),
    ),
  ],
  [
    "changes an amount",
    listing((entries) =>
      entries.map((entry, place) =>
        place === 0
          ? entry
          : {
              ...entry,
              balance: entry.balance + 1n,
              amount: place === 1 ? entry.amount + 1n : entry.amount,
            },
      ),
    ),
  ],
  [
    "changes who paid",
    listing((entries) =>
      entries.map((entry, place) => ({
        ...entry,
        operation: (entries[place === 1 ? 2 : place] ?? entry).operation,
      })),
    ),
  ],
  ["reorders two entries", listing(swapped)],
  ["repeats an entry", listing((entries) => entries.toSpliced(1, 0, ...entries.slice(1, 2)))],
  [
    "shows the statement of another wallet",
    (calls) => ({
      listEntries: (asked, options) => calls.listEntries({ ...asked, walletId: payer.id }, options),
    }),
  ],
  [
    "gives no operations",
    listing((entries) => entries.map((entry) => ({ ...entry, operation: new Uint8Array() }))),
  ],
];

describe("L17: a proven wallet", () => {
  it("has the balance that the network certified, and the proof shows it to everyone", async () => {
    const { proof, verified } = await (await informed(ledgerOver(network))).provenWallet(payee.id);
    expect(verified).toMatchObject({ kind: "wallet", wallet: { balance: 37n, entries: 5 } });
    const file = verifyProofFile(network.trust, encodeWalletProof(proof));
    expect(file).toMatchObject({ kind: "wallet", walletId: payee.id, asset: "EUR" });
  });

  it("that does not exist is proven to be absent", async () => {
    const { verified } = await ledgerOver(network).provenWallet(randomUuid() as WalletId);
    expect(verified).toMatchObject({ valid: true, kind: "absence" });
  });

  it.each(LIES)("by a gateway that %s is not returned; another one is asked", async (_, lie) => {
    const ledger = await informed(lying(lie));
    const { verified } = await ledger.provenWallet(payee.id);
    expect(verified).toMatchObject({ kind: "wallet", wallet: { balance: 37n } });
    expect(ledger.gateways.inOrder().at(-1)?.name).toBe("gateway 0");
  });

  it.each(LIES)("by gateways each of which %s is an error", async (_, lie) => {
    await expect(allLying(lie).provenWallet(payee.id)).rejects.toMatchObject({ code: "UNPROVEN" });
  });

  it("by a gateway that invents a wallet is not returned", async () => {
    const ledger = lying(
      answering((answer, { id }) => {
        const { wallet } = answer;
        if (wallet === undefined) answer.wallet = { id, asset: "EUR", balance: 5n } as never;
      }),
    );
    const { verified } = await ledger.provenWallet(randomUuid() as WalletId);
    expect(verified).toMatchObject({ kind: "absence" });
    expect(ledger.gateways.inOrder().at(-1)?.name).toBe("gateway 0");
  });

  it("by a gateway that shows an old state is not returned once a newer one is proven", async () => {
    const old = await network.cluster.client(0).getWallet({ id: payee.id, prove: true });
    const ledger = lying(() => ({ getWallet: async () => old }));
    await ledger.order(payer.transfer(terms(1n)));
    await ledger.order(payee.transfer({ ...terms(1n), to: payer.id }));
    const { verified } = await ledger.provenWallet(payee.id);
    expect(verified).toMatchObject({ wallet: { balance: 37n, entries: 7 } });
  });
});

describe("L16: a proven statement", () => {
  it("has every entry, with the operation of each, and the proof shows it to everyone", async () => {
    const ledger = await informed(ledgerOver(network));
    const { proof, verified } = await ledger.provenStatement(payee.id);
    const sums = verified.entries.map(({ delta }) => delta);
    expect(sums.slice(0, 5)).toEqual([1n, ...PAID]);
    expect(verified.entries.every(({ operation }) => operation !== undefined)).toBe(true);
    const file = verifyProofFile(network.trust, encodeStatementProof(proof));
    expect(file).toMatchObject({ kind: "statement", walletId: payee.id });
    const { from, to } = { from: verified.entries[2], to: verified.entries[3] };
    if (from === undefined || to === undefined) return expect.fail("there are five");
    const part = excerptOf(verified, { from: from.height, to: to.height });
    expect(part).toMatchObject({ opening: { entries: 2, balance: 6n }, closing: { balance: 24n } });
    expect(excerptOf(verified, { from: from.height, to: height(1_000_000) })).toBe("endsEarly");
  });

  it.each(STATEMENT_LIES)("by a gateway that %s is not returned", async (_, lie) => {
    const ledger = await informed(lying(lie));
    const { verified } = await ledger.provenStatement(payee.id);
    expect(verified.entries.slice(0, 5).map(({ delta }) => delta)).toEqual([1n, ...PAID]);
    expect(ledger.gateways.inOrder().at(-1)?.name).toBe("gateway 0");
  });

  it.each([...LIES, ...STATEMENT_LIES])(
    "by gateways each of which %s is an error",
    async (_, lie) => {
      const told = allLying(lie).provenStatement(payee.id);
      await expect(told).rejects.toMatchObject({ code: "UNPROVEN" });
    },
  );

  it("that a gateway ends early, in an older state, is not returned", async () => {
    const old = await network.cluster.client(0).getWallet({ id: payee.id, prove: true });
    const ledger = lying(() => ({ getWallet: async () => old }));
    await ledger.order(payer.transfer(terms(2n)));
    const { verified } = await ledger.provenStatement(payee.id);
    expect(verified.entries.at(-1)?.delta).toBe(2n);
    const end = { from: height(1), to: height(verified.header.height + 1) };
    expect(excerptOf(verified, end)).toBe("endsEarly");
  });
});
