/** What goes into a coordinator of seals and what comes out of it. */
import type { Bytes } from "../primitives/bytes.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { Signature, Verify } from "../primitives/signature.ts";
import type { SealAnswer, SealNotice, SealRequest } from "./messages.ts";
import type { SealKey } from "./seal-key.ts";
import type { SealSuite } from "./suite.ts";
import type { SealLookups, SealTarget } from "./target.ts";

export interface CoordinatorParts {
  readonly suite: SealSuite;
  readonly key: SealKey;
  readonly self: ValidatorIndex;
  /** Differs for every run of the process, as the number of starts does. */
  readonly run: number;
  readonly verify: Verify;
  readonly lookups: SealLookups;
  /** How long a session or a gathering of commitments waits at first, and at most; milliseconds. */
  readonly patienceMs: number;
  readonly patienceMaxMs: number;
}

export type CoordinatorInput =
  /** Begin; another target under way is given up. Its message must be known here. */
  | { readonly kind: "seal"; readonly target: SealTarget }
  | { readonly kind: "answer"; readonly from: ValidatorIndex; readonly answer: SealAnswer }
  /** The transport knows that no answer will come. */
  | { readonly kind: "silent"; readonly from: ValidatorIndex }
  /** A seal came from elsewhere. */
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
  /** To send; what is addressed to this node itself goes to its own signer. */
  readonly requests: readonly { readonly to: ValidatorIndex; readonly request: SealRequest }[];
  /** The sealed test message, for a signer that has not seen it. */
  readonly notices: readonly { readonly to: ValidatorIndex; readonly notice: SealNotice }[];
  /** Members that their own messages proved wrong, each once. */
  readonly blamed: readonly Blame[];
  readonly seal?: SealMade | undefined;
  /** When to call `step` with a tick at the latest, milliseconds; undefined if nothing is waited for. */
  readonly deadline?: number | undefined;
}
