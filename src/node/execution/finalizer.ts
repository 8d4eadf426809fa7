/**
 * Handles final blocks: executes them in order, commits them in one synced batch, and only then announces them (A5).
 * Reads are answered from the committed state.
 */
import type { JournalIndex } from "../../consensus/journal.ts";
import { keyCertificateSoFar } from "../../ledger/ceremony-progress.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { unknownRulesetAfter } from "../../ledger/rulesets.ts";
import type { State } from "../../ledger/state.ts";
import { earliestDeadline } from "../../ledger/window.ts";
import type { Pool } from "../../mempool/pool.ts";
import type { WaitingRoom } from "../../mempool/waiting-room.ts";
import { assert } from "../../primitives/assert.ts";
import type { Block, Header } from "../../primitives/block.ts";
import type { Digest } from "../../primitives/hash.ts";
import type { KeyCertificate } from "../../primitives/key-certificate.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import type { Certificate } from "../../primitives/vote.ts";
import type { ChainWriter } from "../../storage/contracts.ts";
import type { Application, ExecutedBlock } from "./application.ts";
import { commitOf } from "./commit.ts";

/** The last durable block, and the state after it. */
export interface Committed {
  readonly state: State;
  readonly header: Header;
  readonly hash: Digest;
}

export interface CommitListener {
  /** Called with durable blocks, ascending. */
  committed(blocks: readonly ExecutedBlock[]): void;
}

export interface FinalizerParts {
  readonly context: LedgerContext;
  readonly application: Application;
  readonly pool: Pool;
  readonly waitingRoom: WaitingRoom;
  readonly chain: ChainWriter;
  readonly journalIndex: JournalIndex;
  readonly committed: Committed;
  readonly fail: (error: unknown) => void;
}

export class Finalizer {
  readonly #parts: FinalizerParts;
  #committed: Committed;
  #listener: CommitListener | undefined;
  #lastCommit: Promise<void> = Promise.resolve();

  constructor(parts: FinalizerParts) {
    this.#parts = parts;
    this.#committed = parts.committed;
  }

  get committed(): Committed {
    return this.#committed;
  }

  /** Called with the group key once it is final. */
  get keyCertificate(): KeyCertificate | undefined {
    const { ceremony } = this.#committed.state;
    return ceremony.kind === "final"
      ? keyCertificateSoFar(this.#parts.context, ceremony)
      : undefined;
  }

  get groupKey(): PublicKey | undefined {
    return this.keyCertificate?.groupKey;
  }

  /** The announcer, called after each commit; set before the first block is taken. */
  announceTo(listener: CommitListener): void {
    this.#listener = listener;
  }

  /** Executes a block that will be taken soon. Called block by block, so that other work gets turns in between. */
  anticipate(block: Block): void {
    this.#parts.application.anticipate(block);
  }

  /** Takes final blocks, ascending; skips those that catch-up has brought already. */
  take(blocks: readonly Block[], finalization: Certificate): void {
    const { application, context, journalIndex } = this.#parts;
    const before = application.finalState;
    const fresh = blocks.filter((block) => block.header.height > before.height);
    if (fresh.length === 0) return;
    const executed = fresh.map((block) => application.finalize(block));
    this.#settle(executed);
    const view = executed.at(-1)?.block.header.view;
    assert(view !== undefined, "there is a last block");
    const commit = commitOf(context, executed, {
      finalization,
      pruneJournalBelow: journalIndex.droppableBelow(view),
      ceremonyChanged: application.finalState.ceremonyHash !== before.ceremonyHash,
    });
    // The store keeps the order of commits; waiting for one here would hold up the votes behind it.
    this.#lastCommit = this.#parts.chain
      .commit(commit)
      .then(() => this.#told(executed))
      .catch((error: unknown) => this.#parts.fail(error));
  }

  /** Settles when everything taken so far is durable and announced. */
  idle(): Promise<void> {
    return this.#lastCommit;
  }

  #settle(executed: readonly ExecutedBlock[]): void {
    const { pool, waitingRoom, context } = this.#parts;
    const { graceMs } = context.genesis.timings;
    for (const { block, operations } of executed) {
      const keys = operations.map(({ key }) => key);
      pool.settle(keys, block.header.time, graceMs);
      waitingRoom.expire(block.header.time, graceMs);
    }
  }

  #told(executed: readonly ExecutedBlock[]): void {
    const last = executed.at(-1);
    assert(last !== undefined, "there is a last block");
    const { header, hash } = last.block;
    this.#committed = { state: last.execution.state, header, hash };
    assert(this.#listener !== undefined, "it is set before blocks are taken in");
    this.#listener.committed(executed);
    const unknown = unknownRulesetAfter(this.#parts.context, this.#committed.state);
    if (unknown !== undefined) throw unknown;
  }
}

/** After this block, deadlines before this time are over. */
export function earliestDeadlineAfter(context: LedgerContext, block: Block): number {
  return earliestDeadline(context.genesis.timings, block.header.time);
}
