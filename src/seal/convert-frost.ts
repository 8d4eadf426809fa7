/** Converts keys, shares and commitments to the types of noble's FROST. */
import type { FrostPublic, FrostSecret, NonceCommitments } from "@noble/curves/abstract/frost.js";
import type { MemberCommitment } from "./messages.ts";
import type { KeyShare, SealKey } from "./seal-key.ts";
import { identifierOf, type SealSuite } from "./suite.ts";

/** noble reads the group key from the first commitment, and needs no other to sign, verify or aggregate. */
export function frostPublic(suite: SealSuite, key: SealKey): FrostPublic {
  return {
    signers: { min: key.context.threshold, max: key.context.members.length },
    commitments: [Uint8Array.from(key.groupKey)],
    verifyingShares: Object.fromEntries(
      key.verifyingShares.map(({ member, share }) => [
        identifierOf(suite, member),
        Uint8Array.from(share),
      ]),
    ),
  };
}

/** A copy, which the caller may overwrite after use. */
export function frostSecret(suite: SealSuite, share: KeyShare): FrostSecret {
  return {
    identifier: identifierOf(suite, share.member),
    signingShare: Uint8Array.from(share.signingShare),
  };
}

export function frostCommitments(
  suite: SealSuite,
  list: readonly MemberCommitment[],
): NonceCommitments[] {
  return list.map(({ member, commitment }) => ({
    identifier: identifierOf(suite, member),
    hiding: Uint8Array.from(commitment.hiding),
    binding: Uint8Array.from(commitment.binding),
  }));
}
