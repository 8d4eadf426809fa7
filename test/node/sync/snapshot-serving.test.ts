/** A hostile peer serves a snapshot: the time for which it can hold up the start. */
import { describe, expect, it } from "vitest";
import { createLog } from "../../../src/node/base/log.ts";
import { commitOf } from "../../../src/node/execution/commit.ts";
import { Lie } from "../../../src/node/sync/block-verifier.ts";
import { SnapshotDesk } from "../../../src/node/sync/snapshot-desk.ts";
import { downloadSnapshot } from "../../../src/node/sync/snapshot-download.ts";
import type { SnapshotPeers } from "../../../src/node/sync/snapshot-peers.ts";
import { validatorIndex } from "../../../src/primitives/numbers.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { createNetwork, creation } from "../../ledger/fixture.ts";
import { Chain } from "../chain.ts";

const WALLETS = 100;
const CALLER = validatorIndex(1);

const network = createNetwork();
const { context } = network;
const chain = new Chain(network);
for (let i = 0; i < WALLETS; i++) {
  chain.add(creation(network, { name: `owner ${i}`, balance: 1n }));
}

/** A clock that stands still until the test moves it. */
async function openDesk() {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly action: () => void }>();
  const system = {
    monotonic: () => now,
    after: (delayMs: number, action: () => void) => {
      const timer = { at: now + delayMs, action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const store = await openMemoryStore({ identity: { networkId: context.networkId } });
  const finalization = chain.finalization(WALLETS);
  const rest = { finalization, pruneJournalBelow: undefined, ceremonyChanged: false };
  await store.chain.commit(commitOf(context, chain.executed, rest));
  const executed = chain.executed.at(-1);
  if (executed === undefined) throw new Error("the chain has a block");
  const { header, hash } = executed.block;
  const finalizer = { committed: { header, hash, state: executed.execution.state } };
  const desk = new SnapshotDesk({ context, store, finalizer, system });
  const pass = async (ms: number) => {
    now += ms;
    for (const timer of [...timers].filter(({ at }) => at <= now)) {
      timers.delete(timer);
      timer.action();
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { desk, timers, pass };
}

const newest = { height: undefined, after: undefined };

describe("a member that gives a snapshot", () => {
  /** Parts of at most this many wallets, each after this delay. */
  async function download({ wallets, partMs }: { wallets: number; partMs: number }) {
    const { desk, pass } = await openDesk();
    const offered = await desk.serve(newest, CALLER);
    if (offered instanceof Refusal) throw new Error(offered.message);
    const block = chain.blocks.at(-1);
    if (block === undefined) throw new Error("the chain has a block");
    let [now, parts] = [0, 0];
    const fetchSnapshot: SnapshotPeers["fetchSnapshot"] = async (_, query) => {
      now += partMs;
      parts += 1;
      await pass(partMs);
      const answer = await desk.serve(query, CALLER);
      if (answer instanceof Refusal) throw new Error(answer.message);
      return { ...answer, wallets: answer.wallets.slice(0, wallets) };
    };
    const offer = { ...block, finalization: offered.finalization };
    const told: number[] = [];
    const log = {
      ...createLog("test", "silent"),
      info: (fields: unknown) => void told.push((fields as { wallets: number }).wallets),
    };
    const system = { monotonic: () => now };
    const snapshot = await downloadSnapshot(
      { context, peers: { fetchSnapshot }, peer: CALLER, system, log },
      offer,
    );
    if (snapshot instanceof Lie) throw new Error(snapshot.what);
    return { wallets: snapshot?.wallets.length, parts, told };
  }

  it("has all the time that much of it takes", async () => {
    expect(await download({ wallets: WALLETS, partMs: 9_000 })).toEqual({
      wallets: WALLETS,
      parts: 1,
      told: [],
    });
    // The log reports progress every five seconds; nothing else shows that the node is alive.
    expect(await download({ wallets: 10, partMs: 900 })).toEqual({
      wallets: WALLETS,
      parts: 10,
      told: [60],
    });
  });

  it("is left when it gives it wallet by wallet, though it never waits long", async () => {
    const { wallets, parts } = await download({ wallets: 1, partMs: 249 });
    expect(wallets).toBeUndefined();
    expect(parts).toBeLessThan(WALLETS / 2);
  });
});
