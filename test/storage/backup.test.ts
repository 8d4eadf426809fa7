/** The records of a backup: what was written comes back, a flipped bit is noticed, and a restored journal is silent. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scopeSet } from "../../src/access/scope.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { height } from "../../src/primitives/numbers.ts";
import { createBackup, openBackup } from "../../src/storage/backup-folder.ts";
import { decodeRecords, encodeRecords } from "../../src/storage/backup-records.ts";
import type { Store } from "../../src/storage/contracts.ts";
import type { Entry } from "../../src/storage/key-value.ts";
import { openMemoryStore } from "../../src/storage/memory-store.ts";
import { StorageError } from "../../src/storage/storage-errors.ts";
import { createRestoredStore, openStore } from "../../src/storage/store-factory.ts";
import { networkId } from "../transport/identities.ts";
import { bytesNamed, sampleCommit } from "./sample-chain.ts";

const PIECE = 1_000;
const token = {
  ...{ hash: bytesNamed("token"), name: "shop", scopes: [...scopeSet(["read"])], createdAt: 1 },
};

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "countersign-backup-"));
  store = await openMemoryStore({ identity: { networkId } });
  await store.chain.commit(sampleCommit(1, 3));
  await store.tokens.save(token);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

async function restored(keepTokens: boolean): Promise<Store> {
  const place = { engine: "level" as const, location: join(folder, `${keepTokens}`) };
  await createRestoredStore(place, store.backup(), { keepTokens, onRecords: () => undefined });
  return await openStore({ ...place, identity: { networkId } });
}

describe("the records in pieces", () => {
  it("come back as they were, in pieces of any size", async () => {
    const records = await collect(store.backup());
    for (const size of [1, 7, PIECE, 1_000_000]) {
      const pieces = await collect(encodeRecords(each(records), size));
      expect(pieces.every((piece) => piece.length > 0 && piece.length <= size)).toBe(true);
      const again = await collect(decodeRecords(each(pieces)));
      expect(again.map(text)).toEqual(records.map(text));
    }
  });

  it("are refused with a flipped bit anywhere, cut short anywhere, or out of order", async () => {
    const records = await collect(store.backup());
    const whole = Buffer.concat(await collect(encodeRecords(each(records), PIECE)));
    const read = (bytes: Bytes) => collect(decodeRecords(each([bytes])));
    for (let at = 0; at < whole.length; at += 37) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      await expect(read(flipped), `byte ${at}`).rejects.toThrow(StorageError);
    }
    const ends = new Set(lengths(records));
    for (let end = 1; end < whole.length; end += 37) {
      if (!ends.has(end)) await expect(read(whole.subarray(0, end))).rejects.toThrow(/cut short/);
    }
    const [first, second, ...rest] = records;
    if (first === undefined || second === undefined) return expect.fail("too few records");
    const swapped = encodeRecords(each([second, first, ...rest]), PIECE);
    await expect(collect(decodeRecords(swapped))).rejects.toThrow(/out of order/);
  });
});

it("a path that is no folder, and a folder without a manifest, are no backups and not called damaged", async () => {
  const file = join(folder, "genesis.json");
  writeFileSync(file, "{}");
  await expect(openBackup(file)).rejects.toThrow(/holds no backup \(it is no folder\); name the/);
  await expect(openBackup(folder)).rejects.toThrow(/holds no backup \(there is no manifest\.json/);
});

it("a backup overwrites nothing, and reads no record before it looks", async () => {
  const asked = expect.unreachable.bind(undefined, "a record was read");
  const pieces = { [Symbol.asyncIterator]: () => ({ next: () => asked() }) };
  const made = { nodeId: "alpha", nodeIndex: 0, madeAt: 1, madeBy: "test" };
  const backup = createBackup({ ...made, path: folder, pieces, keys: undefined });
  await expect(backup).rejects.toThrow(/already exists; name a folder that does not exist yet/);
});

describe("A10: a restored store", () => {
  it("has every record and numbers of its own", async () => {
    const copy = await restored(true);
    expect(await copy.blocks.loadTip()).toEqual(await store.blocks.loadTip());
    expect(await copy.blocks.loadBlock(height(2))).toEqual(await store.blocks.loadBlock(height(2)));
    expect(await copy.tokens.load()).toHaveLength(1);
    await copy.close();
  });

  it("is amnesiac, and holds no journal, whether the node had started before the backup or not", async () => {
    const unstarted = await restored(true);
    expect(await unstarted.journalIdentity.load()).toMatchObject({ amnesiac: true, starts: 0 });
    await unstarted.close();
    await store.journalIdentity.countStart({ journalId: bytesNamed("journal") });
    await store.journal.append([bytesNamed("vote")]);
    const copy = await restored(false);
    expect(await copy.journalIdentity.load()).toEqual({
      ...{ journalId: bytesNamed("journal"), starts: 1, firstView: 1, rejoined: false },
      amnesiac: true,
    });
    expect(await copy.journal.load()).toEqual([]);
    await copy.close();
  });

  it("has no token that may have been revoked since, unless it is asked to", async () => {
    const copy = await restored(false);
    expect(await copy.tokens.load()).toEqual([]);
    await copy.close();
  });
});

function text({ key, value }: Entry): string {
  return `${Buffer.from(key).toString("hex")} ${Buffer.from(value).toString("hex")}`;
}

/** The places at which a record ends. */
function lengths(records: readonly Entry[]): number[] {
  let at = 0;
  return records.map(({ key, value }) => {
    at += 6 + key.length + value.length;
    return at;
  });
}
