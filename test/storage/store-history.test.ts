/** A chain that starts anew above a hole, and the hole filled downwards, across restarts. */
import { describe, expect, it } from "vitest";
import { height } from "../../src/primitives/numbers.ts";
import type { PastBlocks } from "../../src/storage/contracts.ts";
import { isHeld } from "../../src/storage/history.ts";
import { bytesNamed, operationKeyAt, sampleBlock, sampleCommit } from "./sample-chain.ts";
import { expectChain } from "./store-checks.ts";
import { PLACES, storeUnderTest } from "./store-places.ts";

/** A snapshot of block 9, with the wallets of all blocks up to it. */
const SNAPSHOT = { ...sampleCommit(9), wallets: sampleCommit(1, 9).wallets };

/** Blocks `from` down to `to`, with the finalization of the highest and the seal of the lowest. */
function past(from: number, to: number): PastBlocks {
  const heights = Array.from({ length: from - to + 1 }, (_, place) => from - place);
  return {
    blocks: heights.map(sampleBlock),
    finalizations: [{ height: height(from), certificate: bytesNamed(`finalization ${from}`, 250) }],
    seals: [{ height: height(to), seal: bytesNamed(`seal ${to}`, 64) }],
  };
}

describe.each(PLACES)("the history of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);
  const chain = () => tested.store.chain;

  it("is whole from the start, and while blocks are committed", async () => {
    expect(tested.store.blocks.history).toEqual({ snapshot: 0, from: 1, below: 0 });
    await chain().commit(sampleCommit(1, 3));
    expect(tested.store.blocks.history).toEqual({ snapshot: 0, from: 1, below: 0 });
  });

  it.each([0, 2])("has a hole above block %i until that is filled", async (below) => {
    if (below > 0) await chain().commit(sampleCommit(1, below));
    await chain().startFrom(SNAPSHOT);
    await chain().commit(sampleCommit(10));
    expect(tested.store.blocks.history).toEqual({ snapshot: 9, from: 9, below });
    expect((await tested.store.blocks.loadTip())?.height).toBe(10);
    expect(await tested.store.blocks.loadBlock(height(5))).toBeUndefined();

    await chain().fill(past(8, 6));
    await tested.reopen();
    expect(tested.store.blocks.history).toEqual({ snapshot: 9, from: 6, below });
    expect(
      [below, below + 1, 5, 6, 10].map((at) => isHeld(tested.store.blocks.history, at)),
    ).toEqual([true, false, false, true, true]);
    expect((await tested.store.blocks.loadFinalization(height(7)))?.height).toBe(8);
    expect(await tested.store.seals.load(height(6))).toEqual(bytesNamed("seal 6", 64));

    await chain().fill(past(5, below + 1));
    expect(tested.store.blocks.history).toEqual({ snapshot: 9, from: 1, below: 0 });
    await tested.reopen();
    expect(tested.store.blocks.history).toEqual({ snapshot: 9, from: 1, below: 0 });
    await expectChain(tested.store, 10);
  });

  it("takes nothing that does not lie right above or below the hole", async () => {
    await chain().commit(sampleCommit(1, 2));
    await expect(chain().startFrom(sampleCommit(3))).rejects.toThrow("above what is held");
    await expect(chain().startFrom(sampleCommit(8, 9))).rejects.toThrow("of one block");
    await chain().startFrom(SNAPSHOT);
    await expect(chain().startFrom(sampleCommit(12))).rejects.toThrow("one hole at a time");
    await expect(chain().fill(past(7, 6))).rejects.toThrow("without a gap");
    await expect(chain().fill(past(8, 2))).rejects.toThrow("blocks of the hole");
    await expect(chain().fill({ ...past(8, 8), blocks: [] })).rejects.toThrow("blocks of the hole");
    await expect(chain().commit(sampleCommit(3))).rejects.toThrow("commit of block 3");
    expect(tested.store.blocks.history).toEqual({ snapshot: 9, from: 9, below: 2 });
  });

  it("gives an id its first place, though that is filled in last", async () => {
    await chain().startFrom(SNAPSHOT);
    const repeated = { ...sampleBlock(10), operationKeys: sampleBlock(8).operationKeys };
    await chain().commit({ ...sampleCommit(10), blocks: [repeated] });
    expect(await tested.store.operations.loadOperation(operationKeyAt(8, 5))).toEqual({
      height: 10,
      index: 5,
    });
    await chain().fill(past(8, 7));
    expect(await tested.store.operations.loadOperation(operationKeyAt(8, 5))).toEqual({
      height: 8,
      index: 5,
    });
  });
});
