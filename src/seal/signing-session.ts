/** One signing session of a coordinator: collects shares for a fixed list of t commitments and adds them to a seal. */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { Signature, Verify } from "../primitives/signature.ts";
import { frostCommitments, frostPublic } from "./convert-frost.ts";
import { bindJob, signatureOf } from "./frost-signing.ts";
import { parseScalar } from "./group.ts";
import type { MemberCommitment, SessionId, SignRequest } from "./messages.ts";
import type { SealKey } from "./seal-key.ts";
import type { SigningGroup } from "./signing-group.ts";
import { identifierOf, type SealSuite } from "./suite.ts";
import { type SealTarget, sealHolds } from "./target.ts";

export interface SigningSessionParts {
  readonly suite: SealSuite;
  readonly group: SigningGroup;
  readonly key: SealKey;
  readonly id: SessionId;
  readonly target: SealTarget;
  readonly message: Bytes;
  readonly commitments: readonly MemberCommitment[];
  /** Time at which the session stops waiting for missing shares, milliseconds. */
  readonly deadline: number;
  /** Check each share on arrival, not only after the seal of all of them failed. */
  readonly checksShares: boolean;
}

/** A seal, or the members whose shares spoiled it. */
export type Aggregate =
  | { readonly kind: "seal"; readonly seal: Signature }
  | { readonly kind: "spoiled"; readonly by: readonly ValidatorIndex[] };

export class SigningSession {
  readonly parts: SigningSessionParts;
  readonly #shares = new Map<ValidatorIndex, Bytes>();

  constructor(parts: SigningSessionParts) {
    assert(parts.commitments.length === parts.key.context.threshold, "a session has t signers");
    this.parts = parts;
  }

  get request(): SignRequest {
    const { target, id, commitments } = this.parts;
    return { kind: "sign", target, session: id, commitments };
  }

  get members(): ValidatorIndex[] {
    return this.parts.commitments.map(({ member }) => member);
  }

  get missing(): ValidatorIndex[] {
    return this.members.filter((member) => !this.#shares.has(member));
  }

  /** S7: takes a member's first share. Only a session with `checksShares` detects a wrong one here. */
  receive(member: ValidatorIndex, share: Bytes): "taken" | "malformedShare" | "wrongShare" {
    assert(this.missing.includes(member), "a share is awaited from this member");
    if (parseScalar(share) === undefined) return "malformedShare";
    if (this.parts.checksShares && !this.#holds(member, share)) return "wrongShare";
    this.#shares.set(member, share);
    return "taken";
  }

  /**
   * Adds the shares and checks the sum as a plain Ed25519 signature before it leaves this object. Checking the shares
   * one by one costs more than everything else together, so it happens only when that check fails (S7).
   */
  aggregate(verify: Verify): Aggregate {
    assert(this.missing.length === 0, "all shares are here");
    const { key, message } = this.parts;
    const seal = this.#sum();
    if (sealHolds(key, { message, seal }, verify)) return { kind: "seal", seal };
    const by = this.members.filter((member) => {
      const share = this.#shares.get(member);
      return share === undefined || !this.#holds(member, share);
    });
    assert(by.length > 0, "a seal of valid shares holds");
    return { kind: "spoiled", by };
  }

  #sum(): Signature {
    const { group, key, message, commitments } = this.parts;
    const bound = bindJob(group, { groupKey: key.groupKey, message, commitments });
    return signatureOf(bound, [...this.#shares.values()]);
  }

  /** Also false for a member whose verifying share is not a valid point (outcome.ts). */
  #holds(member: ValidatorIndex, share: Bytes): boolean {
    const { suite, key, message, commitments } = this.parts;
    const [group, list] = [frostPublic(suite, key), frostCommitments(suite, commitments)];
    try {
      const identifier = identifierOf(suite, member);
      return suite.frost.verifyShare(group, list, message, identifier, share);
    } catch {
      return false;
    }
  }
}
