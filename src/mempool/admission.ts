/**
 * Admission to this node's pool: by the operation's form and window, and by the final state. The caller decides when to
 * check the signatures (`src/node/intake/intake.ts`). A refusal here is one node's word: nothing was ordered (L21).
 */
import type { LedgerContext } from "../ledger/context.ts";
import type { InvalidReason } from "../ledger/invalid-reason.ts";
import { rulesOf } from "../ledger/operation-rules.ts";
import type { Payment } from "../ledger/operations/rules.ts";
import { type Place, placeAfter } from "../ledger/place.ts";
import { whyDeclined } from "../ledger/plan.ts";
import type { State } from "../ledger/state.ts";
import { checkOperation, checkPlace } from "../ledger/validate.ts";
import { earliestDeadline, latestDeadline } from "../ledger/window.ts";
import type { WalletId } from "../primitives/ids.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import type { DeclineReason } from "../primitives/result.ts";
import { type PoolKind, poolKindOf } from "./kinds.ts";

/** The origin of the operation: it decides how strictly the window is judged. */
export type Source = "client" | "peer";

export type ShapeVerdict = { readonly kind: "ok" } | Refused;

export interface Refused {
  readonly kind: "refused";
  readonly reason: InvalidReason | DeclineReason;
}

export type StateVerdict =
  | { readonly kind: "admitted"; readonly as: PoolKind }
  /** Its author is not known yet: it waits for this wallet outside the pool. */
  | { readonly kind: "waiting"; readonly wallet: WalletId }
  | Refused;

/** The state and the pool that an operation is judged against. */
export interface Ground {
  readonly state: State;
  /** The sum that the pooled operations of a wallet need of its money. */
  readonly underWay: (payer: WalletId) => bigint;
}

/**
 * Checks the form of the operation, and its window by this node's clock (L21). A client's deadline must not be past,
 * and may lie at most lifetime - D ahead, because the clocks of peers may be up to D behind. A peer's operation may
 * be over by up to D: if this clock is ahead, its window may still be open at the leader.
 */
export function admitShape(
  context: LedgerContext,
  signed: SignedOperation,
  at: { readonly source: Source; readonly now: number },
): ShapeVerdict {
  const reason = checkOperation(context, signed) ?? checkClock(context, signed, at);
  return reason === undefined ? { kind: "ok" } : { kind: "refused", reason };
}

/**
 * Checks the operation against the final state (L21). A client's operation is refused if it would be declined. A
 * peer's operation only has to be valid: a balance that this node sees is no reason to hold up another node's order
 * (L22).
 */
export function admitToState(
  context: LedgerContext,
  ground: Ground,
  signed: SignedOperation,
  at: { readonly source: Source; readonly now: number },
): StateVerdict {
  const { state, underWay } = ground;
  const place = placeAfter(context, state, Math.max(state.time, judgedAt(context, signed, at)));
  const reason = checkPlace(context, place, signed);
  const backing = rulesOf(signed.operation).backing(signed.operation);
  if (reason === "unknownPayer" && backing !== undefined) {
    return { kind: "waiting", wallet: backing.from };
  }
  if (reason !== undefined) return { kind: "refused", reason };
  if (at.source === "client") {
    const declined = whyDeclined(context, place, signed);
    if (declined !== undefined) return { kind: "refused", reason: declined };
  }
  return { kind: "admitted", as: poolKindOf(signed, isCovered(place, backing, underWay)) };
}

/** True if the operation needs no money, or if the wallet's balance covers it and what of the wallet is under way. */
function isCovered(
  place: Place,
  backing: Payment | undefined,
  underWay: (payer: WalletId) => bigint,
): boolean {
  if (backing === undefined) return true;
  const payer = place.wallet(backing.from);
  return payer !== undefined && payer.balance >= backing.amount + underWay(backing.from);
}

/** A peer's operation is judged while it may still be ordered, even if its window is over by this node's clock. */
function judgedAt(
  context: LedgerContext,
  { operation }: SignedOperation,
  { source, now }: { readonly source: Source; readonly now: number },
): number {
  const last = operation.validUntil + context.genesis.timings.graceMs;
  return source === "peer" ? Math.min(now, last) : now;
}

function checkClock(
  context: LedgerContext,
  { operation }: SignedOperation,
  { source, now }: { readonly source: Source; readonly now: number },
): InvalidReason | undefined {
  const { timings } = context.genesis;
  const { clockSkewMs } = timings;
  const latest = latestDeadline(timings, now) - (source === "client" ? clockSkewMs : 0);
  if (operation.validUntil > latest) return "validUntilTooLate";
  const earliest = source === "client" ? now : earliestDeadline(timings, now) - clockSkewMs;
  return operation.validUntil < earliest ? "validUntilTooEarly" : undefined;
}
