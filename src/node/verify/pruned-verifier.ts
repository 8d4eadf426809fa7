/**
 * Checks a store that has dropped the contents of old blocks, offline and without trust, without a replay: the chain of headers from
 * the genesis, each certificate and seal, the wallets and the ceremony against the state root that a quorum signed, and the contents
 * that are kept, with their indexes, against the roots of their headers. That results follow from their operations is not checked,
 * nor are the indexes of what is dropped.
 */
import { genesisHeader } from "../../ledger/header.ts";
import { assertConservation, type State, stateRoot } from "../../ledger/state.ts";
import { draftStatements } from "../../ledger/statement.ts";
import { oldestInWindow } from "../../ledger/window.ts";
import { assert } from "../../primitives/assert.ts";
import {
  assembleBlock,
  type Block,
  blockHash,
  decodeHeader,
  type Header,
} from "../../primitives/block.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { leafHash, merkleRoot } from "../../primitives/merkle-tree.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import { type Result, resultLeafHash } from "../../primitives/result.ts";
import { decodeResults } from "../execution/commit.ts";
import { storedState } from "../execution/restore.ts";
import { checkEntries } from "./entries-check.ts";
import { checkFinalization } from "./finalization-check.ts";
import { FoundFault, UNREADABLE } from "./found-fault.ts";
import { IndexCheck } from "./index-check.ts";
import { JournalVerifier } from "./journal-verifier.ts";
import { checkOperation } from "./operation-check.ts";
import { checkSeals } from "./seal-check.ts";
import type { StorePruned, StoreVerifierParts } from "./store-verifier.ts";

export class PrunedVerifier {
  readonly #parts: StoreVerifierParts;
  #below: Pick<Block, "header" | "hash">;
  readonly #indexes: IndexCheck;
  #operations = 0;
  #signatures = 0;
  /** Records that the chain gives, by kind. */
  readonly #held = { bodies: 0, results: 0, finalizations: 0 };

  constructor(parts: StoreVerifierParts) {
    this.#parts = parts;
    this.#indexes = new IndexCheck(parts);
    this.#below = assembleBlock(parts.context.hash, genesisHeader(parts.context), []);
  }

