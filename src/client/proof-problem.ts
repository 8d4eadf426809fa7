/** The reasons why a proof proves nothing: a closed list, which docs/proofs.md explains check by check. */
import type { ReceiptProblem } from "./receipt-verifier.ts";

/** In the order of the checks. */
export const PROOF_REASONS = [
  /** The bytes, or the text around them, are not those of such a proof. */
  "form",
  /** It is about another wallet than the verifier asks about. */
  "wallet",
  "headers",
  "keyCertificate",
  "seal",
  "finalization",
  /** Of a receipt: its leaf, and its place in the block. */
  "result",
  "place",
  /** Of the supply: not one for each asset of the genesis. */
  "supply",
  /** Of a wallet: its record, and the path to the state root. */
  "record",
  "state",
  /** Of a statement: its beginning, one of its entries, the operation of one, and the chain of all. */
  "opening",
  "entry",
  "operation",
  "chain",
] as const;

export type ProofReason = (typeof PROOF_REASONS)[number];

export interface ProofProblem {
  readonly valid: false;
  readonly reason: ProofReason;
  /** A sentence without its end, for a person. */
  readonly problem: string;
}

export function proofProblem(reason: ProofReason, problem: string): ProofProblem {
  return { valid: false, reason, problem };
}

/** A problem of the part that proofs share with receipts. */
export function fromReceiptProblem({ field, problem }: ReceiptProblem): ProofProblem {
  return proofProblem(reasonOfField(field), `${field} ${problem}`);
}

/** Of a receipt that could be read: the reason that the field of its problem stands for. */
export function reasonOfField(field: string): ProofReason {
  if (field === "leaf") return "result";
  if (field === "path") return "place";
  if (field.startsWith("keyCertificate")) return "keyCertificate";
  if (field === "finalization") return "finalization";
  return field === "sealedHeader.seal" || field === "sealedHeader.header.epoch"
    ? "seal"
    : "headers";
}
