/** Receipts from what the store holds: a result, its inclusion path, and the certified header above it. */
import type { LedgerContext } from "../ledger/context.ts";
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { Digest } from "../primitives/hash.ts";
import type { KeyCertificate } from "../primitives/key-certificate.ts";
import { LIMITS } from "../primitives/limits.ts";
import { leafHash, merkleLevels, pathThrough } from "../primitives/merkle-tree.ts";
import { type Height, height } from "../primitives/numbers.ts";
import { decodeSignedOperation, type SignedOperation } from "../primitives/operation.ts";
import type { Receipt, ReceiptProof } from "../primitives/receipt.ts";
import { encodeResultLeaf, type Result } from "../primitives/result.ts";
import { decodeCertificate } from "../primitives/vote.ts";
import { coverOf } from "../seal/target.ts";
import type { Chain, OperationLocation, Seals } from "../storage/contracts.ts";
import { Refusal } from "../transport/refusal.ts";
import type { ExecutedBlock } from "./application.ts";
import { decodeResults } from "./commit.ts";

/** A certified result with its operation. */
export interface Ordered {
  readonly height: Height;
  readonly operation: SignedOperation;
  readonly result: Result;
  readonly receipt: Receipt;
}

/** What all receipts of one block share. */
interface BlockResults {
  readonly operations: readonly SignedOperation[];
  readonly results: readonly Result[];
  readonly leaves: readonly Bytes[];
  readonly levels: readonly Digest[][];
}

export interface ReceiptsParts {
  readonly context: LedgerContext;
  readonly chain: Chain;
  readonly seals: Seals;
  /** Of the group key, once it is final. */
  readonly keyCertificate: () => KeyCertificate | undefined;
}

const CACHED_BLOCKS_MAX = 64;

export class Receipts {
  readonly #parts: ReceiptsParts;
  readonly #cache = new Map<Height, BlockResults>();

  constructor(parts: ReceiptsParts) {
    this.#parts = parts;
  }

  /** Saves reading back what was just written. */
  remember({ block, operations, execution }: ExecutedBlock): void {
    if (operations.length === 0) return;
    const { results, resultLeaves } = execution;
    this.#keep(block.header.height, this.#join(operations, results, resultLeaves));
  }

  /** The operation at `location`, as it was ordered. */
  async operationAt({ height: at, index }: OperationLocation): Promise<SignedOperation> {
    const operation = (await this.#blockAt(at)).operations[index];
    assert(operation !== undefined, "the index names operations that exist");
    return operation;
  }

  /** The result at `location` with the best proof there is by now; a refusal if that is too long for a receipt. */
  async load(location: OperationLocation): Promise<Ordered | Refusal> {
    const block = await this.#blockAt(location.height);
    const { index } = location;
    const [operation, result] = [block.operations[index], block.results[index]];
    const leaf = block.leaves[index];
    assert(operation !== undefined && result !== undefined, "the index names results that exist");
    assert(leaf !== undefined, "one leaf for each result");
    const proof = await this.#proofOf(location.height);
    if (proof === undefined) return proofTooLong();
    const receipt = { leaf, index, path: pathThrough(block.levels, index), proof };
    return { height: location.height, operation, result, receipt };
  }

  async #blockAt(at: Height): Promise<BlockResults> {
    return this.#cache.get(at) ?? (await this.#loadBlock(at));
  }

  async #loadBlock(at: Height): Promise<BlockResults> {
    const { context, chain } = this.#parts;
    const [stored, bytes] = [await chain.loadBlock(at), await chain.loadResults(at)];
    assert(stored !== undefined && bytes !== undefined, "the index names blocks that exist");
    const results = decodeResults(bytes);
    assert(!(results instanceof EncodingError), "stored results read back");
    const operations = stored.operations.map((operation) => {
      const decoded = decodeSignedOperation(context.hash, context.networkId, operation);
      assert(!(decoded instanceof EncodingError), "stored operations read back");
      return decoded;
    });
    const leaves = operations.map((operation, place) => {
      const result = results[place];
      assert(result !== undefined, "one result for each operation");
      return encodeResultLeaf(context.networkId, operation, result);
    });
    const block = this.#join(operations, results, leaves);
    this.#keep(at, block);
    return block;
  }

  #join(
    operations: readonly SignedOperation[],
    results: readonly Result[],
    leaves: readonly Bytes[],
  ): BlockResults {
    const { hash } = this.#parts.context;
    const leafHashes = leaves.map((leaf) => leafHash(hash, leaf));
    return { operations, results, leaves, levels: merkleLevels(hash, leafHashes) };
  }

  #keep(at: Height, block: BlockResults): void {
    this.#cache.set(at, block);
    const oldest = this.#cache.keys().next().value;
    if (this.#cache.size > CACHED_BLOCKS_MAX && oldest !== undefined) this.#cache.delete(oldest);
  }

  /** The seal at or above, as far as it covers; else the finalization, unless it is farther above than a receipt reaches. */
  async #proofOf(at: Height): Promise<ReceiptProof | undefined> {
    const { chain, seals } = this.#parts;
    const keyCertificate = this.#parts.keyCertificate();
    const sealed = await seals.loadAtOrAbove(at);
    const covers = sealed !== undefined && sealed.height <= coverOf(at);
    if (keyCertificate !== undefined && covers && !this.#spansHole(at, sealed.height)) {
      const headers = await this.#headers(at, sealed.height);
      const bytes = headers.pop();
      assert(bytes !== undefined, "the sealed header is stored");
      const sealedHeader = { bytes, seal: sealed.seal };
      return { kind: "sealed", headers, sealedHeader, keyCertificate };
    }
    const stored = await chain.loadFinalization(at);
    assert(stored !== undefined, "whatever is stored is final");
    if (stored.height - at > LIMITS.fetchedBlocksMax) return undefined;
    const finalization = decodeCertificate(stored.certificate);
    assert(!(finalization instanceof EncodingError), "stored certificates read back");
    return { kind: "finalized", headers: await this.#headers(at, stored.height), finalization };
  }

  /** Whether headers between the two are still to be filled in. */
  #spansHole(at: Height, above: Height): boolean {
    const { below, from } = this.#parts.chain.history;
    return at <= below && above >= from;
  }

  async #headers(from: Height, to: Height): Promise<Bytes[]> {
    assert(to - from <= LIMITS.fetchedBlocksMax, "few headers lie below a certified one");
    const headers: Bytes[] = [];
    for (let at: number = from; at <= to; at++) {
      const header = await this.#parts.chain.loadHeader(height(at));
      assert(header !== undefined, "the chain has no hole");
      headers.push(header);
    }
    return headers;
  }
}

/** More blocks became final all at once than a receipt has room for. */
function proofTooLong(): Refusal {
  return new Refusal("NOT_READY", {
    message: "the result is final, but its proof is too long until a seal shortens it",
    remedy: "Repeat the same request, or ask GetReceipt for the id, when the block is sealed.",
  });
}
