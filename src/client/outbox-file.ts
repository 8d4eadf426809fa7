/** An outbox in a file, which one process has open at a time. */

import { toHex } from "../primitives/bytes.ts";
import type { NetworkId, WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { printable } from "../primitives/printable.ts";
import { LineJournal } from "../storage/line-journal.ts";
import { StorageError } from "../storage/storage-errors.ts";
import { LedgerError } from "./ledger-error.ts";
import type { OutboxStorage } from "./outbox-storage.ts";

export interface OutboxOwner {
  readonly networkId: NetworkId;
  /** The paying wallet. */
  readonly walletId: WalletId;
}

/**
 * Opens the file, made if there is none, for the payments of one wallet. Its lock is the folder `path`.lock, which stays. Throws
 * LedgerError OUTBOX_LOCKED, OUTBOX_FOREIGN, OUTBOX_DAMAGED or OUTBOX_FAILED.
 */
export async function openOutboxFile(path: string, owner: OutboxOwner): Promise<OutboxStorage> {
  const head = `countersign outbox 1 ${toHex(owner.networkId)} ${owner.walletId}`;
  const bytesMax = LIMITS.files.outboxBytesMax;
  const journal = await LineJournal.open(path, { head, bytesMax }).catch((error: unknown) => {
    throw errorOf(path, error);
  });
  if (journal === undefined) {
    throw new LedgerError(
      "OUTBOX_LOCKED",
      `${path} is open in another program; end that one first`,
    );
  }
  if (journal.head === head) return storageOf(journal);
  await journal.close();
  throw new LedgerError(
    "OUTBOX_FOREIGN",
    `${path} is not the outbox of this wallet on this network: it begins with ${JSON.stringify(printable(journal.head.slice(0, head.length)))}`,
  );
}

function storageOf(journal: LineJournal): OutboxStorage {
  const coded = (error: unknown): never => {
    throw errorOf(journal.path, error);
  };
  return {
    batches: journal.lines,
    add: (batch) => journal.add([batch]).catch(coded),
    replace: (batches) => journal.replace(batches).catch(coded),
    close: () => journal.close(),
  };
}

function errorOf(path: string, error: unknown): LedgerError {
  const message = error instanceof Error ? error.message : String(error);
  const isDamage =
    error instanceof StorageError && (error.code === "corruption" || error.code === "malformed");
  return isDamage
    ? new LedgerError("OUTBOX_DAMAGED", message, { cause: error })
    : new LedgerError("OUTBOX_FAILED", `${path}: ${message}`, { cause: error });
}
