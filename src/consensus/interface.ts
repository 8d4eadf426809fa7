/**
 * The interface of the consensus core: its configuration, the inputs it is given, and the outputs that it wants performed.
 */
import { assert } from "../primitives/assert.ts";
import type { Block } from "../primitives/block.ts";
import type { Digest, Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { Epoch, Height, ValidatorIndex, View } from "../primitives/numbers.ts";
import type { Sign } from "../primitives/signature.ts";
import type { Validator } from "../primitives/validators.ts";
import type { Tip } from "./ancestry.ts";
import type { BlockCertificate } from "./certificates.ts";
import type { JournalEntry } from "./journal.ts";
import type { Message, Proposal } from "./message.ts";
import type { Evidence } from "./votes.ts";

/** The two clocks, read when an input is given (R27); milliseconds. */
export interface Now {
  /** For every wait. It never goes back, and does not show the time of day. */
  readonly monotonic: number;
  /** Since the epoch, UTC, for block time alone. It may have been set forwards or back since the last input. */
  readonly wall: number;
}

/** The application's verdict on a proposal. notYetKnown: it lacks something that it needs; ask again later. */
export type Verdict =
  | { readonly kind: "valid"; readonly block: Block }
  | { readonly kind: "invalid" }
  | { readonly kind: "notYetKnown" };

export type Input =
  /** The first input, given once: the votes in the journal are sent again (R24). */
  | { readonly kind: "started" }
  /** An authentic message (`messageChecks`) of the validator at the other end of a link. */
  | { readonly kind: "message"; readonly from: ValidatorIndex; readonly message: Message }
  /**
   * A message that `filter` calls stale. Its signatures were not checked, so it is answered (R17) and changes no
   * state.
   */
  | { readonly kind: "stale"; readonly from: ValidatorIndex; readonly message: Message }
  /** The deadline of the last Output has come. */
  | { readonly kind: "tick" }
  /**
   * The state of the pool, on the branch last named by `assessWork` (R2). To be given after every `assessWork`, when
   * the answer changes, and when the pool gained an operation.
   * pending: it holds an operation that the branch could still order: its id is not on the branch, and its window
   * has not ended at the branch's block time. overdue: the window of one of these is over by the wall clock.
   * worthABlock: it holds so many that the branch lacks that a leader need not wait for more (R8).
   */
  | {
      readonly kind: "work";
      readonly pending: boolean;
      readonly overdue: boolean;
      readonly worthABlock: boolean;
    }
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
  /** Blocks whose bodies match their headers, in any order; those that were not asked for are ignored. */
  | { readonly kind: "fetched"; readonly blocks: readonly Block[] }
  /** This node's own store holds the finalized chain up to `height`, synced. */
  | { readonly kind: "committed"; readonly height: Height }
  /** Catch-up beside the core has committed the chain up to `final`, which `finalization` covers. */
  | { readonly kind: "caughtUp"; readonly final: Tip; readonly finalization: BlockCertificate };

export interface Outgoing {
  readonly to: ValidatorIndex | "all";
  readonly message: Message;
}

export type Request =
  /**
   * Build a block on `parent` and answer `built`. With `operations` false it must be empty; with `operations` true
   * and nothing to order there must be none. The block's time is max(parent's time, wall clock).
   * `ancestors`, here and below: every block above the one last committed in the own store, up to and including the
   * parent, ascending; those that became final meanwhile are among them.
   */
  | {
      readonly kind: "build";
      readonly epoch: Epoch;
      readonly view: View;
      readonly proposer: ValidatorIndex;
      readonly parent: Tip;
      readonly ancestors: readonly Block[];
      readonly operations: boolean;
    }
  /** Execute a proposal on its parent and answer `verified`. */
  | {
      readonly kind: "verify";
      readonly proposal: Proposal;
      readonly parent: Tip;
      readonly ancestors: readonly Block[];
    }
  /**
   * Fetch the block `hash`, and its ancestors above `above` as far as they go, from one of `peers`, another one each
   * time. `certificate` is of the block or of a descendant. If it is a finalization and `height` lies more than
   * LIMITS.fetchedHeightsMax above `above`, the core takes no bodies: catch up beside it and give `caughtUp`.
   */
  | {
      readonly kind: "fetchBlocks";
      readonly hash: Digest;
      readonly height: Height;
      readonly above: Height;
      readonly certificate: BlockCertificate;
      readonly peers: readonly ValidatorIndex[];
    }
  /** A view was nullified after this node's timeout: for the log. */
  | {
      readonly kind: "reportTimeout";
      readonly view: View;
      readonly leader: ValidatorIndex;
      readonly timeoutMs: number;
    }
  /** A leader counts as failing from now on, or no longer (R5): for the log. */
  | {
      readonly kind: "reportFailing";
      readonly view: View;
      readonly leader: ValidatorIndex;
      readonly isFailing: boolean;
    }
  /** A peer relayed a proposal whose operations are not those of its header (R32): for the log. */
  | { readonly kind: "reportWrongRelay"; readonly view: View; readonly peer: ValidatorIndex }
  /** Send pooled operations, the oldest first, to the leader that can order them next, and a few of them to all (R6). */
  | { readonly kind: "repeatOperations"; readonly leader: ValidatorIndex }
  /** The branch has changed: report the work on it by a `work` input. */
  | { readonly kind: "assessWork"; readonly branch: Tip; readonly ancestors: readonly Block[] };

/** A final block, and the finalization of itself or of a descendant. */
export interface Finalized {
  readonly block: Block;
  readonly finalization: BlockCertificate;
}

/** The order of the fields is the contract. */
export interface Output {
  /** To be appended in order, and durable before any of the messages leaves. */
  readonly journal: readonly JournalEntry[];
  readonly messages: readonly Outgoing[];
  readonly requests: readonly Request[];
  /** Ascending and without a gap. */
  readonly finalized: readonly Finalized[];
  readonly evidence: readonly Evidence[];
  /** When to give a tick, by the monotonic clock; undefined while there is nothing to wait for. */
  readonly deadline: number | undefined;
}

/** Collects the output of one step. */
export class OutputBuilder {
  readonly #journal: JournalEntry[] = [];
  readonly #messages: Outgoing[] = [];
  readonly #requests: Request[] = [];
  readonly #finalized: Finalized[] = [];
  readonly #evidence: Evidence[] = [];

  /** The records and final blocks so far: a rule can let another one act by these alone. */
  get changes(): number {
    return this.#journal.length + this.#finalized.length;
  }

  record(entry: JournalEntry): void {
    this.#journal.push(entry);
  }

  send(to: ValidatorIndex | "all", message: Message): void {
    this.#messages.push({ to, message });
  }

  request(request: Request): void {
    this.#requests.push(request);
  }

  /** R6: one repetition in a step says everything. */
  repeatOperations(leader: ValidatorIndex): void {
    if (this.#requests.some(({ kind }) => kind === "repeatOperations")) return;
    this.#requests.push({ kind: "repeatOperations", leader });
  }

  finalize(finalized: Finalized): void {
    this.#finalized.push(finalized);
  }

  prove(evidence: readonly Evidence[]): void {
    this.#evidence.push(...evidence);
  }

  finish(deadline: number | undefined): Output {
    return {
      journal: this.#journal,
      messages: this.#messages,
      requests: this.#requests,
      finalized: this.#finalized,
      evidence: this.#evidence,
      deadline,
    };
  }
}

export interface ConsensusConfig {
  readonly networkId: NetworkId;
  /** Names the validator set below; messages of another epoch are ignored. */
  readonly epoch: Epoch;
  /** In genesis order. */
  readonly validators: readonly Validator[];
  readonly self: ValidatorIndex;
  /** The shortest timeout of a view (R4). */
  readonly timeoutBaseMs: number;
  /** The longest timeout of a view, at least the shortest. */
  readonly timeoutCapMs: number;
  /** D of R11: how far a block's time may be from the own clock when its proposal arrives. */
  readonly clockToleranceMs: number;
  readonly hash: Hash;
  /** Signs with the identity key of `self`. */
  readonly sign: Sign;
}

/** Quarters and eighths of a timeout have to be whole milliseconds above zero. */
export const TIMEOUT_MIN_MS = 8;

export function assertConfig(config: ConsensusConfig): void {
  assert(config.validators[config.self] !== undefined, "a node of consensus is a validator");
  assert(
    Number.isSafeInteger(config.timeoutBaseMs) && config.timeoutBaseMs >= TIMEOUT_MIN_MS,
    "the shortest timeout is a number of milliseconds, 8 at least",
  );
  assert(
    Number.isSafeInteger(config.timeoutCapMs) && config.timeoutCapMs >= config.timeoutBaseMs,
    "the longest timeout is not below the shortest",
  );
  assert(config.clockToleranceMs >= 0, "a clock tolerance is not negative");
}
