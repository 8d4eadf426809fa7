/**
 * Fetches the final chain in ranges, from this node's tip to a block that is known to be final. It asks several peers
 * for ranges at once and uses the ranges in order. Each range proves itself by a finalization, so a lie is certain.
 * A peer has one question at a time. A peer that lies or gives no answer is asked nothing more in this sync. If a
 * peer is slow, another one is asked for the same range. Memory is bounded in bytes (R30).
 */
import type { BlockCertificate } from "../../consensus/certificates.ts";
import { assert } from "../../primitives/assert.ts";
import type { Block } from "../../primitives/block.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Application } from "../execution/application.ts";
import type { BlockSource } from "./block-source.ts";
import { type Batch, type BlockVerifier, Lie } from "./block-verifier.ts";

/** Receives the proven blocks in the order of the chain. */
export interface ProvenChain {
  /** Executes blocks and commits them under their finalization; settles when the next ones may come. */
  take(blocks: readonly Block[], finalization: BlockCertificate): Promise<void>;
  /** A peer lied, gave no answer, or kept back blocks that other peers gave. */
  dropped(peer: ValidatorIndex): void;
}

export interface RangeSyncParts {
  /** Its final tip is the highest block taken so far. */
  readonly application: Pick<Application, "finalTip">;
  readonly verifier: BlockVerifier;
  readonly source: Pick<BlockSource, "fetchBlocks">;
  readonly chain: ProvenChain;
  readonly system: Pick<System, "after">;
  readonly log: Log;
}

/** A batch under its finalization. */
type Proven = Batch & { readonly finalization: BlockCertificate };

/**
 * The outcome of a question. nothing: the peer holds no such blocks. unproven: blocks without a finalization among
 * them. passed: another peer's answer came first. undefined: no answer.
 */
type Outcome = Proven | Lie | "nothing" | "unproven" | "passed" | undefined;

interface Range {
  from: number;
  readonly to: number;
  /** Questions under way. */
  readonly askedOf: Set<ValidatorIndex>;
  /** The peer asked last is slow: another one may be asked too. */
  overdue: boolean;
  /** Peers that sent the range, or its beginning, without a finalization. */
  readonly withoutProof: Set<ValidatorIndex>;
  held: Proven | undefined;
}

/** Ranges end at multiples of it: nodes that caught up keep finalizations there, so the next node finds them. */
const RANGE = LIMITS.sealInterval;
/** The wait before another peer is asked for the same range. */
const PATIENCE_MS = 1_000;
/** A peer is dropped if no finalization has proved its blocks by then. */
const GATHER_MS_MAX = 60_000;
/** Number of peers that may collect unproven blocks at once. */
const GATHERERS_MAX = 2;

export class RangeSync {
  readonly #parts: RangeSyncParts;
  /** In the order in which they are asked: a peer that has answered moves to the end. */
  #peers: readonly ValidatorIndex[];
  /** The finalization of the last block to fetch. */
  readonly #target: BlockCertificate;
  /** Ascending, from the tip on, without a hole. */
  #ranges: Range[] = [];
  #next: number;
  readonly #busy = new Set<ValidatorIndex>();
  /** The highest height that a peer is still asked for; 0 if it was dropped. */
  readonly #ceilings = new Map<ValidatorIndex, number>();
  #heldBytes = 0;
  #gathering = 0;
  #taking = false;
  #stopped = false;
  readonly #end = Promise.withResolvers<void>();

  constructor(parts: RangeSyncParts, peers: readonly ValidatorIndex[], target: BlockCertificate) {
    this.#parts = parts;
    this.#peers = peers;
    this.#target = target;
    this.#next = parts.application.finalTip.height + 1;
  }

  /** Settles when the target is reached, when no peer is left to ask, or after `stop`. */
  run(): Promise<void> {
    this.#advance();
    return this.#end.promise;
  }

  stop(): void {
    this.#stopped = true;
    this.#end.resolve();
  }

