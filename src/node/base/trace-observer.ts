/**
 * The hooks by which the parts of a node tell where a payment is, for its trace (docs/traces.md). A node without traces has no
 * observer: a hook then costs the look at an absent object.
 */
import type { Digest } from "../../primitives/hash.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { TraceParent } from "../../transport/trace-parent.ts";

/** Nanoseconds since 1970. */
export type TraceTime = bigint;

/** A final block. */
export interface TracedBlock {
  readonly block: {
    readonly hash: Digest;
    readonly header: { readonly height: Height; readonly view: number };
  };
  readonly operations: readonly SignedOperation[];
}

export interface TraceObserver {
  /** The moment at which a step begins, for the hook that tells its end. */
  now(): TraceTime;
  /** A client waits for the result of this operation. Undefined: its trace is not taken. */
  asked(operation: SignedOperation, caller: TraceParent | undefined): AskedTrace | undefined;
  /** The operation is in the pool; its checks began at `since`. */
  pooled(operation: SignedOperation, from: "client" | "peer", since: TraceTime | undefined): void;
  /** A block was executed here, to propose it or to judge it. */
  executed(
    step: "propose" | "execute",
    block: Digest,
    work: { readonly operations: readonly SignedOperation[]; readonly since: TraceTime },
  ): void;
  /** The operations of a proposed block were gathered, and it was judged. */
  judged(block: Digest, since: TraceTime | undefined): void;
  /** This node's vote for a block leaves; its record is durable. */
  voted(kind: "notarize" | "finalize", block: Digest): void;
  /** Blocks are final and durable. */
  committed(blocks: readonly TracedBlock[]): void;
  /** This node answered a member that asks for a share of the seal of this height. */
  shared(height: Height, since: TraceTime | undefined): void;
  /** A seal was stored that covers this height and all below. */
  sealed(height: Height): void;
}

/** The order of one client. */
export interface AskedTrace {
  /** `outcome`: a status of a result, or the reason of a refusal. */
  answered(outcome: string): void;
}
