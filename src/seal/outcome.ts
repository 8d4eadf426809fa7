/** Computes the public outcome of an attempt from its ordered rounds: group key, verifying shares, transcript hash. */
import type { CeremonyOutcome, CiphertextsRecord, Round1Record } from "../ledger/ceremony-judge.ts";
import { assert } from "../primitives/assert.ts";
import { Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest } from "../primitives/hash.ts";
import { TAGS } from "../primitives/tags.ts";
import type { Attempt } from "./attempt.ts";
import { readCommitments } from "./round1-package.ts";
import { addCommitments, evaluateCommitments } from "./secret-sharing.ts";
import { EPHEMERAL_KEY_LENGTH } from "./share-cipher.ts";
import { scalarOf } from "./suite.ts";

/**
 * Never throws for packages that the judge accepted. The group key can be the identity only if an attacker knows the
 * sum of all constant terms, including those of honest members. It is then encoded like any other point, but no member
 * confirms it and no verifier accepts it (ceremony.ts, key-certificate.ts). A member can choose its polynomial so that
 * its own verifying share is the identity. Its seal shares are then refused; no other member is affected.
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

/** Hashes the messages of both rounds, by member, together with the attempt. */
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