  /** Throws FoundFault; StorageCorruption for a record that is not what was written. */
  async run(): Promise<StorePruned> {
    const { context, store, checker, self, onBlock } = this.#parts;
    const records = await store.readAll();
    const tip = await store.blocks.loadTip();
    assert(tip !== undefined, "only blocks below the newest are pruned");
    const state = await this.#stateAt(tip.height);
    const total = tip.height;
    for (let at = 1; at <= total; at++) {
      await this.#next(height(at), { total, state });
      onBlock(at, total);
    }
    const { header, hash } = this.#below;
    if (!equalBytes(tip.hash, hash)) {
      throw new FoundFault("the store's tip", "names another block than the highest one");
    }
    assertConservation(state);
    await checkEntries({ context, store, indexes: this.#indexes }, state);
    const seals = await checkSeals({ context, store }, state.ceremony, header.height);
    const journal = new JournalVerifier({ context, store, checker, self, tip: header.height });
    const journalRecords = await journal.run();
    const given = { headers: total, blockHashes: total, ...this.#held };
    for (const kind of ["headers", "blockHashes", "bodies", "results", "finalizations"] as const) {
      if (records[kind] === given[kind]) continue;
      const problem = `are ${records[kind]}, where the chain gives ${given[kind]}`;
      throw new FoundFault(`the records of ${kind}`, problem);
    }
    const { assets } = context.genesis;
    return {
      kind: "pruned",
      bodiesFrom: store.blocks.bodiesFrom,
      bodies: this.#held.bodies,
      height: header.height,
      blockTime: header.time,
      stateRoot: header.stateRoot,
      operations: this.#operations,
      signatures: this.#signatures + journal.signatures,
      wallets: header.walletCount,
      supply: Object.fromEntries(assets.map(({ code }, i) => [code, header.supply[i] ?? 0n])),
      ...seals,
      journalRecords,
      records: records.all,
    };
  }

  /** The stored wallets and ceremony, if they have the state root of the newest header; the ids in use are left out. */
  async #stateAt(tip: Height): Promise<State> {
    const { context, store } = this.#parts;
    const bytes = await store.blocks.loadHeader(tip);
    const header = bytes === undefined ? undefined : decodeHeader(bytes);
    if (header === undefined || header instanceof EncodingError) {
      throw new FoundFault(`block ${tip}`, `has a header that ${UNREADABLE}`);
    }
    const state = await storedState(context, store.state, { header, usedIds: [] });
    if (equalBytes(stateRoot(context, state), header.stateRoot)) return state;
    throw new FoundFault("the wallets and the ceremony", "do not give the newest state root");
  }

  async #next(
    at: Height,
    { total, state }: { readonly total: number; readonly state: State },
  ): Promise<void> {
    const where = `block ${at}`;
    const { blocks } = this.#parts.store;
    const block = this.#readHeader(where, await blocks.loadHeader(at));
    if ((await blocks.loadHeightOf(block.hash)) !== at) {
      throw new FoundFault(where, "is not found by its hash");
    }
    const finalization = await blocks.loadFinalization(at);
    if (finalization?.height === at) {
      const { certificate } = finalization;
      this.#signatures += await checkFinalization(this.#parts, { where, block, certificate });
      this.#held.finalizations += 1;
    } else if (at === total) {
      throw new FoundFault(where, "is the newest, and no finalization covers it");
    }
    await this.#checkContents(where, block.header, state);
    this.#below = block;
  }

  #readHeader(where: string, bytes: Bytes | undefined): Pick<Block, "header" | "hash"> {
    if (bytes === undefined) throw new FoundFault(where, "is missing");
    const header = decodeHeader(bytes);
    if (header instanceof EncodingError) {
      throw new FoundFault(where, `has a header that ${UNREADABLE}`);
    }
    const isNext = header.height === this.#below.header.height + 1;
    if (!isNext || !equalBytes(header.parentHash, this.#below.hash)) {
      throw new FoundFault(where, "is not the child of the block below it");
    }
    return { header, hash: blockHash(this.#parts.context.hash, bytes) };
  }

  /** Operations and results, unless they were dropped: both have the roots of the header. */
  async #checkContents(where: string, header: Header, state: State): Promise<void> {
    const { context, store } = this.#parts;
    const { height: at } = header;
    const stored = await store.blocks.loadBlock(at);
    if (stored === undefined) {
      const isInWindow = header.time >= oldestInWindow(context.genesis.timings, state.time);
      if (!isInWindow) return;
      throw new FoundFault(where, "lacks its operations, although their ids are in use (A6)");
    }
    const leaves = stored.operations.map((bytes) => leafHash(context.hash, bytes));
    if (!equalBytes(merkleRoot(context.hash, leaves), header.operationsRoot)) {
      throw new FoundFault(where, "has other operations than its header says");
    }
    const operations: SignedOperation[] = [];
    const { epoch } = state.ceremony;
    for (const [index, bytes] of stored.operations.entries()) {
      const checked = await checkOperation(this.#parts, { where, index, bytes, epoch });
      operations.push(checked.operation);
      this.#signatures += checked.signatures;
    }
    await this.#indexes.checkOperations(at, operations);
    const bytes = await store.operations.loadResults(at);
    const results = this.#readResults(where, operations, { header, bytes });
    await this.#indexes.checkCreations(at, operations, results);
    const bodies = operations.map(({ operation }) => operation);
    const { declines } = draftStatements(context, bodies, results);
    await this.#indexes.checkDeclines(at, declines);
    this.#operations += operations.length;
    this.#held.bodies += 1;
    this.#held.results += 1;
  }

  #readResults(
    where: string,
    operations: readonly SignedOperation[],
    { header, bytes }: { readonly header: Header; readonly bytes: Bytes | undefined },
  ): readonly Result[] {
    const { context } = this.#parts;
    const results = bytes === undefined ? undefined : decodeResults(bytes);
    const isWhole =
      results !== undefined &&
      !(results instanceof EncodingError) &&
      results.length === operations.length;
    if (isWhole) {
      const leaves = operations.map((operation, index) => {
        const result = results[index];
        assert(result !== undefined, "one result for each operation");
        return resultLeafHash(context, operation, result);
      });
      if (equalBytes(merkleRoot(context.hash, leaves), header.resultsRoot)) return results;
    }
    throw new FoundFault(where, "has other results in the store than its header says");
  }
}
