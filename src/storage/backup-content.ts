/** The network, the height and the other properties of a backup's records: read from the records themselves while they pass. */
import { decodeHeader } from "../primitives/block.ts";
import { type Bytes, toHex } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { Digest } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { loadTip } from "./block-records.ts";
import { unprotect } from "./checksum.ts";
import { loadJournalIdentity } from "./journal-identity.ts";
import type { Entry } from "./key-value.ts";
import { letterOf, RECORD_LETTERS } from "./keys.ts";
import { LAYOUTS, presentLayout } from "./layouts.ts";
import { schemaOf } from "./schema.ts";
import { StorageError } from "./storage-errors.ts";

export interface BackupContent {
  /** The layout of the records. */
  readonly layout: number;
  readonly networkId: NetworkId;
  /** The last block: its height, 0 if there is none, its hash and its time in milliseconds since 1970. */
  readonly height: number;
  readonly blockHash: Digest | undefined;
  readonly blockTime: number;
  /** The number of the node's starts. */
  readonly starts: number;
  readonly records: number;
}

/** The content of these records; throws StorageError if they are no store's, or of a newer version. */
export async function contentOf(entries: AsyncIterable<Entry>): Promise<BackupContent> {
  const singles = new Map<string, Entry>();
  let highest: Entry | undefined;
  let records = 0;
  for await (const entry of entries) {
    records += 1;
    const letter = letterOf(entry.key);
    if (letter === "m") singles.set(toHex(entry.key), copyOf(entry));
    if (letter === RECORD_LETTERS.header) highest = entry;
  }
  const load = (key: Bytes) => {
    const found = singles.get(toHex(key));
    return found && unprotect(found.key, found.value);
  };
  const schema = schemaOf({ load });
  if (schema === undefined) throw new StorageError("malformed", "its records are no store's");
  const { layout, networkId } = schema;
  if (networkId === undefined) throw newerLayout(layout);
  const tip = loadTip({ load });
  return {
    layout,
    networkId,
    height: tip?.height ?? 0,
    blockHash: tip?.hash,
    blockTime: highest === undefined ? 0 : timeOf(highest),
    starts: loadJournalIdentity({ load })?.starts ?? 0,
    records,
  };
}

/** The refusal of a layout that this version does not know. */
export function newerLayout(layout: number): StorageError {
  return new StorageError(
    "newerSchema",
    `its records were written by a newer version (layout ${layout}, this one knows ${presentLayout(LAYOUTS)}); use that version`,
  );
}

export function isNewerLayout(layout: number): boolean {
  return layout > presentLayout(LAYOUTS);
}

function timeOf({ key, value }: Entry): number {
  const header = decodeHeader(unprotect(key, value));
  if (header instanceof EncodingError) {
    throw new StorageError("malformed", "its last header cannot be read");
  }
  return header.time;
}

/** The buffers of an entry are parts of larger ones. */
function copyOf({ key, value }: Entry): Entry {
  return { key: Uint8Array.from(key), value: Uint8Array.from(value) };
}
