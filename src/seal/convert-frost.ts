/** Converts keys and commitments to the types of noble's FROST, which checks single shares. */
import type { FrostPublic, NonceCommitments } from "@noble/curves/abstract/frost.js";
import type { MemberCommitment } from "./messages.ts";
import type { SealKey } from "./seal-key.ts";
import { identifierOf, type SealSuite } from "./suite.ts";

/** noble reads the group key from the first commitment, and needs no other to verify a share. */
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
