/** Proofs of wallets whose record or path has one defect, under a seal that is genuine. */
import type { ProofReason } from "../../src/client/proof-problem.ts";
import {
  decodeWalletRecord,
  encodeWalletRecord,
  type WalletRecord,
  walletTrieKey,
} from "../../src/ledger/wallet-record.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { type Bytes, concatBytes } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { zeroDigest } from "../../src/primitives/hash.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { encodeWalletProof, type WalletProof } from "../../src/primitives/wallet-proof.ts";
import { besideOther, inGap, type RefusedCase } from "./proof-cases.ts";
import { idOf, onlyRecord, sealedFrom, TIP, walletProof } from "./proof-workshop.ts";
import { genesis, networkId } from "./workshop.ts";

const [alice, bob] = [idOf("alice"), idOf("bob")];
const ofAlice = walletProof(alice);
const sealedTip = sealedFrom(TIP);
const keyOf = (id: WalletId) => walletTrieKey(sha256, networkId, id);

function recordIn({ end }: WalletProof): Bytes {
  if (end.kind !== "wallet") throw new Error("the wallet exists");
  return end.record;
}

const record = recordIn(ofAlice);

/** Alice's record with these changes. */
function recordWith(changes: Partial<WalletRecord>, ofNetwork = networkId): Bytes {
  const read = decodeWalletRecord(networkId, record);
  if (read instanceof EncodingError) throw read;
  return encodeWalletRecord(ofNetwork, { ...read, ...changes });
}

/** Alice's proof with a balance that the state does not hold. */
export function withBalance(balance: bigint): WalletProof {
  return { ...ofAlice, end: { kind: "wallet", record: recordWith({ balance: amount(balance) }) } };
}

function wallet(
  reason: ProofReason,
  name: string,
  proof: WalletProof,
  asked: WalletId = alice,
): RefusedCase {
  return { reason, name, kind: "wallet", wallet: asked, bytes: encodeWalletProof(proof) };
}

export const WALLET_CASES: readonly RefusedCase[] = [
  wallet("record", "a wallet with the record of another one", {
    ...ofAlice,
    end: walletProof(bob).end,
  }),
  wallet(
    "record",
    "a wallet with a record that goes on",
    onlyRecord(alice, concatBytes(record, Uint8Array.of(0))),
  ),
  wallet(
    "record",
    "a wallet with a record of another network",
    onlyRecord(alice, recordWith({}, zeroDigest)),
  ),
  wallet(
    "record",
    "a wallet of an asset that the genesis does not have",
    onlyRecord(alice, recordWith({ asset: genesis.assets.length })),
  ),
  wallet("record", "an absence by the wallet's own leaf", {
    ...onlyRecord(alice, record),
    end: { kind: "other", key: keyOf(alice), valueHash: sha256(record) },
  }),
  wallet("state", "a wallet with another balance", withBalance(1_000_000n)),
  wallet("state", "a wallet as it was before, under the newest header", {
    ...walletProof(alice, 3),
    proof: sealedTip,
  }),
  wallet("state", "a wallet under the header of the block below", {
    ...ofAlice,
    proof: sealedFrom(TIP - 1),
  }),
  wallet("state", "a wallet with another ceremony", { ...ofAlice, ceremonyHash: zeroDigest }),
  wallet("state", "a wallet without the last step of its path", {
    ...ofAlice,
    steps: ofAlice.steps.slice(0, -1),
  }),
  wallet("state", "the absence of a wallet that exists, by a gap", {
    ...ofAlice,
    end: { kind: "gap" },
  }),
  wallet("state", "the absence of a wallet that exists, by another one's path", {
    ...walletProof(besideOther),
    walletId: alice,
  }),
  wallet("state", "the absence of a wallet that exists, in an empty state", {
    ...walletProof(alice, 1),
    proof: sealedTip,
  }),
  wallet(
    "state",
    "a wallet that does not exist, at the gap where it would be",
    { ...walletProof(inGap), end: { kind: "wallet", record: recordWith({ id: inGap }) } },
    inGap,
  ),
  wallet(
    "state",
    "a wallet whose leaf has the key of another one",
    onlyRecord(alice, record, keyOf(bob)),
  ),
];
