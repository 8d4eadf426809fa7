/**
 * Replays the chain of a store from the genesis and checks every signature, root, certificate and index
 * (store-verifier.ts).
 */

import type { LedgerContext } from "../../ledger/context.ts";
import { genesisHeader } from "../../ledger/header.ts";
import { genesisState, type State } from "../../ledger/state.ts";
import { Pool } from "../../mempool/pool.ts";
import { assembleBlock, type Block, blockHash, decodeHeader } from "../../primitives/block.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { Store, StoredBlock } from "../../storage/contracts.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import { Application, Divergence, type ExecutedBlock } from "../execution/application.ts";
import { encodeResults, storedBlock } from "../execution/commit.ts";
import { checkFinalization } from "./finalization-check.ts";
import { FoundFault, UNREADABLE } from "./found-fault.ts";
import { IndexCheck } from "./index-check.ts";
import { checkOperation } from "./operation-check.ts";

export interface ChainVerifierParts {
  readonly context: LedgerContext;
  readonly store: Pick<Store, "blocks" | "operations" | "statements">;
  readonly checker: SignatureChecker;
}

export class ChainVerifier {
  readonly #parts: ChainVerifierParts;
  readonly #application: Application;
  readonly #indexes: IndexCheck;
  #finalizations = 0;
  #below: Block;
  operations = 0;
  signatures = 0;

  constructor(parts: ChainVerifierParts) {
    this.#parts = parts;
    this.#indexes = new IndexCheck(parts);
    const { context } = parts;
    this.#below = assembleBlock(context.hash, genesisHeader(context), []);
    this.#application = new Application({
      context,
      pool: new Pool({ operationsPerSenderMax: 1, bytesPerSenderMax: 1 }),
      final: { state: genesisState(context), hash: this.#below.hash },
    });
  }

  /** The last block that passed. */
  get tip(): Block {
    return this.#below;
  }

  /** The state after that block. */
  get state(): State {
    return this.#application.finalState;
  }

  /** Counts of records that follow from the chain, besides those of which every block has one. */
  get indexed(): IndexCheck["counts"] & { readonly finalizations: number } {
    return { finalizations: this.#finalizations, ...this.#indexes.counts };
  }

  /** Checks the next of `total` blocks. Throws FoundFault. */
  async next(at: Height, total: number): Promise<void> {
    const where = `block ${at}`;
    const { blocks } = this.#parts.store;
    const stored = await blocks.loadBlock(at);
    if (stored === undefined) throw new FoundFault(where, "is missing");
    const block = this.#read(where, stored);
    await this.#checkSignatures(where, block);
    const executed = this.#execute(where, block);
    await this.#checkIndexes(where, executed);
    const finalization = await blocks.loadFinalization(at);
    if (finalization?.height === at) {
      const { certificate } = finalization;
      this.signatures += await checkFinalization(this.#parts, { where, block, certificate });
      this.#finalizations += 1;
    } else if (at === total) {
      throw new FoundFault(where, "is the newest, and no finalization covers it");
    }
    this.#below = block;
  }

  #read(where: string, stored: StoredBlock): Block {
    const { hash } = this.#parts.context;
    const header = decodeHeader(stored.header);
    if (header instanceof EncodingError)
      throw new FoundFault(where, `has a header that ${UNREADABLE}`);
    if (!equalBytes(header.parentHash, this.#below.hash)) {
      throw new FoundFault(where, "is not the child of the block below it");
    }
    const headerBytes = stored.header;
    const { operations } = stored;
    return { header, headerBytes, hash: blockHash(hash, headerBytes), operations };
  }

  /** Checks the signatures of all operations at once; the ceremony's epoch is the one before this block. */
  async #checkSignatures(where: string, { operations }: Block): Promise<void> {
    const { epoch } = this.#application.finalState.ceremony;
    for (const [index, bytes] of operations.entries()) {
      const checked = await checkOperation(this.#parts, { where, index, bytes, epoch });
      this.signatures += checked.signatures;
    }
    this.operations += operations.length;
  }

  #execute(where: string, block: Block): ExecutedBlock {
    try {
      return this.#application.finalize(block);
    } catch (error) {
      if (!(error instanceof Divergence)) throw error;
      throw new FoundFault(where, "does not give the roots, supply and counts of its header");
    }
  }

  async #checkIndexes(where: string, executed: ExecutedBlock): Promise<void> {
    const { context, store } = this.#parts;
    const { block, operations, execution } = executed;
    const { height: at } = block.header;
    if ((await store.blocks.loadHeightOf(block.hash)) !== at) {
      throw new FoundFault(where, "is not found by its hash");
    }
    const results = await store.operations.loadResults(at);
    if (results === undefined || !equalBytes(results, encodeResults(execution.results))) {
      throw new FoundFault(where, "has other results in the store than its execution gives");
    }
    const { entries, declines } = storedBlock(context, executed);
    await this.#indexes.checkOperations(at, operations);
    await this.#indexes.checkCreations(at, operations, execution.results);
    await this.#indexes.checkEntries(at, entries);
    await this.#indexes.checkDeclines(at, declines);
  }
}
