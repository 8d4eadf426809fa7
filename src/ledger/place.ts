/** The place of an operation: a block time, and the state after the operations before it (L10). */
import type { Amount } from "../primitives/amount.ts";
import { amount } from "../primitives/amount.ts";
import type { WalletId } from "../primitives/ids.ts";
import { type Height, height, type ValidatorIndex } from "../primitives/numbers.ts";
import { closeByTime } from "./ceremony-progress.ts";
import type { CeremonyRecord } from "./ceremony-record.ts";
import type { LedgerContext } from "./context.ts";
import { rulesetAt } from "./rulesets.ts";
import type { State } from "./state.ts";
import type { UsedIds } from "./used-ids.ts";
import type { WalletRecord } from "./wallet-record.ts";

export interface Place {
  /** Of the block that orders the operation. */
  readonly height: Height;
  /** Block time, milliseconds since the epoch. */
  readonly time: number;
  readonly usedIds: Pick<UsedIds, "has">;
  readonly ceremony: CeremonyRecord;
  /** Of this block (L29). */
  readonly ruleset: number;
  /** Of the block after it, as far as the operations before this place say. */
  readonly nextRuleset: number;
  wallet(id: WalletId): WalletRecord | undefined;
  /** By place of the asset in the genesis. */
  supply(asset: number): Amount;
  /** Creations in this block that the validator sponsored. */
  sponsoredBy(validator: ValidatorIndex): number;
  /** Wallets without money that the validator sponsors. */
  unfundedOf(validator: ValidatorIndex): number;
}

/** The first place in a block at `time` on top of `state`: admission judges a new operation by it. */
export function placeAfter(context: LedgerContext, state: State, time: number): Place {
  const seen = new Map<WalletId, WalletRecord | undefined>();
  const wallet = (id: WalletId) => {
    if (seen.has(id)) return seen.get(id);
    const record = state.wallets.get(context.walletKey(id));
    seen.set(id, record);
    return record;
  };
  const { genesis } = context;
  const { activation } = state;
  return {
    height: height(state.height + 1),
    time,
    usedIds: state.usedIds,
    ceremony: closeByTime(context, state.ceremony, time),
    ruleset: rulesetAt(genesis, activation, state.height + 1),
    nextRuleset: rulesetAt(genesis, activation, state.height + 2),
    wallet,
    supply: (asset) => state.supply[asset] ?? amount(0n),
    sponsoredBy: () => 0,
    unfundedOf: (validator) => state.unfunded[validator] ?? 0,
  };
}
