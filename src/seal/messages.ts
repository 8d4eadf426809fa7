/** What coordinators and signers say to one another. Who says it is known from the authenticated link. */
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

/** Named by its coordinator: a run of its process, and a count within that run, from 1. */
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

/** Asks for an unused pair when the coordinator holds none of this signer. */
export interface CommitmentRequest {
  readonly kind: "commitment";
  readonly epoch: Epoch;
  /** The last one put into a request, which may have been lost on its way: not this one again. */
  readonly spent?: NonceCommitment | undefined;
}

export type SealRequest = SignRequest | CommitmentRequest;

export type SealRefusal =
  /** The header is not final, or not computed, at the signer yet. */
  | "notFinal"
  /** The signer has not seen the test message under this key sealed. */
  | "untested"
  /** Not the epoch of the signer's key. */
  | "wrongEpoch"
  /** Not exactly t distinct members in order, the signer among them, with valid points. */
  | "wrongCommitments"
  /** A newer session of this coordinator is known. */
  | "superseded";

export type SealAnswer =
  | {
      readonly kind: "share";
      readonly session: SessionId;
      /** Scalar, 32 bytes little-endian. */
      readonly share: Bytes;
      /** The next pair for this coordinator: one round trip per seal. */
      readonly next: NonceCommitment;
    }
  /** The pair is used, dead or of an earlier run; no fault. */
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

/** Told to all when a seal is made, so that later ranks stay silent and gateways can answer. */
export interface SealNotice {
  readonly kind: "notice";
  readonly target: SealTarget;
  readonly seal: Signature;
}

export function sameSession(left: SessionId, right: SessionId): boolean {
  return left.run === right.run && left.number === right.number;
}

/** A text that two sign requests share exactly if they are the same request. */
export function fingerprintOf(request: SignRequest): string {
  const { target, session, commitments } = request;
  const place = target.kind === "test" ? "test" : target.height;
  const list = commitments.map(({ member, commitment }) => `${member}:${textOf(commitment)}`);
  return [target.epoch, place, session.run, session.number, ...list].join(" ");
}

export function textOf(commitment: NonceCommitment): string {
  return `${toHex(commitment.hiding)}.${toHex(commitment.binding)}`;
}
