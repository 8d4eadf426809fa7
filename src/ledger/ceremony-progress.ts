/**
 * The state of the key ceremony between its steps (K1): its members, the step that is due, the end of an attempt by
 * time, the members left out of the next attempt, the steps that a node owes, and the key certificate.
 */
import { unreachable } from "../primitives/assert.ts";
import type { KeyCertificate } from "../primitives/key-certificate.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { faultsTolerated } from "../primitives/validators.ts";
import type { CeremonyContext } from "./ceremony-judge.ts";
import type {
  CeremonyEnding,
  CeremonyFinal,
  CeremonyIdle,
  CeremonyRecord,
  CeremonyRunning,
} from "./ceremony-record.ts";
import type { LedgerContext } from "./context.ts";

/** The fields that the next *open* must have. */
export interface CeremonyOpening {
  readonly attempt: number;
  /** Ascending. */
  readonly members: readonly ValidatorIndex[];
  readonly threshold: number;
}

export type CeremonyPhase = "round1" | "shares" | "confirm";

/** All of genesis without the excluded, ascending. */
export function ceremonyMembers(context: LedgerContext, record: CeremonyRecord): ValidatorIndex[] {
  const all = context.members(record.epoch).map((validator) => validator.index);
  return all.filter((index) => !record.excluded.includes(index));
}

/** The context to which the messages of the record's attempt are bound. */
export function ceremonyContext(context: LedgerContext, record: CeremonyRecord): CeremonyContext {
  return {
    networkId: context.networkId,
    epoch: record.epoch,
    attempt: record.attempt,
    members: ceremonyMembers(context, record),
    threshold: context.thresholdOf(record.epoch),
  };
}

/** The earliest incomplete step of a running attempt. */
export function ceremonyPhase(context: LedgerContext, record: CeremonyRunning): CeremonyPhase {
  const count = ceremonyMembers(context, record).length;
  if (record.round1.length < count) return "round1";
  return record.ciphertexts.length < count ? "shares" : "confirm";
}

/** Beyond this number of doublings every attempt has the capped length, and the product would not be an exact integer. */
const DOUBLINGS_MAX = 26;

/**
 * The latest block time that belongs to the attempt; its steps carry it as `validUntil`. Each attempt has twice the
 * time of the one before, up to the lifetime of a step, so that even in a slow network some attempt has enough time
 * (K3).
 */
export function ceremonyDeadline(context: LedgerContext, record: CeremonyRunning): number {
  const { ceremonyTimeoutMs, lifetimeMsMax, clockSkewMs } = context.genesis.timings;
  const doubled = ceremonyTimeoutMs * 2 ** Math.min(record.attempt - 1, DOUBLINGS_MAX);
  return record.openedAt + Math.min(doubled, lifetimeMsMax - 2 * clockSkewMs);
}

/** The record at the start of a block with this time: an attempt past its deadline has ended (K3). */
export function closeByTime(
  context: LedgerContext,
  record: CeremonyRecord,
  time: number,
): CeremonyRecord {
  if (record.kind !== "running" || time <= ceremonyDeadline(context, record)) return record;
  const missing = missingMembers(context, record);
  return closeAttempt(context, record, { kind: "deadline", missing });
}

/** Ends a running attempt without a key. */
export function closeAttempt(
  context: LedgerContext,
  record: CeremonyRunning,
  ending: CeremonyEnding,
): CeremonyIdle {
  const fresh = ending.kind === "complaint" ? [ending.blamed] : ending.missing;
  const excluded = nextExcluded(context, record, fresh);
  return { kind: "idle", epoch: record.epoch, attempt: record.attempt, excluded, ending };
}

/** The opening that a block with time `now` would take; undefined while an attempt runs or the key is final (K2). */
export function nextOpening(
  context: LedgerContext,
  record: CeremonyRecord,
  now: number,
): CeremonyOpening | undefined {
  const current = closeByTime(context, record, now);
  if (current.kind !== "idle") return undefined;
  const members = ceremonyMembers(context, current);
  const threshold = context.thresholdOf(current.epoch);
  return { attempt: current.attempt + 1, members, threshold };
}

/** The step that a validator has to send for the ceremony to go on. A step carries `deadline` as its `validUntil`. */
export type OwedStep =
  | { readonly kind: "nothing" }
  | { readonly kind: "open"; readonly opening: CeremonyOpening }
  | { readonly kind: CeremonyPhase; readonly attempt: number; readonly deadline: number };

/** The step that `member` owes by this record when its clock shows `now` (milliseconds): K10. */
export function owedStep(
  context: LedgerContext,
  record: CeremonyRecord,
  at: { readonly member: ValidatorIndex; readonly now: number },
): OwedStep {
  const opening = nextOpening(context, record, at.now);
  if (opening !== undefined) {
    return opening.members.includes(at.member) ? { kind: "open", opening } : { kind: "nothing" };
  }
  if (record.kind !== "running" || !missingMembers(context, record).includes(at.member)) {
    return { kind: "nothing" };
  }
  const kind = ceremonyPhase(context, record);
  return { kind, attempt: record.attempt, deadline: ceremonyDeadline(context, record) };
}

/** Members whose step of the earliest incomplete kind is missing, ascending. */
export function missingMembers(context: LedgerContext, record: CeremonyRunning): ValidatorIndex[] {
  const present = new Set(membersPresent(record, ceremonyPhase(context, record)));
  return ceremonyMembers(context, record).filter((member) => !present.has(member));
}

function membersPresent(record: CeremonyRunning, phase: CeremonyPhase): ValidatorIndex[] {
  switch (phase) {
    case "round1":
      return record.round1.map((item) => item.member);
    case "shares":
      return record.ciphertexts.map((item) => item.member);
    case "confirm":
      return record.confirmations.map((item) => item.signer);
    default:
      return unreachable(phase);
  }
}

/** The key certificate with the signatures so far; once the record is final it has all of them, at least a quorum. */
export function keyCertificateSoFar(
  context: LedgerContext,
  record: CeremonyRunning | CeremonyFinal,
): KeyCertificate | undefined {
  if (record.outcome === undefined) return undefined;
  return {
    networkId: context.networkId,
    epoch: record.epoch,
    groupKey: record.outcome.groupKey,
    threshold: context.thresholdOf(record.epoch),
    transcriptHash: record.outcome.transcriptHash,
    signatures: record.confirmations,
  };
}

/**
 * The members to leave out next. Exclusions add up; otherwise two faulty validators that fail at different steps
 * would take turns for ever. But at most f members are out, so that t remain: beyond that only the latest failure
 * counts, and if that alone names more than f members, none is left out (K4).
 */
function nextExcluded(
  context: LedgerContext,
  { epoch, excluded }: CeremonyRecord,
  fresh: readonly ValidatorIndex[],
): ValidatorIndex[] {
  const max = faultsTolerated(context.members(epoch).length);
  const together = [...new Set([...excluded, ...fresh])];
  if (together.length <= max) return ascending(together);
  return fresh.length <= max ? ascending(fresh) : [];
}

function ascending(members: readonly ValidatorIndex[]): ValidatorIndex[] {
  return members.toSorted((left, right) => left - right);
}
