/** A large store that is searched for many keys that it does not hold: nothing is merged for that. */
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { expect, it } from "vitest";
import { levelEngine } from "../../src/storage/level-engine.ts";

const OPEN = { openFilesMax: 100 };
const VALUE_BYTES = 16_384;
/** Above the size from which a store counts as large. */
const LARGE = 6_000;
/** In tables of their own, which lie above those of the others. */
const NEWER = 400;
/** LevelDB allows a few hundred for a table before it merges it. */
const SEARCHES = 20_000;

const key = () => Buffer.concat([Buffer.from("o"), randomBytes(32)]);

async function write(place: string, count: number): Promise<Buffer> {
  const store = await levelEngine.open(place, OPEN);
  const some = key();
  for (let done = 0; done < count; done += 100) {
    const changes = Array.from({ length: 100 }, (_, i) => ({
      type: "put" as const,
      key: done + i === 0 ? some : key(),
      value: randomBytes(VALUE_BYTES),
    }));
    await store.write(changes);
  }
  await store.close();
  return some;
}

/** Puts all that is there into tables of one level. */
async function merge(place: string): Promise<void> {
  const level = new ClassicLevel<Uint8Array, Uint8Array>(place, {
    keyEncoding: "view",
    valueEncoding: "view",
  });
  await level.compactRange(Buffer.of(0), Buffer.of(0xff));
  await level.close();
}

const tablesOf = (place: string) =>
  readdirSync(place)
    .filter((name) => name.endsWith(".ldb"))
    .sort();

it("searches that find nothing leave the tables as they are, and what is there is found", async () => {
  const home = await mkdtemp(join(tmpdir(), "countersign-search-"));
  try {
    const place = join(home, "store");
    await (await levelEngine.create(place)).close();
    const old = await write(place, LARGE);
    await merge(place);
    const newer = await write(place, NEWER);
    // Writes its log into a table.
    await (await levelEngine.open(place, OPEN)).close();
    const store = await levelEngine.open(place, OPEN);
    const before = tablesOf(place);
    for (const one of [old, newer]) expect(await store.search(one)).toHaveLength(VALUE_BYTES);
    for (let i = 0; i < SEARCHES; i++) expect(await store.search(key())).toBeUndefined();
    await store.close();
    expect(tablesOf(place)).toEqual(before);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
