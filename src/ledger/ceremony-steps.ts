/**
 * The steps of the key ceremony: each changes the record, or is out of place (K1). The author of a step is known to
 * be a validator, and the record is the one at the block's start, after `closeByTime`.
 */
import { assert, unreachable } from "../primitives/assert.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type {
  CeremonyComplaint,
  CeremonyConfirm,
  CeremonyOpen,
  CeremonyRound1,
  CeremonyShares,
  CeremonyStep,
} from "../primitives/operations/ceremony-operations.ts";
import type { CeremonyOutcome } from "./ceremony-judge.ts";
import {
  ceremonyContext,
  ceremonyMembers,
  ceremonyPhase,
  closeAttempt,
  missingMembers,
  nextOpening,
} from "./ceremony-progress.ts";
import type { CeremonyRecord, CeremonyRunning } from "./ceremony-record.ts";
import type { LedgerContext } from "./context.ts";

export type StepVerdict = CeremonyRecord | "outOfPlace";

/** The sender of a step, and the time of the block that orders it. */
export interface StepPlace {
  readonly member: ValidatorIndex;
  readonly time: number;
}

export function applyCeremonyStep(
  context: LedgerContext,
  record: CeremonyRecord,
  step: CeremonyStep,
  place: StepPlace,
): StepVerdict {
  if (step.kind === "ceremonyOpen") return open(context, record, step, place);
  if (record.kind !== "running" || step.attempt !== record.attempt) return "outOfPlace";
  // Only a member that still owes the step that is due may send it.
  if (!missingMembers(context, record).includes(place.member)) return "outOfPlace";
  const phase = ceremonyPhase(context, record);
  switch (step.kind) {
    case "ceremonyRound1":
      return phase === "round1" ? round1(context, record, step, place.member) : "outOfPlace";
    case "ceremonyShares":
      return phase === "shares" ? shares(context, record, step, place.member) : "outOfPlace";
    case "ceremonyConfirm":
      return phase === "confirm" ? confirm(context, record, step, place.member) : "outOfPlace";
    case "ceremonyComplaint":
      return phase === "confirm" ? complain(context, record, step, place.member) : "outOfPlace";
    default:
      return unreachable(step);
  }
}

function open(
  context: LedgerContext,
  record: CeremonyRecord,
  step: CeremonyOpen,
  { member, time }: StepPlace,
): StepVerdict {
  const due = nextOpening(context, record, time);
  if (
    due === undefined ||
    step.attempt !== due.attempt ||
    step.threshold !== due.threshold ||
    !sameMembers(step.members, due.members) ||
    !due.members.includes(member)
  ) {
    return "outOfPlace";
  }
  const { epoch, excluded } = record;
  assert(record.kind === "idle", "an attempt past its deadline ended at the block's start");
  return {
    kind: "running",
    epoch,
    attempt: due.attempt,
    excluded,
    openedAt: time,
    round1: [],
    ciphertexts: [],
    outcome: undefined,
    confirmations: [],
  };
}

function round1(
  context: LedgerContext,
  record: CeremonyRunning,
  step: CeremonyRound1,
  member: ValidatorIndex,
): StepVerdict {
  const entry = { member, package: step.package, ephemeralKey: step.ephemeralKey };
  if (!context.judge.acceptsRound1(ceremonyContext(context, record), entry)) return "outOfPlace";
  return { ...record, round1: insert(record.round1, entry, (item) => item.member) };
}

function shares(
  context: LedgerContext,
  record: CeremonyRunning,
  step: CeremonyShares,
  member: ValidatorIndex,
): StepVerdict {
  const members = ceremonyMembers(context, record);
  const others = members.filter((other) => other !== member);
  const receivers = step.ciphertexts.map((item) => item.to);
  if (!sameMembers(receivers, others)) return "outOfPlace";
  const entry = { member, ciphertexts: step.ciphertexts };
  const ciphertexts = insert(record.ciphertexts, entry, (item) => item.member);
  if (ciphertexts.length < members.length) return { ...record, ciphertexts };
  const bound = ceremonyContext(context, record);
  const outcome = context.judge.outcome(bound, record.round1, ciphertexts);
  return { ...record, ciphertexts, outcome };
}

function confirm(
  context: LedgerContext,
  record: CeremonyRunning,
  step: CeremonyConfirm,
  member: ValidatorIndex,
): StepVerdict {
  const { epoch, attempt, excluded, outcome } = record;
  assert(outcome !== undefined, "the last ciphertexts bring the outcome");
  if (!sameOutcome(step, outcome)) return "outOfPlace";
  const entry = { signer: member, signature: step.certificateSignature };
  const confirmations = insert(record.confirmations, entry, (item) => item.signer);
  if (confirmations.length < ceremonyMembers(context, record).length) {
    return { ...record, confirmations };
  }
  return { kind: "final", epoch, attempt, excluded, outcome, confirmations };
}

/** A member answers the shares once: after a confirm it cannot complain (K5). */
function complain(
  context: LedgerContext,
  record: CeremonyRunning,
  step: CeremonyComplaint,
  complainer: ValidatorIndex,
): StepVerdict {
  const { accused, ephemeralSecret } = step;
  if (accused === complainer || !ceremonyMembers(context, record).includes(accused)) {
    return "outOfPlace";
  }
  const complaint = { complainer, accused, ephemeralSecret };
  const bound = ceremonyContext(context, record);
  const blamed = context.judge.blame(bound, record.round1, record.ciphertexts, complaint);
  assert(blamed === accused || blamed === complainer, "one of the two is the liar");
  return closeAttempt(context, record, { kind: "complaint", complainer, accused, blamed });
}

function sameOutcome(step: CeremonyConfirm, outcome: CeremonyOutcome): boolean {
  const { verifyingShares } = outcome;
  return (
    equalBytes(step.groupKey, outcome.groupKey) &&
    equalBytes(step.transcriptHash, outcome.transcriptHash) &&
    step.verifyingShares.length === verifyingShares.length &&
    step.verifyingShares.every(({ member, share }, i) => {
      const expected = verifyingShares[i];
      return member === expected?.member && equalBytes(share, expected.share);
    })
  );
}

function sameMembers(left: readonly ValidatorIndex[], right: readonly ValidatorIndex[]): boolean {
  return left.length === right.length && left.every((member, i) => member === right[i]);
}

/** Inserts `entry` in the order of members. */
function insert<T>(
  entries: readonly T[],
  entry: T,
  memberOf: (entry: T) => ValidatorIndex,
): readonly T[] {
  return [...entries, entry].sort((left, right) => memberOf(left) - memberOf(right));
}
