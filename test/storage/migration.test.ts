// Upgrades between layouts of records, with steps that only this test has; a crash at any write loses nothing.
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../src/primitives/bytes.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { Store } from "../../src/storage/contracts.ts";
import type { Change, KeyValue } from "../../src/storage/key-value.ts";
import { LAYOUTS, type Layouts, presentLayout } from "../../src/storage/layouts.ts";
import { MemoryDisk, openMemoryStore } from "../../src/storage/memory-store.ts";
import {
  MIGRATION_BATCH_BYTES_MAX,
  type MigrationProgress,
  type MigrationStep,
} from "../../src/storage/migration.ts";
import { openStoreOn } from "../../src/storage/open-store.ts";
import { put } from "../../src/storage/records.ts";
import { identity } from "./crash-record.ts";
import { moveCreations, NEXT, NEXT_BUT_ONE } from "./migration-steps.ts";
import { bytesNamed, sampleCommit, walletNamed } from "./sample-chain.ts";
import { codeOf } from "./store-checks.ts";

const BLOCKS = 30;
const PRESENT = presentLayout(LAYOUTS);

/** Loses power at one write: before it is applied, or after it is applied and before its writer knows. */
class FailingDisk extends MemoryDisk {
  writes = 0;
  at = Number.POSITIVE_INFINITY;
  applied = false;

  override apply(changes: readonly Change[]): void {
    this.writes += 1;
    const isLast = this.writes === this.at;
    if (!isLast || this.applied) super.apply(changes);
    if (!isLast) return;
    this.crash();
    throw new Error("the power is gone");
  }
}

const stored = await storedEntries();

async function storedEntries(): Promise<MemoryDisk["entries"]> {
  const disk = new MemoryDisk();
  const store = await openMemoryStore({ identity, disk });
  for (let at = 1; at <= BLOCKS; at++) await store.chain.commit(sampleCommit(at));
  await store.journal.append([utf8("said")]);
  await store.close();
  return disk.entries;
}

function storedDisk(): FailingDisk {
  const disk = new FailingDisk();
  for (const [key, value] of stored) disk.entries.set(key, value);
  return disk;
}

function openWith(disk: MemoryDisk, layouts: Layouts, progress: MigrationProgress[] = []) {
  return openMemoryStore({
    identity,
    disk,
    layouts,
    upgrade: { report: (one) => progress.push(one) },
  });
}

/** All records but the numbers of batches, which count the writes. */
function recordsOf(disk: MemoryDisk): Map<string, string> {
  const kept = [...disk.entries].filter(([key]) => !key.startsWith("n"));
  return new Map(kept.sort().map(([key, value]) => [key, toHex(value)]));
}

async function expectChain(store: Store): Promise<void> {
  expect((await store.blocks.loadTip())?.height).toBe(BLOCKS);
  expect(await store.blocks.loadBlock(height(7))).toBeDefined();
  expect(await store.journal.load()).toHaveLength(1);
}

