/**
 * Goal: each payment of an outbox ends in one proven state, however often the program dies. Method: a network in memory, and a storage
 * that dies at every point at which a program can.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { SubmitTransactionsResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { LedgerClient } from "../../src/client/ledger-client.ts";
import { LedgerError } from "../../src/client/ledger-error.ts";
import { statement } from "../../src/client/lists.ts";
import { Outbox, type OutboxOptions } from "../../src/client/outbox.ts";
import { openOutboxFile } from "../../src/client/outbox-file.ts";
import type { OutboxStorage } from "../../src/client/outbox-storage.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { toConnectError, wireRefusalOf } from "../../src/transport/errors.ts";
import { Refusal, type RefusalReason } from "../../src/transport/refusal.ts";
import { expectAgreement } from "../node/network.ts";
import { randomUuid } from "../support/operations.ts";
import { type Calls, type Change, fundedWallet, ledgerOver } from "./ledger-bed.ts";
import { type Network, startNetwork } from "./network.ts";

let network: Network;
let payee: Wallet;
let folder: string;

beforeAll(async () => {
  network = await startNetwork();
  payee = await fundedWallet(network, 1n);
  folder = mkdtempSync(join(tmpdir(), "countersign-outbox-"));
});

afterAll(async () => {
  await network?.cluster.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** It survives a program: the batches of its storage. */
class Disk {
  batches: string[] = [];

  storage(add: (batch: string) => Promise<boolean> = this.add): OutboxStorage {
    return {
      batches: [...this.batches],
      add,
      replace: async (batches) => {
        this.batches = [...batches];
      },
      close: async () => undefined,
    };
  }

  readonly add = async (batch: string): Promise<boolean> => {
    this.batches.push(batch);
    return true;
  };
}

async function opened(
  wallet: Wallet,
  storage: OutboxStorage,
  options: Partial<OutboxOptions> = {},
): Promise<Outbox> {
  const outbox = await Outbox.open({ ledger: ledgerOver(network), wallet, storage, ...options });
  onTestFinished(() => outbox.close());
  return outbox;
}

/** Takes no stream. */
function refusing(error: Error): Partial<Calls> {
  return {
    submitTransactions: async function* () {
      yield* [];
      throw error;
    },
  };
}

/** Orders nothing, and refuses each payment of its streams. */
function saying(reason: RefusalReason): Calls["submitTransactions"] {
  return async function* (requests) {
    const { detail } = wireRefusalOf(new Refusal(reason, { message: "no" }));
    for await (const { transfers = [] } of requests) {
      const refusals = transfers.map(({ number = 0 }) => ({ number, detail }));
      yield create(SubmitTransactionsResponseSchema, { refusals });
    }
  };
}

const terms = (id?: string) => ({ to: payee.id, amount: "0.05 EUR", reference: "invoice 7", id });

async function paidBy(wallet: Wallet): Promise<string[]> {
  // The outcome may have come from another node, and the first one may be behind it.
  await expectAgreement(network.cluster);
  const calls = network.cluster.client(0);
  const entries = await Array.fromAsync(statement(calls, { walletId: wallet.id }));
  return entries.filter(({ counterparty }) => counterparty === payee.id).map(({ id }) => id);
}

