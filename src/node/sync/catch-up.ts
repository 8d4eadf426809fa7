/**
 * Blocks from peers. Near the tip the core is given what it asks for by hash. Farther behind, ranges of
 * the chain are fetched in order (range-sync.ts), and every block is executed here like any other (L20, R30).
 */
import type { BlockCertificate } from "../../consensus/certificates.ts";
import type { Input, Request } from "../../consensus/interface.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Block } from "../../primitives/block.ts";
import { equalBytes, toHex } from "../../primitives/bytes.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { BlocksQuery, FetchedBlock, FetchedBlocks } from "../../transport/peer-api.ts";
import type { Log } from "../base/log.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import { Yielder } from "../base/yielding.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { BlockVerifier, Lie } from "./block-verifier.ts";
import { RangeSync, type RangeSyncParts } from "./range-sync.ts";

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
/** Executed before others get a turn: some ten milliseconds. */
const OPERATIONS_PER_TURN = 128;

export class CatchUp {
  readonly #parts: CatchUpParts;
  /** Hashes under way: the core asks again as long as it misses them. */
  readonly #underWay = new Set<string>();
  /** Questions that are still open, peer and hash: one at a time, so that a silent peer gathers none. */
  readonly #open = new Set<string>();
  readonly #reader: BlockVerifier;
  readonly #turns = new Yielder(OPERATIONS_PER_TURN);
  /** How often each peer was left: the others are asked first. */
  readonly #left = new Map<ValidatorIndex, number>();
  #rangeSync: RangeSync | undefined;
  /** Settles when the core knows of everything that was taken in. */
  #told: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
    this.#reader = new BlockVerifier(parts);
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

  /** How far behind this node is, no peer says: the certificate does. */
  async #serve(request: FetchRequest): Promise<void> {
    const { certificate, height: wanted, above, peers } = request;
    if (certificate.subject.kind === "finalize" && wanted > above + NEAR_MAX) {
      return await this.#syncRanges(request);
    }
    for (const peer of peers) {
      if (this.#stopped || (await this.#fetchSoon(peer, request))) return;
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
    const blocks = answer?.blocks.flatMap((block) => this.#read(peer, block)) ?? [];
    if (!blocks.some((block) => equalBytes(block.hash, hash))) return false;
    await push({ kind: "fetched", blocks });
    return true;
  }

  /** None if the peer lied. */
  #read(peer: ValidatorIndex, fetched: FetchedBlock): Block[] {
    const block = this.#reader.readBlock(fetched);
    if (!(block instanceof Lie)) return [block];
    this.#parts.log.warn({ peer, ...block.shown }, "a peer lied about a block");
    return [];
  }

  /** Up to the certified block, with the help of all who hold it. */
  async #syncRanges({ certificate, peers }: FetchRequest): Promise<void> {
    const { fetch, after, log, finalTip } = this.#parts;
    const ordered = peers.toSorted((left, right) => this.#timesLeft(left) - this.#timesLeft(right));
    const parts: RangeSyncParts = {
      tipHeight: () => finalTip().height,
      reader: this.#reader,
      fetch,
      take: (blocks, finalization) => this.#take(blocks, finalization),
      onLeft: (peer) => this.#left.set(peer, this.#timesLeft(peer) + 1),
      after,
      log,
    };
    this.#rangeSync = new RangeSync(parts, ordered, certificate);
    try {
      await this.#rangeSync.run();
      await this.#told;
    } finally {
      this.#rangeSync = undefined;
    }
  }

  #timesLeft(peer: ValidatorIndex): number {
    return this.#left.get(peer) ?? 0;
  }

  /** Executes a batch, and lets others have their turn meanwhile; it is written while the next one is executed. */
  async #take(blocks: readonly Block[], finalization: BlockCertificate): Promise<void> {
    const { finalizer, finalTip, push } = this.#parts;
    for (const block of blocks) {
      finalizer.anticipate(block);
      await this.#turns.count(1 + block.operations.length);
    }
    const last = blocks.at(-1);
    if (last === undefined || this.#stopped || last.header.height <= finalTip().height) return;
    finalizer.take(blocks, finalization);
    await this.#told;
    const final = { hash: last.hash, header: last.header };
    this.#told = finalizer.idle().then(() => push({ kind: "caughtUp", final, finalization }));
  }
}
