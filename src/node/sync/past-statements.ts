/** The entries that blocks of the past make in the statements of wallets, worked out from the wallets above them. */
import { completeEntries, type Standing } from "../../ledger/statement.ts";
import { decodeWalletRecord } from "../../ledger/wallet-record.ts";
import { assert } from "../../primitives/assert.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { NetworkId, WalletId } from "../../primitives/ids.ts";
import { height } from "../../primitives/numbers.ts";
import type { FinalizedBlock, StoredWallet } from "../../storage/contracts.ts";
import { type StandingParts, standingBelow } from "../../storage/statement-standing.ts";
import { Yielder } from "../base/yielding.ts";
import type { PastBlock } from "./history-reader.ts";

/** Wallets that are remembered from one part of the past to the next. */
const STANDINGS_MAX = 100_000;
/** Number of entries made before other work gets a turn: some milliseconds. */
const ENTRIES_PER_TURN = 512;

export class PastStatements {
  readonly #parts: StandingParts;
  /** Wallets before the lowest block that was completed. */
  readonly #standings = new Map<WalletId, Standing>();
  readonly #turns = new Yielder(ENTRIES_PER_TURN);

  constructor(parts: StandingParts) {
    this.#parts = parts;
  }

  /** Descending blocks; the first must be the parent of the lowest one that is held, which is durable. */
  async complete(blocks: readonly PastBlock[]): Promise<FinalizedBlock[]> {
    if (this.#standings.size > STANDINGS_MAX) this.#standings.clear();
    const completed: FinalizedBlock[] = [];
    const lowestHeld = height((blocks[0]?.height ?? 0) + 1);
    for (const block of blocks) {
      for (const { wallet } of block.drafts) {
        await this.#turns.count(1);
        if (this.#standings.has(wallet)) continue;
        this.#standings.set(wallet, await standingBelow(this.#parts, wallet, lowestHeld));
      }
      completed.push(complete(block, this.#standings));
    }
    return completed;
  }
}

/** The snapshot's block with its entries: `wallets` are all wallets after it. */
export function withStatements(
  networkId: NetworkId,
  block: PastBlock,
  wallets: readonly StoredWallet[],
): FinalizedBlock {
  const touched = new Set(block.drafts.map(({ wallet }) => wallet));
  const standings = new Map<WalletId, Standing>();
  for (const { id, record } of wallets) {
    if (!touched.has(id)) continue;
    const wallet = decodeWalletRecord(networkId, record);
    assert(!(wallet instanceof EncodingError), "the state of a snapshot was read before");
    standings.set(id, wallet);
  }
  return complete(block, standings);
}

function complete(
  { drafts, time, ...block }: PastBlock,
  standings: Map<WalletId, Standing>,
): FinalizedBlock {
  return { ...block, entries: completeEntries(drafts, time, standings) };
}
