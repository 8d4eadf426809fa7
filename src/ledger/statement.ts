/**
 * The entries that a block makes in the statements of wallets (L16). Which they are follows from its operations and their
 * results; their numbers and balances follow from the wallets after the block. So they are also known of a block that was
 * never executed here, if the wallets above it are.
 */
import { amount } from "../primitives/amount.ts";
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { OperationId, WalletId } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import type { Result } from "../primitives/result.ts";
import { type EntryKind, encodeEntryRecord } from "./entry-record.ts";
import { rulesOf } from "./operation-rules.ts";
import type { Movement, Network } from "./operations/rules.ts";

/** An entry without its number and the balance after it. */
export interface EntryDraft extends Movement {
  /** Place of its operation in the block, from 0. */
  readonly index: number;
  readonly id: OperationId;
  readonly reference?: string | undefined;
}

/** The newest entry of a wallet at some height; before its first, both are 0. */
export interface Standing {
  readonly entries: number;
  readonly balance: bigint;
}

export interface PlacedEntry {
  readonly wallet: WalletId;
  readonly index: number;
  /** Encoded entry record (entry-record.ts). */
  readonly record: Bytes;
}

/** A payment that changed no wallet, by the wallet that would have paid. */
export interface DeclinedPayment {
  readonly wallet: WalletId;
  readonly index: number;
}

export interface BlockDrafts {
  readonly entries: readonly EntryDraft[];
  readonly declines: readonly DeclinedPayment[];
}

/** In the order of the block. */
export function draftStatements(
  network: Network,
  operations: readonly Operation[],
  results: readonly Result[],
): BlockDrafts {
  const entries: EntryDraft[] = [];
  const declines: DeclinedPayment[] = [];
  for (const [index, operation] of operations.entries()) {
    const rules = rulesOf(operation);
    if (results[index]?.status !== "applied") {
      const payer = rules.payment(operation)?.from;
      if (payer !== undefined) declines.push({ wallet: payer, index });
      continue;
    }
    const reference = "reference" in operation ? operation.reference : undefined;
    for (const movement of rules.movements(network, operation)) {
      entries.push({ ...movement, index, id: operation.id, reference });
    }
  }
  return { entries, declines };
}

/**
 * Completes the entries of a block of this time. `standings` holds the wallets after the block, at least those of the
 * entries; afterwards it holds them before the block.
 */
export function completeEntries(
  drafts: readonly EntryDraft[],
  time: number,
  standings: Map<WalletId, Standing>,
): PlacedEntry[] {
  const entries: PlacedEntry[] = [];
  for (let place = drafts.length - 1; place >= 0; place--) {
    const draft = drafts[place];
    const standing = draft && standings.get(draft.wallet);
    assert(draft !== undefined && standing !== undefined, "the wallets after the block are given");
    const { wallet, index, delta, id, counterparty, reference } = draft;
    const { entries: number, balance } = standing;
    const record = encodeEntryRecord({
      kind: kindOf(draft),
      number,
      time,
      amount: amount(delta < 0n ? -delta : delta),
      balance: amount(balance),
      id,
      counterparty,
      reference,
    });
    entries.push({ wallet, index, record });
    standings.set(wallet, standingBefore(standing, delta));
  }
  return entries.reverse();
}

function kindOf({ counterparty, delta }: EntryDraft): EntryKind {
  if (counterparty === undefined) return "created";
  return delta < 0n ? "paid" : "received";
}

/** The standing before an entry that changed the balance by `delta`. */
export function standingBefore({ entries, balance }: Standing, delta: bigint): Standing {
  assert(entries > 0 && balance >= delta, "an entry leaves what was before it");
  return { entries: entries - 1, balance: balance - delta };
}
