/** A wallet as it stood after a past block, worked out from its newest entry up to there. */
import type { LedgerContext } from "../../ledger/context.ts";
import type { WalletRecord } from "../../ledger/wallet-record.ts";
import { amount } from "../../primitives/amount.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import { standingBelow } from "../../storage/statement-standing.ts";
import type { WalletAnswer } from "../../transport/ledger-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { storedHeader } from "../sync/stored-header.ts";
import type { Custody } from "./custody.ts";
import { walletInfo } from "./wallet-info.ts";

export interface WalletAtParts {
  readonly context: LedgerContext;
  readonly custody: Pick<Custody, "custodianOf">;
  readonly store: {
    readonly blocks: Pick<Store["blocks"], "history" | "loadHeader">;
    readonly statements: Pick<Store["statements"], "entries">;
    readonly state: Pick<Store["state"], "loadWallet">;
  };
}

/** `record`: the wallet as it stands now. `at`: a height that is final here. */
export async function walletAt(
  parts: WalletAtParts,
  record: WalletRecord,
  at: Height,
): Promise<Omit<WalletAnswer, "lagging"> | Refusal> {
  const { blocks, statements, state } = parts.store;
  const { from } = blocks.history;
  // At height 0 is the genesis, which no wallet is older than.
  const isHeld = at === 0 ? from <= 1 : at >= from;
  if (!isHeld) {
    return new Refusal("HISTORY_INCOMPLETE", {
      message: `this node holds the blocks from ${from} on; ask for a height from there, or another node`,
      field: "atHeight",
    });
  }
  const { networkId } = parts.context;
  const above = height(at + 1);
  const standing = await standingBelow({ networkId, statements, state }, record.id, above);
  if (standing.entries === 0) {
    return new Refusal("UNKNOWN_WALLET", {
      message: `the wallet did not exist at height ${at}`,
      field: "atHeight",
    });
  }
  const { time } = await storedHeader(blocks, at);
  const { statementHead, ...known } = walletInfo(parts, record);
  const isNewest = standing.entries === record.entries;
  const { entries, balance } = standing;
  const head = isNewest ? { statementHead } : {};
  const wallet = { ...known, entries, balance: amount(balance), ...head };
  return { wallet, height: at, blockTime: time };
}