describe("a payment", () => {
  it("ends applied with a receipt that proves it, and is the same after a restart", async () => {
    const [wallet, disk] = [await fundedWallet(network, 100n), new Disk()];
    const outbox = await opened(wallet, disk.storage());
    const { id, state } = await outbox.pay(terms());
    expect(state).toBe("open");
    expect(await outbox.outcome(id)).toMatchObject({
      ...{ state: "applied", amount: 5n, reference: "invoice 7" },
      receipt: { valid: true, operation: { id, to: payee.id } },
    });
    await outbox.close();
    const again = await opened(wallet, disk.storage());
    expect(again.payment(id)).toMatchObject({ state: "applied", receipt: { valid: true } });
    expect(await again.pay(terms(id))).toMatchObject({ id, state: "applied" });
    expect(await paidBy(wallet)).toEqual([id]);
  });

  it("of the same id is the same payment, and another one is refused", async () => {
    const wallet = await fundedWallet(network, 100n);
    const outbox = await opened(wallet, new Disk().storage());
    const id = randomUuid();
    await Promise.all([outbox.pay(terms(id)), outbox.pay(terms(id)), outbox.pay(terms(id))]);
    await expect(outbox.pay({ ...terms(id), amount: "0.06 EUR" })).rejects.toMatchObject({
      code: "ID_IN_USE",
    });
    await outbox.outcome(id);
    expect(await paidBy(wallet)).toEqual([id]);
  });

  it.each([
    ["to", { to: "bob" }, /^to: /],
    ["to, its own wallet", "self", /^to: /],
    ["amount, of another currency", { amount: "1 CHF" }, /another currency/],
    ["amount, of nothing", { amount: "0 EUR" }, /^amount: /],
    ["reference", { reference: "ü".repeat(71) }, /^reference: /],
    ["id", { id: "1" }, /^id: /],
    ["lifetime", { lifetimeMs: 1e12 }, /^lifetimeMs: /],
  ])("with a wrong %s is never signed", async (_, change, message) => {
    const [wallet, disk] = [await fundedWallet(network, 100n), new Disk()];
    const outbox = await opened(wallet, disk.storage());
    const wrong = change === "self" ? { to: wallet.id } : (change as object);
    const error = await outbox.pay({ ...terms(), ...wrong }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "INVALID", message: expect.stringMatching(message) });
    expect(disk.batches).toEqual([]);
  });

  it("is durable before anything of it is sent", async () => {
    const wallet = await fundedWallet(network, 100n);
    const [disk, written] = [new Disk(), Promise.withResolvers<void>()];
    const order: string[] = [];
    const change: Change = (calls) => ({
      submitTransactions: async function* (requests, options) {
        order.push("sent");
        yield* calls.submitTransactions(requests, options);
      },
    });
    const add = async (batch: string): Promise<boolean> => {
      if (batch.startsWith("p:")) {
        await written.promise;
        order.push("durable");
      }
      return await disk.add(batch);
    };
    const outbox = await opened(wallet, disk.storage(add), { ledger: ledgerOver(network, change) });
    const paying = outbox.pay(terms());
    // Many turns of the program, in which it could have sent.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    written.resolve();
    const { id } = await paying;
    await outbox.outcome(id);
    expect(order.slice(0, 2)).toEqual(["durable", "sent"]);
  });

  it("that a gateway refuses is paid through another one", async () => {
    const wallet = await fundedWallet(network, 100n);
    const change: Change = (_, index) => {
      if (index === 3) return {};
      if (index === 0) return refusing(new ConnectError("gone", Code.Unavailable));
      return refusing(toConnectError(new Refusal("PERMISSION_DENIED", { message: "no" })));
    };
    const outbox = await opened(wallet, new Disk().storage(), {
      ledger: ledgerOver(network, change),
    });
    const { id } = await outbox.pay(terms());
    expect(await outbox.outcome(id)).toMatchObject({ state: "applied" });
  });

  const gone = () => new ConnectError("gone", Code.Unavailable);
  const deaf: Change = () => refusing(gone());

  it("that is cancelled before it was ordered is never made, as a receipt proves", async () => {
    const wallet = await fundedWallet(network, 100n);
    const [disk, ledger] = [new Disk(), ledgerOver(network, deaf)];
    const outbox = await opened(wallet, disk.storage(), { ledger });
    const { id } = await outbox.pay(terms());
    const proven = {
      ...{ id, state: "never" },
      proof: { kind: "receipt", receipt: { valid: true, operation: { kind: "cancellation", id } } },
    };
    expect(await outbox.cancel(id)).toMatchObject(proven);
    await outbox.close();
    const again = await opened(wallet, disk.storage());
    expect(again.payment(id)).toMatchObject(proven);
    expect(await again.cancel(id)).toMatchObject(proven);
    expect(await paidBy(wallet)).toEqual([]);
  });

  it("that is cancelled after it was ordered is made", async () => {
    const wallet = await fundedWallet(network, 100n);
    const ids = Array.from({ length: 8 }, randomUuid);
    const outbox = await opened(wallet, new Disk().storage());
    const ends = await Promise.all(
      ids.map(async (id, i) => {
        await outbox.pay(terms(id));
        if (i % 2 === 0) await outbox.outcome(id);
        return await outbox.cancel(id);
      }),
    );
    expect(ends.filter((_, i) => i % 2 === 0).every(({ state }) => state === "applied")).toBe(true);
    const paid = ends.filter(({ state }) => state === "applied").map(({ id }) => id);
    expect(ends.every(({ state }) => state === "applied" || state === "never")).toBe(true);
    expect((await paidBy(wallet)).toSorted()).toEqual(paid.toSorted());
  });

  it("that no gateway took before its deadline is cancelled", async () => {
    const wallet = await fundedWallet(network, 100n);
    const ledger = ledgerOver(network, deaf);
    const outbox = await opened(wallet, new Disk().storage(), { ledger });
    const { id } = await outbox.pay({ ...terms(), lifetimeMs: 200 });
    expect(await outbox.outcome(id)).toMatchObject({ state: "never", proof: { kind: "receipt" } });
    expect(await paidBy(wallet)).toEqual([]);
  });

  it("that could not be cancelled in time is never made, as more than f nodes say", async () => {
    const wallet = await fundedWallet(network, 100n);
    const change: Change = () => ({
      ...refusing(gone()),
      cancelTransaction: () => Promise.reject(gone()),
    });
    const ledger = ledgerOver(network, change);
    const outbox = await opened(wallet, new Disk().storage(), { ledger });
    const { id } = await outbox.pay({ ...terms(), lifetimeMs: 200 });
    const outcome = outbox.outcome(id);
    // A network makes blocks when there are payments.
    const other = await opened(await fundedWallet(network, 1_000_000n), new Disk().storage());
    let ended = false;
    void outcome.then(() => {
      ended = true;
    });
    while (!ended) await other.outcome((await other.pay(terms())).id);
    const settled = await outcome;
    const nodes = settled.state === "never" && settled.proof.kind === "void" && settled.proof.nodes;
    expect(nodes ? nodes.length : 0).toBeGreaterThan(1);
    expect(await paidBy(wallet)).toEqual([]);
  });

  it.each(["WINDOW_PAST", "INSUFFICIENT_FUNDS", "UNKNOWN_PAYEE", "ID_IN_USE"] as const)(
    "of which its first gateway says %s is paid through another one",
    async (reason) => {
      const wallet = await fundedWallet(network, 100n);
      const change: Change = (_, index) =>
        index === 0 ? { submitTransactions: saying(reason) } : {};
      const ledger = ledgerOver(network, change);
      const outbox = await opened(wallet, new Disk().storage(), { ledger });
      const ids = Array.from({ length: 5 }, randomUuid);
      const ends = ids.map(async (id) => await outbox.outcome((await outbox.pay(terms(id))).id));
      expect((await Promise.all(ends)).map(({ state }) => state)).toEqual(ids.map(() => "applied"));
      expect((await paidBy(wallet)).toSorted()).toEqual(ids.toSorted());
    },
  );
});

