/**
 * The application under consensus: it keeps the state after the final block and after every branch above it, and executes
 * the blocks on the way there. It does no I/O; the driver performs the effects.
 */

import type { LedgerContext } from "../../ledger/context.ts";
import { decodeOperations, execute } from "../../ledger/execute.ts";
import { fitsExecution } from "../../ledger/header.ts";
import { unknownRulesetAfter } from "../../ledger/rulesets.ts";
import type { State } from "../../ledger/state.ts";
import { earliestDeadline } from "../../ledger/window.ts";
import type { Pool } from "../../mempool/pool.ts";
import { assert } from "../../primitives/assert.ts";
import type { Block } from "../../primitives/block.ts";
import { type Bytes, equalBytes, toHex } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { leafHash } from "../../primitives/merkle-tree.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import { Branches, type ExecutedBlock, type Final } from "./branches.ts";

export type { ExecutedBlock } from "./branches.ts";

/** Stops the node: the header of a final block differs from this node's own execution (L20). */
export class Divergence extends Error {
  override readonly name = "Divergence";
}

export class Application {
  readonly #context: LedgerContext;
  readonly #pool: Pool;
  readonly #branches: Branches;

  constructor(parts: {
    readonly context: LedgerContext;
    readonly pool: Pool;
    readonly final: Final;
  }) {
    this.#context = parts.context;
    this.#pool = parts.pool;
    this.#branches = new Branches(parts.final);
  }

  /** The state after the last final block. */
  get finalState(): State {
    return this.#branches.final.state;
  }

  get finalTip(): { readonly height: number; readonly hash: Digest } {
    const { state, hash } = this.#branches.final;
    return { height: state.height, hash };
  }

  /**
   * Executes the missing blocks from the final one to `hash`; undefined if a block is missing. The path can be long
   * if finality is held back, so it is walked step by step, and `ancestors`, which ascend, only once.
   */
  stateAfter(hash: Digest, ancestors: readonly Block[]): State | undefined {
    let at = hash;
    let state = this.#branches.stateAfter(at);
    const missing: Block[] = [];
    for (let index = ancestors.length - 1; index >= 0 && state === undefined; index--) {
      const block = ancestors[index];
      if (block === undefined || !equalBytes(block.hash, at)) continue;
      missing.push(block);
      at = block.header.parentHash;
      state = this.#branches.stateAfter(at);
    }
    for (const block of missing.reverse()) {
      const executed = state && this.#execute(block, state);
      if (executed === undefined) return undefined;
      this.#branches.add(executed);
      state = executed.execution.state;
    }
    return state;
  }

  /** The blocks with operations above the final one up to this one. */
  ladenUpTo(hash: Digest): readonly ExecutedBlock[] {
    return this.#branches.ladenUpTo(hash);
  }

  /** True if the block was executed here, and is above the final one. */
  holds(hash: Digest): boolean {
    return this.#branches.get(hash) !== undefined;
  }

  /** Keeps a proposed block that was executed here: it may never be certified. */
  keepProposal(executed: ExecutedBlock): void {
    this.#branches.addProposal(executed);
  }

  /** Executes a block ahead of `finalize`, if its parent was executed. */
  anticipate(block: Block): void {
    this.stateAfter(block.hash, [block]);
  }

  /** Makes the next block final. Executes it if that was not done before, and stops the node if the outcome differs. */
  finalize(block: Block): ExecutedBlock {
    const { header } = block;
    const { state, hash } = this.#branches.final;
    assert(header.height === state.height + 1, "final blocks come in order");
    assert(equalBytes(header.parentHash, hash), "a final block is the child of the last");
    const executed = this.#branches.get(block.hash) ?? this.#executeFinal(block);
    this.#branches.finalize(executed);
    const { timings } = this.#context.genesis;
    const earliest = earliestDeadline(timings, header.time);
    executed.execution.state.usedIds.settle(earliest, LIMITS.forgottenIdsPerBlockMax);
    return executed;
  }

  /** An operation of a block above the final one. */
  findOperation(leafHash: Digest): SignedOperation | undefined {
    return this.#branches.findOperation(leafHash);
  }

  leafHashOf(operation: Bytes): Digest {
    return leafHash(this.#context.hash, operation);
  }

  #executeFinal(block: Block): ExecutedBlock {
    const unknown = unknownRulesetAfter(this.#context, this.finalState);
    if (unknown !== undefined) throw unknown;
    const executed = this.#execute(block, this.finalState);
    if (executed !== undefined) return executed;
    const { height } = block.header;
    throw new Divergence(
      `block ${toHex(block.hash)} at height ${height} is final, but this node's own execution of it differs`,
    );
  }

  /** A quorum has checked the signatures of a notarized or final block: they are not checked again. */
  #execute(block: Block, parent: State): ExecutedBlock | undefined {
    const operations = this.#operationsOf(block);
    if (operations === undefined) return undefined;
    const input = { state: parent, time: block.header.time, signaturesValid: () => true };
    const execution = execute(this.#context, { ...input, operations });
    if (execution.kind === "invalid" || !fitsExecution(this.#context, block, execution))
      return undefined;
    return { block, operations, execution };
  }

  /** Operations in the pool need not be decoded and checked again. */
  #operationsOf(block: Block): readonly SignedOperation[] | undefined {
    const operations: SignedOperation[] = [];
    for (const bytes of block.operations) {
      const held = this.#pool.size === 0 ? undefined : this.#pool.get(this.leafHashOf(bytes));
      const read = held === undefined ? decodeOperations(this.#context, [bytes]) : [held];
      if ("kind" in read) return undefined;
      operations.push(...read);
    }
    return operations;
  }
}
