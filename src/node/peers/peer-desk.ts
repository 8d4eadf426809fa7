/** What this node answers its peers: their links read, their questions served, within bounds. */
import { setImmediate } from "node:timers/promises";
import type { Core } from "../../consensus/core.ts";
import type { Input } from "../../consensus/interface.ts";
import { decodeMessage, type Message, messageChecks } from "../../consensus/message.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Pool } from "../../mempool/pool.ts";
import type { Block } from "../../primitives/block.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { Digest } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { type Epoch, type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type { Signature, SignatureCheck } from "../../primitives/signature.ts";
import { encodeCertificate } from "../../primitives/vote.ts";
import type { SealTarget } from "../../seal/target.ts";
import type { Store } from "../../storage/contracts.ts";
import { isHeld } from "../../storage/history.ts";
import type {
  BlocksQuery,
  CertificatesQuery,
  FetchedBlock,
  FetchedBlocks,
  FetchedCertificates,
  LinkBatch,
  Recollection,
} from "../../transport/peer-api.ts";
import { MemberPace } from "../base/member-pace.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import { Turns } from "../base/turns.ts";
import type { Application } from "../execution/application.ts";
import { readStored } from "../execution/restore.ts";
import type { OperationInbox } from "../intake/operation-inbox.ts";
import { CheckQueue } from "./check-queue.ts";
import type { Registry } from "./registry.ts";
import { VoteLane } from "./vote-lane.ts";
import type { VoteWitness } from "./vote-witness.ts";

export interface PeerDeskParts {
  readonly context: LedgerContext;
  readonly epoch: Epoch;
  readonly core: () => Core;
  readonly application: Application;
  readonly pool: Pool;
  readonly inbox: Pick<OperationInbox, "add">;
  /** A peer says that this is a seal. */
  readonly sealReceived: (from: ValidatorIndex, target: SealTarget, seal: Signature) => void;
  readonly checker: SignatureChecker;
  readonly store: Pick<Store, "blocks" | "operations" | "seals">;
  readonly committedHeight: () => Height;
  readonly push: (input: Input) => Promise<void>;
  readonly registry: Registry;
  readonly witness: VoteWitness;
  readonly system: System;
}

/** Leaves room in a message for what stands around the blocks. */
const ANSWER_BYTES_MAX = LIMITS.peerMessageBytesMax / 2;
/** Seals of one peer handed to the thread that checks them, a tenth of a millisecond each, before others get a turn. */
const SEALS_PER_TURN = 6;
/** Messages decoded before others get a turn: a millisecond or two. */
const MESSAGES_PER_TURN = 64;
/** A larger one counts as several. */
const BYTES_OF_A_MESSAGE = 2048;

interface DownwardBounds {
  readonly above: Height;
  readonly count: number;
  readonly headersOnly: boolean;
}

export class PeerDesk {
  readonly #parts: PeerDeskParts;
  /** A peer that sends more seals than its rate is read more slowly. */
  readonly #pace: MemberPace;
  /** So is one that sends more messages, or larger ones, whatever they say. */
  readonly #messagePace: MemberPace;
  readonly #lastHeights = new Map<ValidatorIndex, number>();
  /** A batch whose messages add nothing would do so too. */
  readonly #messageTurns = new Turns(MESSAGES_PER_TURN);
  readonly #helpedAt = new Map<ValidatorIndex, number>();
  readonly #checks: CheckQueue;
  readonly #lane: VoteLane;
  /** A batch whose seals settle at once would keep every other peer waiting. */
  readonly #turns = new Turns(SEALS_PER_TURN);

  constructor(parts: PeerDeskParts) {
    this.#parts = parts;
    const { system, checker } = parts;
    this.#pace = new MemberPace(LIMITS.sealsOfPeer, system);
    this.#messagePace = new MemberPace(LIMITS.messagesOfPeer, system);
    this.#checks = new CheckQueue({ checker, system, turn: () => setImmediate() });
    this.#lane = new VoteLane(() => system.monotonic());
  }

  /** The highest final height that a peer has told of; 0 if none. */
  lastHeight(peer: ValidatorIndex): number {
    return this.#lastHeights.get(peer) ?? 0;
  }

