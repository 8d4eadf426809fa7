/** Puts executed blocks into the form in which storage keeps them, and reads that back. */
import type { LedgerContext } from "../../ledger/context.ts";
import { encodeNetworkRecord } from "../../ledger/network-record.ts";
import { rulesOf } from "../../ledger/operation-rules.ts";
import { completeEntries, draftStatements, type Standing } from "../../ledger/statement.ts";
import { encodeWalletRecord, type WalletRecord } from "../../ledger/wallet-record.ts";
import { assert } from "../../primitives/assert.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import { decodeStrict, Encoder, type EncodingError } from "../../primitives/encoding.ts";
import type { WalletId } from "../../primitives/ids.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import { type Result, readResult, writeResult } from "../../primitives/result.ts";
import { type Certificate, encodeCertificate } from "../../primitives/vote.ts";
import type { Commit, FinalizedBlock } from "../../storage/contracts.ts";
import type { ExecutedBlock } from "./application.ts";

/** One atomic batch for blocks that `finalization` makes final (A5). */
export function commitOf(
  context: LedgerContext,
  blocks: readonly ExecutedBlock[],
  rest: {
    readonly finalization: Certificate;
    readonly pruneJournalBelow: number | undefined;
    readonly ceremonyChanged: boolean;
  },
): Commit {
  const last = blocks.at(-1);
  assert(last !== undefined, "a commit has a block");
  const wallets = new Map<WalletId, WalletRecord>();
  for (const { execution } of blocks) {
    for (const record of execution.touched) wallets.set(record.id, record);
  }
  const { state } = last.execution;
  return {
    blocks: blocks.map((block) => storedBlock(context, block)),
    finalization: encodeCertificate(rest.finalization),
    wallets: [...wallets.values()].map((record) => ({
      id: record.id,
      record: encodeWalletRecord(context.networkId, record),
    })),
    ceremony: rest.ceremonyChanged ? encodeNetworkRecord(context.networkId, state) : undefined,
    pruneJournalBelow: rest.pruneJournalBelow,
  };
}

/** One byte for each result. */
export function encodeResults(results: readonly Result[]): Bytes {
  return new Encoder().list(results, (result, encoder) => writeResult(encoder, result)).finish();
}

export function decodeResults(bytes: Bytes): readonly Result[] | EncodingError {
  return decodeStrict(bytes, (decoder) => decoder.list(LIMITS.blockOperationsMax, readResult));
}

/** The wallets that a block created, from its operations and their results, with the places of their creations. */
export function creationsOf(
  context: LedgerContext,
  operations: readonly SignedOperation[],
  results: readonly Result[],
): { wallet: WalletId; index: number }[] {
  return operations.flatMap(({ operation }, index) => {
    if (results[index]?.status !== "applied") return [];
    const wallet = rulesOf(operation).creates(context, operation);
    return wallet === undefined ? [] : [{ wallet, index }];
  });
}

/** A block with the index of its operations. */
export function storedBlock(context: LedgerContext, executed: ExecutedBlock): FinalizedBlock {
  const { block, operations, execution } = executed;
  const { touched, results } = execution;
  const after = new Map<WalletId, Standing>(touched.map((wallet) => [wallet.id, wallet]));
  const { entries, declines } = draftStatements(
    context,
    operations.map(({ operation }) => operation),
    results,
  );
  return {
    height: block.header.height,
    header: block.headerBytes,
    operations: block.operations,
    hash: block.hash,
    results: encodeResults(results),
    operationKeys: operations.map(({ key }) => key),
    creations: creationsOf(context, operations, results),
    entries: completeEntries(entries, block.header.time, after),
    declines,
  };
}
