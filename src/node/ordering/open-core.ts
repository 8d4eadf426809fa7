/** The consensus core of a node as it starts: from its genesis, its last final block and its journal (R24). */
import { type Core, createCore } from "../../consensus/core.ts";
import { decodeJournalEntry, type JournalIndex } from "../../consensus/journal.ts";
import { journalFault } from "../../consensus/journal-fault.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Hash } from "../../primitives/hash.ts";
import type { ValidatorIndex, View } from "../../primitives/numbers.ts";
import type { Sign } from "../../primitives/signature.ts";
import type { JournalRecord } from "../../storage/contracts.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";
import type { Restored } from "../execution/restore.ts";

export interface CoreParts {
  readonly context: LedgerContext;
  readonly self: ValidatorIndex;
  readonly identity: { readonly sign: Sign };
  /** The tip of the chain at the start; the node votes in its epoch. */
  readonly restored: Restored;
  readonly firstView: View;
  /** The records of the journal. */
  readonly records: readonly JournalRecord[];
  readonly journalIndex: JournalIndex;
}

/** Throws StorageCorruption if the journal holds other bytes than this node wrote. */
export function openCore(parts: CoreParts): Core {
  const { context, self, identity, restored, firstView, records, journalIndex } = parts;
  const entries = records.map((record) => readEntry(context.hash, record));
  for (const [index, entry] of entries.entries()) {
    journalIndex.appended(records[index]?.sequence ?? 0, entry);
  }
  const { hash, header, finalization, state } = restored;
  const { viewTimeoutMs, viewTimeoutMsMax, clockSkewMs } = context.genesis.timings;
  const config = {
    networkId: context.networkId,
    epoch: state.epoch,
    validators: context.members(state.epoch),
    self,
    timeoutBaseMs: viewTimeoutMs,
    timeoutCapMs: viewTimeoutMsMax,
    clockToleranceMs: clockSkewMs,
    hash: context.hash,
    sign: identity.sign,
  };
  const from = { final: { hash, header }, finalization, firstView, entries };
  const fault = journalFault(config, from);
  if (fault === undefined) return createCore(config, from);
  const record = fault.index === undefined ? undefined : records[fault.index];
  throw new StorageCorruption(record === undefined ? "the journal" : nameOf(record), fault.problem);
}

function readEntry(hash: Hash, record: JournalRecord) {
  const entry = decodeJournalEntry(hash, record.bytes);
  if (!(entry instanceof EncodingError)) return entry;
  throw new StorageCorruption(nameOf(record), `it cannot be decoded: ${entry.message}`, entry);
}

function nameOf({ sequence }: JournalRecord): string {
  return `journal record ${sequence}`;
}