  /**
   * One batch of a peer's link; settles when its votes are taken in. Operations are only put where they wait: they
   * can, a view cannot. `signal` ends what is left of the batch with the link.
   */
  async receive(caller: ValidatorIndex, batch: LinkBatch, signal?: AbortSignal): Promise<void> {
    const { inbox, sealReceived } = this.#parts;
    inbox.add(caller, batch.operations);
    const turns: Promise<void>[] = [];
    for (const bytes of batch.consensusMessages) {
      if (signal?.aborted === true) return;
      await this.#messageTurns.count(1);
      const turn = await this.#receiveMessage(caller, bytes);
      if (turn !== undefined) turns.push(turn);
    }
    for (const { target, seal } of batch.seals) {
      if (signal?.aborted === true) return;
      await this.#turns.count(1);
      await this.#pace.keep(caller, 1);
      if (target.kind === "header") this.#noteHeight(caller, target.height);
      sealReceived(caller, target, seal);
    }
    await Promise.all(turns);
  }

  recall(caller: ValidatorIndex): Recollection {
    const { core, registry, witness } = this.#parts;
    const { view } = core().status();
    const entry = core().entry();
    if (entry !== undefined) witness.sawCertificate(entry);
    const registration = registry.signedOf(caller);
    return { registration, vote: witness.of(caller), view, entry };
  }

  async fetchBlocks(query: BlocksQuery): Promise<FetchedBlocks> {
    const { start, count, headersOnly, withResults } = query;
    const finalHeight = this.#parts.committedHeight();
    if (start.kind === "hash") {
      const bounds = { above: start.above, count, headersOnly };
      const blocks =
        withResults === true
          ? await this.#past(start.hash, bounds)
          : await this.#downwards(start.hash, bounds);
      return { blocks, finalHeight };
    }
    return await this.#upwards(start.height, { count, headersOnly, finalHeight });
  }

  fetchOperations(leafHashes: readonly Digest[]): Bytes[] {
    const { pool, application } = this.#parts;
    const found: Bytes[] = [];
    let size = 0;
    for (const leafHash of leafHashes) {
      const held = pool.get(leafHash) ?? application.findOperation(leafHash);
      size += held?.bytes.length ?? 0;
      if (size > ANSWER_BYTES_MAX) break;
      if (held !== undefined) found.push(held.bytes);
    }
    return found;
  }

  async fetchCertificates({ epoch, view }: CertificatesQuery): Promise<FetchedCertificates> {
    const { core, store, committedHeight } = this.#parts;
    const own = core().status().view;
    const certificates = epoch === this.#parts.epoch ? core().standing(view) : [];
    const finalization = await store.blocks.loadFinalization(committedHeight());
    return {
      view: own,
      certificates: certificates.map(encodeCertificate),
      finalization: finalization?.certificate,
    };
  }

  /** The core is fed authentic messages only; what cannot be authentic is dropped without a word. */
  async #receiveMessage(from: ValidatorIndex, bytes: Bytes): Promise<Promise<void> | undefined> {
    const { context, epoch, core, push, witness } = this.#parts;
    await this.#messagePace.keep(from, 1 + Math.floor(bytes.length / BYTES_OF_A_MESSAGE));
    const message = decodeMessage(context.hash, bytes);
    if (message instanceof EncodingError) return undefined;
    const filtered = core().filter(message);
    if (filtered.kind === "known") return undefined;
    if (filtered.kind === "stale") {
      return this.#isHelpDue(from) ? push({ kind: "stale", from, message }) : undefined;
    }
    const news = filtered.message;
    const { networkId } = context;
    const checks = messageChecks({ networkId, epoch, validators: context.members(epoch) }, news);
    if (checks === undefined || !(await this.#holds(from, news, checks))) return undefined;
    witness.sawMessage(news);
    if (news.kind === "status" || news.kind === "nullify") this.#noteHeight(from, news.finalHeight);
    return push({ kind: "message", from, message: news });
  }

  /** R17: a peer is helped once in an interval, so what comes sooner is answered by nothing. */
  #isHelpDue(from: ValidatorIndex): boolean {
    const { context, system } = this.#parts;
    const now = system.monotonic();
    const intervalMs = Math.floor(context.genesis.timings.viewTimeoutMs / 8);
    if (now - (this.#helpedAt.get(from) ?? Number.NEGATIVE_INFINITY) < intervalMs) return false;
    this.#helpedAt.set(from, now);
    return true;
  }

  async #holds(
    from: ValidatorIndex,
    message: Message,
    checks: readonly SignatureCheck[],
  ): Promise<boolean> {
    const [vote] = checks;
    const { view } = this.#parts.core().status();
    if (vote === undefined || !this.#lane.admits(from, message, view)) {
      return await this.#checks.check(from, checks);
    }
    const holds = await this.#checks.checkFirst(vote);
    if (!holds) this.#lane.bar(from);
    return holds;
  }

  /** Its own word, and for operators alone: nothing follows from it. */
  #noteHeight(peer: ValidatorIndex, told: number): void {
    this.#lastHeights.set(peer, Math.max(this.lastHeight(peer), told));
  }

