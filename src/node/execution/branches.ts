/**
 * The executed blocks above the final one, on every branch: by hash, by height, and those with operations along each
 * branch. No search visits all of them, however long finality is held back.
 */
import type { Execution } from "../../ledger/execute.ts";
import type { State } from "../../ledger/state.ts";
import type { Block } from "../../primitives/block.ts";
import { equalBytes, packBytes, toHex } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { SignedOperation } from "../../primitives/operation.ts";

/** One for the branch itself, and as many beside it. */
const PROPOSALS_MAX = 2 * LIMITS.unfinalBlocksWithOperationsMax;

/** One list, so that the pool sees that it is the same (`Pool.follow`). */
const NONE: readonly ExecutedBlock[] = [];

/** A block that this node executed, and the outcome. */
export interface ExecutedBlock {
  readonly block: Block;
  readonly operations: readonly SignedOperation[];
  readonly execution: Execution;
}

/** The last final block and the state after it. */
export interface Final {
  readonly state: State;
  readonly hash: Digest;
}

interface Held {
  readonly executed: ExecutedBlock;
  /** The blocks with operations from the final one up to and including this one. */
  readonly laden: readonly ExecutedBlock[];
}

export class Branches {
  #final: Final;
  readonly #byHash = new Map<string, Held>();
  readonly #byHeight = new Map<number, Set<string>>();
  /** Those with operations. */
  readonly #laden = new Map<string, ExecutedBlock>();
  /** Proposals among them, the oldest first: they may never be certified, and no final block may drop them. */
  readonly #proposals = new Set<string>();
  /** Operations of a block by packed leaf hash. */
  readonly #indexes = new WeakMap<ExecutedBlock, ReadonlyMap<string, SignedOperation>>();

  constructor(final: Final) {
    this.#final = final;
  }

  get final(): Final {
    return this.#final;
  }

  /**
   * A block as it was executed here, if its branch can still become final. It can be held and stale although it will become
   * final: a block below it was forgotten, and then executed again. It has to be executed again too.
   */
  get(hash: Digest): ExecutedBlock | undefined {
    const executed = this.#byHash.get(toHex(hash))?.executed;
    return executed?.execution.state.usedIds.isStale === true ? undefined : executed;
  }

  /** The state after a block, if that is the final one or held. */
  stateAfter(hash: Digest): State | undefined {
    if (equalBytes(hash, this.#final.hash)) return this.#final.state;
    return this.get(hash)?.execution.state;
  }

  /** The blocks with operations above the final one up to this one. */
  ladenUpTo(hash: Digest): readonly ExecutedBlock[] {
    return this.#aboveFinal(this.#byHash.get(toHex(hash))?.laden ?? NONE);
  }

  /** An operation of a block above the final one. */
  findOperation(leafHash: Digest): SignedOperation | undefined {
    const key = packBytes(leafHash);
    for (const executed of this.#laden.values()) {
      const found = this.#indexOf(executed).get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  add(executed: ExecutedBlock): void {
    const { block, operations } = executed;
    const key = toHex(block.hash);
    const below = this.ladenUpTo(block.header.parentHash);
    const laden = operations.length === 0 ? below : [...below, executed];
    this.#byHash.set(key, { executed, laden });
    if (operations.length > 0) this.#laden.set(key, executed);
    const beside = this.#byHeight.get(block.header.height) ?? new Set();
    this.#byHeight.set(block.header.height, beside.add(key));
  }

  /** If a dropped block is needed after all, it is executed again: the caller hands it in as an ancestor. */
  addProposal(executed: ExecutedBlock): void {
    this.add(executed);
    if (executed.operations.length === 0) return;
    this.#proposals.add(toHex(executed.block.hash));
    const [oldest] = this.#proposals;
    if (this.#proposals.size > PROPOSALS_MAX && oldest !== undefined) this.#forget(oldest);
  }

  /** Makes the next block final and forgets the blocks beside it. */
  finalize({ block, execution }: ExecutedBlock): void {
    this.#final = { state: execution.state, hash: block.hash };
    for (const key of this.#byHeight.get(block.header.height) ?? []) this.#forget(key);
  }

  #aboveFinal(laden: readonly ExecutedBlock[]): readonly ExecutedBlock[] {
    const { height } = this.#final.state;
    const [lowest] = laden;
    // Mostly all blocks are kept: a long branch of empty blocks then shares one list.
    if (lowest === undefined || lowest.block.header.height > height) return laden;
    return laden.filter(({ block }) => block.header.height > height);
  }

  /** Made at the first request: a peer may ask for thousands of operations at once. */
  #indexOf(executed: ExecutedBlock): ReadonlyMap<string, SignedOperation> {
    const known = this.#indexes.get(executed);
    if (known !== undefined) return known;
    const index = new Map(executed.operations.map((one) => [one.leafKey, one]));
    this.#indexes.set(executed, index);
    return index;
  }

  #forget(key: string): void {
    const held = this.#byHash.get(key);
    this.#byHash.delete(key);
    this.#laden.delete(key);
    this.#proposals.delete(key);
    if (held === undefined) return;
    const { height } = held.executed.block.header;
    const beside = this.#byHeight.get(height);
    beside?.delete(key);
    if (beside?.size === 0) this.#byHeight.delete(height);
  }
}