  /** Does everything that can be done now. Questions come first, so that peers work while blocks are executed. */
  #advance(): void {
    if (this.#stopped) return;
    this.#forgetPassed();
    for (const peer of this.#peers) {
      if (this.#busy.has(peer)) continue;
      const range = this.#openRange(peer);
      if (range !== undefined) this.#ask(peer, range);
    }
    if (this.#taking) return;
    const head = this.#ranges[0]?.held;
    const isDone = this.#ranges.length === 0 && this.#next > this.#target.subject.height;
    if (head !== undefined) this.#takeHead(head);
    else if (isDone || this.#busy.size === 0) this.stop();
  }

  /** Drops ranges that the tip has passed, by this sync or otherwise. */
  #forgetPassed(): void {
    const tip = this.#parts.application.finalTip.height;
    this.#ranges = this.#ranges.filter((range) => {
      if (range.to > tip) return true;
      this.#heldBytes -= range.held?.bytes ?? 0;
      return false;
    });
    const [first] = this.#ranges;
    if (first !== undefined) first.from = Math.max(first.from, tip + 1);
    this.#next = Math.max(this.#next, tip + 1);
  }

  /** The lowest range that this peer may be asked for. */
  #openRange(peer: ValidatorIndex): Range | undefined {
    const open = this.#ranges.find((range) => this.#mayAsk(peer, range));
    if (open !== undefined) return open;
    const from = this.#next;
    const { height: top } = this.#target.subject;
    if (from > Math.min(top, this.#ceilingOf(peer))) return undefined;
    if (this.#ranges.length > 0 && !this.#hasRoom) return undefined;
    // If a range below has no proof yet, the next ones are likely to have none either.
    if (this.#ranges.some(({ withoutProof }) => withoutProof.size > 0)) return undefined;
    const range = openedRange(from, Math.min(top, Math.ceil(from / RANGE) * RANGE));
    this.#next = range.to + 1;
    this.#ranges.push(range);
    return range;
  }

  #mayAsk(peer: ValidatorIndex, range: Range): boolean {
    const { from, held, askedOf, withoutProof, overdue } = range;
    if (held !== undefined || from > this.#ceilingOf(peer) || askedOf.has(peer)) return false;
    if (askedOf.size > 0 && !overdue) return false;
    const isHead = range === this.#ranges[0];
    if (!isHead && (withoutProof.size > 0 || !this.#hasRoom)) return false;
    if (withoutProof.size === 0) return true;
    if (askedOf.size >= GATHERERS_MAX) return false;
    // Another peer may have a finalization that this one lacks.
    const others = this.#peers.filter((other) => !withoutProof.has(other));
    return overdue || !withoutProof.has(peer) || others.every((one) => this.#ceilingOf(one) < from);
  }

  #ceilingOf(peer: ValidatorIndex): number {
    return this.#ceilings.get(peer) ?? Number.MAX_SAFE_INTEGER;
  }

  /** True if another answer of any size fits into memory. */
  get #hasRoom(): boolean {
    const expected = (this.#busy.size + 1) * LIMITS.peerMessageBytesMax;
    return this.#heldBytes + expected <= LIMITS.fetchAheadBytesMax;
  }

  #ask(peer: ValidatorIndex, range: Range): void {
    this.#busy.add(peer);
    range.askedOf.add(peer);
    range.overdue = false;
    const cancel = this.#parts.system.after(PATIENCE_MS, () => {
      range.overdue = true;
      this.#advance();
    });
    this.#question(peer, range)
      .then((outcome) => {
        cancel();
        this.#busy.delete(peer);
        range.askedOf.delete(peer);
        this.#peers = [...this.#peers.filter((other) => other !== peer), peer];
        this.#note(peer, range, outcome);
        this.#advance();
      })
      .catch((error: unknown) => this.#end.reject(error));
  }

  async #question(peer: ValidatorIndex, range: Range): Promise<Outcome> {
    const { from, to } = range;
    const batch = await this.#fetch(peer, from, to - from + 1);
    if (batch === undefined || batch === "nothing" || batch instanceof Lie) return batch;
    if (isProven(batch)) return batch;
    range.withoutProof.add(peer);
    if (range !== this.#ranges[0] || this.#gathering === GATHERERS_MAX) return "unproven";
    this.#gathering += 1;
    try {
      return await this.#gather(peer, range, batch);
    } finally {
      this.#gathering -= 1;
    }
  }

  async #fetch(
    peer: ValidatorIndex,
    from: number,
    count: number,
  ): Promise<Batch | Lie | "nothing" | undefined> {
    const { source, verifier } = this.#parts;
    const start = { kind: "height", height: height(from) } as const;
    const answer = await source.fetchBlocks(peer, { start, count, headersOnly: false });
    return answer && (await verifier.read(answer, { from, count, known: this.#target }));
  }

  /**
   * Blocks that became final all at once may span more than a range. One peer then gives all of them up to a
   * finalization, so that it alone is to blame if there is none.
   */
  async #gather(peer: ValidatorIndex, range: Range, begin: Batch): Promise<Outcome> {
    const blocks = [...begin.blocks];
    let { bytes } = begin;
    let isOver = false;
    const cancel = this.#parts.system.after(GATHER_MS_MAX, () => {
      isOver = true;
    });
    try {
      while (!isOver) {
        if (this.#stopped || !this.#ranges.includes(range)) return "passed";
        const below = blocks.at(-1);
        assert(below !== undefined, "a batch has a block");
        if (bytes > LIMITS.unprovenBytesMax / GATHERERS_MAX) {
          return new Lie("blocks without end and without a finalization", below.headerBytes);
        }
        const next = below.header.height + 1;
        const count = Math.min(RANGE, this.#target.subject.height - next + 1);
        const batch = await this.#fetch(peer, next, count);
        if (batch === undefined || batch === "nothing" || batch instanceof Lie) return batch;
        const [first] = batch.blocks;
        if (first !== undefined && !equalBytes(first.header.parentHash, below.hash)) {
          return new Lie("a block that is no child of the one before", first.headerBytes);
        }
        blocks.push(...batch.blocks);
        bytes += batch.bytes;
        if (isProven(batch)) return { blocks, finalization: batch.finalization, bytes };
      }
      return undefined;
    } finally {
      cancel();
    }
  }

  #note(peer: ValidatorIndex, range: Range, outcome: Outcome): void {
    if (outcome === undefined) {
      this.#drop(peer);
    } else if (outcome instanceof Lie) {
      this.#drop(peer);
      this.#parts.log.warn(
        { peer, from: range.from, ...outcome.shown },
        "a peer lied; it is dropped",
      );
    } else if (outcome === "nothing") {
      this.#ceilings.set(peer, Math.min(this.#ceilingOf(peer), range.from - 1));
    } else if (
      outcome !== "unproven" &&
      outcome !== "passed" &&
      this.#ranges.includes(range) &&
      range.held === undefined
    )
      this.#hold(range, outcome);
  }

  /** A short answer leaves a range above it; a long one covers ranges above. */
  #hold(range: Range, held: Proven): void {
    const last = held.finalization.subject.height;
    if (last < range.from) return;
    // A peer without a finalization here kept it back or lacks it: the other peers are better sources.
    if (last <= range.to) for (const peer of range.withoutProof) this.#drop(peer);
    const index = this.#ranges.indexOf(range);
    const above = last < range.to ? [openedRange(last + 1, range.to)] : [];
    for (const other of this.#ranges.slice(index + 1)) {
      if (other.to > last) above.push(other);
      else this.#heldBytes -= other.held?.bytes ?? 0;
      other.from = Math.max(other.from, last + 1);
    }
    const filled = { ...openedRange(range.from, last), held };
    this.#ranges = [...this.#ranges.slice(0, index), filled, ...above];
    this.#next = Math.max(this.#next, last + 1);
    this.#heldBytes += held.bytes;
  }

  #takeHead({ blocks, finalization }: Proven): void {
    this.#taking = true;
    this.#parts.chain
      .take(blocks, finalization)
      .then(() => {
        this.#taking = false;
        this.#advance();
      })
      .catch((error: unknown) => this.#end.reject(error));
  }

  #drop(peer: ValidatorIndex): void {
    this.#ceilings.set(peer, 0);
    this.#parts.chain.dropped(peer);
  }
}

function openedRange(from: number, to: number): Range {
  return { from, to, askedOf: new Set(), overdue: false, withoutProof: new Set(), held: undefined };
}

function isProven(batch: Batch): batch is Proven {
  return batch.finalization !== undefined;
}
