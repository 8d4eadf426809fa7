/**
 * Invalid operations: one makes its block invalid (L9). The operation is first checked alone, then at its place, a
 * block time on a branch. Admission uses both checks, like execution.
 */
import { LIMITS } from "../primitives/limits.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import type { LedgerContext } from "./context.ts";
import type { InvalidReason } from "./invalid-reason.ts";
import { rulesOf } from "./operation-rules.ts";
import type { Place } from "./place.ts";
import { checkWindow, earliestDeadline } from "./window.ts";

/**
 * Finds faults of the operation that do not depend on its place; `signatureChecks` lists the signatures. Checking the
 * point of a key costs as much as a signature, so an operation that passed once is not checked again.
 */
export function checkOperation(
  context: LedgerContext,
  signed: SignedOperation,
): InvalidReason | undefined {
  if (context.good.has(signed)) return undefined;
  if (signed.bytes.length > LIMITS.operationBytesMax) return "limit";
  const { operation } = signed;
  const reason = rulesOf(operation).check(context, operation, signed);
  if (reason === undefined) context.good.add(signed);
  return reason;
}

/**
 * Finds faults of the operation at this place, except in its signatures (L9, L10, L13). It has passed
 * `checkOperation`.
 */
export function checkPlace(
  context: LedgerContext,
  place: Place,
  signed: SignedOperation,
): InvalidReason | undefined {
  const { operation, sponsor } = signed;
  const { limits, timings } = context.genesis;
  const { time } = place;
  if (place.ruleset < rulesOf(operation).since) return "kindNotActive";
  const outside = checkWindow(timings, { validUntil: operation.validUntil, time });
  if (outside !== undefined) return outside;
  if (place.usedIds.has(signed.key, earliestDeadline(timings, time))) return "idUsed";
  if (sponsor !== undefined && context.membersAt(place.height)[sponsor.validator] === undefined) {
    return "unknownSponsor";
  }
  if (
    sponsor !== undefined &&
    place.sponsoredBy(sponsor.validator) >= limits.sponsoredPerBlockMax
  ) {
    return "sponsorCapReached";
  }
  return rulesOf(operation).checkPlace(context, place, operation);
}
