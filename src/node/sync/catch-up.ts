/**
 * Fetches blocks from peers. Near the tip, it gives the core the blocks that the core asks for by hash. Farther
 * behind, it fetches ranges of the chain in order (range-sync.ts), and executes every block like any other (L20,
 * R30).
 */
import type { BlockCertificate } from "../../consensus/certificates.ts";
import type { Input, Request } from "../../consensus/interface.ts";
import type { Block } from "../../primitives/block.ts";
import { equalBytes, toHex } from "../../primitives/bytes.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { FetchedBlock } from "../../transport/peer-api.ts";
import { hedgedAsk } from "../base/hedged-ask.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { Yielder } from "../base/yielding.ts";
import type { Application } from "../execution/application.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { BlockSource } from "./block-source.ts";
import { type BlockVerifier, Lie } from "./block-verifier.ts";
import { type ProvenChain, RangeSync } from "./range-sync.ts";

export type FetchRequest = Extract<Request, { kind: "fetchBlocks" }>;

/** Consensus, which asked for the blocks. */
export interface BlockReceiver {
  push(input: Input): Promise<void>;
}

export interface CatchUpParts {
  readonly finalizer: Pick<Finalizer, "anticipate" | "take" | "idle">;
  readonly application: Pick<Application, "finalTip">;
  readonly verifier: BlockVerifier;
  readonly source: Pick<BlockSource, "fetchBlocks">;
  readonly consensus: BlockReceiver;
  readonly system: Pick<System, "after">;
  readonly log: Log;
  /** The pause between asking one peer and asking the next (R25). */
  readonly patienceMs: number;
  readonly fail: (error: unknown) => void;
}

/** A node that is behind by more than this fetches ranges. */
const NEAR_MAX = 32;
/** Number of operations executed before other work gets a turn: some ten milliseconds. */
const OPERATIONS_PER_TURN = 128;

export class CatchUp implements ProvenChain {
  readonly #parts: CatchUpParts;
  /** Requested hashes under way: the core repeats its request while it lacks the block. */
  readonly #underWay = new Set<string>();
  /** Open questions by peer and hash, one at a time, so that a silent peer collects none. */
  readonly #open = new Set<string>();
  readonly #turns = new Yielder(OPERATIONS_PER_TURN);
  /** The number of times that each peer was dropped: the others are asked first. */
  readonly #dropped = new Map<ValidatorIndex, number>();
  #rangeSync: RangeSync | undefined;
  /** Settles when the core has been told of everything taken so far. */
  #told: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
  }

  /** True while ranges of blocks are fetched. */
  get isSyncing(): boolean {
    return this.#rangeSync !== undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.#rangeSync?.stop();
  }

  request(request: FetchRequest): void {
    const key = toHex(request.hash);
    if (this.#rangeSync !== undefined || this.#underWay.has(key) || this.#stopped) return;
    this.#underWay.add(key);
    this.#serve(request)
      .catch((error: unknown) => this.#parts.fail(error))
      .finally(() => this.#underWay.delete(key));
  }

  /** The certificate shows how far behind this node is, so no peer has to be trusted for that. */
  async #serve(request: FetchRequest): Promise<void> {
    const { certificate, height: wanted, above, peers } = request;
    if (certificate.subject.kind === "finalize" && wanted > above + NEAR_MAX) {
      return await this.#syncRanges(request);
    }
    const { system, patienceMs } = this.#parts;
    const ask = (peer: ValidatorIndex) => this.#askOnce(peer, request);
    await hedgedAsk(peers, { ask, after: system.after, patienceMs });
  }

  /** False also if a question for this block to this peer is still open: a silent peer collects one at most. */
  async #askOnce(peer: ValidatorIndex, request: FetchRequest): Promise<boolean> {
    const key = `${peer} ${toHex(request.hash)}`;
    if (this.#stopped || this.#open.has(key)) return this.#stopped;
    this.#open.add(key);
    try {
      return await this.#fetch(peer, request);
    } catch (error) {
      // Also of an answer that comes after another one was enough.
      this.#parts.fail(error);
      return false;
    } finally {
      this.#open.delete(key);
    }
  }

  /** Fetches the requested block, with the ancestors that the peer sends; false if it does not come. */
  async #fetch(peer: ValidatorIndex, { hash, above }: FetchRequest): Promise<boolean> {
    const { source, consensus } = this.#parts;
    const start = { kind: "hash", hash, above } as const;
    const answer = await source.fetchBlocks(peer, { start, count: NEAR_MAX, headersOnly: false });
    const blocks = answer?.blocks.flatMap((block) => this.#read(peer, block)) ?? [];
    if (!blocks.some((block) => equalBytes(block.hash, hash))) return false;
    await consensus.push({ kind: "fetched", blocks });
    return true;
  }

  /** Empty if the peer lied. */
  #read(peer: ValidatorIndex, fetched: FetchedBlock): Block[] {
    const block = this.#parts.verifier.readBlock(fetched);
    if (!(block instanceof Lie)) return [block];
    this.#parts.log.warn({ peer, ...block.shown }, "a peer lied about a block");
    return [];
  }

  /** Fetches ranges up to the certified block from all peers that hold it. */
  async #syncRanges({ certificate, peers }: FetchRequest): Promise<void> {
    const { source, verifier, application, system, log } = this.#parts;
    const ordered = peers.toSorted(
      (left, right) => this.#timesDropped(left) - this.#timesDropped(right),
    );
    const parts = { application, verifier, source, chain: this, system, log };
    this.#rangeSync = new RangeSync(parts, ordered, certificate);
    try {
      await this.#rangeSync.run();
      await this.#told;
    } finally {
      this.#rangeSync = undefined;
    }
  }

  /** A peer was dropped: the others are asked first the next time. */
  dropped(peer: ValidatorIndex): void {
    this.#dropped.set(peer, this.#timesDropped(peer) + 1);
  }

  #timesDropped(peer: ValidatorIndex): number {
    return this.#dropped.get(peer) ?? 0;
  }

  /** Executes a batch and lets other work have its turns; the batch is written while the next one is executed. */
  async take(blocks: readonly Block[], finalization: BlockCertificate): Promise<void> {
    const { finalizer, application, consensus } = this.#parts;
    for (const block of blocks) {
      finalizer.anticipate(block);
      await this.#turns.count(1 + block.operations.length);
    }
    const last = blocks.at(-1);
    if (last === undefined || this.#stopped || last.header.height <= application.finalTip.height)
      return;
    finalizer.take(blocks, finalization);
    await this.#told;
    const final = { hash: last.hash, header: last.header };
    this.#told = finalizer
      .idle()
      .then(() => consensus.push({ kind: "caughtUp", final, finalization }));
  }
}
