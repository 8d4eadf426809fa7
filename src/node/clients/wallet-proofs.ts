/** Proofs of wallets and of their absence, from the states that are kept (docs/proofs.md). */
import { readsForeignWallets } from "../../access/call-scopes.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { proveWallet } from "../../ledger/prove-wallet.ts";
import { findWallet, type State } from "../../ledger/state.ts";
import type { WalletRecord } from "../../ledger/wallet-record.ts";
import { encodeWalletProof } from "../../primitives/wallet-proof.ts";
import type { CallContext, WalletAnswer, WalletQuery } from "../../transport/ledger-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { RecentStates } from "../execution/recent-states.ts";
import type { Custody } from "./custody.ts";
import type { ListReads } from "./list-reads.ts";
import { proofTooLong, type Receipts } from "./receipts.ts";
import { unknownWallet } from "./refusals.ts";
import type { Waiters } from "./waiters.ts";
import { walletInfo } from "./wallet-info.ts";

export interface WalletProofsParts {
  readonly context: LedgerContext;
  readonly custody: Pick<Custody, "custodianOf">;
  readonly receipts: Pick<Receipts, "proofOf">;
  readonly waiters: Pick<Waiters, "sealedHeight">;
  readonly states: Pick<RecentStates, "at" | "lowest">;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly reads: ListReads;
}

/** A proof costs as much as the reading of these records: up to 64 headers of the store, and hashes of a path. */
const READS_PER_PROOF = 80;

export class WalletProofs {
  readonly #parts: WalletProofsParts;

  constructor(parts: WalletProofsParts) {
    this.#parts = parts;
  }

  /** `now`: the wallet as it is committed, which the caller may read; undefined if there is none. */
  async prove(
    query: WalletQuery,
    now: WalletRecord | undefined,
    call: CallContext,
  ): Promise<Omit<WalletAnswer, "lagging"> | Refusal> {
    // Elsewhere such a caller is told the same of a wallet of others.
    if (now === undefined && !readsForeignWallets(call.caller)) {
      return unknownWallet(query.id, "id");
    }
    const { reads } = this.#parts;
    return await reads.metered(call, READS_PER_PROOF, async (meter) => {
      meter.take(READS_PER_PROOF);
      const state = this.#stateFor(query, now);
      return state instanceof Refusal ? state : await this.#proveIn(state, query);
    });
  }

  async #proveIn(
    state: State,
    { id }: WalletQuery,
  ): Promise<Omit<WalletAnswer, "lagging"> | Refusal> {
    const { context, receipts } = this.#parts;
    const proof = await receipts.proofOf(state.height);
    if (proof === undefined) return proofTooLong();
    const record = findWallet(context, state, id);
    return {
      wallet: record && walletInfo(this.#parts, record),
      proof: encodeWalletProof({ ...proveWallet(context, state, id), proof }),
      height: state.height,
      blockTime: state.time,
    };
  }

  /** The state asked for; otherwise the newest sealed one, unless a newer one is needed. */
  #stateFor(
    { id, minHeight, atHeight }: WalletQuery,
    now: WalletRecord | undefined,
  ): State | Refusal {
    const { context, states, waiters, finalizer } = this.#parts;
    const { state: newest } = finalizer.committed;
    if (newest.height === 0) {
      return new Refusal("NOT_READY", {
        message: "no block is final yet, and so nothing is proven",
      });
    }
    if (atHeight !== undefined) {
      const kept = atHeight === newest.height ? newest : states.at(atHeight);
      return kept ?? this.#notKept(newest);
    }
    const sealed = states.at(waiters.sealedHeight);
    if (sealed === undefined || sealed.height < (minHeight ?? 0)) return newest;
    const isYounger = now !== undefined && findWallet(context, sealed, id) === undefined;
    return isYounger ? newest : sealed;
  }

  #notKept({ height: newest }: State): Refusal {
    const { lowest = newest } = this.#parts.states;
    return new Refusal("NOT_FOUND", {
      message: `this node keeps the states of heights ${lowest} to ${newest} for proofs`,
      field: "atHeight",
      remedy:
        "Leave out atHeight. Balances of earlier heights are proven by a statement (docs/proofs.md).",
    });
  }
}
