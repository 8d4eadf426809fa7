/**
 * Decides a member's next step in the key ceremony from the steps that the ledger has ordered and the secrets that the
 * member has stored (K7). It keeps no state, so a restart changes nothing.
 */
import type { CiphertextsRecord, Round1Record } from "../ledger/ceremony-judge.ts";
import { assert } from "../primitives/assert.ts";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { type Attempt, isMember, sameContext } from "./attempt.ts";
import type { CeremonySecret } from "./ceremony-secret.ts";
import { parseScalar, Scalars } from "./group.ts";
import { computeOutcome } from "./outcome.ts";
import { encodeRound1Package } from "./round1-package.ts";
import { certificateBytes, type KeyShare, type SealKey } from "./seal-key.ts";
import { checkDealtShare, evaluate } from "./secret-sharing.ts";
import { EPHEMERAL_KEY_LENGTH, ephemeralKeyOf, sealShare } from "./share-cipher.ts";
import { type Entropy, identifierOf, scalarOf } from "./suite.ts";

export interface MemberView {
  readonly attempt: Attempt;
  readonly self: ValidatorIndex;
  /** Ordered so far in this attempt. */
  readonly round1: readonly Round1Record[];
  readonly ciphertexts: readonly CiphertextsRecord[];
  readonly confirmed: readonly ValidatorIndex[];
  /** The secrets that this member has stored, possibly of another attempt. */
  readonly secret?: CeremonySecret | undefined;
  readonly keyShare?: KeyShare | undefined;
}

/**
 * The step that is due. `store` is the secret to encrypt and sync before the step is sent. It is absent if the secret is
 * stored already and the step is only sent again.
 */
export type MemberStep =
  | { readonly kind: "wait" }
  | {
      readonly kind: "round1";
      readonly package: Bytes;
      readonly ephemeralKey: Bytes;
      readonly store?: CeremonySecret;
    }
  | {
      readonly kind: "shares";
      readonly ciphertexts: CiphertextsRecord["ciphertexts"];
      readonly store?: CeremonySecret;
    }
  | {
      readonly kind: "confirm";
      readonly key: SealKey;
      /** The member signs these with its identity key; the signature is part of the confirm operation. */
      readonly certificateBytes: Bytes;
      readonly store?: KeyShare;
    }
  /** Reveals the ephemeral secret. This member never confirms in this attempt, so the attempt yields no key. */
  | {
      readonly kind: "complaint";
      readonly accused: ValidatorIndex;
      readonly ephemeralSecret: Bytes;
    }
  /** This member can do nothing more in this attempt. The next one begins at its deadline. */
  | { readonly kind: "stuck"; readonly reason: "secretLost" | "keyUnusable" };

export function nextStep(view: MemberView, entropy: Entropy): MemberStep {
  const { attempt, self } = view;
  if (!isMember(attempt, self) || view.confirmed.includes(self)) return { kind: "wait" };
  const { keyShare } = view;
  if (keyShare !== undefined && sameContext(keyShare.key.context, attempt.context))
    return confirm(keyShare.key);
  const own = view.round1.find((record) => record.member === self);
  const secret = secretOf(view);
  if (own === undefined) {
    if (secret !== undefined) return sendRound1(secret);
    const drawn = drawSecret(attempt, self, entropy);
    return { ...sendRound1(drawn), store: drawn };
  }
  if (secret === undefined || !isPackageOf(secret, own)) {
    return { kind: "stuck", reason: "secretLost" };
  }
  if (view.round1.length < attempt.context.members.length) return { kind: "wait" };
  if (!view.ciphertexts.some((record) => record.member === self)) {
    if (secret.ciphertexts !== undefined) return sendShares(secret.ciphertexts);
    const ciphertexts = dealShares(attempt, secret, view.round1);
    return { ...sendShares(ciphertexts), store: { ...secret, ciphertexts } };
  }
  if (view.ciphertexts.length < attempt.context.members.length) return { kind: "wait" };
  return conclude(view, secret, own);
}

