/**
 * The plan of an operation at its place: its effects, all or none, or the reason why it is declined. Nothing is
 * changed here. The operation is valid at the place: `checkOperation` and `checkPlace` passed before.
 */
import type { SignedOperation } from "../primitives/operation.ts";
import type { LedgerContext } from "./context.ts";
import { rulesOf } from "./operation-rules.ts";
import { decline, type Plan } from "./operations/rules.ts";
import type { Place } from "./place.ts";
import { isExpired } from "./window.ts";

/** The reasons are judged in the order of L11; the first that holds is given. */
export function planOperation(context: LedgerContext, place: Place, signed: SignedOperation): Plan {
  const { operation } = signed;
  if (isExpired({ validUntil: operation.validUntil, time: place.time })) return decline("expired");
  return rulesOf(operation).plan(context, place, operation, signed);
}
