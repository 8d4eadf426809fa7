/** A layout after the present one, for tests: no such step exists in a version yet. */
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import type { Change } from "../../src/storage/key-value.ts";
import { LAYOUTS, type Layouts } from "../../src/storage/layouts.ts";
import type { MigrationStep } from "../../src/storage/migration.ts";
import { del, put } from "../../src/storage/records.ts";

const RECORDS_PER_BATCH = 4;

/** Creations move to another kind of record, and each says for itself that it was moved. */
export const moveCreations: MigrationStep = moving("creations move", { from: "c", to: "y" });
/** A second step, which needs what the first one wrote. */
export const moveAgain: MigrationStep = moving("moved creations move on", { from: "y", to: "z" });

export const NEXT: Layouts = { ...LAYOUTS, steps: [...LAYOUTS.steps, moveCreations] };
export const NEXT_BUT_ONE: Layouts = { ...NEXT, steps: [...NEXT.steps, moveAgain] };

function moving(name: string, { from, to }: { from: string; to: string }): MigrationStep {
  return {
    name,
    growth: 0.5,
    async *batches(records, after) {
      const [whole, below] = [utf8(from), utf8(String.fromCharCode(from.charCodeAt(0) + 1))];
      // The cursor is the last key that was moved; the first above it is its successor.
      const range = { from: after === undefined ? whole : Uint8Array.of(...after, 0), below };
      let changes: Change[] = [];
      let last: Bytes = whole;
      for await (const { key, value } of records.range(range)) {
        const moved = Uint8Array.of(to.charCodeAt(0), ...key.slice(1));
        changes.push(put(moved, Uint8Array.of(...value, ...utf8("moved"))), del(key));
        last = key;
        if (changes.length < 2 * RECORDS_PER_BATCH) continue;
        yield { changes, cursor: key };
        changes = [];
      }
      if (changes.length > 0) yield { changes, cursor: last };
    },
  };
}
