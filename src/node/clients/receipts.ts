/** Receipts from the store: a result, its inclusion path, and the certified header above it (S10). */
import type { LedgerContext } from "../../ledger/context.ts";
import { assert } from "../../primitives/assert.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { pathThrough } from "../../primitives/merkle-tree.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { Receipt, ReceiptProof } from "../../primitives/receipt.ts";
import { RecencyMap } from "../../primitives/recency-map.ts";
import { encodeResultLeaf, type Result } from "../../primitives/result.ts";
import { decodeCertificate } from "../../primitives/vote.ts";
import { coverOf } from "../../seal/target.ts";
import type { OperationLocation, Store } from "../../storage/contracts.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { ExecutedBlock } from "../execution/application.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { type BlockContents, type Dropped, ResultTrees } from "../execution/result-trees.ts";
import type { PeerBodies } from "../peers/peer-bodies.ts";
import { pruned } from "./refusals.ts";

/** A certified result with its operation. */
export interface Ordered {
  readonly height: Height;
  readonly operation: SignedOperation;
  readonly result: Result;
  readonly receipt: Receipt;
}

export interface ReceiptsParts {
  readonly context: LedgerContext;
  readonly store: Pick<Store, "blocks" | "operations" | "seals">;
  readonly finalizer: Pick<Finalizer, "keyCertificate">;
  /** Absent: no peer has said from where on it keeps contents. */
  readonly bodies?: Pick<PeerBodies, "keepersOf">;
}

type SealedProof = Extract<ReceiptProof, { kind: "sealed" }>;

export class Receipts {
  readonly #parts: ReceiptsParts;
  readonly #trees: ResultTrees;
  /**
   * Proofs of the blocks whose receipts were asked for last: all results of a block share one. A seal holds for ever, so none is
   * out of date.
   */
  readonly #proofs = new RecencyMap<Height, SealedProof>();

  constructor(parts: ReceiptsParts) {
    this.#parts = parts;
    const { context, store } = parts;
    this.#trees = new ResultTrees({ context, store, bytesMax: LIMITS.keptResultsBytesMax });
  }

  /** Keeps a result that was just written, so that it need not be read back. */
  remember(executed: ExecutedBlock): void {
    this.#trees.remember(executed);
  }

  /** The operation at `location` as it was ordered; undefined if the contents of its block are dropped. */
  async operationAt({
    height: at,
    index,
  }: OperationLocation): Promise<SignedOperation | undefined> {
    const operations = await this.#trees.operationsOf(at);
    if (operations === "dropped") return undefined;
    const bytes = operations[index];
    assert(bytes !== undefined, "the index names operations that exist");
    return this.#trees.decode(bytes);
  }

  /** The operations of a stored block, with signatures. */
  async operationsOf(at: Height): ReturnType<ResultTrees["operationsOf"]> {
    return await this.#trees.operationsOf(at);
  }

  /** The part of a stored operation that its author signed. */
  signedBytesOf(bytes: Bytes): Bytes {
    return this.#trees.decode(bytes).unsignedBytes;
  }

  /** Operations and results of a stored block. */
  async contentsOf(at: Height): Promise<BlockContents | Dropped> {
    return await this.#trees.contentsOf(at);
  }