describe("a program that dies", () => {
  const never = new Promise<never>(() => undefined);

  interface Program {
    readonly wallet: Wallet;
    readonly disk: Disk;
    readonly ids: readonly string[];
    readonly ledger: LedgerClient;
  }

  /** Runs a program that pays these ids, and dies when its storage is asked for the write of this number. */
  async function run(
    { wallet, disk, ids, ledger }: Program,
    { dies, keeps }: { dies: number; keeps: boolean },
  ): Promise<boolean> {
    const died = Promise.withResolvers<boolean>();
    let writes = 0;
    const add = async (batch: string): Promise<boolean> => {
      writes += 1;
      if (writes < dies) return await disk.add(batch);
      if (writes === dies && keeps) await disk.add(batch);
      died.resolve(true);
      return await never;
    };
    const outbox = await Outbox.open({ ledger, wallet, storage: disk.storage(add) });
    const paying = (async () => {
      for (const id of ids) await outbox.pay(terms(id));
      await Promise.all(ids.map((id) => outbox.outcome(id)));
      return false;
    })();
    const isDead = await Promise.race([died.promise, paying]);
    // The rest of a dead program does nothing: its storage never answers.
    if (!isDead) await outbox.close();
    return isDead;
  }

  it("at any write, before it or after it, pays each payment once", async () => {
    const [wallet, disk] = [await fundedWallet(network, 1_000n), new Disk()];
    const ids = Array.from({ length: 3 }, randomUuid);
    const program = { wallet, disk, ids, ledger: ledgerOver(network) };
    const whole = { dies: Number.POSITIVE_INFINITY, keeps: true };
    let deaths = 0;
    for (const keeps of [false, true]) {
      for (let dies = 1; ; dies++) {
        disk.batches = [];
        if (!(await run(program, { dies, keeps }))) break;
        deaths += 1;
        expect(await run(program, whole)).toBe(false);
        const outbox = await opened(wallet, disk.storage());
        expect([...outbox.payments()].map(({ id, state }) => [id, state])).toEqual(
          ids.map((id) => [id, "applied"]),
        );
      }
    }
    // Three payments are at least three writes, and their ends one more.
    expect(deaths).toBeGreaterThanOrEqual(8);
    expect((await paidBy(wallet)).toSorted()).toEqual(ids.toSorted());
  });
});