const failureOf = (running: Promise<unknown>) =>
  running.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a store of an older layout", () => {
  it("is upgraded when it is opened, through every layout in between, and tells of it", async () => {
    const disk = storedDisk();
    const before = recordsOf(disk);
    const progress: MigrationProgress[] = [];
    const store = await openWith(disk, NEXT_BUT_ONE, progress);
    await expectChain(store);
    await store.close();
    const letters = [...recordsOf(disk).keys()].map((key) => key.charAt(0));
    expect(letters.filter((letter) => letter === "y")).toHaveLength(BLOCKS);
    expect(letters.filter((letter) => letter === "c")).toEqual([]);
    expect(recordsOf(disk).size).toBe(before.size);
    expect(progress.filter(({ state }) => state !== "runs")).toEqual([
      { layout: PRESENT + 1, step: "creations move", state: "begins", changes: 0 },
      { layout: PRESENT + 1, step: "creations move", state: "is done", changes: 2 * BLOCKS },
      { layout: PRESENT + 2, step: "moved creations are marked", state: "begins", changes: 0 },
      {
        layout: PRESENT + 2,
        step: "moved creations are marked",
        state: "is done",
        changes: BLOCKS,
      },
    ]);
    const again: MigrationProgress[] = [];
    await (await openWith(disk, NEXT_BUT_ONE, again)).close();
    expect(again).toEqual([]);
  });

  it.each([false, true])(
    "has lost nothing after a crash at any write, twice at the same place (applied: %s)",
    async (applied) => {
      const whole = storedDisk();
      await (await openWith(whole, NEXT_BUT_ONE)).close();
      expect(whole.writes).toBe(2 * (2 + Math.ceil(BLOCKS / 4)));
      for (let at = 1; at <= whole.writes; at++) {
        const disk = storedDisk();
        Object.assign(disk, { at, applied });
        expect(await failureOf(openWith(disk, NEXT_BUT_ONE)), `write ${at}`).toBeDefined();
        // The first write of the second opening fails too, before it is applied.
        Object.assign(disk, { writes: 0, at: 1, applied: false });
        const isDone = applied && at === whole.writes;
        const second = await failureOf(openWith(disk, NEXT_BUT_ONE));
        expect(second === undefined, `write ${at}, again`).toBe(isDone);
        disk.at = Number.POSITIVE_INFINITY;
        disk.crash();
        const store = await openWith(disk, NEXT_BUT_ONE);
        await expectChain(store);
        await store.close();
        expect(recordsOf(disk), `write ${at}`).toEqual(recordsOf(whole));
      }
    },
  );

  it("is refused by a version that does not know the new layout, from the first batch on", async () => {
    const disk = storedDisk();
    Object.assign(disk, { at: 2, applied: false });
    expect(await failureOf(openWith(disk, NEXT))).toBeDefined();
    const failure = await failureOf(openMemoryStore({ identity, disk }));
    expect(codeOf(failure)).toBe("newerSchema");
    expect(`${failure}`).toContain(
      `layout ${PRESENT + 1}, this one knows ${PRESENT}); start that version`,
    );
  });

  it("goes on with a later version, whose steps begin with the one that was interrupted", async () => {
    const disk = storedDisk();
    Object.assign(disk, { at: 4, applied: false });
    expect(await failureOf(openWith(disk, NEXT))).toBeDefined();
    disk.at = Number.POSITIVE_INFINITY;
    const progress: MigrationProgress[] = [];
    await (await openWith(disk, NEXT_BUT_ONE, progress)).close();
    expect(progress[0]).toMatchObject({ layout: PRESENT + 1, state: "goes on after a crash" });
    const whole = storedDisk();
    await (await openWith(whole, NEXT_BUT_ONE)).close();
    expect(recordsOf(disk)).toEqual(recordsOf(whole));
  });

  it("is refused, and nothing is written, where no upgrade is wanted", async () => {
    const disk = storedDisk();
    const before = recordsOf(disk);
    const failure = await failureOf(openMemoryStore({ identity, disk, layouts: NEXT }));
    expect(codeOf(failure)).toBe("olderSchema");
    expect(`${failure}`).toContain(
      `has layout ${PRESENT}; this version reads layout ${PRESENT + 1}: start its node`,
    );
    expect(recordsOf(disk)).toEqual(before);
  });

  it("of another network is refused before anything is upgraded", async () => {
    const disk = storedDisk();
    const before = recordsOf(disk);
    const other = { networkId: bytesNamed("other network") };
    const upgrade = { report: () => expect.fail("nothing is upgraded") };
    const failure = await failureOf(
      openMemoryStore({ identity: other, disk, layouts: NEXT, upgrade }),
    );
    expect(codeOf(failure)).toBe("foreignNetwork");
    expect(recordsOf(disk)).toEqual(before);
  });

  it("that is older than all steps is refused plainly", async () => {
    const disk = storedDisk();
    const layouts = { oldest: PRESENT + 1, steps: [moveCreations] };
    const failure = await failureOf(openWith(disk, layouts));
    expect(codeOf(failure)).toBe("olderSchema");
    expect(`${failure}`).toMatch(
      new RegExp(
        `layout ${PRESENT}\\); this one upgrades from layout ${PRESENT + 1} on\\..*countersign rejoin`,
      ),
    );
  });

  it("that is damaged ends the upgrade by the record's name, and is upgraded once it is whole", async () => {
    const disk = storedDisk();
    const key = [...disk.entries.keys()].filter((one) => one.startsWith("c")).sort()[9] ?? "";
    const value = disk.entries.get(key) ?? new Uint8Array();
    disk.entries.set(
      key,
      value.map((byte, i) => (i === 3 ? byte ^ 1 : byte)),
    );
    const failure = await failureOf(openWith(disk, NEXT));
    expect(`${failure}`).toContain("the creation of wallet");
    disk.entries.set(key, value);
    await (await openWith(disk, NEXT)).close();
    expect([...disk.entries.keys()].filter((one) => one.startsWith("y"))).toHaveLength(BLOCKS);
  });
});

