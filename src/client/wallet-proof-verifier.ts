/**
 * Checks offline, with nothing but the genesis, what a wallet holds after a block, that there is no such wallet, and how much of each
 * asset there is (docs/proofs.md). A header commits to the state after its own block (L17, L18).
 */
import { stateRootOf } from "../ledger/state-root.ts";
import { decodeWalletRecord, type WalletRecord, walletTrieKey } from "../ledger/wallet-record.ts";
import type { Amount } from "../primitives/amount.ts";
import { decodeSupplyProof } from "../primitives/block-proof.ts";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { Digest } from "../primitives/hash.ts";
import type { WalletId } from "../primitives/ids.ts";
import { trieHashing } from "../primitives/merkle-trie-hashing.ts";
import { type TrieProof, trieRootOf } from "../primitives/merkle-trie-proof.ts";
import { decodeWalletProof, type WalletProof } from "../primitives/wallet-proof.ts";
import { fromReceiptProblem, type ProofProblem, proofProblem } from "./proof-problem.ts";
import { type Trust, type VerifiedProof, verifyProof } from "./receipt-verifier.ts";

/** The wallet is as `wallet` says after the block of `header`. */
export interface VerifiedWallet extends VerifiedProof {
  readonly kind: "wallet";
  readonly walletId: WalletId;
  readonly wallet: WalletRecord;
  /** The code of its asset. */
  readonly asset: string;
}

/** After the block of `header` there is no such wallet. */
export interface VerifiedAbsence extends VerifiedProof {
  readonly kind: "absence";
  readonly walletId: WalletId;
}

/** After the block of `header` there is so much of each asset, in minor units. */
export interface VerifiedSupply extends VerifiedProof {
  readonly kind: "supply";
  readonly supply: readonly { readonly asset: string; readonly amount: Amount }[];
}

/** A wallet or its absence: the caller looks at `kind`. `walletId`: the wallet that the caller asks about. */
export function verifyWalletProof(
  trust: Trust,
  walletId: WalletId,
  bytes: Bytes,
): VerifiedWallet | VerifiedAbsence | ProofProblem {
  const proof = decodeWalletProof(bytes);
  if (proof instanceof EncodingError) return proofProblem("form", proof.message);
  return judgeWalletProof(trust, walletId, proof);
}

/** As `verifyWalletProof`, for a proof that is read. */
export function judgeWalletProof(
  trust: Trust,
  walletId: WalletId,
  proof: WalletProof,
): VerifiedWallet | VerifiedAbsence | ProofProblem {
  if (proof.walletId !== walletId) {
    return proofProblem("wallet", `the proof is about wallet ${proof.walletId}`);
  }
  const block = verifyProof(trust, proof.proof);
  if (!block.valid) return fromReceiptProblem(block);
  const found = readEnd(trust, proof);
  if ("valid" in found) return found;
  if (!equalBytes(stateRootFrom(trust, proof, found), block.header.stateRoot)) {
    return proofProblem("state", "the path does not lead to the state root of the header");
  }
  if (found.record === undefined) return { ...block, kind: "absence", walletId };
  const { record: wallet, asset } = found;
  return { ...block, kind: "wallet", walletId, wallet, asset };
}

export function verifySupplyProof(trust: Trust, bytes: Bytes): VerifiedSupply | ProofProblem {
  const proof = decodeSupplyProof(bytes);
  if (proof instanceof EncodingError) return proofProblem("form", proof.message);
  const block = verifyProof(trust, proof);
  if (!block.valid) return fromReceiptProblem(block);
  const amounts = block.header.supply;
  if (amounts.length !== trust.assets.length) {
    return proofProblem("supply", "the header has not one supply for each asset of the genesis");
  }
  const supply = trust.assets.flatMap(({ code }, place) => {
    const held = amounts[place];
    return held === undefined ? [] : [{ asset: code, amount: held }];
  });
  return { ...block, kind: "supply", supply };
}

/** The end of the path as the trie has it, and the record if it is this wallet's. */
type End =
  | { readonly end: TrieProof["end"]; readonly record?: undefined }
  | { readonly end: TrieProof["end"]; readonly record: WalletRecord; readonly asset: string };

function readEnd(trust: Trust, { walletId, end }: WalletProof): End | ProofProblem {
  const { hash, networkId, assets } = trust;
  if (end.kind === "gap") return { end: undefined };
  const own = walletTrieKey(hash, networkId, walletId);
  if (end.kind === "other") {
    if (!equalBytes(end.key, own)) return { end };
    return proofProblem("record", "the path ends at this wallet, but its record is not given");
  }
  const record = decodeWalletRecord(networkId, end.record);
  if (record instanceof EncodingError) return proofProblem("record", record.message);
  if (record.id !== walletId) {
    return proofProblem("record", "the record is of another wallet");
  }
  const asset = assets[record.asset]?.code;
  if (asset === undefined) return proofProblem("record", "the genesis has no such asset");
  return { end: { key: own, valueHash: hash(end.record) }, record, asset };
}

/** The only state root that fits the path; one that fits no header if the path is none. */
function stateRootFrom(trust: Trust, { walletId, steps, ceremonyHash }: WalletProof, { end }: End) {
  const { hash, networkId } = trust;
  const key = walletTrieKey(hash, networkId, walletId);
  const walletRoot = trieRootOf(trieHashing(hash, networkId), key, { steps, end });
  const none: Digest = new Uint8Array();
  return walletRoot === undefined ? none : stateRootOf(trust, { walletRoot, ceremonyHash });
}
