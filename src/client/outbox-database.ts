/** An outbox in the IndexedDB of a web page, which one page of its origin has open at a time. */
import { toHex } from "../primitives/bytes.ts";
import type { NetworkId, WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { LedgerError } from "./ledger-error.ts";
import type { OutboxStorage } from "./outbox-storage.ts";
import { type BatchDatabase, openBatches } from "./web-batches.ts";
import { takeWebLock } from "./web-lock.ts";

/**
 * Opens the database of one wallet's payments, made if there is none. Its lock is a web lock of the same name. Ask for persistent
 * storage first (`navigator.storage.persist()`), or the browser may remove the database when the disk is full. Throws LedgerError
 * OUTBOX_LOCKED, OUTBOX_DAMAGED or OUTBOX_FAILED.
 */
export async function openOutboxDatabase(owner: {
  readonly networkId: NetworkId;
  /** The paying wallet. */
  readonly walletId: WalletId;
}): Promise<OutboxStorage> {
  const name = `countersign outbox 1 ${toHex(owner.networkId)} ${owner.walletId}`;
  const release = await takeWebLock(name).catch(failed);
  if (release === undefined) {
    throw new LedgerError("OUTBOX_LOCKED", "the outbox is open in another page; close that one");
  }
  try {
    return storageOf(await openBatches(name).catch(failed), release);
  } catch (error) {
    await release();
    throw error;
  }
}

function storageOf(database: BatchDatabase, release: () => Promise<void>): OutboxStorage {
  const batches = database.batches.map((batch) => {
    if (typeof batch === "string") return batch;
    throw new LedgerError("OUTBOX_DAMAGED", "the outbox is damaged: a record is no text");
  });
  let length = lengthOf(batches);
  return {
    batches,
    add: async (batch) => {
      // As in a file; records are ASCII.
      if (length + lengthOf([batch]) > LIMITS.files.outboxBytesMax) return false;
      const isAdded = await database.write((store) => store.add(batch)).catch(failed);
      if (isAdded) length += lengthOf([batch]);
      return isAdded;
    },
    replace: async (all) => {
      const isReplaced = await database
        .write((store) => {
          store.clear();
          for (const batch of all) store.add(batch);
        })
        .catch(failed);
      if (!isReplaced) throw new LedgerError("OUTBOX_FULL", "the browser has no room");
      length = lengthOf(all);
    },
    close: async () => {
      database.close();
      await release();
    },
  };
}

function lengthOf(batches: readonly string[]): number {
  return batches.reduce((sum, batch) => sum + batch.length + 1, 0);
}

function failed(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new LedgerError("OUTBOX_FAILED", `the outbox of this page: ${reason}`, { cause: error });
}
