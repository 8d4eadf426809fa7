/**
 * Upgrades a store step by step to the present layout while it is being opened. The engine holds the lock, so nothing
 * else reads or writes the store.  A step is a sequence of batches. Each batch is written atomically with a cursor,
 * so a crash at any moment loses nothing: the next opening continues after the last cursor. The new layout's number
 * is written before the first batch, so that an older version refuses a half-upgraded store.
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
  /** The batches after the one with the cursor `after`; all of them if that is undefined. */
  batches(
    records: Pick<Records, "load" | "loadLarge" | "range" | "parts">,
    after: Bytes | undefined,
  ): AsyncIterable<MigrationBatch>;
}

export interface MigrationBatch {
  /** At most MIGRATION_BATCH_BYTES_MAX bytes of keys and values. */
  readonly changes: readonly Change[];
  /** The position after this batch: at most 4,096 bytes. */
  readonly cursor: Bytes;
}

/** Bounds the memory of a migration, and the work repeated after a crash. */
export const MIGRATION_BATCH_BYTES_MAX = 8 * 1024 * 1024;

/** Free space needed besides that of the step: for logs, and for other programs on the machine. */
const SPARE_BYTES = 64 * 1024 * 1024;

export interface MigrationProgress {
  /** The layout that the step leads to. */
  readonly layout: number;
  readonly step: string;
  readonly state: "begins" | "goes on after a crash" | "runs" | "is done";
  /** Records changed by this run of the step. */
  readonly changes: number;
}

/** Permits an upgrade and receives its progress; without it, a store of an older layout is refused. */
export interface Upgrade {
  readonly report: (progress: MigrationProgress) => void;
}

export interface MigrationParts extends SchemaPlace {
  readonly records: Records;
  readonly layouts: Layouts;
  readonly upgrade: Upgrade | undefined;
  /** Measures the disk; absent for a store without one. */
  readonly space?: (() => Promise<StoreSpace>) | undefined;
}

/** Upgrades the store to the present layout or throws StorageError; in that case the next opening continues. */
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

/** Checked before a step begins: a disk that fills up in the middle of the step stops the node until there is space. */
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
