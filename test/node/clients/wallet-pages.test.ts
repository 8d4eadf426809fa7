// Pages of wallets while wallets are created and paid; the bounds of a page; forged cursors. ownership.test.ts has the lists
// of a caller's own wallets at a real node.
import { expect, it } from "vitest";
import { findWallet } from "../../../src/ledger/state.ts";
import { ListCursors } from "../../../src/node/clients/list-cursor.ts";
import { ListReads } from "../../../src/node/clients/list-reads.ts";
import { WalletPages } from "../../../src/node/clients/wallet-pages.ts";
import type { WalletId } from "../../../src/primitives/ids.ts";
import type { WalletInfo } from "../../../src/transport/ledger-api.ts";
import type { WalletsQuery } from "../../../src/transport/ledger-lists.ts";
import { creation, idOf, keyOf, walletIdOf } from "../../ledger/fixture.ts";
import { Random } from "../../support/world/random.ts";
import { answered, CALL, forgeCursor, ListRig, network } from "./list-rig.ts";

const { context } = network;
const SEED = Number(process.env["LIST_SEED"] ?? Date.now() % 1_000_000);
const ALICE = { ...CALL, caller: { principal: "token:alice", scopes: new Set(["read"] as const) } };

/** A gateway whose key is that of the wallet "alice", which it keeps for the principal alice. */
function listOf(rig: ListRig): WalletPages {
  const { store, finalizer } = rig;
  return new WalletPages({
    context,
    custody: { publicKey: keyOf("alice").publicKey, custodianOf: () => undefined },
    ownership: { isCustodian: async () => true, ownsUnclaimed: (name) => name === "open" },
    view: { isLagging: false },
    store,
    finalizer,
    cursors: new ListCursors(context),
    reads: new ListReads(() => 0),
  });
}

async function addWallets(rig: ListRig, from: number, count: number): Promise<WalletId[]> {
  const names = Array.from({ length: count }, (_, i) => `wallet ${from + i}`);
  await rig.commit(names.map((name) => creation(network, { name, balance: 5n })));
  return names.map((name) => walletIdOf(network, name));
}

it(`pages of all wallets miss none that was there, and repeat none, while more are created (LIST_SEED=${SEED})`, async () => {
  const random = new Random(SEED);
  for (let round = 0; round < 10; round++) {
    const rig = await ListRig.start(random);
    const before = new Set([
      ...rig.model.keys(),
      ...(await addWallets(rig, 0, random.between(1, 40))),
    ]);
    const later = new Set<WalletId>();
    const found: WalletInfo[] = [];
    let cursor: string | undefined;
    do {
      const isGrowing = random.chance(0.3) && later.size < 60;
      const growing = isGrowing ? addWallets(rig, 100 + later.size, 3) : Promise.resolve([]);
      const pageSize = random.between(1, 9);
      const page = answered(await listOf(rig).wallets({ all: true, pageSize, cursor }, CALL));
      for (const id of await growing) later.add(id);
      expect(page.wallets.length).toBeLessThanOrEqual(pageSize);
      found.push(...page.wallets);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const ids = found.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids.filter((id) => !later.has(id))).toEqual([...before].sort());
    for (const { id, balance } of found) {
      expect(balance).toBe(findWallet(context, rig.state, id)?.balance);
    }
  }
});

it("a page is of the state that it names: a wallet that the store has already, and the state has not, is left out", async () => {
  const rig = await ListRig.start(new Random(SEED));
  const { committed } = rig.finalizer;
  const before = [...rig.model.keys()].sort();
  await addWallets(rig, 0, 20);
  rig.finalizer.committed = committed;
  const page = answered(await listOf(rig).wallets({ all: true, pageSize: 100 }, CALL));
  expect(page.wallets.map(({ id }) => id)).toEqual(before);
  expect(page.height).toBe(1);
  expect(page.nextCursor).toBeUndefined();
});

it("T9: a page of own wallets looks at a bounded number of claims, and says where to go on", async () => {
  const rig = await ListRig.start(new Random(SEED));
  const mine = walletIdOf(network, "alice");
  const absent = Array.from({ length: 4_100 }, (_, i) => idOf(`absent ${i}`));
  await Promise.all([mine, ...absent].map((id) => rig.store.walletOwners.claim(id, "token:alice")));
  await rig.store.walletOwners.claim(walletIdOf(network, "bob"), "token:bob");
  const query = { all: false, pageSize: 10 };
  const first = answered(await listOf(rig).wallets(query, ALICE));
  const cursor = first.nextCursor ?? expect.fail("there are more");
  const second = answered(await listOf(rig).wallets({ ...query, cursor }, ALICE));
  expect(second.nextCursor).toBeUndefined();
  expect([...first.wallets, ...second.wallets].map(({ id }) => id)).toEqual([mine]);
});

it("an open node's own wallets are those of its key, claimed by any principal or none", async () => {
  const rig = await ListRig.start(new Random(SEED));
  await addWallets(rig, 0, 10);
  const page = answered(await listOf(rig).wallets({ all: false, pageSize: 10 }, CALL));
  expect(page.wallets.map(({ id }) => id)).toEqual([walletIdOf(network, "alice")]);
});

it("a cursor of wallets that was changed, or is of the other list, is refused; at any id it goes on there", async () => {
  const rig = await ListRig.start(new Random(SEED));
  const list = listOf(rig);
  const query = { all: true, pageSize: 1 };
  const { nextCursor = "" } = answered(await list.wallets(query, CALL));
  const changes: Partial<WalletsQuery>[] = [
    { all: false },
    { cursor: "A" },
    { cursor: `${nextCursor}A` },
    { cursor: nextCursor.slice(1) },
  ];
  for (const changed of changes) {
    const answer = await list.wallets({ ...query, cursor: nextCursor, ...changed }, CALL);
    expect(answer, JSON.stringify(changed)).toMatchObject({ reason: "MALFORMED", field: "cursor" });
  }
  for (const [byte, count] of [
    [0, 5],
    [0xff, 0],
  ] as const) {
    const identity = { name: "wallets", newestFirst: false, filters: ["all"] };
    const cursor = forgeCursor(identity, new Uint8Array(16).fill(byte));
    const page = answered(await list.wallets({ all: true, pageSize: 9, cursor }, CALL));
    expect(page.wallets).toHaveLength(count);
  }
});

it("a page that was interrupted is a refusal, because it would look like the last page", async () => {
  const rig = await ListRig.start(new Random(SEED));
  const stopped = { ...CALL, signal: AbortSignal.abort() };
  const query = { all: true, pageSize: 5, cursor: undefined };
  expect(await listOf(rig).wallets(query, stopped)).toMatchObject({ reason: "DEADLINE_EXCEEDED" });
});
