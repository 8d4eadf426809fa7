/**
 * A part of a proven statement that is a proof by itself: for an auditor who may see one month, and not what came before. The
 * entries before the part are left out, but for the last of them, which shows where the part begins. That one and the entries behind the part are
 * given as hashes.
 */
import { appendEntry, emptyWallet, type WalletRecord } from "../ledger/wallet-record.ts";
import { assert } from "../primitives/assert.ts";
import type { StatementProof, StatementProofEntry } from "../primitives/statement-proof.ts";
import type { FetchedStatement } from "./fetch-proofs.ts";
import type { Trust } from "./receipt-verifier.ts";
import type { ExcerptRange } from "./statement-excerpt.ts";

/** The statement must be whole. Amounts and heights of the entries behind the part stay in it: the chain leads over them. */
export function narrowStatement(
  trust: Trust,
  { proof, verified }: FetchedStatement,
  { from, to }: ExcerptRange,
): StatementProof {
  assert(proof.opening === undefined, "a whole statement is narrowed");
  const last = verified.entries.findLastIndex((entry) => entry.height < from);
  let before: WalletRecord = emptyWallet(verified.wallet);
  for (const entry of verified.entries.slice(0, Math.max(0, last))) {
    before = appendEntry(trust, before, entry);
  }
  const entries = proof.entries.map((entry, place): StatementProofEntry => {
    if (entry.height >= from && entry.height <= to) return entry;
    const hash = verified.entries[place]?.operationHash;
    assert(hash !== undefined, "the verified statement has the entries of its proof");
    return { ...entry, operation: { kind: "hash", hash } };
  });
  if (last <= 0) return { closing: proof.closing, entries };
  const { entries: number, balance, statementHead: head } = before;
  const opening = { entries: number, balance, head };
  return { closing: proof.closing, opening, entries: entries.slice(last) };
}
