/**
 * Blocks from peers. Near the tip the core is given what it asks for by hash. Farther behind, the chain is taken
 * upwards in batches: they must hang together by parent hashes from the own tip up to a block under a finalization,
 * and are executed here like any other (DESIGN 3.8).
 */
import type { BlockCertificate } from "../consensus/certificates.ts";
import type { Input } from "../consensus/input.ts";
import type { Request } from "../consensus/output.ts";
import type { LedgerContext } from "../ledger/context.ts";
import { type Block, blockHash, decodeHeader } from "../primitives/block.ts";
import { type Bytes, equalBytes, toHex } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import type { Digest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { leafHash, merkleRoot } from "../primitives/merkle-tree.ts";
import { height, type ValidatorIndex } from "../primitives/numbers.ts";
import { certificateChecks, decodeCertificate } from "../primitives/vote.ts";
import type { BlocksQuery, FetchedBlock, FetchedBlocks } from "../transport/peer-api.ts";
import type { Finalizer } from "./finalizer.ts";
import type { Log } from "./log.ts";
import type { SignatureChecker } from "./signature-checker.ts";
import type { System } from "./system.ts";

export type FetchRequest = Extract<Request, { kind: "fetchBlocks" }>;

export interface CatchUpParts {
  readonly context: LedgerContext;
  readonly finalizer: Finalizer;
  readonly finalTip: () => { readonly height: number; readonly hash: Uint8Array };
  readonly checker: SignatureChecker;
  readonly log: Log;
  /** A peer's answer; undefined if it gave none. */
  readonly fetch: (peer: ValidatorIndex, query: BlocksQuery) => Promise<FetchedBlocks | undefined>;
  readonly push: (input: Input) => Promise<void>;
  readonly after: System["after"];
  /** How long the question to one peer holds up the one to the next (R25). */
  readonly patienceMs: number;
  readonly fail: (error: unknown) => void;
}

/** Behind by more than this, the chain is taken upwards. */
const NEAR_MAX = 32;
/** Most batches end under a finalization, and a receipt has room for so many headers below it. */
const BATCH_MAX = LIMITS.sealInterval;

export class CatchUp {
  readonly #parts: CatchUpParts;
  /** Hashes under way: the core asks again as long as it misses them. */
  readonly #underWay = new Set<string>();
  /** Questions that are still open, peer and hash: one at a time, so that a silent peer gathers none. */
  readonly #open = new Set<string>();
  #climbing = false;
  #stopped = false;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#stopped = true;
  }

  request(request: FetchRequest): void {
    const key = toHex(request.hash);
    if (this.#climbing || this.#underWay.has(key) || this.#stopped) return;
    this.#underWay.add(key);
    this.#serve(request)
      .catch((error: unknown) => this.#parts.fail(error))
      .finally(() => this.#underWay.delete(key));
  }

  /** Asks one peer after another until one helps. How far behind this node is, no peer says: the certificate does. */
  async #serve(request: FetchRequest): Promise<void> {
    const { certificate, height: wanted, above, peers } = request;
    const isFar = certificate.subject.kind === "finalize" && wanted > above + NEAR_MAX;
    for (const peer of peers) {
      if (this.#stopped) return;
      if (await (isFar ? this.#climb(peer) : this.#fetchSoon(peer, request))) return;
    }
  }

  /**
   * False also if the peer takes its time: a link that is held up tells for seconds only by silence, and others hold
   * the block as well. An answer that comes after all is taken.
   */
  #fetchSoon(peer: ValidatorIndex, request: FetchRequest): Promise<boolean> {
    const { after, patienceMs, fail } = this.#parts;
    const key = `${peer} ${toHex(request.hash)}`;
    if (this.#open.has(key)) return Promise.resolve(false);
    this.#open.add(key);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = after(patienceMs, () => resolve(false));
    this.#fetch(peer, request)
      .then(resolve, (error: unknown) => {
        fail(error);
        resolve(false);
      })
      .finally(() => {
        cancel();
        this.#open.delete(key);
      });
    return promise;
  }

  /** The block asked for, with what the peer has of its ancestors; false if it does not come. */
  async #fetch(peer: ValidatorIndex, { hash, above }: FetchRequest): Promise<boolean> {
    const { fetch, push } = this.#parts;
    const start = { kind: "hash", hash, above } as const;
    const answer = await fetch(peer, { start, count: NEAR_MAX, headersOnly: false });
    const blocks = answer?.blocks.flatMap((block) => this.#read(block) ?? []) ?? [];
    if (!blocks.some((block) => equalBytes(block.hash, hash))) return false;
    await push({ kind: "fetched", blocks });
    return true;
  }

  /** Batch after batch; false if the peer's word did not take this node up at all. */
  async #climb(peer: ValidatorIndex): Promise<boolean> {
    if (this.#climbing) return true;
    this.#climbing = true;
    const from = this.#parts.finalTip().height;
    try {
      for (let more = true; more && !this.#stopped; ) more = await this.#rise(peer);
    } finally {
      this.#climbing = false;
    }
    return this.#parts.finalTip().height > from;
  }

  /**
   * As far upwards as one finalization proves; false when the peer has nothing more, or nothing that holds. Mostly that
   * is one batch. Blocks that became final all at once may be more: then their batches are gathered.
   */
  async #rise(peer: ValidatorIndex): Promise<boolean> {
    const { fetch, push, finalizer } = this.#parts;
    const tip = this.#parts.finalTip();
    const blocks: Block[] = [];
    let size = 0;
    while (!this.#stopped) {
      const from = tip.height + blocks.length + 1;
      const start = { kind: "height", height: height(from) } as const;
      const answer = await fetch(peer, { start, count: BATCH_MAX, headersOnly: false });
      if (answer === undefined || answer.blocks.length === 0) return false;
      const batch = this.#readBatch(answer, blocks.at(-1)?.hash ?? tip.hash);
      const last = batch?.at(-1);
      if (batch === undefined || last === undefined) return this.#leave(peer, from);
      blocks.push(...batch);
      size += sizeOf(batch);
      if (answer.finalization === undefined) {
        if (size <= LIMITS.unprovenBytesMax) continue;
        return this.#leave(peer, from);
      }
      const finalization = await this.#checkFinalization(answer.finalization, last.hash);
      if (finalization === undefined) return this.#leave(peer, from);
      finalizer.take(blocks, finalization);
      await finalizer.idle();
      const final = { hash: last.hash, header: last.header };
      await push({ kind: "caughtUp", final, finalization });
      return answer.finalHeight > last.header.height;
    }
    return false;
  }

  #leave(peer: ValidatorIndex, from: number): false {
    const { log } = this.#parts;
    log.warn({ peer, from }, "catch-up: a peer's blocks do not hold together; left it");
    return false;
  }

  /** The blocks of a batch, if each is the child of the one before. */
  #readBatch(answer: FetchedBlocks, below: Digest): Block[] | undefined {
    const blocks: Block[] = [];
    let parent = below;
    for (const fetched of answer.blocks) {
      const block = this.#read(fetched);
      if (block === undefined || !equalBytes(block.header.parentHash, parent)) return undefined;
      parent = block.hash;
      blocks.push(block);
    }
    return blocks;
  }

  async #checkFinalization(bytes: Bytes, of: Digest): Promise<BlockCertificate | undefined> {
    const { context, checker } = this.#parts;
    const certificate = decodeCertificate(bytes);
    if (certificate instanceof EncodingError) return undefined;
    const { subject } = certificate;
    if (subject.kind !== "finalize" || !equalBytes(subject.blockHash, of)) return undefined;
    const { networkId, genesis } = context;
    const checks = certificateChecks(networkId, genesis.validators, certificate);
    if (checks === undefined || !(await checker.check(checks))) return undefined;
    return certificate as BlockCertificate;
  }

  /** A body that does not match its header is not that block. */
  #read(fetched: FetchedBlock): Block | undefined {
    const { hash } = this.#parts.context;
    const header = decodeHeader(fetched.header);
    if (header instanceof EncodingError) return undefined;
    if (header.operationCount !== fetched.operations.length) return undefined;
    const leafHashes = fetched.operations.map((operation) => leafHash(hash, operation));
    if (!equalBytes(merkleRoot(hash, leafHashes), header.operationsRoot)) return undefined;
    const { header: headerBytes, operations } = fetched;
    return { header, headerBytes, hash: blockHash(hash, headerBytes), operations };
  }
}

function sizeOf(blocks: readonly Block[]): number {
  let size = 0;
  for (const { headerBytes, operations } of blocks) {
    size += headerBytes.length;
    for (const operation of operations) size += operation.length;
  }
  return size;
}