describe("a step", () => {
  const oneStep = (step: Partial<MigrationStep>): Layouts => ({
    ...LAYOUTS,
    steps: [...LAYOUTS.steps, { ...moveCreations, ...step }],
  });

  it("is begun only with the disk space that it asks for", async () => {
    const disk = storedDisk();
    const mib = 1024 * 1024;
    const openAt = async (free: number) => {
      const keyValue = await keyValueOf(disk);
      return openStoreOn(keyValue, {
        identity,
        create: false,
        place: "/var/store",
        layouts: oneStep({ growth: 2 }),
        upgrade: { report: () => undefined },
        space: async () => ({ used: 100 * mib, free }),
      });
    };
    const before = recordsOf(disk);
    const failure = await failureOf(openAt(263 * mib));
    expect(codeOf(failure)).toBe("unavailable");
    expect(`${failure}`).toContain(
      "/var/store: its upgrade needs 264 MiB free on its disk, and 263 are; free space, then start again; nothing was changed",
    );
    expect(recordsOf(disk)).toEqual(before);
    await (await openAt(264 * mib)).close();
  });

  it("with a batch that is too large breaks the program, not the store", async () => {
    const disk = storedDisk();
    const large = put(utf8("y"), new Uint8Array(MIGRATION_BATCH_BYTES_MAX));
    const layouts = oneStep({
      async *batches() {
        yield { changes: [large], cursor: utf8("1") };
      },
    });
    await expect(openWith(disk, layouts)).rejects.toThrow(/batch is bounded/);
    await (await openWith(disk, NEXT)).close();
    expect(disk.entries.has(`c${Buffer.from(walletNamed("created 1")).toString("latin1")}`)).toBe(
      false,
    );
  });

  it("without a single record ends with the new layout", async () => {
    const disk = new MemoryDisk();
    await (await openMemoryStore({ identity, disk })).close();
    await (await openWith(disk, NEXT)).close();
    await (await openMemoryStore({ identity, disk, layouts: NEXT })).close();
  });
});

/** The engine of a memory store, opened as the store opens it. */
async function keyValueOf(disk: MemoryDisk): Promise<KeyValue> {
  const holder = {};
  disk.claim(holder);
  return {
    get: (key) => disk.entries.get(Buffer.from(key).toString("latin1")),
    search: async (key) => disk.entries.get(Buffer.from(key).toString("latin1")),
    getLarge: async (key) => disk.entries.get(Buffer.from(key).toString("latin1")),
    async *parts(range) {
      for (const key of disk.keys(range)) {
        const value = disk.entries.get(key);
        if (value !== undefined) yield [{ key: Buffer.from(key, "latin1"), value }];
      }
    },
    write: async (changes) => disk.apply(changes),
    close: async () => disk.release(holder),
  };
}
