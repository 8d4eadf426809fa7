/** Inputs and outputs of the coordinator, which does no I/O itself. */
import type { Bytes } from "../primitives/bytes.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { Signature, Verify } from "../primitives/signature.ts";
import type { SealAnswer, SealNotice, SealRequest } from "./messages.ts";
import type { SealKey } from "./seal-key.ts";
import type { SigningGroup } from "./signing-group.ts";
import type { SealSuite } from "./suite.ts";
import type { SealLookups, SealTarget } from "./target.ts";

export interface CoordinatorParts {
  readonly suite: SealSuite;
  readonly group: SigningGroup;
  readonly key: SealKey;
  readonly self: ValidatorIndex;
  /** Different in every run of the process; the number of starts will do. */
  readonly run: number;
  readonly verify: Verify;
  readonly lookups: SealLookups;
  /** Time that a session or a gathering of commitments waits, at first and at most; milliseconds. */
  readonly patienceMs: number;
  readonly patienceMaxMs: number;
}

export type CoordinatorInput =
  /** Seal `target`, whose message this node must know. Abandons any other target under way. */
  | { readonly kind: "seal"; readonly target: SealTarget }
  | { readonly kind: "answer"; readonly from: ValidatorIndex; readonly answer: SealAnswer }
  /** The transport reports that no answer will come. */
  | { readonly kind: "silent"; readonly from: ValidatorIndex }
  /** A seal arrived from elsewhere. */
  | { readonly kind: "stop" }
  | { readonly kind: "tick" };

export type BlameReason = "malformedCommitment" | "malformedShare" | "wrongShare" | "wrongSeal";

export interface Blame {
  readonly member: ValidatorIndex;
  readonly reason: BlameReason;
}

export interface SealMade {
  readonly target: SealTarget;
  readonly message: Bytes;
  /** Verified as a plain Ed25519 signature under the group key. */
  readonly seal: Signature;
}

export interface CoordinatorOutput {
  /** Requests to send. One addressed to this node goes to its own signer. */
  readonly requests: readonly { readonly to: ValidatorIndex; readonly request: SealRequest }[];
  /** The sealed test message, for signers that have not seen it. */
  readonly notices: readonly { readonly to: ValidatorIndex; readonly notice: SealNotice }[];
  /** Members proved wrong by their own messages, each listed once. */
  readonly blamed: readonly Blame[];
  readonly seal?: SealMade | undefined;
  /** Latest time for the next tick, milliseconds; undefined if the coordinator waits for nothing. */
  readonly deadline?: number | undefined;
  /** Too few signers are left to ask for this target: another one may take its place meanwhile. */
  readonly waiting?: SealTarget | undefined;
}
