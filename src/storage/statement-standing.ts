/** The newest entry of a wallet below some height, worked out from what is stored above it. */
import { decodeEntryRecord, deltaOf, type EntryRecord } from "../ledger/entry-record.ts";
import { type Standing, standingBefore } from "../ledger/statement.ts";
import { decodeWalletRecord } from "../ledger/wallet-record.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { NetworkId, WalletId } from "../primitives/ids.ts";
import { type Height, height } from "../primitives/numbers.ts";
import type { StatementIndex, StoredEntry, StoredState } from "./contracts.ts";
import { StorageCorruption } from "./storage-errors.ts";

export interface StandingParts {
  readonly networkId: NetworkId;
  readonly statements: Pick<StatementIndex, "entries">;
  readonly state: Pick<StoredState, "loadWallet">;
}

/** Above every height of a chain. */
const HEIGHT_MAX = height(Number.MAX_SAFE_INTEGER);

/** The wallet before the block at `from`. Every entry from there on is stored, and the wallet exists at the tip. */
export async function standingBelow(
  { networkId, statements, state }: StandingParts,
  wallet: WalletId,
  from: Height,
): Promise<Standing> {
  // Before the entries: an entry that is written between the two reads is then found among them.
  const stored = await state.loadWallet(wallet);
  const range = { from: { height: from, index: 0 }, to: { height: HEIGHT_MAX, index: 0 } };
  for await (const entry of statements.entries(wallet, {
    ...range,
    newestFirst: false,
    limit: 1,
  })) {
    const record = readEntry(wallet, entry);
    return standingBefore({ entries: record.number, balance: record.balance }, deltaOf(record));
  }
  const record = stored === undefined ? undefined : decodeWalletRecord(networkId, stored);
  if (record === undefined || record instanceof EncodingError) {
    throw new StorageCorruption(`the record of wallet ${wallet}`, "it does not read");
  }
  return { entries: record.entries, balance: record.balance };
}

export function readEntry(wallet: WalletId, { height: at, record }: StoredEntry): EntryRecord {
  const entry = decodeEntryRecord(record);
  if (!(entry instanceof EncodingError)) return entry;
  throw new StorageCorruption(
    `the entry of wallet ${wallet} at height ${at}`,
    `it does not read: ${entry.message}`,
    entry,
  );
}
