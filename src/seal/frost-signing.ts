/**
 * The signing of FROST (RFC 9591 sections 4 and 5) on encoded points, by native arithmetic. Its results are those of noble,
 * bit by bit (tested). The caller has checked that all points are canonical and of prime order (S7).
 */
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { assert } from "../primitives/assert.ts";
import { type Bytes, concatBytes, utf8 } from "../primitives/bytes.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { Signature } from "../primitives/signature.ts";
import { Scalars } from "./group.ts";
import type { MemberCommitment, NonceCommitment } from "./messages.ts";
import type { SigningGroup } from "./signing-group.ts";
import { type Entropy, SUITE_NAME, scalarOf } from "./suite.ts";

/** Two secret scalars, which sign once. */
export interface Nonces {
  readonly hiding: Bytes;
  readonly binding: Bytes;
}

/** The message of a list of signers. The commitments are in ascending order of the members (RFC 9591 section 4.3). */
export interface SigningJob {
  readonly groupKey: Bytes;
  readonly message: Bytes;
  readonly commitments: readonly MemberCommitment[];
}

/** The public values of a job that every share depends on. */
export interface BoundJob {
  /** R of the signature. */
  readonly groupCommitment: Bytes;
  /** For each member of the list. */
  readonly bindingFactors: ReadonlyMap<ValidatorIndex, bigint>;
  readonly challenge: bigint;
}

const NONCE_RANDOMNESS = 32;
/** Domain separation of H1, H3, H4 and H5 (RFC 9591 section 6.1); H2 has none. */
const [H1, H3, H4, H5] = ["rho", "nonce", "msg", "com"].map((name) => utf8(SUITE_NAME + name)) as [
  Bytes,
  Bytes,
  Bytes,
  Bytes,
];

/** A fresh pair, and what is told of it (RFC 9591 sections 4.1 and 5.1). */
export function commitNonces(
  group: SigningGroup,
  signingShare: Bytes,
  entropy: Entropy,
): { readonly nonces: Nonces; readonly commitment: NonceCommitment } {
  const [hiding, binding] = [
    generateNonce(group, signingShare, entropy),
    generateNonce(group, signingShare, entropy),
  ];
  const commitment = {
    hiding: group.multiplyBase(hiding),
    binding: group.multiplyBase(binding),
  };
  return { nonces: { hiding, binding }, commitment };
}

/** The group commitment, the binding factors and the challenge of a job (RFC 9591 sections 4.4 to 4.6). */
export function bindJob(group: SigningGroup, job: SigningJob): BoundJob {
  const { groupKey, message, commitments } = job;
  const encoded = commitments.map(({ member, commitment }) => {
    return concatBytes(identifierBytes(member), commitment.hiding, commitment.binding);
  });
  const prefix = concatBytes(
    H1,
    groupKey,
    group.hash(concatBytes(H4, message)),
    group.hash(concatBytes(H5, ...encoded)),
  );
  const bindingFactors = new Map<ValidatorIndex, bigint>();
  const terms: Bytes[] = [];
  for (const { member, commitment } of commitments) {
    const factor = group.reduce(group.hash(concatBytes(prefix, identifierBytes(member))));
    bindingFactors.set(member, bytesToNumberLE(factor));
    terms.push(commitment.hiding, group.multiply(factor, commitment.binding));
  }
  const groupCommitment = terms.reduce((sum, term) => group.add(sum, term));
  const challenge = group.reduce(group.hash(concatBytes(groupCommitment, groupKey, message)));
  return { groupCommitment, bindingFactors, challenge: bytesToNumberLE(challenge) };
}

/** The member's share of the signature (RFC 9591 section 5.2). The nonces must be those of its commitment in the job. */
export function shareOf(
  { bindingFactors, challenge }: BoundJob,
  signer: {
    readonly member: ValidatorIndex;
    readonly signingShare: Bytes;
    readonly nonces: Nonces;
  },
): Bytes {
  const { member, signingShare, nonces } = signer;
  const factor = bindingFactors.get(member);
  assert(factor !== undefined, "a signer is in the list that it signs for");
  const [hiding, binding] = [Scalars.fromBytes(nonces.hiding), Scalars.fromBytes(nonces.binding)];
  assert(!Scalars.is0(hiding) && !Scalars.is0(binding), "nonces sign once");
  const lambda = interpolatingValue([...bindingFactors.keys()], member);
  const secret = Scalars.mul(Scalars.mul(lambda, Scalars.fromBytes(signingShare)), challenge);
  return Scalars.toBytes(Scalars.add(Scalars.add(hiding, Scalars.mul(binding, factor)), secret));
}

/** The signature that the shares of all members of the list give, unchecked (RFC 9591 section 5.3). */
export function signatureOf({ groupCommitment }: BoundJob, shares: readonly Bytes[]): Signature {
  const sum = shares.reduce((z, share) => Scalars.add(z, Scalars.fromBytes(share)), Scalars.ZERO);
  return concatBytes(groupCommitment, Scalars.toBytes(sum));
}

function generateNonce(group: SigningGroup, signingShare: Bytes, entropy: Entropy): Bytes {
  const input = concatBytes(H3, entropy(NONCE_RANDOMNESS), signingShare);
  const wide = group.hash(input);
  const nonce = group.reduce(wide);
  input.fill(0);
  wide.fill(0);
  return nonce;
}

/** The Lagrange coefficient of a member at 0 (RFC 9591 section 4.2); public. */
function interpolatingValue(members: readonly ValidatorIndex[], member: ValidatorIndex): bigint {
  const own = scalarOf(member);
  let [above, below] = [Scalars.ONE, Scalars.ONE];
  for (const other of members) {
    if (other === member) continue;
    const x = scalarOf(other);
    above = Scalars.mul(above, x);
    below = Scalars.mul(below, Scalars.sub(x, own));
  }
  return Scalars.div(above, below);
}

function identifierBytes(member: ValidatorIndex): Bytes {
  return Scalars.toBytes(scalarOf(member));
}
