/** The seam between the simulated world and what consensus orders: a toy here, later the real ledger. */
import type { Tip } from "../../src/consensus/ancestry.ts";
import type { Finalized, Now, Request, Verdict } from "../../src/consensus/interface.ts";
import type { Block, Header } from "../../src/primitives/block.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { Digest } from "../../src/primitives/hash.ts";
import type { Random } from "./random.ts";

export type BuildRequest = Extract<Request, { kind: "build" }>;
export type VerifyRequest = Extract<Request, { kind: "verify" }>;
export type AssessRequest = Extract<Request, { kind: "assessWork" }>;

/** The effects that an application asks of its node besides an answer. */
export interface Effects {
  /** Bytes for the applications of peers. They may be lost, repeated and reordered. */
  readonly messages?: readonly { readonly to: number | "all"; readonly bytes: Bytes }[];
  /** The pool gained an operation. */
  readonly poolGained?: boolean;
  /** Verdicts that were not yet known before. */
  readonly verdicts?: readonly { readonly blockHash: Digest; readonly verdict: Verdict }[];
}

export interface WorkReport {
  readonly pending: boolean;
  readonly overdue: boolean;
  /** When time alone will change the answer. */
  readonly changesAt: number | undefined;
}

/** One node's application. It lives in memory; a restart makes a new one from the committed blocks. Times: own clock. */
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
  /** R6: the oldest pooled operations, for all nodes. */
  sendOldest(): Effects;
  /** The next block is final. The store commits it later. */
  finalize(finalized: Finalized, now: Now): Effects;
}

/** The ledger that all nodes of a world share, and the knowledge of operations that its clients and checkers need. */
export interface SimulatedLedger {
  readonly genesis: Tip;
  /** A node's application above the committed blocks of its disk. */
  createApplication(node: number, committed: readonly Finalized[]): SimulatedApplication;
  makeOperation(random: Random, now: number): Bytes;
  /** The header of a leader that proposes the same operations on another parent. */
  rebase(header: Header, parent: Tip, leafHashes: readonly Digest[]): Header;
  /** No two operations of one chain may have the same. */
  idOf(operation: Bytes): string;
  /** False if a block of this time or later can no longer order it. */
  isOpenAt(operation: Bytes, blockTime: number): boolean;
  /** Throws if the chain breaks a rule of the application: the checkers' last word at the end of a run. */
  audit(chain: readonly Finalized[]): void;
  /** The number of seals made and verified. */
  sealed?(): number;
}
