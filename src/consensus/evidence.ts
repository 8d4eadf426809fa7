/** Evidence (R22): two signed votes that no honest validator says both of. */
import type { Bytes } from "../primitives/bytes.ts";
import { decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import { TAGS } from "../primitives/tags.ts";
import { readVote, sameSubject, type Vote, writeVote } from "../primitives/vote.ts";

export type EvidenceKind = "conflictingNotarize" | "conflictingFinalize" | "nullifyFinalize";

/** Both votes have the same signer, epoch and view. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly first: Vote;
  readonly second: Vote;
}

/** What two votes prove against their signer; undefined if an honest validator may say both. */
export function conflict(first: Vote, second: Vote): Evidence | undefined {
  const samePlace =
    first.signer === second.signer && first.epoch === second.epoch && first.view === second.view;
  if (!samePlace) return undefined;
  if (first.kind === second.kind) {
    if (first.kind === "nullify" || sameSubject(first, second)) return undefined;
    const kind = first.kind === "notarize" ? "conflictingNotarize" : "conflictingFinalize";
    return { kind, first, second };
  }
  const kinds = [first.kind, second.kind];
  const both = kinds.includes("nullify") && kinds.includes("finalize");
  return both ? { kind: "nullifyFinalize", first, second } : undefined;
}

export function encodeEvidence(evidence: Evidence): Bytes {
  const encoder = new Encoder().tag(TAGS.voteEvidence);
  writeVote(encoder, evidence.first);
  writeVote(encoder, evidence.second);
  return encoder.finish();
}

/** Reads two votes and sees for itself what they prove; the signatures are for the caller to check. */
export function decodeEvidence(bytes: Bytes): Evidence | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.voteEvidence);
    const evidence = conflict(readVote(decoder), readVote(decoder));
    if (evidence === undefined) throw new EncodingError("malformed", "two votes without conflict");
    return evidence;
  });
}
