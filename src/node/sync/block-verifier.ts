/**
 * Verifies a peer's answer to a question for blocks. Headers must decode, be of this network, and follow one another
 * from the requested height. Bodies must match them. A finalization must be of the last block and of a quorum.
 */
import type { BlockCertificate } from "../../consensus/certificates.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { type Block, blockHash, decodeHeader } from "../../primitives/block.ts";
import { type Bytes, equalBytes, toHex } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { leafHash, merkleRoot } from "../../primitives/merkle-tree.ts";
import { certificateChecks, decodeCertificate } from "../../primitives/vote.ts";
import type { FetchedBlock, FetchedBlocks } from "../../transport/peer-api.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";

/** The bytes of a lie that the log shows: a whole header, or the beginning of a certificate. */
const SHOWN_BYTES_MAX = LIMITS.headerBytesMax;

/** Bytes that no honest node sends. */
export class Lie {
  readonly what: string;
  /** The header or certificate that proves it. */
  readonly bytes: Bytes;

  constructor(what: string, bytes: Bytes) {
    this.what = what;
    this.bytes = bytes;
  }

  /** The evidence in the form that the log keeps. */
  get shown(): { readonly lie: string; readonly bytes: string } {
    return { lie: this.what, bytes: toHex(this.bytes.subarray(0, SHOWN_BYTES_MAX)) };
  }
}

/** Consecutive blocks. If there is a finalization of the last one, all are final. */
export interface Batch {
  readonly blocks: readonly Block[];
  readonly finalization: BlockCertificate | undefined;
  /** Of headers and bodies. */
  readonly bytes: number;
}

export interface BlockVerifierParts {
  readonly context: LedgerContext;
  readonly checker: SignatureChecker;
}

export class BlockVerifier {
  readonly #parts: BlockVerifierParts;

  constructor(parts: BlockVerifierParts) {
    this.#parts = parts;
  }

  /**
   * Judges an answer to a question for at most `count` blocks from height `from` upwards. `known`, a finalization
   * checked earlier, if any, replaces a missing one. An answer without blocks is no lie, because the peer may lag.
   */
  async read(
    answer: FetchedBlocks,
    asked: { readonly from: number; readonly count: number; readonly known?: BlockCertificate },
  ): Promise<Batch | Lie | "nothing"> {
    const { from, count, known } = asked;
    if (answer.blocks.length === 0) return "nothing";
    const extra = answer.blocks[count];
    if (extra !== undefined) return new Lie("more blocks than it was asked for", extra.header);
    const blocks: Block[] = [];
    let bytes = 0;
    for (const fetched of answer.blocks) {
      const block = this.readBlock(fetched);
      if (block instanceof Lie) return block;
      const below = blocks.at(-1);
      if (block.header.height !== from + blocks.length) {
        return new Lie("a block of another height than it was asked for", fetched.header);
      }
      if (known?.subject.height === block.header.height && !isOf(known, block)) {
        return new Lie("another block than the final one of its height", fetched.header);
      }
      if (below !== undefined && !equalBytes(block.header.parentHash, below.hash)) {
        return new Lie("a block that is no child of the one before", fetched.header);
      }
      blocks.push(block);
      bytes += sizeOf(block);
    }
    const last = blocks.at(-1);
    if (last === undefined) return "nothing";
    if (known !== undefined && isOf(known, last)) {
      return { blocks, finalization: known, bytes };
    }
    if (answer.finalization === undefined) {
      return { blocks, finalization: undefined, bytes };
    }
    const finalization = await this.readFinalization(answer.finalization, last);
    return finalization instanceof Lie ? finalization : { blocks, finalization, bytes };
  }

  /** A body that does not match its header belongs to another block. */
  readBlock(fetched: FetchedBlock): Block | Lie {
    const { hash, networkId } = this.#parts.context;
    const { header: headerBytes, operations } = fetched;
    const header = decodeHeader(headerBytes);
    if (header instanceof EncodingError)
      return new Lie("a header that cannot be decoded", headerBytes);
    if (!equalBytes(header.networkId, networkId)) {
      return new Lie("a header of another network", headerBytes);
    }
    const leafHashes = operations.map((operation) => leafHash(hash, operation));
    if (
      header.operationCount !== operations.length ||
      !equalBytes(merkleRoot(hash, leafHashes), header.operationsRoot)
    ) {
      return new Lie("a body that does not match its header", headerBytes);
    }
    return { header, headerBytes, hash: blockHash(hash, headerBytes), operations };
  }

  /** A finalization of exactly this block, by a quorum. */
  async readFinalization(
    bytes: Bytes,
    { header, hash }: Pick<Block, "header" | "hash">,
  ): Promise<BlockCertificate | Lie> {
    const { context, checker } = this.#parts;
    const certificate = decodeCertificate(bytes);
    if (certificate instanceof EncodingError) {
      return new Lie("a certificate that cannot be decoded", bytes);
    }
    const { subject, signatures } = certificate;
    const { epoch, view, height } = header;
    if (
      subject.kind !== "finalize" ||
      !equalBytes(subject.blockHash, hash) ||
      subject.epoch !== epoch ||
      subject.view !== view ||
      subject.height !== height
    ) {
      return new Lie("a certificate that is no finalization of its block", bytes);
    }
    const members = context.membersAt(height);
    const checks = certificateChecks(context.networkId, members, certificate);
    if (checks === undefined || !(await checker.check(checks))) {
      return new Lie("a finalization that no quorum signed", bytes);
    }
    return { subject, signatures };
  }
}

function isOf({ subject }: BlockCertificate, { hash }: Block): boolean {
  return equalBytes(subject.blockHash, hash);
}

function sizeOf({ headerBytes, operations }: Block): number {
  let size = headerBytes.length;
  for (const operation of operations) size += operation.length;
  return size;
}
