import { randomInt } from "node:crypto";
import {
  chmod,
  cp,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  unlink,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { Store } from "../../src/storage/contracts.ts";
import { StorageCorruption } from "../../src/storage/storage-errors.ts";
import { createStore, openStore } from "../../src/storage/store-factory.ts";
import { identity } from "./crash-record.ts";
import { sampleBlock, sampleCommit } from "./sample-chain.ts";
import { codeOf, expectChain } from "./store-checks.ts";

const BLOCKS = 20;

let folder: string;
let original: string;
let copy: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-damage-"));
  original = join(folder, "original");
  copy = join(folder, "copy");
  const store = await createStore({ engine: "level", location: original, identity });
  for (let at = 1; at <= BLOCKS; at++) {
    await store.journal.append([utf8(`record ${at - 1}`)]);
    await store.chain.commit(sampleCommit(at));
  }
  await store.close();
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function freshCopy(): Promise<void> {
  await rm(copy, { recursive: true, force: true });
  await cp(original, copy, { recursive: true });
}

async function fileEnding(ending: string, within = copy): Promise<string> {
  const name = (await readdir(within))
    .filter((file) => file.endsWith(ending))
    .sort()
    .at(-1);
  return join(within, name ?? `no file ends with ${ending}`);
}

/** Opens the copy. The state must be one that the store once had: blocks and journal without a hole. */
async function expectEarlierState(store: Store): Promise<number> {
  const top = (await store.blocks.loadTip())?.height ?? 0;
  if (top > 0) await expectChain(store, top);
  const journal = await store.journal.load();
  expect(journal).toEqual(
    journal.map((_, sequence) => ({ sequence, bytes: utf8(`record ${sequence}`) })),
  );
  expect([top, top + 1]).toContain(journal.length);
  return top;
}

const openCopy = () => openStore({ engine: "level", location: copy, identity });

describe("a damaged level store", () => {
  it("is an earlier state of itself when its log is cut anywhere", async () => {
    const { size } = await stat(await fileEnding(".log", original));
    const tops = new Set<number>();
    for (let round = 0; round < 25; round++) {
      await freshCopy();
      const length = randomInt(200, size + 1);
      await truncate(await fileEnding(".log"), length);
      const store = await openCopy();
      tops.add(
        await expectEarlierState(store).catch((error: unknown) => {
          throw new Error(`log cut to ${length} bytes`, { cause: error });
        }),
      );
      await store.close();
    }
    expect(tops.size).toBeGreaterThan(3);
  });

  it("is refused, or an earlier state, when any bit of its log is flipped", async () => {
    const { size } = await stat(await fileEnding(".log", original));
    let refused = 0;
    for (let round = 0; round < 25; round++) {
      await freshCopy();
      const at = randomInt(0, size);
      await flipBit(await fileEnding(".log"), at);
      try {
        const store = await openCopy();
        await expectEarlierState(store);
        await store.close();
      } catch (error) {
        expect(error, `bit flipped in byte ${at}`).toBeInstanceOf(StorageCorruption);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(5);
  });

  it.each([".log", "CURRENT"])("is refused when its %s file is gone", async (ending) => {
    await freshCopy();
    await unlink(await fileEnding(ending));
    const refusal = await openCopy().catch((error: unknown) => error);
    expect(["corruption", "missing"]).toContain(codeOf(refusal));
    // The rest must not have been replaced by a new store.
    expect(codeOf(await openCopy().catch((error: unknown) => error))).toBe(codeOf(refusal));
  });

  it("is refused when a table is gone", async () => {
    // Every opening turns the log into a table.
    await (await openStore({ engine: "level", location: original, identity })).close();
    await freshCopy();
    await unlink(await fileEnding(".ldb"));
    expect(codeOf(await openCopy().catch((error: unknown) => error))).toBe("corruption");
  });

  it("names a block whose body lies on a damaged place, and holds it again once it is mended", async () => {
    await (await openStore({ engine: "level", location: original, identity })).close();
    await freshCopy();
    const table = await fileEnding(".ldb");
    const [operation = utf8("")] = sampleBlock(5).operations;
    const at = (await readFile(table)).indexOf(operation);
    expect(at).toBeGreaterThan(0);
    await flipBit(table, at + 40);
    const store = await openCopy();
    await expect(store.blocks.loadBlock(height(5))).rejects.toThrow(/the body of block 5/);
    await expectChain(store, BLOCKS, 6);
    await store.repair.rewriteBlock(sampleBlock(5));
    await expectChain(store, BLOCKS);
    await store.close();
    const again = await openCopy();
    await expectEarlierState(again);
    await again.close();
  });

  it("refuses to write, with the remedy, once it has met a damaged place while it merged tables", async () => {
    await (await openStore({ engine: "level", location: original, identity })).close();
    await freshCopy();
    const table = await fileEnding(".ldb");
    const [operation = utf8("")] = sampleBlock(5).operations;
    // The key of a block's body, and the lengths of both before it, lie in front of the body; they make no sense now.
    const at = (await readFile(table)).indexOf(operation);
    await overwrite(table, at - 24, new Uint8Array(16).fill(0xff));
    let failure: unknown;
    for (let round = 1; round <= 10 && failure === undefined; round++) {
      const store = await openCopy();
      failure = await store.chain
        .commit(sampleCommit(BLOCKS + round))
        .catch((error: unknown) => error);
      await store.close();
    }
    expect(failure).toBeInstanceOf(StorageCorruption);
    expect(`${failure}`).toMatch(/the store's tables: they cannot be merged .*countersign rejoin/);
  });

  it("is refused when its manifest is cut or flipped", async () => {
    const manifest = async () =>
      join(copy, (await readdir(copy)).find((name) => name.startsWith("MANIFEST")) ?? "");
    for (const damage of [async (path: string) => truncate(path, 10), flipMiddle]) {
      await freshCopy();
      await damage(await manifest());
      expect(codeOf(await openCopy().catch((error: unknown) => error))).toBe("corruption");
    }
  });

  it("is refused when its folder is gone or empty, and never silently made anew", async () => {
    expect(codeOf(await openCopy().catch((error: unknown) => error))).toBe("missing");
    await expect(stat(copy)).rejects.toThrow("ENOENT");
    const again = await createStore({ engine: "level", location: original, identity }).catch(
      (e: unknown) => e,
    );
    expect(codeOf(again)).toBe("exists");
  });

  it.skipIf(process.getuid?.() === 0)("says so when it may not be read", async () => {
    await freshCopy();
    await chmod(await fileEnding("LOCK"), 0o000);
    expect(codeOf(await openCopy().catch((error: unknown) => error))).toBe("unavailable");
  });
});

async function flipMiddle(path: string): Promise<void> {
  const { size } = await stat(path);
  await flipBit(path, Math.floor(size / 2));
}

async function flipBit(path: string, at: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ (1 << randomInt(0, 8));
    await file.write(byte, 0, 1, at);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function overwrite(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "r+");
  await file.write(bytes, 0, bytes.length, at);
  await file.close();
}
