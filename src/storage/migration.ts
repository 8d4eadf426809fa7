/**
 * Upgrades a store from its layout to the present one, step by step, while it is being opened: its engine holds the lock,
 * and nothing else reads or writes it.
 *
 * A step is a sequence of batches. Each is written atomically with a cursor, so that a crash between any two of them, or
 * in the middle of one, loses nothing: the next opening goes on behind the last cursor. The new layout's number is written
 * before the first batch, so that an older version refuses a store that is upgraded by half.
 */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Change } from "./key-value.ts";
import { type Layouts, presentLayout } from "./layouts.ts";
import type { Records } from "./records.ts";
import { endMigration, putLayout, putMigration, type Schema, type SchemaPlace } from "./schema.ts";
import { StorageError } from "./storage-errors.ts";
import type { StoreSpace } from "./store-engine.ts";

export interface MigrationStep {
  /** A clause for the log, such as "the index of operations by wallet is written". */
  readonly name: string;
  /** Disk space that the step needs, as a share of the store's size: 1 rewrites all records. */
  readonly growth: number;
  /** The batches behind the one whose cursor is `after`; all of them if that is undefined. */
  batches(
    records: Pick<Records, "load" | "loadLarge" | "range">,
    after: Bytes | undefined,
  ): AsyncIterable<MigrationBatch>;
}

export interface MigrationBatch {
  /** At most MIGRATION_BATCH_BYTES_MAX bytes of keys and values. */
  readonly changes: readonly Change[];
  /** Says where the step goes on: at most 4,096 bytes. */
  readonly cursor: Bytes;
}

/** Bounds the memory of a migration, and what is repeated after a crash. */
export const MIGRATION_BATCH_BYTES_MAX = 8 * 1024 * 1024;

/** Free besides what a step asks for: logs, and what the rest of the machine writes meanwhile. */
const SPARE_BYTES = 64 * 1024 * 1024;

export interface MigrationProgress {
  /** The layout that the step leads to. */
  readonly layout: number;
  readonly step: string;
  readonly state: "begins" | "goes on after a crash" | "runs" | "is done";
  /** Records changed by this run of the step. */
  readonly changes: number;
}

/** Permits an upgrade and hears of its progress; without it a store of an older layout is refused. */
export interface Upgrade {
  readonly report: (progress: MigrationProgress) => void;
}

export interface MigrationParts extends SchemaPlace {
  readonly records: Records;
  readonly layouts: Layouts;
  readonly upgrade: Upgrade | undefined;
  /** Measures the disk; absent where there is none. */
  readonly space?: (() => Promise<StoreSpace>) | undefined;
}

/** Leaves a store of the present layout, or throws StorageError; then the next opening goes on. */
export async function migrate(parts: MigrationParts, schema: Schema): Promise<void> {
  const { layouts, place, upgrade } = parts;
  const present = presentLayout(layouts);
  const isResumed = schema.migration !== undefined;
  const first = isResumed ? schema.layout : schema.layout + 1;
  if (first > present) return;
  if (upgrade === undefined) {
    throw new StorageError(
      "olderSchema",
      `${place} has layout ${schema.layout}${isResumed ? ", and its upgrade has not ended" : ""}; ` +
        `this version reads layout ${present}: start its node once, which upgrades the store`,
    );
  }
  for (let layout = first; layout <= present; layout++) {
    const step = layouts.steps[layout - layouts.oldest - 1];
    assert(step !== undefined, `a step leads to layout ${layout}`);
    const isFirst = isResumed && layout === first;
    await run(
      { ...parts, upgrade },
      { step, layout, after: isFirst ? schema.migration : undefined },
    );
  }
}

async function run(
  parts: MigrationParts & { readonly upgrade: Upgrade },
  begun: {
    readonly step: MigrationStep;
    readonly layout: number;
    readonly after: Schema["migration"];
  },
): Promise<void> {
  const { records, upgrade, identity } = parts;
  const { step, layout, after } = begun;
  let changes = 0;
  const report = (state: MigrationProgress["state"]) =>
    upgrade.report({ layout, step: step.name, state, changes });
  if (after === undefined) {
    await checkSpace(parts, step);
    report("begins");
    await records.write([
      putLayout(layout, identity.networkId),
      putMigration({ cursor: undefined }),
    ]);
  } else report("goes on after a crash");
  for await (const batch of step.batches(records, after?.cursor)) {
    const bytes = batch.changes.reduce((sum, change) => sum + sizeOf(change), 0);
    assert(bytes <= MIGRATION_BATCH_BYTES_MAX, "a migration's batch is bounded");
    await records.write([...batch.changes, putMigration(batch)]);
    changes += batch.changes.length;
    report("runs");
  }
  await records.write([endMigration()]);
  report("is done");
}

/** Looks before a step begins: a disk that fills up in the middle of it stops the node until space is made. */
async function checkSpace({ space, place }: MigrationParts, step: MigrationStep): Promise<void> {
  if (space === undefined) return;
  const { used, free } = await space();
  const needed = Math.ceil(used * step.growth) + SPARE_BYTES;
  if (free >= needed) return;
  throw new StorageError(
    "unavailable",
    `${place}: its upgrade needs ${mebibytes(needed)} MiB free on its disk, and ${mebibytes(free)} are; free space, ` +
      "then start again; nothing was changed",
  );
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024);
}

function sizeOf(change: Change): number {
  return change.key.length + (change.type === "put" ? change.value.length : 0);
}
