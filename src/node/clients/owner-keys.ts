/** The keys of wallets whose owners keep them, in the committed state. */
import type { LedgerContext } from "../../ledger/context.ts";
import { findWallet } from "../../ledger/state.ts";
import type { WalletId } from "../../primitives/ids.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import type { OwnerKeys } from "../access/wallet-signatures.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { custodianOf } from "./custodian.ts";

export interface CommittedOwnerKeysParts {
  readonly context: LedgerContext;
  readonly finalizer: Pick<Finalizer, "committed">;
}

export class CommittedOwnerKeys implements OwnerKeys {
  readonly #parts: CommittedOwnerKeysParts;

  constructor(parts: CommittedOwnerKeysParts) {
    this.#parts = parts;
  }

  keyOf(wallet: WalletId): PublicKey | undefined {
    const { context, finalizer } = this.#parts;
    const { state } = finalizer.committed;
    const record = findWallet(context, state, wallet);
    if (record === undefined || custodianOf(context, state, record.publicKey) !== undefined) {
      return undefined;
    }
    return record.publicKey;
  }
}
