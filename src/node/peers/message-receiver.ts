/** The consensus messages of peers: each is decoded and filtered, its signatures are checked, and then the core gets it (T4). */
import type { Core } from "../../consensus/core.ts";
import type { Input } from "../../consensus/interface.ts";
import { decodeMessage, type Message, messageChecks } from "../../consensus/message.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import { rateOfMember } from "../../primitives/member-shares.ts";
import type { Epoch, ValidatorIndex } from "../../primitives/numbers.ts";
import type { SignatureCheck } from "../../primitives/signature.ts";
import { MemberPace } from "../base/member-pace.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import { CheckQueue } from "./check-queue.ts";
import type { PeerProgress } from "./peer-progress.ts";
import { VoteLane } from "./vote-lane.ts";
import type { VoteWitness } from "./vote-witness.ts";

/** The driver of consensus: its core, and the way to give it inputs. */
export interface Consensus {
  readonly core: Core;
  push(input: Input): Promise<void>;
}

export interface MessageReceiverParts {
  readonly context: LedgerContext;
  readonly epoch: Epoch;
  readonly consensus: Consensus;
  readonly checker: SignatureChecker;
  readonly witness: Pick<VoteWitness, "sawMessage">;
  readonly progress: Pick<PeerProgress, "heard">;
  readonly system: System;
}

/** The size for which one message is charged; a larger one counts as several. */
const BYTES_OF_A_MESSAGE = 2048;

/** True once the link that brought a message has ended. */
export const isGone = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

export class MessageReceiver {
  readonly #parts: MessageReceiverParts;
  /**
   * A peer that sends more messages than its rate, or larger ones, is read more slowly too, regardless of their
   * content.
   */
  readonly #pace: MemberPace;
  readonly #helpedAt = new Map<ValidatorIndex, number>();
  readonly #checks: CheckQueue;
  readonly #lane: VoteLane;

  constructor(parts: MessageReceiverParts) {
    this.#parts = parts;
    const { system, checker } = parts;
    const members = parts.context.members(parts.epoch).length;
    this.#pace = new MemberPace(rateOfMember("messagesOfPeer", members), system);
    this.#checks = new CheckQueue({ checker, system });
    this.#lane = new VoteLane(() => system.monotonic());
  }

  /** Signature checks that wait. */
  get checksWaiting(): number {
    return this.#checks.size;
  }

  /** Only authentic messages reach the core; one that cannot be authentic is dropped silently. */
  async receive(
    from: ValidatorIndex,
    bytes: Bytes,
    signal: AbortSignal | undefined,
  ): Promise<Promise<void> | undefined> {
    const { context, epoch, consensus, witness, progress } = this.#parts;
    const cost = 1 + Math.floor(bytes.length / BYTES_OF_A_MESSAGE);
    // The link is gone, and its messages go with it: otherwise a member could leave one behind with each link that it
    // drops.
    if (!(await this.#pace.keep(from, cost, signal))) return undefined;
    const message = decodeMessage(context.hash, bytes);
    if (message instanceof EncodingError) return undefined;
    // Before the filter: it drops most votes of a peer that is the last to vote.
    progress.heard(from, message);
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
}
