/** The history fill while one peer is as slow, or as useless, as it can be without a lie. */
import { describe, expect, it } from "vitest";
import { encodeWalletRecord } from "../../../src/ledger/wallet-record.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { commitOf, encodeResults } from "../../../src/node/execution/commit.ts";
import { BlockVerifier } from "../../../src/node/sync/block-verifier.ts";
import { HistoryFill } from "../../../src/node/sync/history-fill.ts";
import { HistoryReader } from "../../../src/node/sync/history-reader.ts";
import { equalBytes } from "../../../src/primitives/bytes.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import { encodeCertificate } from "../../../src/primitives/vote.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { BlocksQuery, FetchedBlock } from "../../../src/transport/peer-api.ts";
import { createNetwork, creation } from "../../ledger/fixture.ts";
import { Chain } from "../chain.ts";

const TOP = 600;
const HONEST_MS = 50;

const network = createNetwork();
const { context } = network;
const chain = new Chain(network);
chain.add(creation(network, { name: "alice", balance: 100n }));
chain.extend(TOP - 1);

/** All wallets after the last block. */
const wallets = [...(chain.executed.at(-1)?.execution.state.wallets.entries() ?? [])].map(
  ([, wallet]) => ({ id: wallet.id, record: encodeWalletRecord(context.networkId, wallet) }),
);

/** A peer's answer to a question and its delay; undefined: it never answers. */
interface Peer {
  readonly gives: (blocks: readonly FetchedBlock[]) => readonly FetchedBlock[] | undefined;
  readonly ms: number;
}

const honest: Peer = { gives: (blocks) => blocks, ms: HONEST_MS };

/** The records of a node whose blocks became final one by one, except those in `atOnce`. */
function held(query: BlocksQuery, atOnce: readonly [number, number]): FetchedBlock[] {
  const { start, count } = query;
  if (start.kind !== "hash") throw new Error("the past is asked for by hash");
  const top = chain.executed.findIndex(({ block }) => equalBytes(block.hash, start.hash));
  const executed = chain.executed.slice(Math.max(0, top + 1 - count), top + 1).reverse();
  return executed.map(({ block: { header, headerBytes, operations }, execution }) => {
    const isProven = header.height < atOnce[0] || header.height > atOnce[1];
    const proof = isProven ? encodeCertificate(chain.finalization(header.height)) : undefined;
    const results = encodeResults(execution.results);
    return { header: headerBytes, operations, results, finalization: proof };
  });
}

interface Setting {
  /** Heights of blocks that became final together with the block above them. */
  readonly atOnce?: readonly [number, number];
  /** The blocks that the node held before the snapshot. */
  readonly before?: Chain;
}

/** Fills the history below block `TOP`; the clock advances by the delays of the peers. */
async function fill(peers: readonly Peer[], { atOnce = [0, 0], before }: Setting = {}) {
  let now = 0;
  const timers = new Map<() => void, number>();
  const system = {
    monotonic: () => now,
    after: (delayMs: number, action: () => void) => {
      timers.set(action, now + delayMs);
      return () => timers.delete(action);
    },
  };
  const wait = async (until: number) => {
    for (const [action, at] of [...timers].sort(([, left], [, right]) => left - right)) {
      if (at > until) break;
      now = Math.max(now, at);
      timers.delete(action);
      action();
    }
    now = Math.max(now, until);
  };
  const store = await openMemoryStore({ identity: context });
  const finalization = chain.finalization(TOP);
  const rest = { finalization, pruneJournalBelow: undefined, ceremonyChanged: false };
  if (before !== undefined) {
    const finalization = before.finalization(before.height);
    await store.chain.commit(commitOf(context, before.executed, { ...rest, finalization }));
  }
  await store.chain.startFrom({ ...commitOf(context, chain.executed.slice(-1), rest), wallets });
  const verifier = new BlockVerifier({ context, checker: inlineChecker });
  let asked = 0;
  const parts = {
    context,
    store,
    reader: new HistoryReader({
      context,
      checker: inlineChecker,
      verifier,
      keys: { groupKey: undefined },
    }),
    source: {
      others: peers.map((_, i) => validatorIndex(i)),
      fetchBlocks: async (index: number, query: BlocksQuery) => {
        asked += 1;
        const peer = peers[index];
        const blocks = peer?.gives(held(query, atOnce));
        if (peer === undefined || blocks === undefined) {
          await wait(now + 10_000);
          return undefined;
        }
        await wait(now + peer.ms);
        return { blocks, finalHeight: height(TOP) };
      },
    },
    system,
    log: createLog("test", "silent"),
  };
  await new HistoryFill(parts).run();
  return { stored: store.blocks, ms: now, asked };
}

async function gaps(stored: Awaited<ReturnType<typeof fill>>["stored"]): Promise<number> {
  let widest = 0;
  for (let at = 1; at <= TOP; at++) {
    const proof = await stored.loadFinalization(height(at));
    widest = Math.max(widest, (proof?.height ?? Number.POSITIVE_INFINITY) - at);
  }
  return widest;
}

describe("the history is filled in though a peer", () => {
  it.each<readonly [string, Peer]>([
    [
      "gives one block just before patience with it ends",
      { ...honest, ms: 4_900, gives: (blocks) => blocks.slice(0, 1) },
    ],
    ["never answers", { ...honest, gives: () => undefined }],
    ["has nothing", { ...honest, gives: () => [] }],
  ])("%s", async (_, peer) => {
    const { stored, ms } = await fill([peer, honest, honest]);
    expect(stored.history.from).toBe(1);
    expect(ms).toBeLessThan(12_000);
  });

  it("keeps the finalizations to itself", async () => {
    const gives = (blocks: readonly FetchedBlock[]) =>
      blocks.map((block) => ({ ...block, finalization: undefined }));
    const { stored } = await fill([{ ...honest, gives, ms: 1 }, honest]);
    expect(await gaps(stored)).toBeLessThan(2 * LIMITS.sealInterval);
  });

  it("has no finalizations, for the blocks became final all at once", async () => {
    const { stored, asked } = await fill([honest, honest], { atOnce: [150, 450] });
    expect(stored.history.from).toBe(1);
    expect(await gaps(stored)).toBeLessThan(301 + LIMITS.sealInterval);
    expect(asked).toBeLessThan(12);
  });
});

describe("what a node held before its snapshot", () => {
  it("is where the history ends", async () => {
    const before = new Chain(network);
    before.add(creation(network, { name: "alice", balance: 100n }));
    before.extend(299);
    const { stored } = await fill([honest], { before });
    expect(stored.history).toMatchObject({ from: 1, below: 0 });
  });

  it("ends the node if it is no part of the final chain", async () => {
    const before = new Chain(network);
    before.add(creation(network, { name: "bob", balance: 100n }));
    before.extend(299);
    await expect(fill([honest], { before })).rejects.toThrow("no child of this node's own");
  });
});