  /** Final blocks downwards, each with all that storage has of it. */
  async #past(hash: Digest, bounds: DownwardBounds): Promise<FetchedBlock[]> {
    const { store } = this.#parts;
    const blocks: FetchedBlock[] = [];
    let size = 0;
    let at = await store.blocks.loadHeightOf(hash);
    for (; at !== undefined && at > bounds.above && blocks.length < bounds.count; ) {
      const [block, results] = [
        await store.blocks.loadBlock(at),
        await store.operations.loadResults(at),
      ];
      if (block === undefined || results === undefined) break;
      size += sizeOf(block.operations) + results.length + LIMITS.headerBytesMax;
      if (size > ANSWER_BYTES_MAX && blocks.length > 0) break;
      const proof = await store.blocks.loadFinalization(at);
      blocks.push({
        header: block.header,
        operations: bounds.headersOnly ? [] : block.operations,
        results,
        finalization: proof?.height === at ? proof.certificate : undefined,
        seal: await store.seals.load(at),
      });
      at = at > 1 ? height(at - 1) : undefined;
    }
    return blocks;
  }

  async #downwards(hash: Digest, bounds: DownwardBounds): Promise<FetchedBlock[]> {
    const blocks: FetchedBlock[] = [];
    let size = 0;
    for (
      let next: Digest | undefined = hash;
      next !== undefined && blocks.length < bounds.count;
    ) {
      const block: Block | undefined = this.#parts.core().block(next) ?? (await this.#stored(next));
      if (block === undefined || block.header.height <= bounds.above) break;
      size += sizeOf(block.operations);
      if (size > ANSWER_BYTES_MAX && blocks.length > 0) break;
      const operations = bounds.headersOnly ? [] : block.operations;
      blocks.push({ header: block.headerBytes, operations });
      next = block.header.parentHash;
    }
    return blocks;
  }

  async #upwards(
    from: Height,
    bounds: { readonly count: number; readonly headersOnly: boolean; readonly finalHeight: Height },
  ): Promise<FetchedBlocks> {
    const { store } = this.#parts;
    const { finalHeight, count, headersOnly } = bounds;
    const blocks: FetchedBlock[] = [];
    let size = 0;
    const { history } = store.blocks;
    // Below a hole in the history the next block is not held.
    const top = from <= history.below ? history.below : finalHeight;
    const last = Math.min(top, from + count - 1);
    // The genesis is no stored block.
    if (last < from || from < 1 || !isHeld(history, from)) return { blocks, finalHeight };
    for await (const block of store.blocks.ascending(from, height(last))) {
      size += sizeOf(block.operations);
      if (size > ANSWER_BYTES_MAX && blocks.length > 0) break;
      blocks.push({ header: block.header, operations: headersOnly ? [] : block.operations });
    }
    // The batch ends at a block that has its own finalization, so that it proves itself.
    for (let count = blocks.length; count > 0; count--) {
      const highest = height(from + count - 1);
      const proof = await store.blocks.loadFinalization(highest);
      if (proof?.height !== highest) continue;
      return { blocks: blocks.slice(0, count), finalization: proof.certificate, finalHeight };
    }
    return { blocks, finalHeight };
  }

  async #stored(hash: Digest): Promise<Block | undefined> {
    const { blocks } = this.#parts.store;
    const at = await blocks.loadHeightOf(hash);
    const stored = at === undefined ? undefined : await blocks.loadBlock(at);
    return stored === undefined ? undefined : readStored(hash, stored);
  }
}

function sizeOf(operations: readonly Bytes[]): number {
  let size: number = LIMITS.headerBytesMax;
  for (const operation of operations) size += operation.length;
  return size;
}
