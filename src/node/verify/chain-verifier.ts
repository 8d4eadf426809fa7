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
import { decodeSignedOperation, type SignedOperation } from "../../primitives/operation.ts";
import type { Store, StoredBlock } from "../../storage/contracts.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import { Application, Divergence, type ExecutedBlock } from "../execution/application.ts";
import { creationsOf, encodeResults, storedBlock } from "../execution/commit.ts";
import { checkFinalization } from "./finalization-check.ts";
import { FoundFault, UNREADABLE } from "./found-fault.ts";
import { checkOperation } from "./operation-check.ts";

export interface ChainVerifierParts {
  readonly context: LedgerContext;
  readonly store: Pick<Store, "blocks" | "operations" | "statements">;
  readonly checker: SignatureChecker;
}

export class ChainVerifier {
  readonly #parts: ChainVerifierParts;
  readonly #application: Application;
  #below: Block;
  operations = 0;
  signatures = 0;
  /** Counts of records that follow from the chain, besides those of which every block has one. */
  readonly indexed = { finalizations: 0, operations: 0, creations: 0, entries: 0, declines: 0 };

  constructor(parts: ChainVerifierParts) {
    this.#parts = parts;
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
      this.indexed.finalizations += 1;
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
    for (const [index, operation] of operations.entries()) {
      if (await this.#isIndexed(operation, { height: at, index })) continue;
      throw new FoundFault(
        where,
        `holds an operation, number ${index}, that its id does not lead to`,
      );
    }
    for (const { wallet, index } of creationsOf(context, operations, execution.results)) {
      const found = await store.operations.loadCreation(wallet);
      this.indexed.creations += 1;
      if (found?.height === at && found.index === index) continue;
      throw new FoundFault(where, `created wallet ${wallet}, whose record leads elsewhere`);
    }
    await this.#checkStatements(where, executed);
  }

  /** The entries and the declined payments of the block. */
  async #checkStatements(where: string, executed: ExecutedBlock): Promise<void> {
    const { context, store } = this.#parts;
    const { entries, declines, height: at } = storedBlock(context, executed);
    const placeOf = (index: number) => {
      const here = { height: at, index };
      return { from: here, to: here, newestFirst: false };
    };
    for (const { wallet, index, record } of entries) {
      const found = await firstOf(store.statements.entries(wallet, placeOf(index)));
      this.indexed.entries += 1;
      if (found !== undefined && equalBytes(found.record, record)) continue;
      throw new FoundFault(where, `made an entry of wallet ${wallet} that the store does not have`);
    }
    for (const { wallet, index } of declines) {
      this.indexed.declines += 1;
      if ((await firstOf(store.statements.declines(wallet, placeOf(index)))) !== undefined)
        continue;
      throw new FoundFault(
        where,
        `declined a payment of wallet ${wallet} that is not in its index`,
      );
    }
  }

  /** An id may be used again after its window; the index keeps its first location. */
  async #isIndexed(
    { key }: SignedOperation,
    here: { readonly height: Height; readonly index: number },
  ): Promise<boolean> {
    const { context, store } = this.#parts;
    const found = await store.operations.loadOperation(key);
    if (found === undefined || found.height > here.height) return false;
    if (found.height === here.height) {
      this.indexed.operations += 1;
      return found.index === here.index;
    }
    const earlier = (await store.blocks.loadBlock(found.height))?.operations[found.index];
    if (earlier === undefined) return false;
    const operation = decodeSignedOperation(context.hash, context.networkId, earlier);
    return !(operation instanceof EncodingError) && operation.key === key;
  }
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
