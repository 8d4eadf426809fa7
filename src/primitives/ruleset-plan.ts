/** Plans to activate a ruleset, and the approval that each member signs with its identity key (L30). */
import { type Bytes, equalBytes } from "./bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH, type Hash } from "./hash.ts";
import { type NetworkId, type OperationId, uuidFromDigest } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { SIGNATURE_LENGTH, type Signature } from "./signature.ts";
import { TAGS } from "./tags.ts";

export interface RulesetPlan {
  readonly ruleset: number;
  /** The first and the last height at which a block may order the activation. */
  readonly from: number;
  readonly until: number;
  /** The first version of the software that knows the ruleset: a node that does not know it names that version. */
  readonly version: string;
}

/** A member's approval, as nodes store it and hand it on. */
export interface SignedApproval {
  readonly plan: RulesetPlan;
  /** With the member's identity key, over `encodeApproval`. */
  readonly signature: Signature;
}

/** More than any of `encodeSignedApproval` has. */
export const APPROVAL_BYTES_MAX = 512;

/** The bytes that a member signs. */
export function encodeApproval(networkId: NetworkId, plan: RulesetPlan): Bytes {
  const encoder = new Encoder().tag(TAGS.rulesetApproval).fixed(networkId, DIGEST_LENGTH);
  writePlan(encoder, plan);
  return encoder.finish();
}

/** One plan has one id, so of all members that submit its activation only the first does. */
export function activationId(hash: Hash, networkId: NetworkId, plan: RulesetPlan): OperationId {
  return uuidFromDigest(hash(encodeApproval(networkId, plan)));
}

export function encodeSignedApproval(networkId: NetworkId, approval: SignedApproval): Bytes {
  return new Encoder()
    .bytes(encodeApproval(networkId, approval.plan))
    .fixed(approval.signature, SIGNATURE_LENGTH)
    .finish();
}

/** Checks no signature. */
export function decodeSignedApproval(
  networkId: NetworkId,
  bytes: Bytes,
): SignedApproval | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    const plan = decodeStrict(decoder.bytes(APPROVAL_BYTES_MAX), (inner) => {
      inner.tag(TAGS.rulesetApproval);
      if (!equalBytes(inner.fixed(DIGEST_LENGTH), networkId)) {
        throw new EncodingError("wrongNetwork", "the approval names another network");
      }
      return readPlan(inner);
    });
    if (plan instanceof EncodingError) throw plan;
    return { plan, signature: decoder.fixed(SIGNATURE_LENGTH) };
  });
}

export function writePlan(encoder: Encoder, plan: RulesetPlan): void {
  encoder.u16(plan.ruleset).u64(plan.from).u64(plan.until).string(plan.version);
}

export function readPlan(decoder: Decoder): RulesetPlan {
  return {
    ruleset: decoder.u16(),
    from: decoder.safeU64(),
    until: decoder.safeU64(),
    version: decoder.string(LIMITS.nameLengthMax),
  };
}

export function isSamePlan(left: RulesetPlan, right: RulesetPlan): boolean {
  return (
    left.ruleset === right.ruleset &&
    left.from === right.from &&
    left.until === right.until &&
    left.version === right.version
  );
}
