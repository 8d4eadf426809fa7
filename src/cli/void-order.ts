/**
 * Finds out if a transfer is void: a final block is later than its deadline, and no block holds it. One node may lie; of
 * f + 1 nodes at least one is honest.
 */
import type { OperationId, WalletId } from "../primitives/ids.ts";
import { readRefusal } from "../transport/errors.ts";
import type { Member, NetworkAccess } from "./network-access.ts";

const TIMEOUT_MS = 5_000;

/** The members that say so; undefined if they are fewer than f + 1. */
export async function findVoid(
  { members }: NetworkAccess,
  payment: { readonly from: WalletId; readonly id: OperationId; readonly validUntil: bigint },
): Promise<readonly string[] | undefined> {
  const saying = await Promise.all(
    members.map(async (member) => ((await saysVoid(member, payment)) ? [member.id] : [])),
  );
  const ids = saying.flat();
  return ids.length > Math.floor((members.length - 1) / 3) ? ids : undefined;
}

async function saysVoid(
  { client: { calls } }: Member,
  { from, id, validUntil }: { from: WalletId; id: OperationId; validUntil: bigint },
): Promise<boolean> {
  const limit = { timeoutMs: TIMEOUT_MS };
  try {
    // The order matters: the second answer covers all blocks up to the time in the first.
    const { blockTime } = await calls.getStatus({}, limit);
    if (blockTime <= validUntil) return false;
    await calls.getReceipt({ from, id }, limit);
    return false;
  } catch (error) {
    return readRefusal(error)?.reason === "NOT_FOUND";
  }
}
