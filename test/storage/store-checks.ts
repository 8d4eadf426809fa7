/** Reads used by the tests of stores. */
import { expect } from "vitest";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { Store } from "../../src/storage/contracts.ts";
import { StorageError } from "../../src/storage/storage-errors.ts";
import {
  busyWallet,
  bytesNamed,
  OPERATIONS_PER_BLOCK,
  operationKeyAt,
  sampleBlock,
  walletNamed,
} from "./sample-chain.ts";

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The record of one wallet; undefined if there is none. */
export async function walletOf(store: Store, id: WalletId): Promise<Bytes | undefined> {
  return (await collect(store.state.wallets())).find((wallet) => wallet.id === id)?.record;
}

export function codeOf(error: unknown): string {
  return error instanceof StorageError ? error.code : `not a storage error: ${error}`;
}

/** Everything that the samples up to `top` must have left in the store. Skips blocks below `from`. */
export async function expectChain(store: Store, top: number, from = 1): Promise<void> {
  expect(await store.blocks.loadTip()).toEqual({ height: top, hash: sampleBlock(top).hash });
  expect(await walletOf(store, busyWallet)).toEqual(bytesNamed(`busy after ${top}`, 140));
  expect(await store.state.loadCeremony()).toEqual(bytesNamed(`ceremony ${top}`, 90));
  expect((await store.blocks.loadFinalization(height(top)))?.certificate).toEqual(
    bytesNamed(`finalization ${top}`, 250),
  );
  expect(await collect(store.state.wallets())).toHaveLength(top + 1);
  let seen = from - 1;
  for await (const block of store.blocks.ascending(height(from))) {
    seen += 1;
    await expectBlock(store, seen);
    const { header, operations } = sampleBlock(seen);
    expect(block).toEqual({ height: seen, header, operations });
  }
  expect(seen).toBe(top);
}

async function expectBlock(store: Store, at: number): Promise<void> {
  const block = sampleBlock(at);
  expect(await store.blocks.loadHeader(height(at))).toEqual(block.header);
  expect(await store.operations.loadResults(height(at))).toEqual(block.results);
  expect(await store.blocks.loadHeightOf(block.hash)).toBe(at);
  expect((await store.blocks.loadFinalization(height(at)))?.height).toBeGreaterThanOrEqual(at);
  const last = { height: height(at), index: OPERATIONS_PER_BLOCK - 1 };
  const whole = { from: { height: height(at), index: 0 }, to: last, newestFirst: false };
  for (const wallet of [busyWallet, walletNamed(`created ${at}`)]) {
    const of = <T extends { readonly wallet: WalletId }>(items: readonly T[]) =>
      items.filter((item) => item.wallet === wallet);
    expect(await collect(store.statements.entries(wallet, whole))).toEqual(
      of(block.entries).map(({ index, record }) => ({ height: at, index, record })),
    );
    expect(await collect(store.statements.declines(wallet, whole))).toEqual(
      of(block.declines).map(({ index }) => ({ height: at, index })),
    );
  }
  expect(await store.operations.loadCreation(walletNamed(`created ${at}`))).toEqual({
    height: at,
    index: 0,
  });
  for (let index = 0; index < OPERATIONS_PER_BLOCK; index++) {
    expect(await store.operations.loadOperation(operationKeyAt(at, index))).toEqual({
      height: at,
      index,
    });
  }
}
