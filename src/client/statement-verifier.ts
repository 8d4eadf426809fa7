/**
 * Checks offline, with nothing but the genesis, that a statement of a wallet is complete (docs/proofs.md). The closing record
 * is in a certified state and holds the head of the hash chain of all entries (L16). Entries that lead from the opening to
 * that head are the wallet's own, in number, order and amount, because no one finds others with the same hash. The
 * opening is then the wallet's too.
 */
import { appendEntry, emptyWallet, type WalletRecord } from "../ledger/wallet-record.ts";
import { AMOUNT_MAX, type Amount, amount } from "../primitives/amount.ts";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { decodeStrict, EncodingError } from "../primitives/encoding.ts";
import type { Digest } from "../primitives/hash.ts";
import type { WalletId } from "../primitives/ids.ts";
import type { Height } from "../primitives/numbers.ts";
import { readOperation } from "../primitives/operation.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import { createdWalletId } from "../primitives/operations/wallet-creation.ts";
import {
  decodeStatementProof,
  type EntryOperation,
  type StatementProof,
} from "../primitives/statement-proof.ts";
import { type ProofProblem, proofProblem } from "./proof-problem.ts";
import type { Trust, VerifiedProof } from "./receipt-verifier.ts";
import { judgeWalletProof } from "./wallet-proof-verifier.ts";

/** An entry that is in the statement of the wallet exactly as it says. */
export interface VerifiedEntry {
  /** From 1, the wallet's creation. */
  readonly number: number;
  readonly height: Height;
  readonly operationHash: Digest;
  /** Absent if the statement gives only its hash. */
  readonly operation?: Operation | undefined;
  /** Minor units, negative for the payer. */
  readonly delta: bigint;
  /** After the entry. */
  readonly balance: Amount;
}

/** The number of entries, and the balance after the last of them. */
export interface Carried {
  readonly entries: number;
  readonly balance: Amount;
}

/** All entries of the wallet behind the opening, up to the block of `header`. */
export interface VerifiedStatement extends VerifiedProof {
  readonly kind: "statement";
  readonly walletId: WalletId;
  /** The wallet after the last entry. */
  readonly wallet: WalletRecord;
  /** The code of its asset. */
  readonly asset: string;
  readonly opening: Carried;
  readonly entries: readonly VerifiedEntry[];
}

/** `walletId`: the wallet that the caller asks about. */
export function verifyStatement(
  trust: Trust,
  walletId: WalletId,
  bytes: Bytes,
): VerifiedStatement | ProofProblem {
  const proof = decodeStatementProof(bytes);
  if (proof instanceof EncodingError) return proofProblem("form", proof.message);
  return judgeStatement(trust, walletId, proof);
}

/** As `verifyStatement`, for a proof that is read. */
export function judgeStatement(
  trust: Trust,
  walletId: WalletId,
  proof: StatementProof,
): VerifiedStatement | ProofProblem {
  const closing = judgeWalletProof(trust, walletId, proof.closing);
  if (!closing.valid) return closing;
  if (closing.kind === "absence") {
    return proofProblem("record", "the path ends without a record of the wallet");
  }
  const { wallet, asset } = closing;
  const opened = openingOf(wallet, proof);
  if ("valid" in opened) return opened;
  const followed = followEntries(trust, opened, proof, asset);
  if ("valid" in followed) return followed;
  const { entries, last } = followed;
  const isClosed =
    last.entries === wallet.entries &&
    last.balance === wallet.balance &&
    equalBytes(last.statementHead, wallet.statementHead);
  if (!isClosed) {
    return proofProblem("chain", "the entries do not lead from the opening to the closing record");
  }
  const opening = { entries: opened.entries, balance: opened.balance };
  return { ...closing, kind: "statement", opening, entries };
}

/** The wallet before the first entry. */
function openingOf(
  closing: WalletRecord,
  { opening }: StatementProof,
): WalletRecord | ProofProblem {
  if (opening === undefined) return emptyWallet(closing);
  const { entries, balance, head: statementHead } = opening;
  if (entries === 0) {
    return proofProblem("opening", "the opening of a whole statement is given, but must be absent");
  }
  return { ...closing, entries, balance, statementHead };
}

interface Followed {
  readonly entries: readonly VerifiedEntry[];
  readonly last: WalletRecord;
}

function followEntries(
  trust: Trust,
  opened: WalletRecord,
  proof: StatementProof,
  asset: string,
): Followed | ProofProblem {
  const entries: VerifiedEntry[] = [];
  let last = opened;
  for (const { height, operation: given, delta } of proof.entries) {
    const number = last.entries + 1;
    const read = readEntryOperation(trust, given);
    if (read instanceof EncodingError) {
      return proofProblem("operation", `entry ${number}: ${read.message}`);
    }
    const { hash: operationHash, operation } = read;
    if (operation !== undefined && movementOf(trust, { id: last.id, asset }, operation) !== delta) {
      return proofProblem("operation", `entry ${number} is not what its operation does`);
    }
    const after = last.balance + delta;
    if (after < 0n || after > AMOUNT_MAX || !Number.isSafeInteger(number)) {
      return proofProblem("entry", `entry ${number} leaves a balance that no wallet has`);
    }
    last = appendEntry(trust, last, { height, operationHash, delta });
    entries.push({ number, height, operationHash, operation, delta, balance: amount(after) });
  }
  return { entries, last };
}

function readEntryOperation(
  { hash, networkId }: Trust,
  given: EntryOperation,
): { readonly hash: Digest; readonly operation?: Operation } | EncodingError {
  if (given.kind === "hash") return { hash: given.hash };
  const operation = decodeStrict(given.bytes, (inner) => readOperation(inner, networkId));
  if (operation instanceof EncodingError) return operation;
  return { hash: hash(given.bytes), operation };
}

/** Minor units by which the operation, if it is applied, changes the wallet; undefined if it does not change it. */
function movementOf(
  trust: Trust,
  wallet: { readonly id: WalletId; readonly asset: string },
  operation: Operation,
): bigint | undefined {
  if (operation.kind === "walletCreation") {
    const isOwn = createdWalletId(trust, operation) === wallet.id;
    return isOwn && operation.asset === wallet.asset ? (operation.initialBalance ?? 0n) : undefined;
  }
  if (operation.kind !== "transfer" || operation.asset !== wallet.asset) return undefined;
  if (operation.from === wallet.id) return -operation.amount;
  return operation.to === wallet.id ? operation.amount : undefined;
}
