/** Finds out if a transfer is void by the word of more than f members of the network (src/client/void-payments.ts). */
import { findVoid as findVoidPayments } from "../client/void-payments.ts";
import type { Wallet } from "../client/wallet.ts";
import type { OperationId } from "../primitives/ids.ts";
import { faultsTolerated } from "../primitives/validators.ts";
import type { NetworkAccess } from "./network-access.ts";

export interface SignedPayment {
  /** The payer. */
  readonly wallet: Wallet;
  readonly id: OperationId;
  readonly validUntil: number;
}

/** The members that say so; undefined if they are fewer than f + 1. */
export async function findVoid(
  { members }: NetworkAccess,
  { wallet, id, validUntil }: SignedPayment,
): Promise<readonly string[] | undefined> {
  const found = await findVoidPayments({
    gateways: members.map((member) => ({ node: member.id, calls: member.client.calls })),
    wallet,
    payments: [{ from: wallet.id, id, validUntil }],
    // Past its deadline it could only be ordered to be declined, so nothing is paid.
    graceMs: 0,
    faultsTolerated: faultsTolerated(members.length),
  });
  return found.get(id);
}
