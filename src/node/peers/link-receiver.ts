/**
 * Reads the links of peers, each at its member's rate. Operations go to the inbox, consensus messages to the core
 * once they are authentic, seals to the seal driver (T4).
 */
import type { Core } from "../../consensus/core.ts";
import type { Input } from "../../consensus/interface.ts";
import { decodeMessage, type Message, messageChecks } from "../../consensus/message.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Epoch, ValidatorIndex } from "../../primitives/numbers.ts";
import type { SignatureCheck } from "../../primitives/signature.ts";
import { SEAL_NOTICE_BYTES } from "../../transport/link-outbox.ts";
import type { LinkBatch } from "../../transport/peer-api.ts";
import { MemberPace } from "../base/member-pace.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import { Yielder } from "../base/yielding.ts";
import type { OperationInbox } from "../intake/operation-inbox.ts";
import type { SealDriver } from "../sealing/seal-driver.ts";
import { CheckQueue } from "./check-queue.ts";
import { VoteLane } from "./vote-lane.ts";
import type { VoteWitness } from "./vote-witness.ts";

/** The driver of consensus: its core, and the way to give it inputs. */
export interface Consensus {
  readonly core: Core;
  push(input: Input): Promise<void>;
}

export interface LinkReceiverParts {
  readonly context: LedgerContext;
  readonly epoch: Epoch;
  readonly consensus: Consensus;
  readonly inbox: Pick<OperationInbox, "add">;
  readonly seals: Pick<SealDriver, "received">;
  readonly checker: SignatureChecker;
  readonly witness: Pick<VoteWitness, "sawMessage">;
  readonly system: System;
}

/** Number of seals of one peer, a tenth of a millisecond each, before other peers get a turn. */
const SEALS_PER_TURN = 6;
/** Number of messages decoded before other work gets a turn: a millisecond or two. */
const MESSAGES_PER_TURN = 64;
/** The size for which one message is charged; a larger one counts as several. */
const BYTES_OF_A_MESSAGE = 2048;

const NOTHING_RECEIVED = { items: 0, bytes: 0 };

const isGone = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

export class LinkReceiver {
  readonly #parts: LinkReceiverParts;
  /** A peer that sends more seals than its rate is read more slowly. */
  readonly #sealPace: MemberPace;
  /**
   * A peer that sends more messages than its rate, or larger ones, is read more slowly too, regardless of their
   * content.
   */
  readonly #messagePace: MemberPace;
  readonly #received = new Map<ValidatorIndex, { items: number; bytes: number }>();
  readonly #lastHeights = new Map<ValidatorIndex, number>();
  readonly #helpedAt = new Map<ValidatorIndex, number>();
  readonly #checks: CheckQueue;
  readonly #lane: VoteLane;
  /**
   * Without this pause, batches whose messages add nothing, or whose seals settle at once, would keep every other
   * peer waiting.
   */
  readonly #messageTurns = new Yielder(MESSAGES_PER_TURN);
  readonly #sealTurns = new Yielder(SEALS_PER_TURN);

  constructor(parts: LinkReceiverParts) {
    this.#parts = parts;
    const { system, checker } = parts;
    this.#sealPace = new MemberPace(LIMITS.sealsOfPeer, system);
    this.#messagePace = new MemberPace(LIMITS.messagesOfPeer, system);
    this.#checks = new CheckQueue({ checker, system });
    this.#lane = new VoteLane(() => system.monotonic());
  }

  /** Items and bytes of a peer's link since the start of the process. */
  received(peer: ValidatorIndex): { readonly items: number; readonly bytes: number } {
    return this.#received.get(peer) ?? NOTHING_RECEIVED;
  }

  /** Signature checks that wait. */
  get checksWaiting(): number {
    return this.#checks.size;
  }

  /** The highest final height that a peer has reported; 0 if none. */
  lastHeight(peer: ValidatorIndex): number {
    return this.#lastHeights.get(peer) ?? 0;
  }

  /**
   * Handles one batch of a peer's link; settles when its votes are handled. Operations are only put into their inbox,
   * because they can wait and a view cannot. `signal` drops the rest of the batch when the link ends.
   */
  async receive(caller: ValidatorIndex, batch: LinkBatch, signal?: AbortSignal): Promise<void> {
    const { inbox, seals } = this.#parts;
    this.#count(caller, batch);
    inbox.add(caller, batch.operations);
    const turns: Promise<void>[] = [];
    for (const bytes of batch.consensusMessages) {
      if (isGone(signal)) return;
      await this.#messageTurns.count(1);
      const turn = await this.#receiveMessage(caller, bytes, signal);
      if (turn !== undefined) turns.push(turn);
    }
    for (const { target, seal } of batch.seals) {
      if (isGone(signal)) return;
      await this.#sealTurns.count(1);
      await this.#sealPace.keep(caller, 1, signal);
      if (isGone(signal)) return;
      if (target.kind === "header") this.#noteHeight(caller, target.height);
      seals.received(caller, target, seal);
    }
    await Promise.all(turns);
  }

  #count(caller: ValidatorIndex, { consensusMessages, seals, operations }: LinkBatch): void {
    const received = this.#received.get(caller) ?? { items: 0, bytes: 0 };
    this.#received.set(caller, received);
    received.items += consensusMessages.length + seals.length + operations.length;
    received.bytes += seals.length * SEAL_NOTICE_BYTES;
    for (const { length } of consensusMessages) received.bytes += length;
    for (const { length } of operations) received.bytes += length;
  }

  /** Only authentic messages reach the core; one that cannot be authentic is dropped silently. */
  async #receiveMessage(
    from: ValidatorIndex,
    bytes: Bytes,
    signal: AbortSignal | undefined,
  ): Promise<Promise<void> | undefined> {
    const { context, epoch, consensus, witness } = this.#parts;
    await this.#messagePace.keep(from, 1 + Math.floor(bytes.length / BYTES_OF_A_MESSAGE), signal);
    // The link is gone, and its messages go with it: otherwise a member could leave one behind with each link that it
    // drops.
    if (isGone(signal)) return undefined;
    const message = decodeMessage(context.hash, bytes);
    if (message instanceof EncodingError) return undefined;
    const filtered = consensus.core.filter(message);
    if (filtered.kind === "known") return undefined;
    if (filtered.kind === "stale") {
      return this.#isHelpDue(from) ? consensus.push({ kind: "stale", from, message }) : undefined;
    }
    const news = filtered.message;
    const { networkId } = context;
    const checks = messageChecks({ networkId, epoch, validators: context.members(epoch) }, news);
    if (checks === undefined || !(await this.#holds(from, news, checks, signal))) return undefined;
    witness.sawMessage(news);
    if (news.kind === "status" || news.kind === "nullify") this.#noteHeight(from, news.finalHeight);
    return consensus.push({ kind: "message", from, message: news });
  }

  /** R17: a peer is helped once in an interval, so a question that comes sooner gets no answer. */
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
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const [vote] = checks;
    const { view } = this.#parts.consensus.core.status();
    if (vote === undefined || !this.#lane.admits(from, message, view)) {
      return await this.#checks.check(from, checks, signal);
    }
    const holds = await this.#checks.checkFirst(vote);
    if (!holds) this.#lane.bar(from);
    return holds;
  }

  /** The peer's own claim, shown to operators; nothing depends on it. */
  #noteHeight(peer: ValidatorIndex, told: number): void {
    this.#lastHeights.set(peer, Math.max(this.lastHeight(peer), told));
  }
}
