/** What the tests of stores look at. */
import { expect } from "vitest";
import { height } from "../../src/primitives/numbers.ts";
import type { Store } from "../../src/storage/contracts.ts";
import { StorageError } from "../../src/storage/errors.ts";
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

export function codeOf(error: unknown): string {
  return error instanceof StorageError ? error.code : `not a storage error: ${error}`;
}

/** Everything that the samples up to `top` must have left. Blocks below `from` are passed over. */
export async function expectChain(store: Store, top: number, from = 1): Promise<void> {
  const { chain } = store;
  expect(await chain.loadTip()).toEqual({ height: top, hash: sampleBlock(top).hash });
  expect(await chain.loadWallet(busyWallet)).toEqual(bytesNamed(`busy after ${top}`, 140));
  expect(await chain.loadCeremony()).toEqual(bytesNamed(`ceremony ${top}`, 90));
  expect((await chain.loadFinalization(height(top)))?.certificate).toEqual(
    bytesNamed(`finalization ${top}`, 250),
  );
  expect(await collect(chain.wallets())).toHaveLength(top + 1);
  let seen = from - 1;
  for await (const block of chain.blocks(height(from))) {
    seen += 1;
    await expectBlock(store, seen);
    const { header, operations } = sampleBlock(seen);
    expect(block).toEqual({ height: seen, header, operations });
  }
  expect(seen).toBe(top);
}

async function expectBlock({ chain }: Store, at: number): Promise<void> {
  const block = sampleBlock(at);
  expect(await chain.loadHeader(height(at))).toEqual(block.header);
  expect(await chain.loadResults(height(at))).toEqual(block.results);
  expect(await chain.loadHeightOf(block.hash)).toBe(at);
  expect((await chain.loadFinalization(height(at)))?.height).toBeGreaterThanOrEqual(at);
  expect(await chain.loadCreation(walletNamed(`created ${at}`))).toEqual({ height: at, index: 0 });
  for (let index = 0; index < OPERATIONS_PER_BLOCK; index++) {
    expect(await chain.loadOperation(operationKeyAt(at, index))).toEqual({ height: at, index });
  }
}
