/** Wallets and their absence, proven under a header's state root, and the check of such a proof. */
import { equalBytes } from "../primitives/bytes.ts";
import type { Digest, Hash } from "../primitives/hash.ts";
import type { NetworkId, WalletId } from "../primitives/ids.ts";
import { trieHashing } from "../primitives/merkle-trie-hashing.ts";
import { type TrieProof, verifyTrieProof } from "../primitives/merkle-trie-proof.ts";
import type { LedgerContext } from "./context.ts";
import { type State, stateRootOf } from "./state.ts";
import { encodeWalletRecord, type WalletRecord, walletTrieKey } from "./wallet-record.ts";

/** A wallet in the state, or its absence, with the proof under the state root. */
export interface ProvenWallet {
  readonly wallet: WalletRecord | undefined;
  readonly proof: TrieProof;
  readonly walletRoot: Digest;
  readonly ceremonyHash: Digest;
}

export function proveWallet(context: LedgerContext, state: State, id: WalletId): ProvenWallet {
  const key = walletTrieKey(context.hash, context.networkId, id);
  return {
    wallet: state.wallets.get(key),
    proof: state.wallets.prove(key),
    walletRoot: state.wallets.root(),
    ceremonyHash: state.ceremonyHash,
  };
}

/** True if `answer` is right about the wallet `id` in the state under `stateRoot`. */
export function verifyWallet(
  network: { readonly hash: Hash; readonly networkId: NetworkId },
  claim: { readonly stateRoot: Digest; readonly id: WalletId; readonly answer: ProvenWallet },
): boolean {
  const { hash, networkId } = network;
  const { wallet, proof, walletRoot } = claim.answer;
  if (!equalBytes(stateRootOf(network, claim.answer), claim.stateRoot)) return false;
  const key = walletTrieKey(hash, networkId, claim.id);
  const hashing = trieHashing(hash, networkId);
  const verdict = verifyTrieProof(hashing, { root: walletRoot, key, proof });
  if (wallet === undefined) return verdict.kind === "absent";
  return (
    verdict.kind === "present" &&
    equalBytes(verdict.valueHash, hash(encodeWalletRecord(networkId, wallet)))
  );
}
