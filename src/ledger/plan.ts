/**
 * The plan of an operation at its place: all of its effects, or the reason why it is declined. The plan changes
 * nothing. The operation has passed `checkOperation` and `checkPlace`.
 */
import type { SignedOperation } from "../primitives/operation.ts";
import type { DeclineReason } from "../primitives/result.ts";
import type { LedgerContext } from "./context.ts";
import { rulesOf } from "./operation-rules.ts";
import { decline, type Plan } from "./operations/rules.ts";
import type { Place } from "./place.ts";
import { isExpired } from "./window.ts";

/** The reasons are checked in the order of L11; the first that holds is the answer. */
export function planOperation(context: LedgerContext, place: Place, signed: SignedOperation): Plan {
  const { operation } = signed;
  if (isExpiredAt(place, signed)) return decline("expired");
  return rulesOf(operation).plan(context, place, operation, signed);
}

/** The reason with which `planOperation` would decline it, without the records that an applied one leaves. */
export function whyDeclined(
  context: LedgerContext,
  place: Place,
  signed: SignedOperation,
): DeclineReason | undefined {
  const { operation } = signed;
  if (isExpiredAt(place, signed)) return "expired";
  return rulesOf(operation).whyDeclined(context, place, operation, signed);
}

function isExpiredAt({ time }: Place, { operation }: SignedOperation): boolean {
  return isExpired({ validUntil: operation.validUntil, time });
}
