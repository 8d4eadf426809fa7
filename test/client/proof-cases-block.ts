/** Proofs whose bytes, certified header or result have one defect. */
import type { ProofReason } from "../../src/client/proof-problem.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { encodeSupplyProof } from "../../src/primitives/block-proof.ts";
import { type Bytes, concatBytes } from "../../src/primitives/bytes.ts";
import { epoch, height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import type { Receipt, ReceiptProof } from "../../src/primitives/receipt.ts";
import { encodeReceipt } from "../../src/primitives/receipt-bytes.ts";
import { encodeWalletProof } from "../../src/primitives/wallet-proof.ts";
import { accepted, inGap, type RefusedCase } from "./proof-cases.ts";
import {
  headerAt,
  idOf,
  PAID_AT,
  receiptAt,
  sealedBy,
  sealedFrom,
  statement,
  TIP,
  votedFrom,
  walletProof,
} from "./proof-workshop.ts";
import { certify, finalize, groupKey, quorum } from "./workshop.ts";

const [alice, bob] = [idOf("alice"), idOf("bob")];
const tip = headerAt(TIP);
const sealedTip = sealedFrom(TIP);
const votedTip = votedFrom(TIP);
const networkOfOthers = sha256(new Uint8Array());
const longer = (bytes: Bytes): Bytes => concatBytes(bytes, Uint8Array.of(0));
const KIND_AT = 1 + "countersign/v1/supply-proof".length;

/** An accepted proof whose bytes are changed. */
function form(name: string, of: string, change: (bytes: Bytes) => Bytes): RefusedCase {
  const base = accepted(of);
  return { ...base, reason: "form", name, bytes: change(base.bytes) };
}

/** Alice's wallet under another block proof. */
function under(reason: ProofReason, how: string, proof: ReceiptProof): RefusedCase {
  const bytes = encodeWalletProof({ ...walletProof(alice), proof });
  return { reason, name: `a wallet ${how}`, kind: "wallet", wallet: alice, bytes };
}

function receipt(reason: ProofReason, how: string, changes: Partial<Receipt>): RefusedCase {
  const bytes = encodeReceipt({ ...receiptAt(0), ...changes });
  return { reason, name: `a receipt ${how}`, kind: "receipt", bytes };
}

function supply(reason: ProofReason, how: string, proof: ReceiptProof): RefusedCase {
  return { reason, name: `the supply ${how}`, kind: "supply", bytes: encodeSupplyProof(proof) };
}

/** The receipt's leaf ends with its result. */
const leafWithResult = (code: number) => ({ leaf: receiptAt(0).leaf.with(-1, code) });

/** Carol's creation moved nothing; the flag in front of its amount says "negative". */
function withMinusZero(bytes: Bytes): Bytes {
  const [entry] = statement("carol", "operation").entries;
  if (entry?.operation.kind !== "operation") throw new Error("carol has an entry");
  return bytes.with(-(entry.operation.bytes.length + 4 + 1 + 8 + 1), 1);
}

export const FORM_CASES: readonly RefusedCase[] = [
  form("a wallet that goes on", "a wallet", longer),
  form("a wallet that ends too early", "a wallet", (bytes) => bytes.slice(0, -1)),
  form("no bytes", "a wallet", () => new Uint8Array()),
  form("the supply for a wallet", "a wallet", () => accepted("the supply").bytes),
  form("a wallet for its statement", "a whole statement", () => accepted("a wallet").bytes),
  form("a statement that goes on", "a whole statement", longer),
  form("a statement with too many entries", "a statement behind all entries", (bytes) =>
    concatBytes(bytes.slice(0, -4), new Uint8Array(4).fill(0xff)),
  ),
  form("an absence with an unknown end", "the absence of a wallet, by a gap", (bytes) =>
    bytes.with(-1, 3),
  ),
  form("a supply neither sealed nor final", "the supply", (bytes) => bytes.with(KIND_AT, 2)),
  form(
    "a statement with an amount of minus zero",
    "the statement of a wallet without payments",
    withMinusZero,
  ),
];

export const BLOCK_CASES: readonly RefusedCase[] = [
  {
    ...accepted("a wallet"),
    reason: "wallet",
    name: "another wallet than was asked about",
    wallet: bob,
  },
  {
    ...accepted("the absence of a wallet, by a gap"),
    ...{
      reason: "wallet",
      name: "the absence of another wallet than was asked about",
      wallet: bob,
    },
  },
  {
    ...accepted("a whole statement"),
    ...{
      reason: "wallet",
      name: "the statement of another wallet than was asked about",
      wallet: inGap,
    },
  },
  under("headers", "of another network", sealedBy({ ...tip, networkId: networkOfOthers })),
  under("headers", "under headers that are no chain", {
    ...sealedTip,
    headers: [sealedTip.sealedHeader.bytes],
  }),
  under("headers", "under no header", { ...votedTip, headers: [] }),
  under("keyCertificate", "under the seal of two members", {
    ...sealedTip,
    keyCertificate: certify({}, quorum.slice(1)),
  }),
  under("keyCertificate", "under the seal of one member twice", {
    ...sealedTip,
    keyCertificate: certify({}, [0, 0, 1].map(validatorIndex)),
  }),
  under("keyCertificate", "under a key of epoch 2", {
    ...sealedTip,
    keyCertificate: certify({ epoch: epoch(2) }),
  }),
  under("keyCertificate", "under a key of another network", {
    ...sealedTip,
    keyCertificate: certify({ networkId: networkOfOthers }),
  }),
  under("keyCertificate", "under a key that two members can use", {
    ...sealedTip,
    keyCertificate: certify({ threshold: 2 }),
  }),
  under("seal", "under the seal of the block below", {
    ...sealedTip,
    sealedHeader: { ...sealedTip.sealedHeader, seal: sealedFrom(TIP - 1).sealedHeader.seal },
  }),
  under("seal", "in epoch 2", sealedBy({ ...tip, epoch: epoch(2) })),
  under("keyCertificate", "in epoch 2, under the seal of two members", {
    ...sealedBy({ ...tip, epoch: epoch(2) }),
    keyCertificate: certify({}, quorum.slice(1)),
  }),
  under("finalization", "under the votes of two members", {
    ...votedTip,
    finalization: finalize(tip, {}, quorum.slice(1)),
  }),
  under("finalization", "under votes for another height", {
    ...votedTip,
    finalization: finalize(tip, { height: height(TIP + 1) }),
  }),
  under("form", "under votes to notarize", {
    ...votedTip,
    finalization: finalize(tip, { kind: "notarize" }),
  }),
  under("finalization", "under votes in another view", {
    ...votedTip,
    finalization: finalize(tip, { view: view(tip.view + 1) }),
  }),
  supply("seal", "with another amount", {
    ...sealedBy({ ...tip, supply: [amount(1n), amount(7n)] }),
    sealedHeader: {
      ...sealedBy({ ...tip, supply: [amount(1n), amount(7n)] }).sealedHeader,
      seal: sealedTip.sealedHeader.seal,
    },
  }),
  supply("supply", "of one asset too few", sealedBy({ ...tip, supply: [amount(1n)] })),
  receipt("result", "with an unknown result", leafWithResult(9)),
  receipt("place", "with another result", leafWithResult(5)),
  receipt("place", "at another place", { index: 1 }),
  receipt("place", "without its path", { path: [] }),
  receipt("headers", "under headers that are no chain", {
    proof: sealedBy(headerAt(PAID_AT), headerAt(PAID_AT)),
  }),
  receipt("seal", "under another seal", {
    proof: {
      ...sealedFrom(PAID_AT),
      sealedHeader: {
        ...sealedFrom(PAID_AT).sealedHeader,
        seal: groupKey.sign(new Uint8Array()),
      },
    },
  }),
];
