/** Everything that can happen to the consensus core. */
import type { Block } from "../primitives/block.ts";
import type { Digest } from "../primitives/hash.ts";
import type { Height, ValidatorIndex, View } from "../primitives/numbers.ts";
import type { Tip } from "./ancestry.ts";
import type { BlockCertificate } from "./certificates.ts";
import type { Message } from "./message.ts";

/** The two clocks, read when an input is given (R27); milliseconds. */
export interface Now {
  /** For all that waits. Never goes back, and says nothing of the time of day. */
  readonly monotonic: number;
  /** Since the epoch, UTC, for block time alone. It may have been set forwards or back since the last input. */
  readonly wall: number;
}

/** The application's word on a proposal. notYetKnown: something it needs is not here; ask again later. */
export type Verdict =
  | { readonly kind: "valid"; readonly block: Block }
  | { readonly kind: "invalid" }
  | { readonly kind: "notYetKnown" };

export type Input =
  /** First of all, once: says again what the journal says was said (R24). */
  | { readonly kind: "started" }
  /** An authentic message (verify.ts) of the validator at the other end of a link. */
  | { readonly kind: "message"; readonly from: ValidatorIndex; readonly message: Message }
  /** A message that `sift` calls stale; its signatures were not checked, so it is answered (R17) and nothing is learned. */
  | { readonly kind: "stale"; readonly from: ValidatorIndex; readonly message: Message }
  /** The deadline of the last Output has come. */
  | { readonly kind: "tick" }
  /**
   * The state of the pool, on the branch last named by `assessWork` (R2). To be given after every `assessWork`, when
   * the answer changes, and when the pool gained an operation.
   * pending: it holds an operation that the branch could still order: its id is not on the branch, and its window
   * has not ended at the branch's block time. overdue: the window of one of these is over by the wall clock.
   */
  | { readonly kind: "work"; readonly pending: boolean; readonly overdue: boolean }
  /** Answers `build`; no block if there is nothing to order. */
  | {
      readonly kind: "built";
      readonly view: View;
      readonly parentHash: Digest;
      readonly block: Block | undefined;
    }
  /** Answers `verify`; may be given again after notYetKnown, as soon as more is known. */
  | { readonly kind: "verified"; readonly blockHash: Digest; readonly verdict: Verdict }
  /** A link to `peer` was (re)established. */
  | { readonly kind: "connected"; readonly peer: ValidatorIndex }
  /** Blocks whose bodies match their headers, in any order; whatever was not asked for is ignored. */
  | { readonly kind: "fetched"; readonly blocks: readonly Block[] }
  /** This node's own store holds the finalized chain up to `height`, synced. */
  | { readonly kind: "committed"; readonly height: Height }
  /** Catch-up beside the core has committed the chain up to `final`, which `finalization` covers. */
  | { readonly kind: "caughtUp"; readonly final: Tip; readonly finalization: BlockCertificate };
