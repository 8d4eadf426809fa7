/**
 * The application under consensus: it builds blocks from the pool, judges proposals by executing them, and keeps the
 * state after the final block and after every branch above it. It does no I/O; the loop performs the effects.
 */

import type { Tip } from "../../consensus/ancestry.ts";
import type { Request, Verdict } from "../../consensus/interface.ts";
import type { Proposal } from "../../consensus/message.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import {
  BlockExecution,
  decodeOperations,
  type Execution,
  execute,
  type SignaturesValid,
} from "../../ledger/execute.ts";
import { assembleHeader } from "../../ledger/header.ts";
import type { InvalidReason } from "../../ledger/invalid-reason.ts";
import type { State } from "../../ledger/state.ts";
import { earliestDeadline, latestDeadline } from "../../ledger/window.ts";
import type { Pool } from "../../mempool/pool.ts";
import { assert } from "../../primitives/assert.ts";
import { assembleBlock, type Block, encodeHeader } from "../../primitives/block.ts";
import { type Bytes, equalBytes, toHex } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { leafHash } from "../../primitives/merkle-tree.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import { Branches, type ExecutedBlock, type Final } from "./branches.ts";

export type { ExecutedBlock } from "./branches.ts";

/** Reasons why a block has no room for an operation: the operations behind it in the lane are of the same kind. */
const LANE_ENDS: ReadonlySet<InvalidReason> = new Set(["sponsorCapReached", "tooManyBytes"]);

export type BuildRequest = Extract<Request, { kind: "build" }>;

/** The operations that the pool holds for a branch, in the form that consensus needs. */
export interface Work {
  /** An operation that the branch could still order. */
  readonly pending: boolean;
  /** Its window is over by the wall clock. */
  readonly overdue: boolean;
  /** The time at which the answer changes by itself, by the wall clock. */
  readonly changesAt: number | undefined;
}

/** Stops the node: the header of a final block differs from this node's own execution (L20). */
export class Divergence extends Error {
  override readonly name = "Divergence";
}

export class Application {
  readonly #context: LedgerContext;
  readonly #pool: Pool;
  readonly #signaturesValid: SignaturesValid;
  readonly #branches: Branches;