describe("the file of an outbox", () => {
  const owner = (wallet: Wallet) => ({ networkId: network.trust.networkId, walletId: wallet.id });

  it("survives a cut at any byte of what was being written", async () => {
    const wallet = await fundedWallet(network, 1_000n);
    const path = join(folder, "cut");
    const outbox = await opened(wallet, await openOutboxFile(path, owner(wallet)));
    const first = await outbox.pay(terms());
    await outbox.outcome(first.id);
    await outbox.close();
    const before = readFileSync(path).length;
    const more = await opened(wallet, await openOutboxFile(path, owner(wallet)));
    const second = await more.pay(terms());
    await more.outcome(second.id);
    await more.close();
    const whole = readFileSync(path);
    const ends = [...whole.keys()].filter((at) => at >= before && whole[at] === 0x0a);
    expect(ends).toHaveLength(2);
    for (let cut = before; cut < whole.length; cut += cut < before + 40 ? 1 : 97) {
      writeFileSync(path, whole.subarray(0, cut));
      const storage = await openOutboxFile(path, owner(wallet));
      const lines = ends.filter((end) => end < cut).length;
      expect(storage.batches).toHaveLength(2 + lines);
      await storage.close();
    }
    // Zeros in place of what a power cut kept from the disk.
    writeFileSync(path, whole.with(whole.length - 10, 0));
    const storage = await openOutboxFile(path, owner(wallet));
    const last = await opened(wallet, storage);
    expect(await last.outcome(second.id)).toMatchObject({ state: "applied" });
    expect(await paidBy(wallet)).toHaveLength(2);
  });

  it("is open once, and by its own wallet only", async () => {
    const wallet = await fundedWallet(network, 10n);
    const path = join(folder, "one");
    const storage = await openOutboxFile(path, owner(wallet));
    await expect(openOutboxFile(path, owner(wallet))).rejects.toMatchObject({
      code: "OUTBOX_LOCKED",
    });
    await storage.close();
    await expect(openOutboxFile(path, owner(payee))).rejects.toMatchObject({
      code: "OUTBOX_FOREIGN",
    });
    await (await openOutboxFile(path, owner(wallet))).close();
  });

  it("with a changed byte in a payment or a receipt is refused, unless the receipt still proves the same", async () => {
    const wallet = await fundedWallet(network, 100n);
    const path = join(folder, "changed");
    const outbox = await opened(wallet, await openOutboxFile(path, owner(wallet)));
    const { id } = await outbox.pay(terms());
    await outbox.outcome(id);
    await outbox.close();
    const whole = readFileSync(path);
    const head = whole.indexOf(0x0a) + 1;
    const seen: string[] = [];
    for (let at = head; at < whole.length - 1; at += 61) {
      writeFileSync(path, whole.with(at, whole[at] === 0x41 ? 0x42 : 0x41));
      const storage = await openOutboxFile(path, owner(wallet));
      seen.push(await stateIn(wallet, storage, id));
    }
    // A receipt says in fields what its bytes say; only the bytes are believed.
    expect(new Set(seen)).toEqual(new Set(["applied", "OUTBOX_DAMAGED"]));
    const refused = seen.filter((state) => state === "OUTBOX_DAMAGED");
    expect(refused.length).toBeGreaterThan(seen.length / 2);
  });

  async function stateIn(wallet: Wallet, storage: OutboxStorage, id: string): Promise<string> {
    try {
      const outbox = await Outbox.open({ ledger: ledgerOver(network), wallet, storage });
      try {
        return outbox.payment(id)?.state ?? "missing";
      } finally {
        await outbox.close();
      }
    } catch (error) {
      return error instanceof LedgerError ? error.code : String(error);
    }
  }

  it("forgets what is handled, and only that", async () => {
    const wallet = await fundedWallet(network, 100n);
    const path = join(folder, "forgotten");
    const outbox = await opened(wallet, await openOutboxFile(path, owner(wallet)));
    const ids = [(await outbox.pay(terms())).id, (await outbox.pay(terms())).id];
    const handled: string[] = [];
    for await (const { id } of outbox.settled()) {
      handled.push(id);
      if (handled.length === 1) await outbox.forget(id);
      else break;
    }
    expect(handled.toSorted()).toEqual(ids.toSorted());
    await outbox.close();
    const size = readFileSync(path).length;
    const again = await opened(wallet, await openOutboxFile(path, owner(wallet)));
    expect([...again.payments()].map(({ id }) => id)).toEqual(handled.slice(1));
    expect(readFileSync(path).length).toBeLessThan(size);
  });
});
