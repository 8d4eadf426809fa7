/**
 * The application under consensus: builds blocks from the pool, judges proposals by executing them itself, and keeps
 * the state after the final block and after every branch above it. It does no I/O; the loop performs what follows.
 */

import type { Tip } from "../../consensus/ancestry.ts";
import type { Verdict } from "../../consensus/input.ts";
import type { Proposal } from "../../consensus/message.ts";
import type { Request } from "../../consensus/output.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import {
  BlockExecution,
  decodeOperations,
  type Execution,
  execute,
  type SignaturesValid,
} from "../../ledger/execute.ts";
import { assembleHeader } from "../../ledger/header.ts";
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

/** A branch's own, and as many beside it. */
const PROPOSALS_MAX = 2 * LIMITS.unfinalBlocksWithOperationsMax;

export type BuildRequest = Extract<Request, { kind: "build" }>;

/** What the pool holds for a branch. */
export interface Work {
  /** An operation that the branch could still order. */
  readonly pending: boolean;
  /** Its window is over by the wall clock. */
  readonly overdue: boolean;
  /** When time alone will change the answer, by the wall clock. */
  readonly changesAt: number | undefined;
}

/** A block that this node executed, and what came of it. */
export interface ExecutedBlock {
  readonly block: Block;
  readonly operations: readonly SignedOperation[];
  readonly execution: Execution;
}

/** A header under a finalization says something else than this node's own execution: it must stop (DESIGN 3.3). */
export class Divergence extends Error {
  override readonly name = "Divergence";
}

export class Application {
  readonly #context: LedgerContext;
  readonly #pool: Pool;
  readonly #signaturesValid: SignaturesValid;
  #final: { readonly state: State; readonly hash: Digest };
  /** Executed blocks above the final one, by block hash. */
  readonly #executed = new Map<string, ExecutedBlock>();
  /** Of these, proposals with operations, the oldest first: they may never be certified, nor a final one follow. */
  readonly #proposals = new Set<string>();
  /** Their operations by leaf hash. */
  readonly #indexes = new WeakMap<ExecutedBlock, ReadonlyMap<string, SignedOperation>>();

  constructor(parts: {
    readonly context: LedgerContext;
    readonly pool: Pool;
    readonly signaturesValid: SignaturesValid;
    readonly final: { readonly state: State; readonly hash: Digest };
  }) {
    this.#context = parts.context;
    this.#pool = parts.pool;
    this.#signaturesValid = parts.signaturesValid;
    this.#final = parts.final;
  }

  /** After the last final block. */
  get finalState(): State {
    return this.#final.state;
  }