  constructor(parts: {
    readonly context: LedgerContext;
    readonly pool: Pool;
    readonly signaturesValid: SignaturesValid;
    readonly final: Final;
  }) {
    this.#context = parts.context;
    this.#pool = parts.pool;
    this.#signaturesValid = parts.signaturesValid;
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
   * The block to propose: operations valid at their places, from each kind and owner in turn; undefined if there are
   * none.
   */
  build(request: BuildRequest, now: number): Block | undefined {
    const parent = this.#stateAfter(request.parent.hash, request.ancestors);
    if (parent === undefined) return undefined;
    const time = Math.max(parent.time, now);
    const input = { state: parent, time, signaturesValid: this.#signaturesValid };
    const building = new BlockExecution(this.#context, input);
    const chosen = request.operations ? this.#choose(building, request.parent.hash, time) : [];
    if (request.operations && chosen.length === 0) return undefined;
    const execution = building.finish();
    const { view, proposer } = request;
    const parentHash = request.parent.hash;
    const header = assembleHeader(this.#context, { parentHash, execution, view, proposer });
    const bodies = chosen.map((operation) => operation.bytes);
    const block = assembleBlock(this.#context.hash, header, bodies);
    this.#branches.addProposal({ block, operations: chosen, execution });
    return block;
  }

  /** The verdict on a proposal whose operations, in the order of its leaf hashes, are `operations`. */
  verify(
    proposal: Proposal,
    ancestors: readonly Block[],
    operations: readonly SignedOperation[],
  ): Verdict {
    const { header, headerBytes, hash } = proposal;
    const bodies = operations.map((operation) => operation.bytes);
    const block: Block = { header, headerBytes, hash, operations: bodies };
    if (this.#branches.get(hash) !== undefined) return { kind: "valid", block };
    const state = this.#stateAfter(header.parentHash, ancestors);
    if (state === undefined) return { kind: "notYetKnown" };
    const input = { state, time: header.time, signaturesValid: this.#signaturesValid };
    const execution = execute(this.#context, { ...input, operations });
    if (execution.kind === "invalid") return { kind: "invalid" };
    if (!this.#matches(block, execution)) return { kind: "invalid" };
    this.#branches.addProposal({ block, operations, execution });
    return { kind: "valid", block };
  }

  /** Assesses the work that the pool holds for this branch (R2). */
  assessWork(branch: Tip, ancestors: readonly Block[], now: number): Work {
    const state = this.#stateAfter(branch.hash, ancestors) ?? this.finalState;
    const { timings } = this.#context.genesis;
    const latest = latestDeadline(timings, Math.max(state.time, now));
    this.#pool.follow(this.#branches.ladenUpTo(branch.hash));
    const validUntil = this.#pool.firstDeadline(earliestDeadline(timings, state.time));
    if (validUntil === undefined) return { pending: false, overdue: false, changesAt: undefined };
    if (validUntil > latest) {
      // It was admitted when this clock was ahead: no block can hold it, or any other, yet.
      return { pending: false, overdue: false, changesAt: validUntil - timings.lifetimeMsMax };
    }
    const overdue = validUntil < earliestDeadline(timings, now);
    const changesAt = overdue ? undefined : validUntil + timings.graceMs + 1;
    return { pending: true, overdue, changesAt };
  }

  /** Executes a block ahead of `finalize`, if its parent was executed. */
  anticipate(block: Block): void {
    this.#stateAfter(block.hash, [block]);
  }

  /** Makes the next block final. Executes it if that was not done before, and stops the node if the outcome differs. */
  finalize(block: Block): ExecutedBlock {
    const { header } = block;
    const { state, hash } = this.#branches.final;
    assert(header.height === state.height + 1, "final blocks come in order");
    assert(equalBytes(header.parentHash, hash), "a final block is the child of the last");
    const executed = this.#branches.get(block.hash) ?? this.#executeFinal(block);
    this.#branches.finalize(executed);
    return executed;
  }

  /** An operation of a block above the final one. */
  findOperation(leafHash: Digest): SignedOperation | undefined {
    return this.#branches.findOperation(leafHash);
  }

  leafHashOf(operation: Bytes): Digest {
    return leafHash(this.#context.hash, operation);
  }

  /**
   * The cost depends on the chosen operations: an operation that cannot be ordered now is set aside, or its lane is
   * left.
   */
  #choose(building: BlockExecution, parent: Digest, time: number): SignedOperation[] {
    const { timings } = this.#context.genesis;
    this.#pool.follow(this.#branches.ladenUpTo(parent));
    const window = {
      earliest: earliestDeadline(timings, time),
      latest: latestDeadline(timings, time),
    };
    const selection = this.#pool.select(window);
    const chosen: SignedOperation[] = [];
    let refused = 0;
    while (refused < LIMITS.refusedPerBlockMax) {
      const operation = selection.next();
      if (operation === undefined) break;
      const outcome = building.add(operation);
      if (outcome.kind === "ordered") chosen.push(operation);
      else if (outcome.reason === "tooManyOperations") break;
      else if (LANE_ENDS.has(outcome.reason)) selection.leaveLane();
      else refused += 1;
    }
    return chosen;
  }

  /**
   * Executes the missing blocks from the final one to `hash`; undefined if a block is missing. The path can be long
   * if finality is held back, so it is walked step by step, and `ancestors`, which ascend, only once.
   */
  #stateAfter(hash: Digest, ancestors: readonly Block[]): State | undefined {
    let at = hash;
    let state = this.#branches.stateAfter(at);
    const missing: Block[] = [];
    for (let place = ancestors.length - 1; place >= 0 && state === undefined; place--) {
      const block = ancestors[place];
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

  #executeFinal(block: Block): ExecutedBlock {
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
    if (execution.kind === "invalid" || !this.#matches(block, execution)) return undefined;
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

  /** True if the header is exactly the one that fits the execution (L18, L20). */
  #matches(block: Block, execution: Execution): boolean {
    const { parentHash, view, proposer } = block.header;
    const own = assembleHeader(this.#context, { parentHash, execution, view, proposer });
    return equalBytes(encodeHeader(own), block.headerBytes);
  }
}