/** Round 1: a fresh polynomial with its proof of knowledge, and a fresh X25519 key. */
function drawSecret(attempt: Attempt, member: ValidatorIndex, entropy: Entropy): CeremonySecret {
  const { members, threshold } = attempt.context;
  const drawn = attempt.frost.DKG.round1(
    identifierOf(attempt.suite, member),
    { min: threshold, max: members.length },
    undefined,
    (length) => Uint8Array.from(entropy(length ?? 32)),
  );
  assert(drawn.secret.coefficients?.length === threshold, "a polynomial of degree t - 1");
  const ephemeralSecret = entropy(EPHEMERAL_KEY_LENGTH);
  return {
    context: attempt.context,
    member,
    coefficients: drawn.secret.coefficients.map((scalar) => Scalars.toBytes(scalar)),
    ephemeralSecret,
    package: encodeRound1Package({
      commitments: drawn.public.commitment,
      proof: drawn.public.proofOfKnowledge,
    }),
    ephemeralKey: ephemeralKeyOf(ephemeralSecret),
  };
}

/** Round 2: one encrypted share for each other member, ascending. */
function dealShares(
  attempt: Attempt,
  secret: CeremonySecret,
  round1: readonly Round1Record[],
): CiphertextsRecord["ciphertexts"] {
  const others = round1
    .filter((record) => record.member !== secret.member)
    .toSorted((left, right) => left.member - right.member);
  return others.map((record) => {
    const route = {
      from: secret.member,
      to: record.member,
      fromKey: secret.ephemeralKey,
      toKey: record.ephemeralKey,
    };
    const share = Scalars.toBytes(evaluate(scalarsOf(secret), scalarOf(record.member)));
    return {
      to: record.member,
      ciphertext: sealShare(attempt, route, secret.ephemeralSecret, share),
    };
  });
}

/** Opens the shares that the others dealt. Complains of the first wrong one; if all are good, they make the key. */
function conclude(view: MemberView, secret: CeremonySecret, own: Round1Record): MemberStep {
  const { attempt, self } = view;
  let sum = evaluate(scalarsOf(secret), scalarOf(self));
  for (const member of attempt.context.members) {
    if (member === self) continue;
    const dealt = checkDealtShare(attempt, {
      receiver: own,
      dealer: view.round1.find((record) => record.member === member),
      ciphertexts: view.ciphertexts.find((record) => record.member === member),
      ephemeralSecret: secret.ephemeralSecret,
    });
    if (dealt.kind === "wrong") {
      return { kind: "complaint", accused: member, ephemeralSecret: secret.ephemeralSecret };
    }
    assert(dealt.kind === "good", "every member has dealt");
    sum = Scalars.add(sum, dealt.value);
  }
  const outcome = computeOutcome(attempt, view.round1, view.ciphertexts);
  const key: SealKey = { ...outcome, context: attempt.context };
  if (Scalars.is0(sum) || !attempt.suite.isValidPoint(key.groupKey)) {
    return { kind: "stuck", reason: "keyUnusable" };
  }
  const verifyingShare = outcome.verifyingShares.find((item) => item.member === self)?.share;
  assert(
    verifyingShare !== undefined &&
      equalBytes(attempt.suite.Point.BASE.multiply(sum).toBytes(), verifyingShare),
    "the sum of checked shares is the share that all others expect",
  );
  const keyShare = { key, member: self, signingShare: Scalars.toBytes(sum) };
  return { ...confirm(key), store: keyShare };
}

function confirm(key: SealKey): MemberStep & { kind: "confirm" } {
  return { kind: "confirm", key, certificateBytes: certificateBytes(key) };
}

function sendRound1(secret: CeremonySecret): MemberStep & { kind: "round1" } {
  return { kind: "round1", package: secret.package, ephemeralKey: secret.ephemeralKey };
}

function sendShares(
  ciphertexts: CiphertextsRecord["ciphertexts"],
): MemberStep & { kind: "shares" } {
  return { kind: "shares", ciphertexts };
}

/** The stored secret, if it belongs to this attempt and member. */
function secretOf(view: MemberView): CeremonySecret | undefined {
  const { secret, attempt, self } = view;
  if (secret === undefined || secret.member !== self) return undefined;
  return sameContext(secret.context, attempt.context) ? secret : undefined;
}

function isPackageOf(secret: CeremonySecret, record: Round1Record): boolean {
  return (
    equalBytes(secret.package, record.package) &&
    equalBytes(secret.ephemeralKey, record.ephemeralKey)
  );
}

function scalarsOf(secret: CeremonySecret): bigint[] {
  return secret.coefficients.map((bytes) => {
    const scalar = parseScalar(bytes);
    assert(scalar !== undefined, "a stored coefficient is a scalar");
    return scalar;
  });
}
