import { describe, expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { EngineSlot } from "../../../src/node/sealing/engine-slot.ts";
import { SealKeeper } from "../../../src/node/sealing/seal-keeper.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { SealTarget } from "../../../src/seal/target.ts";
import { MemoryDisk, openMemoryStore } from "../../../src/storage/memory-store.ts";
import { identity } from "../../storage/crash-record.ts";
import { bytesNamed } from "../../storage/sample-chain.ts";

const SEAL = bytesNamed("seal", 64);
const header = (at: number): SealTarget => {
  return { kind: "header", epoch: FIRST_EPOCH, height: height(at) };
};

/** A keeper on a store whose disk loses power at will, with a clock that the test moves. */
async function setUp() {
  const disk = new MemoryDisk();
  const store = await openMemoryStore({ identity, disk });
  const before = store.figures.syncs.count;
  const syncs = () => store.figures.syncs.count - before;
  const timers: { readonly delayMs: number; readonly action: () => void }[] = [];
  const shown: number[] = [];
  const keeper = new SealKeeper({
    engine: new EngineSlot(() => expect.fail("no engine")),
    schedule: { heard: () => undefined },
    store,
    waiters: { sealed: (at) => shown.push(at) },
    links: { send: () => undefined },
    system: {
      monotonic: () => 0,
      after: (delayMs, action) => {
        const timer = { delayMs, action };
        timers.push(timer);
        return () => timers.splice(timers.indexOf(timer), 1);
      },
    },
  });
  const keep = (target: SealTarget) =>
    keeper.keep({ kind: "sealed", target, seal: SEAL, origin: "received" });
  const afterCrash = async (at: number) => {
    disk.crash();
    const next = await openMemoryStore({ identity, disk });
    return await next.seals.load(height(at));
  };
  return { store, keeper, keep, timers, syncs, shown, afterCrash };
}

describe("S11: a seal that later ones can replace", () => {
  it("is shown before it is synced, and a crash loses it", async () => {
    const { store, keep, shown, syncs, afterCrash } = await setUp();
    void keep(header(3));
    expect(shown).toEqual([3]);
    expect(await store.seals.load(height(3))).toEqual(SEAL);
    expect(syncs()).toBe(0);
    expect(await afterCrash(3)).toBeUndefined();
  });

  it("is on disk with the next write", async () => {
    const { store, keep, syncs, afterCrash } = await setUp();
    void keep(header(3));
    await store.journal.append([bytesNamed("vote")]);
    expect(syncs()).toBe(1);
    expect(await afterCrash(3)).toEqual(SEAL);
  });

  it("is on disk after 100 ms without another write, with those that came in this time", async () => {
    const { keep, timers, syncs, afterCrash } = await setUp();
    void keep(header(3));
    void keep(header(4));
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([100]);
    timers.pop()?.action();
    while (syncs() === 0) await new Promise(setImmediate);
    expect(syncs()).toBe(1);
    void keep(header(5));
    expect(timers).toHaveLength(1);
    expect(await afterCrash(4)).toEqual(SEAL);
  });

  it("leaves no timer behind", async () => {
    const { keeper, keep, timers } = await setUp();
    void keep(header(3));
    keeper.stop();
    expect(timers).toEqual([]);
  });
});

it.each([
  ["a multiple of 64", header(128), 128],
  ["the test message", { kind: "test", epoch: FIRST_EPOCH } as const, 0],
])("S11: the seal of %s is synced before it is shown", async (_, target, at) => {
  const { keep, timers, syncs, afterCrash } = await setUp();
  await keep(target);
  expect(syncs()).toBe(1);
  expect(timers).toEqual([]);
  expect(await afterCrash(at)).toEqual(SEAL);
});
