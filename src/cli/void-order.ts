/**
 * Finds out if a transfer is void: a final block is later than its deadline, and no block holds it. One node may lie; of
 * f + 1 nodes at least one is honest. The payer signs the questions: to a caller that may not read the payer's wallet, an honest
 * node says of each payment that there is none.
 */
import { signedBy } from "../client/signed-reads.ts";
import type { Wallet } from "../client/wallet.ts";
import type { OperationId } from "../primitives/ids.ts";
import { readRefusal } from "../transport/errors.ts";
import type { Member, NetworkAccess } from "./network-access.ts";

export interface SignedPayment {
  /** The payer. */
  readonly wallet: Wallet;
  readonly id: OperationId;
  readonly validUntil: bigint;
}

const TIMEOUT_MS = 5_000;

/** The members that say so; undefined if they are fewer than f + 1. */
export async function findVoid(
  { members }: NetworkAccess,
  payment: SignedPayment,
): Promise<readonly string[] | undefined> {
  const saying = await Promise.all(
    members.map(async (member) => ((await saysVoid(member, payment)) ? [member.id] : [])),
  );
  const ids = saying.flat();
  return ids.length > Math.floor((members.length - 1) / 3) ? ids : undefined;
}

async function saysVoid(
  { client: { calls } }: Member,
  { wallet, id, validUntil }: SignedPayment,
): Promise<boolean> {
  const from = wallet.id;
  const options = { timeoutMs: TIMEOUT_MS, ...signedBy(wallet) };
  try {
    // The order matters: the second answer covers all blocks up to the time in the first, which also shows that this caller
    // may read the payer's payments.
    const shown = await calls.getWallet({ id: from }, options);
    if (shown.wallet?.id !== from || shown.blockTime <= validUntil) return false;
  } catch {
    return false;
  }
  try {
    const { operation } = await calls.getReceipt({ from, id }, options);
    // A node holds what was ordered first under an id. After a cancellation with a deadline that is no earlier, the payment
    // was ordered neither before nor later (L28).
    return operation.case === "cancellation" && operation.value.validUntil >= validUntil;
  } catch (error) {
    return readRefusal(error)?.reason === "NOT_FOUND";
  }
}
