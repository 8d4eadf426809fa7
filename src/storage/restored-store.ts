/**
 * Fills a new store with the records of a backup. Its journal is under the verdict of amnesia from the first moment (A10): what
 * the node has said since the backup is not in it, so no start of it says anything before `countersign rejoin`.
 */
import { randomBytes } from "node:crypto";
import { unprotect } from "./checksum.ts";
import { loadJournalIdentity, putJournalIdentity } from "./journal-identity.ts";
import type { Change, Entry, KeyValue } from "./key-value.ts";
import { letterOf, singleKey } from "./keys.ts";
import { WriteQueue } from "./write-queue.ts";

const BATCH_BYTES = 4 * 1024 * 1024;
const IDENTITY_KEY = Buffer.from(singleKey("journalIdentity"));
const TOKEN = "t";

export interface RestoreOptions {
  /** True: bearer tokens hold again, those too that were revoked since the backup. */
  readonly keepTokens: boolean;
  /** Called with the number of records so far. */
  readonly onRecords: (count: number) => void;
}

/** Writes all records into an empty engine, in batches with numbers of its own, and closes it. */
export async function fillRestored(
  keyValue: KeyValue,
  entries: AsyncIterable<Entry>,
  { keepTokens, onRecords }: RestoreOptions,
): Promise<void> {
  const queue = new WriteQueue(keyValue, 0);
  try {
    let changes: Change[] = [silenced(undefined)];
    let bytes = 0;
    let count = 0;
    for await (const entry of entries) {
      count += 1;
      onRecords(count);
      if (letterOf(entry.key) === TOKEN && !keepTokens) continue;
      const isIdentity = IDENTITY_KEY.equals(entry.key);
      changes.push(isIdentity ? silenced(entry) : { type: "put", ...entry });
      bytes += entry.key.length + entry.value.length;
      if (bytes < BATCH_BYTES) continue;
      await queue.write(changes);
      [changes, bytes] = [[], 0];
    }
    await queue.write(changes);
  } finally {
    await queue.close();
    await keyValue.close();
  }
}

/** A node that had not started when the copy was made has no identity in it, but may have started since. */
function silenced(held: Entry | undefined): Change {
  const load = () => held && unprotect(held.key, held.value);
  const fresh = { journalId: randomBytes(16), starts: 0, firstView: 1, rejoined: false };
  return putJournalIdentity({ ...(loadJournalIdentity({ load }) ?? fresh), amnesiac: true });
}
