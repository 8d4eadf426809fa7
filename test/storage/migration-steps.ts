/** A layout after the present one, for tests: no version has such a step yet. */
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import type { Change, Entry } from "../../src/storage/key-value.ts";
import { LAYOUTS, type Layouts } from "../../src/storage/layouts.ts";
import type { MigrationBatch, MigrationStep } from "../../src/storage/migration.ts";
import { del, put } from "../../src/storage/records.ts";

const RECORDS_PER_BATCH = 4;

/** Moves creations to another kind of record: a repeated batch finds nothing to do. */
export const moveCreations: MigrationStep = {
  name: "creations move",
  growth: 0.5,
  batches: (records, after) =>
    batchesOf(records, { letter: "c", after }, ({ key, value }) => [
      put(Uint8Array.of("y".charCodeAt(0), ...key.slice(1)), value),
      del(key),
    ]),
};

/** Marks the moved creations in place: a repeated batch marks its records twice. */
export const markCreations: MigrationStep = {
  name: "moved creations are marked",
  growth: 0.5,
  batches: (records, after) =>
    batchesOf(records, { letter: "y", after }, ({ key, value }) => [
      put(key, Uint8Array.of(...value, ...utf8("marked"))),
    ]),
};

export const NEXT: Layouts = { ...LAYOUTS, steps: [...LAYOUTS.steps, moveCreations] };
export const NEXT_BUT_ONE: Layouts = { ...NEXT, steps: [...NEXT.steps, markCreations] };

/** The changes to all records of one letter; the cursor is the last key that they cover. */
async function* batchesOf(
  records: Parameters<MigrationStep["batches"]>[0],
  { letter, after }: { readonly letter: string; readonly after: Bytes | undefined },
  change: (entry: Entry) => readonly Change[],
): AsyncGenerator<MigrationBatch> {
  const below = utf8(String.fromCharCode(letter.charCodeAt(0) + 1));
  const from = after === undefined ? utf8(letter) : Uint8Array.of(...after, 0);
  let entries: Entry[] = [];
  for await (const entry of records.range({ from, below })) {
    entries.push(entry);
    if (entries.length < RECORDS_PER_BATCH) continue;
    yield { changes: entries.flatMap(change), cursor: entry.key };
    entries = [];
  }
  const last = entries.at(-1);
  if (last !== undefined) yield { changes: entries.flatMap(change), cursor: last.key };
}
