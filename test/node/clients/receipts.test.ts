/** Receipts from the store: proofs up to the longest allowed, and the answer if a proof would be longer. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import { commitOf, encodeResults } from "../../../src/node/execution/commit.ts";
import { ResultTrees } from "../../../src/node/execution/result-trees.ts";
import type { KeyCertificate } from "../../../src/primitives/key-certificate.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { leafHash, merkleRoot, verifyInclusion } from "../../../src/primitives/merkle-tree.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { encodeResultLeaf, type Result } from "../../../src/primitives/result.ts";
import { encodeCertificate } from "../../../src/primitives/vote.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { createNetwork, creation, transfer } from "../../ledger/fixture.ts";
import { Chain } from "../chain.ts";

const network = createNetwork();
const certificate: KeyCertificate = {
  networkId: network.context.networkId,
  epoch: FIRST_EPOCH,
  groupKey: new Uint8Array(32).fill(5),
  threshold: 3,
  transcriptHash: new Uint8Array(32).fill(6),
  signatures: [],
};

/** A store whose first block holds a creation, and whose blocks all became final with the last one. */
async function finalAllAtOnce(blocks: number) {
  const { context } = network;
  const chain = new Chain(network);
  chain.add(creation(network, { name: "alice", balance: 100n }));
  chain.extend(blocks - 1);
  const store = await openMemoryStore({ identity: { networkId: context.networkId } });
  const finalization = chain.finalization(blocks);
  const rest = { finalization, pruneJournalBelow: undefined, ceremonyChanged: false };
  await store.chain.commit(commitOf(context, chain.executed, rest));
  const parts = {
    context,
    store,
    finalizer: { keyCertificate: undefined },
  };
  return new Receipts(parts);
}

describe("S10: a result far below the finalization that covers it", () => {
  it("has a receipt as long as a receipt may be", async () => {
    const receipts = await finalAllAtOnce(LIMITS.fetchedBlocksMax + 1);
    const ordered = await receipts.load({ height: height(1), index: 0 });
    expect(ordered).toMatchObject({ height: 1, receipt: { proof: { kind: "finalized" } } });
  });

  it("has none above that until it is sealed, and the node says so and goes on", async () => {
    const receipts = await finalAllAtOnce(LIMITS.fetchedBlocksMax + 2);
    const refusal = await receipts.load({ height: height(1), index: 0 });
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ reason: "NOT_READY" });
    expect(await receipts.operationAt({ height: height(1), index: 0 })).toMatchObject({
      operation: { kind: "walletCreation" },
    });
  });
});

describe("a result below a hole in the history", () => {
  it("has no receipt while its finalization, which was mended, is of a block in the hole", async () => {
    const { context } = network;
    const chain = new Chain(network);
    chain.add(creation(network, { name: "alice", balance: 100n }));
    chain.extend(19);
    const store = await openMemoryStore({ identity: context });
    const commit = (from: number, to: number) => {
      const rest = { pruneJournalBelow: undefined, ceremonyChanged: false };
      const finalization = chain.finalization(to);
      return commitOf(context, chain.executed.slice(from - 1, to), { ...rest, finalization });
    };
    await store.chain.commit(commit(1, 4));
    await store.chain.startFrom(commit(20, 20));
    const receipts = new Receipts({
      context,
      store,
      finalizer: { keyCertificate: undefined },
    });
    const load = () => receipts.load({ height: height(1), index: 0 });
    expect(await load()).toMatchObject({ receipt: { proof: { kind: "finalized" } } });
    // Blocks as a peer gives them for which they became final in other steps.
    const certificate = encodeCertificate(chain.finalization(8));
    await store.repair.replaceFinalizations(height(1), { height: height(8), certificate });
    expect(await load()).toMatchObject({ reason: "NOT_READY" });
  });
});

describe("receipts of a block that has to be read back", () => {
  it("let others have their turn, though the block be large", async () => {
    const { receipts } = await storedBlocks({ blocks: 1, operations: 2_000 });
    let turns = 0;
    const counting = new AbortController();
    const count = async () => {
      for (; !counting.signal.aborted; turns++) await nextTurn();
    };
    const counted = count();
    await receipts.load({ height: height(1), index: 7 });
    counting.abort();
    await counted;
    expect(turns).toBeGreaterThan(2_000 / 200);
  });

  it("read it once for all who wait for it", async () => {
    const { receipts, loads } = await storedBlocks({ blocks: 1, operations: 3 });
    const asked = Array.from({ length: 9 }, (_, i) =>
      receipts.load({ height: height(1), index: i % 3 }),
    );
    await Promise.all(asked);
    await receipts.load({ height: height(1), index: 0 });
    expect(loads).toEqual([1]);
  });

  it.each([1, 2, 5, 127, 128, 129, 300, 517])("prove each of %i results", async (operations) => {
    const { receipts, root } = await storedBlocks({ blocks: 1, operations });
    for (let index = 0; index < operations; index++) {
      const ordered = await receipts.load({ height: height(1), index });
      if (ordered instanceof Refusal) expect.fail(ordered.message);
      const { leaf, path } = ordered.receipt;
      const claim = { leafHash: leafHash(sha256, leaf), index, count: operations, path, root };
      expect(verifyInclusion(sha256, claim)).toBe(true);
    }
  });

  it("are refused while too many other blocks are waited for", async () => {
    const blocks = LIMITS.resultsReadMax + 1;
    const { receipts, loads } = await storedBlocks({ blocks, operations: 1 });
    const asked = Array.from({ length: blocks }, (_, i) =>
      receipts.load({ height: height(i + 1), index: 0 }),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => !(answer instanceof Refusal))).toHaveLength(blocks - 1);
    expect(answers.at(-1)).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    expect(loads).toHaveLength(blocks - 1);
    const again = await receipts.load({ height: height(blocks), index: 0 });
    expect(again).toMatchObject({ height: blocks });
  });
});

