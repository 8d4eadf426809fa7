/** A6: a start uses only the state that its store proves. */
import { describe, expect, it } from "vitest";
import { decodeWalletRecord, encodeWalletRecord } from "../../../src/ledger/wallet-record.ts";
import { commitOf } from "../../../src/node/execution/commit.ts";
import { restore } from "../../../src/node/execution/restore.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import type { Commit } from "../../../src/storage/contracts.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { StorageCorruption } from "../../../src/storage/storage-errors.ts";
import { createNetwork, creation } from "../../ledger/fixture.ts";
import { Chain } from "../chain.ts";

const network = createNetwork();
const { context } = network;

/** The store that a start finds after two blocks; `change` has altered the commit of the second. */
async function restored(change: (commit: Commit) => Commit = (commit) => commit) {
  const chain = new Chain(network);
  const [alice, bob] = [
    creation(network, { name: "alice", balance: 5n }),
    creation(network, { name: "bob" }),
  ];
  chain.add(alice);
  chain.add(bob);
  const store = await openMemoryStore({ identity: { networkId: context.networkId } });
  const rest = { pruneJournalBelow: undefined, ceremonyChanged: false };
  const commit = (at: number) =>
    commitOf(context, chain.executed.slice(at - 1, at), {
      ...rest,
      finalization: chain.finalization(at),
    });
  await store.chain.commit(commit(1));
  await store.chain.commit(change(commit(2)));
  const found = await restore(context, store);
  return { found, tip: chain.blocks[1], keys: [alice.key, bob.key] };
}

describe("A6: the state that a start restores", () => {
  it("is that of the tip, with the ids in use", async () => {
    const { found, tip, keys } = await restored();
    expect(found.hash).toEqual(tip?.hash);
    expect(found.state.wallets.size).toBe(2);
    expect(keys.map((key) => found.state.usedIds.has(key, 0))).toEqual([true, true]);
  });

  it("is none if one stored balance is not what the header's root says", async () => {
    const richer = (commit: Commit): Commit => ({
      ...commit,
      wallets: commit.wallets.map(({ id, record }) => {
        const wallet = decodeWalletRecord(context.networkId, record);
        if (wallet instanceof EncodingError) return expect.fail("a wallet record");
        const balance = amount(wallet.balance + 1n);
        return { id, record: encodeWalletRecord(context.networkId, { ...wallet, balance }) };
      }),
    });
    const start = restored(richer);
    await expect(start).rejects.toThrow(StorageCorruption);
    await expect(start).rejects.toThrow("they do not give the state root of height 2");
  });
});
