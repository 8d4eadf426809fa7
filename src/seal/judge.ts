/** Judges ceremony packages and complaints for the ledger (K5). It is pure, so all nodes reach the same verdict. */
import type {
  CeremonyContext,
  CeremonyJudge,
  CeremonyOutcome,
  CiphertextsRecord,
  ComplaintRecord,
  Round1Record,
} from "../ledger/ceremony-judge.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { type Attempt, isMember, openAttempt } from "./attempt.ts";
import { computeOutcome, hashTranscript } from "./outcome.ts";
import { proofHolds, readCommitments } from "./round1-package.ts";
import { checkDealtShare } from "./secret-sharing.ts";
import { EPHEMERAL_KEY_LENGTH, ephemeralKeyOf, isContributory } from "./share-cipher.ts";
import type { SealSuite } from "./suite.ts";

export function createCeremonyJudge(suite: SealSuite): CeremonyJudge {
  // All n confirms of a ceremony ask for the same outcome, which is expensive to compute, so the last one is kept.
  let last: { readonly transcript: string; readonly outcome: CeremonyOutcome } | undefined;
  return {
    acceptsRound1(context: CeremonyContext, record: Round1Record): boolean {
      const attempt = openAttempt(suite, context);
      return (
        isMember(attempt, record.member) &&
        isContributory(record.ephemeralKey) &&
        readCommitments(attempt, record.package) !== undefined &&
        proofHolds(attempt, record.member, record.package)
      );
    },

    outcome(
      context: CeremonyContext,
      round1: readonly Round1Record[],
      ciphertexts: readonly CiphertextsRecord[],
    ): CeremonyOutcome {
      const attempt = openAttempt(suite, context);
      const transcript = toHex(hashTranscript(attempt, round1, ciphertexts));
      if (last?.transcript !== transcript) {
        last = { transcript, outcome: computeOutcome(attempt, round1, ciphertexts) };
      }
      return last.outcome;
    },

    blame(
      context: CeremonyContext,
      round1: readonly Round1Record[],
      ciphertexts: readonly CiphertextsRecord[],
      complaint: ComplaintRecord,
    ): ValidatorIndex {
      const attempt = openAttempt(suite, context);
      return isJustified(attempt, round1, ciphertexts, complaint)
        ? complaint.accused
        : complaint.complainer;
    },
  };
}

function isJustified(
  attempt: Attempt,
  round1: readonly Round1Record[],
  ciphertexts: readonly CiphertextsRecord[],
  complaint: ComplaintRecord,
): boolean {
  const { complainer, accused, ephemeralSecret } = complaint;
  const own = round1.find((record) => record.member === complainer);
  if (own === undefined || complainer === accused) return false;
  if (!isSecretOf(ephemeralSecret, own.ephemeralKey)) return false;
  const dealt = checkDealtShare(attempt, {
    receiver: own,
    dealer: round1.find((record) => record.member === accused),
    ciphertexts: ciphertexts.find((record) => record.member === accused),
    ephemeralSecret,
  });
  return dealt.kind === "wrong";
}

function isSecretOf(secret: Uint8Array, key: Uint8Array): boolean {
  return secret.length === EPHEMERAL_KEY_LENGTH && equalBytes(ephemeralKeyOf(secret), key);
}
