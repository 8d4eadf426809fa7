/** Proofs to accept, as bytes. */
import type { ProofReason } from "../../src/client/proof-problem.ts";
import { encodeSupplyProof } from "../../src/primitives/block-proof.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import type { ReceiptProof } from "../../src/primitives/receipt.ts";
import { encodeReceipt } from "../../src/primitives/receipt-bytes.ts";
import { encodeStatementProof } from "../../src/primitives/statement-proof.ts";
import { encodeWalletProof } from "../../src/primitives/wallet-proof.ts";
import {
  idOf,
  PAID_AT,
  receiptAt,
  sealedFrom,
  statement,
  TIP,
  votedFrom,
  walletProof,
} from "./proof-workshop.ts";

export type ProofKind = "receipt" | "wallet" | "supply" | "statement";

export interface ProofCase {
  readonly name: string;
  readonly kind: ProofKind;
  /** The wallet that the verifier asks about. */
  readonly wallet?: WalletId | undefined;
  readonly bytes: Bytes;
}

export interface RefusedCase extends ProofCase {
  readonly reason: ProofReason;
}

const [alice, bob, carol, dora] = ["alice", "bob", "carol", "dora"].map(idOf) as [
  WalletId,
  WalletId,
  WalletId,
  WalletId,
];

/** Wallets that do not exist: one whose path ends in a gap, and one whose path ends at another wallet. */
function absent(end: "gap" | "other"): WalletId {
  for (let i = 0; ; i++) {
    const id = idOf(`absent ${i}`);
    if (walletProof(id).end.kind === end) return id;
  }
}
export const [inGap, besideOther] = [absent("gap"), absent("other")];

const ofWallet = (name: string, wallet: WalletId, at = TIP, proof?: ReceiptProof): ProofCase => {
  return { name, kind: "wallet", wallet, bytes: encodeWalletProof(walletProof(wallet, at, proof)) };
};
const ofStatement = (
  name: string,
  wallet: WalletId,
  ...parts: Parameters<typeof statement>
): ProofCase => {
  return { name, kind: "statement", wallet, bytes: encodeStatementProof(statement(...parts)) };
};
const ofReceipt = (name: string, ...parts: Parameters<typeof receiptAt>): ProofCase => {
  return { name, kind: "receipt", bytes: encodeReceipt(receiptAt(...parts)) };
};
const ofSupply = (name: string, proof: ReceiptProof = sealedFrom(TIP)): ProofCase => {
  return { name, kind: "supply", bytes: encodeSupplyProof(proof) };
};

export const ACCEPTED_PROOFS: readonly ProofCase[] = [
  ofReceipt("a receipt of a payment", 0),
  ofReceipt("a receipt of a declined payment", 1),
  ofReceipt("a receipt under the seal of the next block", 2, sealedFrom(PAID_AT, PAID_AT + 1)),
  ofReceipt("a receipt under votes", 0, votedFrom(PAID_AT)),
  ofWallet("a wallet", alice),
  ofWallet("a wallet under the seal of a block above", bob, 3, sealedFrom(3, 5)),
  ofWallet("a wallet under votes", alice, TIP, votedFrom(TIP)),
  ofWallet("a wallet without money, with its sponsor", carol),
  ofWallet("a wallet of another asset", dora, 2),
  ofWallet("the absence of a wallet, by a gap", inGap),
  ofWallet("the absence of a wallet, by another one in its place", besideOther),
  ofWallet("the absence of a wallet before its creation, in an empty state", alice, 1),
  ofSupply("the supply"),
  ofSupply("the supply before any was issued", sealedFrom(1, 3)),
  ofSupply("the supply under votes", votedFrom(2, TIP)),
  ofStatement("a whole statement", alice, "alice", "operation"),
  ofStatement("a whole statement with hashes of operations", bob, "bob", "hash"),
  ofStatement("a statement behind three entries", alice, "alice", "operation", 3),
  ofStatement("a statement behind all entries", alice, "alice", "operation", 6),
  ofStatement("the statement of a wallet without payments", carol, "carol", "operation"),
  ofStatement("a statement up to an earlier block", alice, "alice", "operation", 0, {
    closing: walletProof(alice, 3),
    upTo: 3,
  }),
  ofStatement("a statement under votes", bob, "bob", "operation", 0, {
    closing: walletProof(bob, TIP, votedFrom(TIP)),
  }),
];

export const accepted = (name: string): ProofCase => {
  const found = ACCEPTED_PROOFS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case is named ${name}`);
  return found;
};