  /**
   * The result at `location` with the best proof available now; a refusal if that is too long for a receipt. `expected` is mostly the
   * operation that is there, and then need not be decoded.
   */
  async load(location: OperationLocation, expected?: SignedOperation): Promise<Ordered | Refusal> {
    const tree = await this.#trees.of(location.height);
    if (tree === "busy") return tooManyWait();
    if (tree === "dropped") return this.refusePruned(location.height);
    const { index } = location;
    const [bytes, result] = [tree.operations[index], tree.results[index]];
    assert(bytes !== undefined && result !== undefined, "the index names results that exist");
    const proof = await this.proofOf(location.height);
    if (proof === undefined) return proofTooLong();
    const isExpected = expected !== undefined && equalBytes(expected.bytes, bytes);
    const operation = isExpected ? expected : this.#trees.decode(bytes);
    const leaf = encodeResultLeaf(this.#parts.context.networkId, operation, result);
    const receipt = { leaf, index, path: pathThrough(tree.levels, index), proof };
    return { height: location.height, operation, result, receipt };
  }

  /** The refusal of what is in this block, which is final and whose contents are dropped. */
  refusePruned(at: Height): Refusal {
    const { context, store, bodies } = this.#parts;
    const members = context.membersAt(at);
    const keepers = bodies?.keepersOf(at) ?? [];
    const nodes = keepers.flatMap((peer) => members[peer]?.id ?? []);
    return pruned(at, { bodiesFrom: store.blocks.bodiesFrom, nodes });
  }

  /**
   * The seal at or above the height if it covers it; else the finalization, unless it is farther above than a receipt
   * may reach.
   */
  async proofOf(at: Height): Promise<ReceiptProof | undefined> {
    const kept = this.#proofs.get(at);
    if (kept !== undefined) return kept;
    const proof = await this.#sealedProofOf(at);
    if (proof === undefined) return await this.#finalizedProofOf(at);
    this.#proofs.remember(at, proof, LIMITS.keptProofsMax);
    return proof;
  }

  async #sealedProofOf(at: Height): Promise<SealedProof | undefined> {
    const { keyCertificate } = this.#parts.finalizer;
    if (keyCertificate === undefined) return undefined;
    const sealed = await this.#parts.store.seals.loadAtOrAbove(at);
    if (sealed === undefined || sealed.height > coverOf(at)) return undefined;
    if (this.#spansHole(at, sealed.height)) return undefined;
    const headers = await this.#headers(at, sealed.height);
    const bytes = headers.pop();
    assert(bytes !== undefined, "the sealed header is stored");
    const sealedHeader = { bytes, seal: sealed.seal };
    return { kind: "sealed", headers, sealedHeader, keyCertificate };
  }

  async #finalizedProofOf(at: Height): Promise<ReceiptProof | undefined> {
    const { blocks } = this.#parts.store;
    const stored = await blocks.loadFinalization(at);
    assert(stored !== undefined, "a stored block is final");
    const isFar = stored.height - at > LIMITS.fetchedBlocksMax;
    // A repaired finalization may be of a block in the hole; until that is filled, the headers up to it are missing.
    if (isFar || this.#spansHole(at, stored.height)) return undefined;
    const finalization = decodeCertificate(stored.certificate);
    assert(!(finalization instanceof EncodingError), "stored certificates read back");
    return { kind: "finalized", headers: await this.#headers(at, stored.height), finalization };
  }

  /** True if headers between the two heights are still missing. */
  #spansHole(at: Height, above: Height): boolean {
    const { below } = this.#parts.store.blocks.history;
    return at <= below && above > below;
  }

  async #headers(from: Height, to: Height): Promise<Bytes[]> {
    assert(to - from <= LIMITS.fetchedBlocksMax, "few headers lie below a certified one");
    const headers: Bytes[] = [];
    for (let at: number = from; at <= to; at++) {
      const header = await this.#parts.store.blocks.loadHeader(height(at));
      assert(header !== undefined, "the chain has no hole");
      headers.push(header);
    }
    return headers;
  }
}

/** More blocks became final at once than a receipt has room for. */
export function proofTooLong(): Refusal {
  return new Refusal("NOT_READY", {
    message: "the block is final, but its proof is too long until a seal shortens it",
    remedy: "Repeat the same request, or ask GetReceipt for the id, when the block is sealed.",
  });
}

/** Too many receipts of other blocks are being read. */
function tooManyWait(): Refusal {
  return new Refusal("TOO_MANY_REQUESTS", {
    message: "too many calls wait for receipts of blocks that are read back for them",
  });
}
