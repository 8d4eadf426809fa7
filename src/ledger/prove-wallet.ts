/** The part of a wallet proof that follows from the state: the record or its absence, and the path to the state root (L17). */
import type { WalletId } from "../primitives/ids.ts";
import type { WalletPathEnd, WalletProof } from "../primitives/wallet-proof.ts";
import type { LedgerContext } from "./context.ts";
import type { State } from "./state.ts";
import { encodeWalletRecord } from "./wallet-record.ts";

/** `id` need not exist. Hashes the branches of the trie that no root or proof has needed yet. */
export function proveWallet(
  context: LedgerContext,
  state: State,
  id: WalletId,
): Omit<WalletProof, "proof"> {
  const key = context.walletKey(id);
  const record = state.wallets.get(key);
  const { steps, end } = state.wallets.prove(key);
  const { ceremonyHash } = state;
  return { walletId: id, ceremonyHash, steps, end: pathEnd() };

  function pathEnd(): WalletPathEnd {
    if (record !== undefined) {
      return { kind: "wallet", record: encodeWalletRecord(context.networkId, record) };
    }
    return end === undefined ? { kind: "gap" } : { kind: "other", ...end };
  }
}
