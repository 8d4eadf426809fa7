/** What the ordered rounds of an attempt add up to, all of it public: group key, verifying shares, transcript hash. */
import type { CeremonyOutcome, CiphertextsRecord, Round1Record } from "../ledger/ceremony-judge.ts";
import { assert } from "../primitives/assert.ts";
import { Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest } from "../primitives/hash.ts";
import { TAGS } from "../primitives/tags.ts";
import type { Attempt } from "./attempt.ts";
import { addCommitments, evaluateCommitments } from "./polynomial.ts";
import { readCommitments } from "./round1-package.ts";
import { EPHEMERAL_KEY_LENGTH } from "./share-cipher.ts";
import { scalarOf } from "./suite.ts";

/**
 * Never throws for packages that the judge accepted. The group key is the identity only if somebody knows the sum of
 * all constant terms, all honest ones included; it is encoded like any point then, and no member confirms it and no
 * verifier takes it (ceremony.ts, key-certificate.ts). A member can choose its polynomial so that its own verifying
 * share is the identity: its seal shares are refused then, and nobody else is harmed.
 */
export function computeOutcome(
  attempt: Attempt,
  round1: readonly Round1Record[],
  ciphertexts: readonly CiphertextsRecord[],
): CeremonyOutcome {
  const packages = byMember(attempt, round1);
  const sum = addCommitments(
    attempt.suite.Point,
    packages.map((record) => {
      const commitments = readCommitments(attempt, record.package);
      assert(commitments !== undefined, "the ledger holds accepted packages only");
      return commitments;
    }),
  );
  return {
    groupKey: evaluateCommitments(sum, 0n).toBytes(),
    verifyingShares: attempt.context.members.map((member) => ({
      member,
      share: evaluateCommitments(sum, scalarOf(member)).toBytes(),
    })),
    transcriptHash: hashTranscript(attempt, packages, byMember(attempt, ciphertexts)),
  };
}

/** Everything that was said in the two rounds, by member, under the attempt. */
export function hashTranscript(
  attempt: Attempt,
  round1: readonly Round1Record[],
  ciphertexts: readonly CiphertextsRecord[],
): Digest {
  const encoder = new Encoder()
    .tag(TAGS.ceremonyTranscript)
    .fixed(attempt.hash, DIGEST_LENGTH)
    .list(round1, (record, inner) =>
      inner
        .u16(record.member)
        .bytes(record.package)
        .fixed(record.ephemeralKey, EPHEMERAL_KEY_LENGTH),
    )
    .list(ciphertexts, (record, inner) =>
      inner
        .u16(record.member)
        .list(record.ciphertexts, (item) => inner.u16(item.to).bytes(item.ciphertext)),
    );
  return attempt.suite.hash(encoder.finish());
}

/** One record of each member, ascending. */
function byMember<T extends Round1Record | CiphertextsRecord>(
  attempt: Attempt,
  records: readonly T[],
): T[] {
  const sorted = records.toSorted((left, right) => left.member - right.member);
  const { members } = attempt.context;
  assert(
    sorted.length === members.length && sorted.every((item, i) => item.member === members[i]),
    "one record of each member",
  );
  return sorted;
}