describe("S10: the proof of a block", () => {
  const seal = new Uint8Array(64).fill(7);

  it("is a finalization until there is a seal, and is then read once for all its results", async () => {
    const { receipts, store, finalizer } = await storedBlocks({ blocks: 3, operations: 4 });
    finalizer.keyCertificate = certificate;
    let asked = 0;
    const { loadAtOrAbove } = store.seals;
    store.seals.loadAtOrAbove = (at) => {
      asked += 1;
      return loadAtOrAbove.call(store.seals, at);
    };
    const proofOf = async (at: number, index: number) => {
      const ordered = await receipts.load({ height: height(at), index });
      if (ordered instanceof Refusal) expect.fail(ordered.message);
      return ordered.receipt.proof;
    };
    expect(await proofOf(2, 0)).toMatchObject({ kind: "finalized" });
    expect(await proofOf(2, 1)).toMatchObject({ kind: "finalized" });
    await store.seals.save(height(3), seal);
    asked = 0;
    const below = await store.blocks.loadHeader(height(2));
    const bytes = await store.blocks.loadHeader(height(3));
    for (const index of [0, 1, 2, 3]) {
      expect(await proofOf(2, index)).toEqual({
        kind: "sealed",
        headers: [below],
        sealedHeader: { bytes, seal },
        keyCertificate: certificate,
      });
    }
    expect(asked).toBe(1);
    expect(await proofOf(3, 0)).toMatchObject({ kind: "sealed", headers: [] });
    expect(asked).toBe(2);
  });

  it("is kept for a bounded number of blocks", async () => {
    const blocks = LIMITS.keptProofsMax + 1;
    const { receipts, store, finalizer } = await storedBlocks({ blocks, operations: 1 });
    finalizer.keyCertificate = certificate;
    const headers = Array.from({ length: blocks }, (_, i) => height(i + 1));
    for (const at of headers) await store.seals.save(at, seal);
    const asked: number[] = [];
    const { loadAtOrAbove } = store.seals;
    store.seals.loadAtOrAbove = (at) => {
      asked.push(at);
      return loadAtOrAbove.call(store.seals, at);
    };
    for (const at of headers) await receipts.load({ height: at, index: 0 });
    asked.length = 0;
    for (const at of [blocks, 2, 1]) await receipts.load({ height: height(at), index: 0 });
    expect(asked).toEqual([1]);
  });
});

describe("results that were read back", () => {
  it("are kept up to a weight, those used last the longest", async () => {
    const { store, loads } = await storedBlocks({ blocks: 4, operations: 10 });
    const { context } = network;
    const [one] = (await store.blocks.loadBlock(height(1)))?.operations ?? [];
    if (one === undefined) expect.fail("no operation");
    const trees = new ResultTrees({ context, store, bytesMax: 2.5 * 10 * (one.length + 256) });
    loads.length = 0;
    for (const at of [1, 2, 1, 3, 1, 2, 1]) await trees.of(height(at));
    expect(loads).toEqual([1, 2, 3, 2]);
  });
});

/** A store with this many blocks of this many transfers each, as far as receipts need it. Lists the blocks read. */
async function storedBlocks({ blocks, operations }: { blocks: number; operations: number }) {
  const { context } = network;
  const { networkId } = context;
  const signed = Array.from({ length: operations }, (_, i) =>
    transfer(network, { from: "alice", to: "bob", amount: 1n, id: `${i}` }),
  );
  const results = signed.map(
    (_, i): Result =>
      i % 2 === 0 ? { status: "applied" } : { status: "declined", reason: "insufficientFunds" },
  );
  const leaves = signed.map((operation, i) =>
    encodeResultLeaf(networkId, operation, results[i] ?? { status: "applied" }),
  );
  const store = await openMemoryStore({ identity: { networkId } });
  const certified = new Chain(network);
  certified.extend(blocks);
  await store.chain.commit({
    blocks: certified.blocks.map(({ header, headerBytes, hash }) => ({
      height: header.height,
      header: headerBytes,
      hash,
      operations: signed.map(({ bytes }) => bytes),
      results: encodeResults(results),
      operationKeys: signed.map(({ key }) => key),
      creations: [],
      entries: [],
      declines: [],
    })),
    finalization: encodeCertificate(certified.finalization(blocks)),
    wallets: [],
  });
  const loads: number[] = [];
  const load = store.blocks.loadBlock.bind(store.blocks);
  store.blocks.loadBlock = (at) => {
    loads.push(at);
    return load(at);
  };
  const finalizer: { keyCertificate: KeyCertificate | undefined } = { keyCertificate: undefined };
  const receipts = new Receipts({ context, store, finalizer });
  const root = merkleRoot(
    sha256,
    leaves.map((leaf) => leafHash(sha256, leaf)),
  );
  return { receipts, store, loads, root, finalizer };
}
