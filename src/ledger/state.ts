/** The state of the ledger after a block: an immutable value that shares structure with its parent's. */
import { type Amount, addAmounts, amount } from "../primitives/amount.ts";
import { assert } from "../primitives/assert.ts";
import type { Header } from "../primitives/block.ts";
import type { Digest } from "../primitives/hash.ts";
import type { IdInUse } from "../primitives/id-in-use.ts";
import type { WalletId } from "../primitives/ids.ts";
import { MerkleTrie } from "../primitives/merkle-trie.ts";
import { type Epoch, type Height, height } from "../primitives/numbers.ts";
import type { CeremonyRecord } from "./ceremony-record.ts";
import type { LedgerContext } from "./context.ts";
import { FIRST_EPOCH } from "./epochs.ts";
import { firstNetworkRecord, type NetworkRecord, networkRecordHash } from "./network-record.ts";
import type { Activation } from "./rulesets.ts";
import { stateRootOf } from "./state-root.ts";
import { countUnfunded, type Unfunded } from "./unfunded.ts";
import { UsedIds } from "./used-ids.ts";
import { type WalletRecord, walletTrieKey } from "./wallet-record.ts";
import { earliestDeadline } from "./window.ts";

export interface State {
  /** The validator set whose quorum certifies the block. */
  readonly epoch: Epoch;
  readonly height: Height;
  /** Block time, milliseconds since the epoch. */
  readonly time: number;
  /** By hash of the wallet id. */
  readonly wallets: MerkleTrie<WalletRecord>;
  /** Per asset in genesis order. */
  readonly supply: readonly Amount[];
  /** Wallets without money, by the member that sponsors them. */
  readonly unfunded: Unfunded;
  readonly usedIds: UsedIds;
  readonly ceremony: CeremonyRecord;
  /** The newest ruleset that the members have activated (L30). */
  readonly activation: Activation | undefined;
  /** Hash of the network record, which is `ceremony` and `activation`; kept because it rarely changes and can be long. */
  readonly ceremonyHash: Digest;
}

/** The state at height 0. */
export function genesisState(context: LedgerContext): State {
  const record = firstNetworkRecord(FIRST_EPOCH);
  return {
    epoch: FIRST_EPOCH,
    height: height(0),
    time: context.genesis.createdAt,
    wallets: MerkleTrie.empty(context.walletTrie),
    supply: context.genesis.assets.map(() => amount(0n)),
    unfunded: countUnfunded(context.members(FIRST_EPOCH).length, []),
    usedIds: UsedIds.of(context),
    ...record,
    ceremonyHash: networkRecordHash(context.hash, context.networkId, record),
  };
}

/** The state that storage gives back after a restart: all of it after the final block with this header. */
export interface RestoredState {
  readonly header: Header;
  readonly wallets: MerkleTrie<WalletRecord>;
  /** At least all wallets that count against a sponsor's quota. */
  readonly sponsored: Iterable<WalletRecord>;
  readonly record: NetworkRecord;
  /**
   * Key and deadline of the operations of at least all blocks whose time is the header's - grace - lifetime or later,
   * in the order of the chain. More blocks do no harm.
   */
  readonly usedIds: Iterable<IdInUse>;
}

/** The restored state. The caller compares its `stateRoot` with the header's, because storage can be wrong. */
export function restoreState(context: LedgerContext, stored: RestoredState): State {
  const { header, record, wallets, sponsored } = stored;
  const earliest = earliestDeadline(context.genesis.timings, header.time);
  return {
    epoch: header.epoch,
    height: header.height,
    time: header.time,
    wallets,
    supply: header.supply,
    unfunded: countUnfunded(context.membersAt(header.height).length, sponsored),
    usedIds: UsedIds.of(context, since(earliest, stored.usedIds)),
    ceremony: record.ceremony,
    activation: record.activation,
    ceremonyHash: networkRecordHash(context.hash, context.networkId, record),
  };
}

function* since(earliest: number, ids: Iterable<IdInUse>): Generator<IdInUse> {
  for (const id of ids) if (id.validUntil >= earliest) yield id;
}

function* valuesOf(wallets: MerkleTrie<WalletRecord>): Generator<WalletRecord> {
  for (const [, record] of wallets.entries()) yield record;
}

export function stateRoot(context: LedgerContext, state: State): Digest {
  const walletRoot = state.wallets.root();
  return stateRootOf(context, { walletRoot, ceremonyHash: state.ceremonyHash });
}

export function findWallet(
  context: LedgerContext,
  state: State,
  id: WalletId,
): WalletRecord | undefined {
  return state.wallets.get(walletTrieKey(context.hash, context.networkId, id));
}

/**
 * L15 in full: for each asset, all balances sum to the supply; and the count of each member equals the number of
 * wallets without money that it sponsors. Takes linear time; for tests and offline checks.
 */
export function assertConservation(state: State): void {
  const sums: Amount[] = state.supply.map(() => amount(0n));
  for (const [, wallet] of state.wallets.entries()) {
    const sum = addAmounts(sums[wallet.asset] ?? amount(0n), wallet.balance);
    assert(sum !== "overflow", "the balances of an asset exceed every supply");
    sums[wallet.asset] = sum;
  }
  assert(sums.length === state.supply.length, "a wallet of an asset that is not in the genesis");
  const unfunded = countUnfunded(state.unfunded.length, valuesOf(state.wallets));
  for (const [member, count] of unfunded.entries()) {
    assert(state.unfunded[member] === count, `member ${member} answers for ${count} wallets`);
  }
  for (const [asset, supply] of state.supply.entries()) {
    assert(sums[asset] === supply, `the balances of asset ${asset} do not sum to its supply`);
  }
}
