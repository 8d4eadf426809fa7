/** The seam between the simulated world and the ledger that consensus orders for: a toy, or the real one. */
import type { Tip } from "../../src/consensus/ancestry.ts";
import type { Finalized, Now, Request, Verdict } from "../../src/consensus/interface.ts";
import type { Block, Header } from "../../src/primitives/block.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { Digest } from "../../src/primitives/hash.ts";
import type { Random } from "../support/world/random.ts";

export type BuildRequest = Extract<Request, { kind: "build" }>;
export type VerifyRequest = Extract<Request, { kind: "verify" }>;
export type AssessRequest = Extract<Request, { kind: "assessWork" }>;

/** Effects of an application on its node, besides answers. */
export interface Effects {
  /** Bytes for the applications of peers. They may be lost, repeated and reordered. */
  readonly messages?: readonly { readonly to: number | "all"; readonly bytes: Bytes }[];
  /** The pool gained an operation. */
  readonly poolGained?: boolean;
  /** Verdicts on proposals that were not yet known. */
  readonly verdicts?: readonly { readonly blockHash: Digest; readonly verdict: Verdict }[];
}

export interface WorkReport {
  readonly pending: boolean;
  readonly overdue: boolean;
  readonly worthABlock: boolean;
  /** The time at which the answer changes by itself. */
  readonly changesAt: number | undefined;
}

/**
 * One node's application. It lives in memory; a restart makes a new one from the committed blocks. Times are of the
 * node's own clock.
 */
export interface SimulatedApplication {
  /** An operation of a client. */
  submit(operation: Bytes, now: Now): Effects;
  /** Bytes of a peer's application. */
  receive(from: number, bytes: Bytes, now: Now): Effects;
  build(request: BuildRequest, now: Now): Block | undefined;
  verify(
    request: VerifyRequest,
    now: Now,
  ): { readonly verdict: Verdict; readonly effects: Effects };
  assess(branch: Tip, ancestors: readonly Block[], now: Now): WorkReport;
  /** R6: the oldest pooled operations for `leader`, and some of them for all nodes. */
  repeatOperations(leader: number): Effects;
  /** The next block is final. The store commits it later. */
  finalize(finalized: Finalized, now: Now): Effects;
}

/** The ledger shared by all nodes of a world, and the knowledge of operations that clients and checkers need. */
export interface SimulatedLedger {
  readonly genesis: Tip;
  /** A node's application above the committed blocks of its disk. */
  createApplication(node: number, committed: readonly Finalized[]): SimulatedApplication;
  makeOperation(random: Random, now: number): Bytes;
  /** The header of a leader that proposes the same operations on another parent. */
  rebase(header: Header, parent: Tip, leafHashes: readonly Digest[]): Header;
  /** A key that no two operations of one chain may share. */
  idOf(operation: Bytes): string;
  /** False if a block of this time or later can no longer order it. */
  isOpenAt(operation: Bytes, blockTime: number): boolean;
  /** Throws if the chain breaks a rule of the application; the checkers call it at the end of a run. */
  replay(chain: readonly Finalized[]): void;
  /** The number of seals made and verified. */
  sealed?(): number;
}
