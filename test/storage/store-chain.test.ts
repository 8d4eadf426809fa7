import { describe, expect, it } from "vitest";
import { type Height, height } from "../../src/primitives/numbers.ts";
import {
  busyWallet,
  bytesNamed,
  operationKeyAt,
  sampleBlock,
  sampleCommit,
  walletNamed,
} from "./sample-chain.ts";
import { collect, expectChain, walletOf } from "./store-checks.ts";
import { PLACES, storeUnderTest } from "./store-places.ts";

describe.each(PLACES)("chain of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("is empty at first", async () => {
    expect(await tested.store.blocks.loadTip()).toBeUndefined();
    expect(await tested.store.blocks.loadBlock(height(1))).toBeUndefined();
    expect(await tested.store.blocks.loadHeader(height(1))).toBeUndefined();
    expect(await tested.store.operations.loadResults(height(1))).toBeUndefined();
    expect(await tested.store.blocks.loadHeightOf(bytesNamed("hash 1"))).toBeUndefined();
    expect(await tested.store.blocks.loadFinalization(height(0))).toBeUndefined();
    expect(await tested.store.operations.loadOperation(operationKeyAt(1, 0))).toBeUndefined();
    expect(await tested.store.operations.loadCreation(busyWallet)).toBeUndefined();
    expect(await walletOf(tested.store, busyWallet)).toBeUndefined();
    expect(await tested.store.state.loadCeremony()).toBeUndefined();
    expect(await collect(tested.store.blocks.ascending(height(0)))).toEqual([]);
    expect(await collect(tested.store.state.wallets())).toEqual([]);
  });

  it("gives back everything that was committed, also after a new start", async () => {
    await tested.store.chain.commit(sampleCommit(1));
    await tested.store.chain.commit(sampleCommit(2, 4));
    await expectChain(tested.store, 4);
    await tested.reopen();
    await expectChain(tested.store, 4);
  });

  it("takes commits that were called without waiting", async () => {
    await Promise.all([1, 2, 3].map((at) => tested.store.chain.commit(sampleCommit(at))));
    await expectChain(tested.store, 3);
  });

  it("gives an id that is ordered again its first place, though that is not written yet", async () => {
    const repeat = (at: number) => ({
      ...sampleBlock(at),
      operationKeys: sampleBlock(1).operationKeys,
    });
    const { chain, operations } = tested.store;
    const first = { ...sampleCommit(1, 2), blocks: [sampleBlock(1), repeat(2)] };
    await Promise.all([
      chain.commit(first),
      chain.commit({ ...sampleCommit(3), blocks: [repeat(3)] }),
    ]);
    expect(await operations.loadOperation(operationKeyAt(1, 5))).toEqual({ height: 1, index: 5 });
    await chain.commit({ ...sampleCommit(4), blocks: [repeat(4)] });
    expect(await operations.loadOperation(operationKeyAt(1, 5))).toEqual({ height: 1, index: 5 });
  });

  it("begins with the first block, and goes on without a gap", async () => {
    await expect(tested.store.chain.commit(sampleCommit(2))).rejects.toThrow("commit of block 2");
    await tested.store.chain.commit(sampleCommit(1));
    await expect(tested.store.chain.commit(sampleCommit(3))).rejects.toThrow("commit of block 3");
    await expect(tested.store.chain.commit(sampleCommit(1))).rejects.toThrow("commit of block 1");
    const [first, second] = [sampleBlock(2), sampleBlock(4)];
    const torn = { ...sampleCommit(2), blocks: [first, second] };
    await expect(tested.store.chain.commit(torn)).rejects.toThrow();
    await tested.store.chain.commit(sampleCommit(2));
    expect((await tested.store.blocks.loadTip())?.height).toBe(2);
  });

  it("finds the certificate that covers a height", async () => {
    await tested.store.chain.commit(sampleCommit(1, 3));
    await tested.store.chain.commit(sampleCommit(4, 5));
    const covering = async (at: number) =>
      (await tested.store.blocks.loadFinalization(height(at)))?.height;
    expect([await covering(1), await covering(3), await covering(4)]).toEqual([3, 3, 5]);
    expect(await covering(6)).toBeUndefined();
  });

  it("answers a repeated operation key with its first location", async () => {
    await tested.store.chain.commit(sampleCommit(1));
    const repeated = { ...sampleBlock(2), operationKeys: sampleBlock(1).operationKeys };
    await tested.store.chain.commit({ ...sampleCommit(2), blocks: [repeated] });
    expect(await tested.store.operations.loadOperation(operationKeyAt(1, 5))).toEqual({
      height: 1,
      index: 5,
    });
  });

  it("gives ranges of blocks, ending at the tip", async () => {
    await tested.store.chain.commit(sampleCommit(1, 5));
    const heights = async (from: number, to?: Height) =>
      (await collect(tested.store.blocks.ascending(height(from), to))).map((block) => block.height);
    expect(await heights(2, height(3))).toEqual([2, 3]);
    expect(await heights(4)).toEqual([4, 5]);
    expect(await heights(5, height(99))).toEqual([5]);
    expect(await heights(6)).toEqual([]);
  });

  it("iterates more wallets than one fetch holds, in the order of ids", async () => {
    const wallets = Array.from({ length: 1500 }, (_, i) => ({
      id: walletNamed(`many ${i}`),
      record: bytesNamed(`record ${i}`),
    }));
    await tested.store.chain.commit({ ...sampleCommit(1), wallets });
    const sorted = [...wallets].sort((left, right) => (left.id < right.id ? -1 : 1));
    expect(await collect(tested.store.state.wallets())).toEqual(sorted);
  });
});
