/**
 * Goal: a peer that asks for blocks just while they are dropped stops no node: it gets those that are left. Method: the blocks are
 * dropped between two steps of the walk that serves it.
 */
import { expect, it } from "vitest";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { RepairedBlocks } from "../../../src/node/sync/block-repair.ts";
import type { BlockVerifier } from "../../../src/node/sync/block-verifier.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { sampleCommit } from "../../storage/sample-chain.ts";

const silent = () => undefined;

it.each(["of the store", "with repairs"])(
  "a walk over blocks %s ends before the first that is dropped",
  async (which) => {
    const store = await openMemoryStore({ identity: { networkId: sha256(new Uint8Array()) } });
    await store.chain.commit(sampleCommit(1, 6));
    const repaired = new RepairedBlocks({
      store,
      hash: sha256,
      verifier: {} as BlockVerifier,
      source: { others: [], fetchBlocks: async () => undefined },
      system: { after: () => silent },
      log: { error: silent, warn: silent } as never,
    });
    const blocks = which === "with repairs" ? repaired : store.blocks;
    const walk = async (from: number) => {
      const found: number[] = [];
      for await (const block of blocks.ascending(height(from))) {
        found.push(block.height);
        if (block.height === 2) await store.chain.prune(height(5), new Set());
      }
      return found;
    };
    expect(await walk(1)).toEqual([1, 2]);
    expect(await walk(1)).toEqual([]);
    expect(await walk(5)).toEqual([5, 6]);
  },
);
