/**
 * Records of the entries of wallets' statements, and of declined payments. The key of each is its wallet and its place in the
 * chain, so that the entries of a wallet lie side by side: a page is read from any place in the time of the first.
 */
import type { WalletId } from "../primitives/ids.ts";
import { height } from "../primitives/numbers.ts";
import type {
  FinalizedBlock,
  OperationLocation,
  PlaceRange,
  StatementIndex,
  StoredEntry,
} from "./contracts.ts";
import type { Change, Range } from "./key-value.ts";
import { placeOfKey, statementKey } from "./keys.ts";
import { put, type Records } from "./records.ts";

const NOTHING = new Uint8Array();

export class StatementRecords implements StatementIndex {
  readonly #records: Pick<Records, "range">;

  constructor(records: Pick<Records, "range">) {
    this.#records = records;
  }

  async *entries(wallet: WalletId, range: PlaceRange): AsyncGenerator<StoredEntry> {
    for await (const { key, value } of this.#records.range(keyRange("entry", wallet, range))) {
      yield { ...locationOf(key), record: value };
    }
  }

  async *declines(wallet: WalletId, range: PlaceRange): AsyncGenerator<OperationLocation> {
    for await (const { key } of this.#records.range(keyRange("decline", wallet, range))) {
      yield locationOf(key);
    }
  }
}

/** The changes that write what a block adds to statements. */
export function statementChanges({
  height: at,
  entries,
  declines,
}: Pick<FinalizedBlock, "height" | "entries" | "declines">): Change[] {
  const changes = entries.map(({ wallet, index, record }) =>
    put(statementKey("entry", wallet, { height: at, index }), record),
  );
  for (const { wallet, index } of declines) {
    changes.push(put(statementKey("decline", wallet, { height: at, index }), NOTHING));
  }
  return changes;
}

function keyRange(kind: "entry" | "decline", wallet: WalletId, range: PlaceRange): Range {
  const { from, to, newestFirst } = range;
  return {
    from: statementKey(kind, wallet, from),
    below: statementKey(kind, wallet, { height: to.height, index: to.index + 1 }),
    reverse: newestFirst,
    ...(range.limit === undefined ? {} : { limit: range.limit }),
  };
}

function locationOf(key: Uint8Array): OperationLocation {
  const { height: at, index } = placeOfKey(key);
  return { height: height(at), index };
}
