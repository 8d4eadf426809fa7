/** Holds the entries of a wallet against their receipts: a node may show entries that are invented, or another wallet's. */
import { type Entry, EntryKind } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { WalletId } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import { receiptQueryOf } from "../transport/ordered-operation.ts";
import type { Trust, VerifiedReceipt } from "./receipt-verifier.ts";

/** The word of a verified receipt on the entry for which it was asked. */
export type EntryVerdict =
  | "proven"
  /**
   * The receipt is of an earlier payment under the same id, which a payer can use again when it is forgotten (L7). GetReceipt has
   * the first one only, so nothing is proven of the entry.
   */
  | "idUsedBefore"
  /** The receipt contradicts the entry. */
  | "wrong";

/** A receipt proves neither the number of an entry nor the balance after it. */
export function judgeEntry(
  trust: Pick<Trust, "hash" | "networkId">,
  walletId: WalletId,
  entry: Entry,
  { operation, result, header, receipt }: VerifiedReceipt,
): EntryVerdict {
  const isAt =
    BigInt(header.height) === entry.height &&
    receipt.index === entry.index &&
    BigInt(header.time) === entry.time;
  if (!isAt) {
    const isEarlier = operation.kind === "transfer" && BigInt(header.height) < entry.height;
    return isEarlier ? "idUsedBefore" : "wrong";
  }
  const isShown = result.status === "applied" && isEntryOf(trust, walletId, entry, operation);
  return isShown ? "proven" : "wrong";
}

function isEntryOf(
  trust: Pick<Trust, "hash" | "networkId">,
  walletId: WalletId,
  entry: Entry,
  operation: Operation,
): boolean {
  if (operation.id !== entry.id) return false;
  if (operation.kind === "walletCreation") {
    const query = receiptQueryOf(trust, operation);
    const isOwn = query?.kind === "creation" && query.walletId === walletId;
    const amount = operation.initialBalance ?? 0n;
    const isSame = entry.amount === amount && entry.asset === operation.asset;
    return isOwn && isSame && entry.kind === EntryKind.CREATED && entry.counterparty === "";
  }
  if (operation.kind !== "transfer") return false;
  const { from, to, amount, asset, reference } = operation;
  const isPaid = entry.kind === EntryKind.PAID;
  if (!isPaid && entry.kind !== EntryKind.RECEIVED) return false;
  return (
    walletId === (isPaid ? from : to) &&
    entry.counterparty === (isPaid ? to : from) &&
    entry.amount === amount &&
    entry.asset === asset &&
    entry.reference === reference
  );
}
