/**
 * Verifies final blocks below one that is held, as a peer gives them. Each must be the parent of the one above it by
 * its hash, and its operations and their results must have the roots of its header. So the blocks prove themselves,
 * whichever peer sent them. They are not executed, because the state before them is missing.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { draftStatements, type EntryDraft } from "../../ledger/statement.ts";
import { assert } from "../../primitives/assert.ts";
import type { Block } from "../../primitives/block.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { merkleRoot } from "../../primitives/merkle-tree.ts";
import type { Height } from "../../primitives/numbers.ts";
import { decodeSignedOperation, type SignedOperation } from "../../primitives/operation.ts";
import { resultLeafHash } from "../../primitives/result.ts";
import type { PublicKey } from "../../primitives/signature.ts";
import { encodeCertificate } from "../../primitives/vote.ts";
import type {
  FinalizedBlock,
  PastBlocks,
  StoredFinalization,
  StoredSeal,
} from "../../storage/contracts.ts";
import type { FetchedBlock } from "../../transport/peer-api.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import { Yielder } from "../base/yielding.ts";
import { creationsOf, decodeResults } from "../execution/commit.ts";
import { type BlockVerifier, Lie } from "./block-verifier.ts";

/** The group key, which verifies seals; absent until it is final. */
export interface GroupKeySource {
  readonly groupKey: PublicKey | undefined;
}

export interface HistoryReaderParts {
  readonly context: LedgerContext;
  readonly verifier: BlockVerifier;
  readonly checker: SignatureChecker;
  readonly keys: GroupKeySource;
}

/** A block that proved itself. The wallets after it, which the entries of statements need, are not known here. */
export interface PastBlock extends Omit<FinalizedBlock, "entries"> {
  readonly time: number;
  readonly drafts: readonly EntryDraft[];
}

export interface ReadPast extends Omit<PastBlocks, "blocks"> {
  readonly blocks: readonly PastBlock[];
}

/** The highest block asked for. */
export interface Expected {
  readonly height: Height;
  readonly hash: Digest;
}

/** Number of operations judged before other work gets a turn: some ten milliseconds. */
const OPERATIONS_PER_TURN = 128;

export class HistoryReader {
  readonly #parts: HistoryReaderParts;
  /** The largest block would otherwise block the event loop for a fifth of a second. */
  readonly #turns = new Yielder(OPERATIONS_PER_TURN);

  constructor(parts: HistoryReaderParts) {
    this.#parts = parts;
  }

  /** Reads the blocks of `fetched` that come with results; a peer has the results of blocks that it committed itself. */
  async read(
    fetched: readonly FetchedBlock[],
    highest: Expected,
  ): Promise<ReadPast | Lie | "nothing"> {
    const blocks: PastBlock[] = [];
    const finalizations = new ProofPicker<StoredFinalization>();
    const seals = new ProofPicker<StoredSeal>();
    let next = highest.hash;
    for (const one of fetched) {
      const block = this.#parts.verifier.readBlock(one);
      if (block instanceof Lie) return block;
      if (!equalBytes(block.hash, next))
        return new Lie("another block than the parent", one.header);
      if (one.results === undefined) break;
      const past = await this.#pastBlock(block, one.results);
      if (past instanceof Lie) return past;
      blocks.push(past);
      const wrong = await this.#pickProofs(block, one, { finalizations, seals });
      if (wrong !== undefined) return wrong;
      next = block.header.parentHash;
    }
    if (blocks.length === 0) return "nothing";
    return { blocks, finalizations: finalizations.picked, seals: seals.picked };
  }

  async #pastBlock(block: Block, bytes: Uint8Array): Promise<PastBlock | Lie> {
    const { context } = this.#parts;
    const { hash, networkId } = context;
    const { header, headerBytes } = block;
    const results = decodeResults(bytes);
    if (results instanceof EncodingError || results.length !== block.operations.length) {
      return new Lie("results that cannot be decoded", headerBytes);
    }
    await this.#turns.count(1);
    const operations: SignedOperation[] = [];
    const leafHashes: Digest[] = [];
    for (const [index, one] of block.operations.entries()) {
      const [operation, result] = [decodeSignedOperation(hash, networkId, one), results[index]];
      assert(result !== undefined, "one result for each operation");
      // Its body has the root of a final header, so a quorum has executed it.
      assert(!(operation instanceof EncodingError), "operations of a final block read");
      operations.push(operation);
      leafHashes.push(resultLeafHash({ hash, networkId }, operation, result));
      await this.#turns.count(1);
    }
    if (!equalBytes(merkleRoot(hash, leafHashes), header.resultsRoot)) {
      return new Lie("results that do not have the root of their header", headerBytes);
    }
    const { entries, declines } = draftStatements(
      context,
      operations.map(({ operation }) => operation),
      results,
    );
    return {
      height: header.height,
      time: header.time,
      header: headerBytes,
      operations: block.operations,
      hash: block.hash,
      results: bytes,
      operationKeys: operations.map(({ key }) => key),
      creations: creationsOf(context, operations, results),
      drafts: entries,
      declines,
    };
  }

  /** One finalization and one seal per seal interval, the highest, are enough for receipts. */
  async #pickProofs(
    block: Block,
    { finalization, seal }: FetchedBlock,
    picked: {
      readonly finalizations: ProofPicker<StoredFinalization>;
      readonly seals: ProofPicker<StoredSeal>;
    },
  ): Promise<Lie | undefined> {
    const { height } = block.header;
    if (finalization !== undefined && picked.finalizations.lacks(height)) {
      const read = await this.#parts.verifier.readFinalization(finalization, block);
      if (read instanceof Lie) return read;
      picked.finalizations.pick({ height, certificate: encodeCertificate(read) });
    }
    const publicKey = this.#parts.keys.groupKey;
    if (seal !== undefined && publicKey !== undefined && picked.seals.lacks(height)) {
      const check = { publicKey, message: block.headerBytes, signature: seal };
      if (!(await this.#parts.checker.check([check]))) {
        return new Lie("a seal that is not the group key's", block.headerBytes);
      }
      picked.seals.pick({ height, seal });
    }
    return undefined;
  }
}

/** Keeps the first, and so the highest, of each seal interval; heights are descending. */
class ProofPicker<T extends { readonly height: Height }> {
  readonly picked: T[] = [];
  readonly #stretches = new Set<number>();

  lacks(height: Height): boolean {
    return !this.#stretches.has(stretchOf(height));
  }

  pick(proof: T): void {
    this.#stretches.add(stretchOf(proof.height));
    this.picked.push(proof);
  }
}

/** Ends at a multiple of the seal interval. */
function stretchOf(height: Height): number {
  return Math.ceil(height / LIMITS.sealInterval);
}
