/** Fetches proofs from one gateway and verifies them: a gateway that lies is found out here, and not by the reader of a file. */
import type { CallOptions } from "@connectrpc/connect";
import { EntryKind } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { height } from "../primitives/numbers.ts";
import type { StatementProof, StatementProofEntry } from "../primitives/statement-proof.ts";
import { decodeWalletProof, type WalletProof } from "../primitives/wallet-proof.ts";
import type { GatewayClient } from "./gateway-calls.ts";
import { GatewayFault, LedgerError, StaleAnswer } from "./ledger-error.ts";
import { ListFault, type PageState, statement } from "./lists.ts";
import type { Trust } from "./receipt-verifier.ts";
import { judgeStatement, type VerifiedStatement } from "./statement-verifier.ts";
import {
  judgeWalletProof,
  type VerifiedAbsence,
  type VerifiedWallet,
} from "./wallet-proof-verifier.ts";

export interface ProofTerms {
  readonly walletId: WalletId;
  /** The lowest height of the state; the gateway waits for it. */
  readonly minHeight?: bigint | undefined;
}

export interface FetchedWallet {
  readonly proof: WalletProof;
  readonly verified: VerifiedWallet | VerifiedAbsence;
}

export interface FetchedStatement {
  readonly proof: StatementProof;
  readonly verified: VerifiedStatement;
}

type ProofCalls = Pick<GatewayClient["calls"], "getWallet" | "listEntries">;

/** Entries of one page, with their operations some hundred kilobytes. */
const PAGE_SIZE = 500;

/** Throws GatewayFault for an answer that proves nothing, or another thing than was asked for. */
export async function fetchWalletProof(
  calls: Pick<ProofCalls, "getWallet">,
  trust: Trust,
  { walletId, minHeight }: ProofTerms,
  options?: CallOptions,
): Promise<FetchedWallet> {
  const atLeast = minHeight === undefined ? {} : { minHeight };
  const answer = await calls.getWallet({ id: walletId, prove: true, ...atLeast }, options);
  const proof = decodeWalletProof(answer.proof);
  if (proof instanceof EncodingError) throw new GatewayFault(`the proof ${proof.message}`);
  const verified = judgeWalletProof(trust, walletId, proof);
  if (!verified.valid) throw new GatewayFault(`the proof is wrong: ${verified.problem}`);
  if (BigInt(verified.header.height) < (minHeight ?? 0n)) {
    throw new GatewayFault("the proof is of an older state than was asked for");
  }
  checkBeside(answer, verified);
  return { proof, verified };
}

/** Throws LedgerError INVALID for a wallet that does not exist, or with more entries than a proof may have. */
export async function fetchStatementProof(
  calls: ProofCalls,
  trust: Trust,
  terms: ProofTerms,
  options?: CallOptions,
): Promise<FetchedStatement> {
  const { proof: closing, verified: end } = await fetchWalletProof(calls, trust, terms, options);
  if (end.kind === "absence") {
    throw new LedgerError(
      "INVALID",
      `walletId: at height ${end.header.height} there is no such wallet`,
    );
  }
  const entriesMax = LIMITS.statementProofEntriesMax;
  if (end.wallet.entries > entriesMax) {
    throw new LedgerError(
      "INVALID",
      `walletId: the wallet has ${end.wallet.entries} entries, and a proof has room for ${entriesMax}`,
    );
  }
  const proof = { closing, entries: await fetchEntries(calls, end, options) };
  const verified = judgeStatement(trust, terms.walletId, proof);
  if (!verified.valid) throw new GatewayFault(`the statement is wrong: ${verified.problem}`);
  return { proof, verified };
}

/** As many entries as the record says, from the first: those up to its height. */
async function fetchEntries(
  calls: Pick<ProofCalls, "listEntries">,
  { walletId, wallet, header }: VerifiedWallet,
  options: CallOptions | undefined,
): Promise<readonly StatementProofEntry[]> {
  const found: StatementProofEntry[] = [];
  const upTo = { toHeight: BigInt(header.height), oldestFirst: true, pageSize: PAGE_SIZE };
  const terms = { walletId, ...upTo, withOperations: true, onPage: refuseIncomplete };
  try {
    for await (const { amount, kind, height: at, operation: bytes } of statement(
      calls,
      terms,
      options,
    )) {
      const operation = { kind: "operation", bytes } as const;
      found.push({
        height: height(Number(at)),
        operation,
        delta: kind === EntryKind.PAID ? -amount : amount,
      });
      if (found.length === wallet.entries) return found;
    }
  } catch (error) {
    if (error instanceof ListFault) throw new GatewayFault(error.message);
    throw error;
  }
  throw new GatewayFault(`the statement ends after ${found.length} of ${wallet.entries} entries`);
}

/** A node that started from a snapshot does not lie, but has the older entries later. */
function refuseIncomplete({ completeFrom }: PageState): void {
  if (completeFrom > 1n) throw new StaleAnswer("the node still fills in its history");
}

/** The fields beside the proof are what it proves. */
function checkBeside(
  { wallet, height: at }: Awaited<ReturnType<ProofCalls["getWallet"]>>,
  verified: VerifiedWallet | VerifiedAbsence,
): void {
  const isShown =
    at === BigInt(verified.header.height) &&
    (verified.kind === "absence"
      ? wallet === undefined
      : wallet?.id === verified.walletId &&
        wallet.balance === verified.wallet.balance &&
        wallet.entries === BigInt(verified.wallet.entries) &&
        wallet.asset === verified.asset);
  if (!isShown) throw new GatewayFault("the answer is not what its proof proves");
}