  get finalTip(): { readonly height: number; readonly hash: Digest } {
    return { height: this.#final.state.height, hash: this.#final.hash };
  }

  /** The block to propose: what is valid at its place, oldest first; undefined if there is nothing to order. */
  build(request: BuildRequest, now: number): Block | undefined {
    const parent = this.#stateAfter(request.parent.hash, request.ancestors);
    if (parent === undefined) return undefined;
    const time = Math.max(parent.time, now);
    const input = { state: parent, time, signaturesValid: this.#signaturesValid };
    const building = new BlockExecution(this.#context, input);
    const chosen: SignedOperation[] = [];
    if (request.operations) {
      for (const operation of this.#pool.operations()) {
        const outcome = building.add(operation);
        if (outcome.kind === "ordered") chosen.push(operation);
        else if (outcome.reason === "tooManyOperations" || outcome.reason === "tooManyBytes") break;
      }
      if (chosen.length === 0) return undefined;
    }
    const execution = building.finish();
    const { view, proposer } = request;
    const parentHash = request.parent.hash;
    const header = assembleHeader(this.#context, { parentHash, execution, view, proposer });
    const bodies = chosen.map((operation) => operation.bytes);
    const block = assembleBlock(this.#context.hash, header, bodies);
    this.#rememberProposal({ block, operations: chosen, execution });
    return block;
  }

  /** The verdict on a proposal whose operations, in order and exactly those of its leaf hashes, are `operations`. */
  verify(
    proposal: Proposal,
    ancestors: readonly Block[],
    operations: readonly SignedOperation[],
  ): Verdict {
    const { header, headerBytes, hash } = proposal;
    const bodies = operations.map((operation) => operation.bytes);
    const block: Block = { header, headerBytes, hash, operations: bodies };
    if (this.#executed.has(toHex(hash))) return { kind: "valid", block };
    const state = this.#stateAfter(header.parentHash, ancestors);
    if (state === undefined) return { kind: "notYetKnown" };
    const input = { state, time: header.time, signaturesValid: this.#signaturesValid };
    const execution = execute(this.#context, { ...input, operations });
    if (execution.kind === "invalid") return { kind: "invalid" };
    if (!this.#matches(block, execution)) return { kind: "invalid" };
    this.#rememberProposal({ block, operations, execution });
    return { kind: "valid", block };
  }

  /** What work the pool holds for this branch (R2). */
  assessWork(branch: Tip, ancestors: readonly Block[], now: number): Work {
    const state = this.#stateAfter(branch.hash, ancestors) ?? this.#final.state;
    const { timings } = this.#context.genesis;
    const earliest = earliestDeadline(timings, state.time);
    const latest = latestDeadline(timings, Math.max(state.time, now));
    let opensAt: number | undefined;
    for (const { key, operation } of this.#pool.operations()) {
      const { validUntil } = operation;
      if (validUntil < earliest || state.usedIds.has(key, earliest)) continue;
      if (validUntil > latest) {
        // Admitted by a clock that was ahead then: no block can hold it yet.
        opensAt = Math.min(opensAt ?? validUntil, validUntil - timings.lifetimeMsMax);
        continue;
      }
      // Deadlines follow no order, but the oldest is enough to go on: a block with it also ends what is overdue.
      const overdue = validUntil < earliestDeadline(timings, now);
      const changesAt = overdue ? undefined : validUntil + timings.graceMs + 1;
      return { pending: true, overdue, changesAt };
    }
    return { pending: false, overdue: false, changesAt: opensAt };
  }

  /** Executes a block ahead of `finalize`, if its parent was executed. */
  anticipate(block: Block): void {
    this.#stateAfter(block.hash, [block]);
  }

  /** Takes a final block in: executes it if that was not done, and stops the node if the outcome differs. */
  finalize(block: Block): ExecutedBlock {
    const { header } = block;
    assert(header.height === this.#final.state.height + 1, "final blocks come in order");
    assert(
      equalBytes(header.parentHash, this.#final.hash),
      "a final block is the child of the last",
    );
    const executed = this.#executed.get(toHex(block.hash)) ?? this.#executeFinal(block);
    this.#final = { state: executed.execution.state, hash: block.hash };
    for (const [key, other] of this.#executed) {
      if (other.block.header.height <= header.height) this.#forget(key);
    }
    return executed;
  }

  /** An operation of a block above the final one. */
  findOperation(leafHash: Digest): SignedOperation | undefined {
    const key = toHex(leafHash);
    for (const executed of this.#executed.values()) {
      const found = this.#indexOf(executed).get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  leafHashOf(operation: Bytes): Digest {
    return leafHash(this.#context.hash, operation);
  }

  /**
   * Executes what is missing of the way from the final block to `hash`; undefined if a part of it is not held. The way
   * is as long as finality was held back: it is walked step by step, and `ancestors`, which ascend, once.
   */
  #stateAfter(hash: Digest, ancestors: readonly Block[]): State | undefined {
    let at = hash;
    let state = this.#heldState(at);
    const missing: Block[] = [];
    for (let place = ancestors.length - 1; place >= 0 && state === undefined; place--) {
      const block = ancestors[place];
      if (block === undefined || !equalBytes(block.hash, at)) continue;
      missing.push(block);
      at = block.header.parentHash;
      state = this.#heldState(at);
    }
    for (const block of missing.reverse()) {
      const executed = state && this.#execute(block, state);
      if (executed === undefined) return undefined;
      this.#remember(executed);
      state = executed.execution.state;
    }
    return state;
  }

  #heldState(hash: Digest): State | undefined {
    if (equalBytes(hash, this.#final.hash)) return this.#final.state;
    return this.#executed.get(toHex(hash))?.execution.state;
  }

  #executeFinal(block: Block): ExecutedBlock {
    const executed = this.#execute(block, this.#final.state);
    if (executed !== undefined) return executed;
    const { height } = block.header;
    throw new Divergence(
      `block ${toHex(block.hash)} at height ${height} is final, but this node's own execution of it differs`,
    );
  }

  /** A quorum vouches for the signatures of a notarized or final block: they are not checked again. */
  #execute(block: Block, parent: State): ExecutedBlock | undefined {
    const operations = decodeOperations(this.#context, block.operations);
    if ("kind" in operations) return undefined;
    const input = { state: parent, time: block.header.time, signaturesValid: () => true };
    const execution = execute(this.#context, { ...input, operations });
    if (execution.kind === "invalid" || !this.#matches(block, execution)) return undefined;
    return { block, operations, execution };
  }

  /** The header is the only one that fits the execution. */
  #matches(block: Block, execution: Execution): boolean {
    const { parentHash, view, proposer } = block.header;
    const own = assembleHeader(this.#context, { parentHash, execution, view, proposer });
    return equalBytes(encodeHeader(own), block.headerBytes);
  }

  /** Made when first asked for: a peer may ask for thousands of operations at once. */
  #indexOf(executed: ExecutedBlock): ReadonlyMap<string, SignedOperation> {
    const known = this.#indexes.get(executed);
    if (known !== undefined) return known;
    const index = new Map(executed.operations.map((one) => [toHex(one.leafHash), one]));
    this.#indexes.set(executed, index);
    return index;
  }

  #remember(executed: ExecutedBlock): void {
    this.#executed.set(toHex(executed.block.hash), executed);
  }

  /** One that is dropped here and turns out to be needed is executed again: it is handed in as an ancestor. */
  #rememberProposal(executed: ExecutedBlock): void {
    this.#remember(executed);
    if (executed.operations.length === 0) return;
    this.#proposals.add(toHex(executed.block.hash));
    const [oldest] = this.#proposals;
    if (this.#proposals.size > PROPOSALS_MAX && oldest !== undefined) this.#forget(oldest);
  }

  #forget(key: string): void {
    this.#executed.delete(key);
    this.#proposals.delete(key);
  }
}
