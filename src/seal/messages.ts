/** Messages between coordinators and signers. The authenticated link identifies the sender. */
import { type Bytes, toHex } from "../primitives/bytes.ts";
import type { Epoch, ValidatorIndex } from "../primitives/numbers.ts";
import type { Signature } from "../primitives/signature.ts";
import type { SealTarget } from "./target.ts";

/** Two points of 32 bytes (RFC 9591 section 5.1). */
export interface NonceCommitment {
  readonly hiding: Bytes;
  readonly binding: Bytes;
}

export interface MemberCommitment {
  readonly member: ValidatorIndex;
  readonly commitment: NonceCommitment;
}

/** Chosen by the coordinator: the run of its process, and a count within that run, from 1. */
export interface SessionId {
  readonly run: number;
  readonly number: number;
}

export interface SignRequest {
  readonly kind: "sign";
  readonly target: SealTarget;
  readonly session: SessionId;
  /** Exactly t, members ascending. */
  readonly commitments: readonly MemberCommitment[];
}

/** Asks a signer for a commitment when the coordinator holds no unused one. */
export interface CommitmentRequest {
  readonly kind: "commitment";
  readonly epoch: Epoch;
  /** The last commitment that the coordinator put into a request. The signer must offer another one. */
  readonly spent?: NonceCommitment | undefined;
}

export type SealRequest = SignRequest | CommitmentRequest;

export type SealRefusal =
  /** The header is not final, or not computed, at the signer yet. */
  | "notFinal"
  /** The signer has not seen the seal of the test message under this key. */
  | "untested"
  /** Not the epoch of the signer's key. */
  | "wrongEpoch"
  /** The list is not exactly t distinct members in order, including the signer, with valid points. */
  | "wrongCommitments"
  /** The signer knows a newer session of this coordinator. */
  | "superseded";

export type SealAnswer =
  | {
      readonly kind: "share";
      readonly session: SessionId;
      /** Scalar, 32 bytes little-endian. */
      readonly share: Bytes;
      /** The commitment for this coordinator's next session, so that a seal takes one round trip. */
      readonly next: NonceCommitment;
    }
  /** The pair is used, expired or of an earlier run. Not a fault. */
  | { readonly kind: "staleNonce"; readonly session: SessionId; readonly next: NonceCommitment }
  /** The signer holds a seal that covers the target. */
  | {
      readonly kind: "seal";
      readonly session: SessionId;
      readonly target: SealTarget;
      readonly seal: Signature;
    }
  | { readonly kind: "commitment"; readonly next: NonceCommitment }
  | {
      readonly kind: "refused";
      /** Absent for a refused commitment request. */
      readonly session?: SessionId;
      readonly reason: SealRefusal;
    };

/** Sent to all when a seal is made, so that later ranks stay silent and gateways can answer. */
export interface SealNotice {
  readonly kind: "notice";
  readonly target: SealTarget;
  readonly seal: Signature;
}

export function sameSession(left: SessionId, right: SessionId): boolean {
  return left.run === right.run && left.number === right.number;
}

/** Equal for two sign requests if and only if they are the same request. */
export function fingerprintOf(request: SignRequest): string {
  const { target, session, commitments } = request;
  const name = target.kind === "test" ? "test" : target.height;
  const list = commitments.map(({ member, commitment }) => `${member}:${textOf(commitment)}`);
  return [target.epoch, name, session.run, session.number, ...list].join(" ");
}

export function textOf(commitment: NonceCommitment): string {
  return `${toHex(commitment.hiding)}.${toHex(commitment.binding)}`;
}
