/** What the core wants done. The driver performs the fields of an Output in their order. */
import type { Block } from "../primitives/block.ts";
import type { Digest } from "../primitives/hash.ts";
import type { Epoch, Height, ValidatorIndex, View } from "../primitives/numbers.ts";
import type { Tip } from "./ancestry.ts";
import type { BlockCertificate } from "./certificates.ts";
import type { Evidence } from "./evidence.ts";
import type { JournalEntry } from "./journal.ts";
import type { Message, Proposal } from "./message.ts";

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
  /** A view ended because all of this node's timeout was over: for the log. */
  | {
      readonly kind: "reportTimeout";
      readonly view: View;
      readonly leader: ValidatorIndex;
      readonly timeoutMs: number;
    }
  /** Send the oldest pooled operations to all (R6). */
  | { readonly kind: "sendOldestOperations" }
  /** The branch is another one now: say what work there is on it. */
  | { readonly kind: "assessWork"; readonly branch: Tip; readonly ancestors: readonly Block[] };

/** A final block, and the finalization of itself or of a descendant. */
export interface Finalized {
  readonly block: Block;
  readonly finalization: BlockCertificate;
}

/** The order of the fields is the contract. */
export interface Output {
  /** To be appended, in order. */
  readonly journal: readonly JournalEntry[];
  /** If true, the journal must be durable before any of the messages leaves. */
  readonly sync: boolean;
  readonly messages: readonly Outgoing[];
  readonly requests: readonly Request[];
  /** Ascending and without a gap. */
  readonly finalized: readonly Finalized[];
  readonly evidence: readonly Evidence[];
  /** When to give a tick, by the monotonic clock; undefined while there is nothing to wait for. */
  readonly deadline: number | undefined;
}

/** An Output while it is being made. */
export class Draft {
  readonly #journal: JournalEntry[] = [];
  readonly #messages: Outgoing[] = [];
  readonly #requests: Request[] = [];
  readonly #finalized: Finalized[] = [];
  readonly #evidence: Evidence[] = [];
  #sync = false;

  record(entry: JournalEntry): void {
    this.#journal.push(entry);
  }

  /** What was recorded so far must be durable before what is sent. */
  requireSync(): void {
    this.#sync = true;
  }

  send(to: ValidatorIndex | "all", message: Message): void {
    this.#messages.push({ to, message });
  }

  request(request: Request): void {
    this.#requests.push(request);
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
      sync: this.#sync,
      messages: this.#messages,
      requests: this.#requests,
      finalized: this.#finalized,
      evidence: this.#evidence,
      deadline,
    };
  }
}
