/**
 * The schema record names the store's network and the layout of its records. During a migration, a second record
 * holds its progress. No layout may change these two records, the checksums or the batch numbers, because they are
 * read before the layout is known.
 */
import type { Bytes } from "../primitives/bytes.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { StoreIdentity } from "./contracts.ts";
import type { Change } from "./key-value.ts";
import { describeKey, EVERYTHING, singleKey } from "./keys.ts";
import { LAYOUTS, type Layouts, presentLayout } from "./layouts.ts";
import { del, put, type Records, readRecord } from "./records.ts";
import { StorageCorruption, StorageError } from "./storage-errors.ts";

const SCHEMA_KEY = singleKey("schema");
const MIGRATION_KEY = singleKey("migration");
const CURSOR_LENGTH_MAX = 4096;
/** Of the layout's number, which the record begins with. */
const LAYOUT_LENGTH = 2;

/** The network that a store must belong to, and its name in messages. */
export interface SchemaPlace {
  readonly identity: StoreIdentity;
  readonly place: string;
}

export interface Schema {
  /** The layout of the records; during a migration, the layout that it leads to. */
  readonly layout: number;
  /** The migration that was begun and has not ended. */
  readonly migration: MigrationRecord | undefined;
}

export interface MigrationRecord {
  /** The cursor of the last batch; none before the first. */
  readonly cursor: Bytes | undefined;
}

export async function createSchema(
  records: Records,
  layout: number,
  { identity, place }: SchemaPlace,
): Promise<void> {
  if ((await records.first(EVERYTHING)) !== undefined) {
    throw new StorageError("exists", `${place} already holds a store`);
  }
  await records.write([putLayout(layout, identity.networkId)]);
}

/** Reads the schema of a store with one of these layouts and this network; the error names any other one. */
export function loadSchema(
  records: Records,
  layouts: Layouts,
  { identity, place }: SchemaPlace,
): Schema {
  const stored = records.load(SCHEMA_KEY);
  if (stored === undefined) {
    throw new StorageError("missing", `${place} holds no store of Countersign`);
  }
  // The layout alone is read first: a newer one may go on differently.
  const layout = readLayout(stored);
  refuseUnknown(layout, layouts, place);
  const networkId = readNetwork(stored);
  if (!equalBytes(networkId, identity.networkId)) {
    throw new StorageError(
      "foreignNetwork",
      `${place} belongs to network ${toHex(networkId)}, not to ${toHex(identity.networkId)}; use another data folder ` +
        "or the other genesis",
    );
  }
  const migration = loadMigration(records);
  if (migration !== undefined && layout === layouts.oldest) {
    throw new StorageCorruption(
      describeKey(MIGRATION_KEY),
      `it names an upgrade to layout ${layout}, to which no step leads`,
    );
  }
  return { layout, migration };
}

/** The layout and the network of records that are no store; undefined if they do not say. */
export function schemaOf(
  records: Pick<Records, "load">,
): { readonly layout: number; readonly networkId: NetworkId | undefined } | undefined {
  const stored = records.load(SCHEMA_KEY);
  if (stored === undefined) return undefined;
  const layout = readLayout(stored);
  return { layout, networkId: layout > presentLayout(LAYOUTS) ? undefined : readNetwork(stored) };
}

function readLayout(stored: Bytes): number {
  return readRecord(SCHEMA_KEY, stored.slice(0, LAYOUT_LENGTH), (decoder) => decoder.u16());
}

function readNetwork(stored: Bytes): NetworkId {
  return readRecord(SCHEMA_KEY, stored, (decoder) => {
    decoder.u16();
    return decoder.fixed(DIGEST_LENGTH);
  });
}

function refuseUnknown(layout: number, layouts: Layouts, place: string): void {
  const present = presentLayout(layouts);
  if (layout > present) {
    throw new StorageError(
      "newerSchema",
      `${place} was written by a newer version (layout ${layout}, this one knows ${present}); start that version`,
    );
  }
  if (layout < layouts.oldest) {
    throw new StorageError(
      "olderSchema",
      `${place} was written by an older version (layout ${layout}); this one upgrades from layout ${layouts.oldest} on. ` +
        "Start a version in between first; or move the store folder away and run countersign rejoin, which makes an " +
        "empty one that the peers fill",
    );
  }
}

function loadMigration(records: Records): MigrationRecord | undefined {
  const stored = records.load(MIGRATION_KEY);
  return (
    stored &&
    readRecord(MIGRATION_KEY, stored, (decoder) => ({
      cursor: decoder.optional((inner) => inner.bytes(CURSOR_LENGTH_MAX)),
    }))
  );
}

export function putLayout(layout: number, networkId: NetworkId): Change {
  return put(SCHEMA_KEY, new Encoder().u16(layout).fixed(networkId, DIGEST_LENGTH).finish());
}

export function putMigration({ cursor }: MigrationRecord): Change {
  const encoder = new Encoder().optional(cursor, (bytes, inner) => inner.bytes(bytes));
  return put(MIGRATION_KEY, encoder.finish());
}

export function endMigration(): Change {
  return del(MIGRATION_KEY);
}
