/**
 * Reads the links of peers: operations go to their inbox, consensus messages to the receiver that checks them, seals to
 * where they are kept, each at the rate of its member (T4).
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { rateOfMember } from "../../primitives/member-shares.ts";
import type { Epoch, ValidatorIndex } from "../../primitives/numbers.ts";
import { SEAL_NOTICE_BYTES } from "../../transport/link-outbox.ts";
import type { LinkBatch } from "../../transport/peer-api.ts";
import { MemberPace } from "../base/member-pace.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import { Yielder } from "../base/yielding.ts";
import type { OperationInbox } from "../intake/operation-inbox.ts";
import type { SealKeeper } from "../sealing/seal-keeper.ts";
import { type Consensus, isGone, MessageReceiver } from "./message-receiver.ts";
import { type HeardProgress, PeerProgress } from "./peer-progress.ts";
import type { VoteWitness } from "./vote-witness.ts";

export interface LinkReceiverParts {
  readonly context: LedgerContext;
  readonly epoch: Epoch;
  readonly consensus: Consensus;
  readonly inbox: Pick<OperationInbox, "add">;
  readonly seals: Pick<SealKeeper, "received">;
  readonly checker: SignatureChecker;
  readonly witness: Pick<VoteWitness, "sawMessage">;
  readonly system: System;
}

/** Number of seals of one peer, a tenth of a millisecond each, before other peers get a turn. */
const SEALS_PER_TURN = 6;
/** Number of messages decoded before other work gets a turn: a millisecond or two. */
const MESSAGES_PER_TURN = 64;

const NOTHING_RECEIVED = { items: 0, bytes: 0 };

export class LinkReceiver {
  readonly #parts: LinkReceiverParts;
  /** A peer that sends more seals than its rate is read more slowly. */
  readonly #sealPace: MemberPace;
  readonly #received = new Map<ValidatorIndex, { items: number; bytes: number }>();
  readonly #messages: MessageReceiver;
  readonly #progress = new PeerProgress();
  /**
   * Without this pause, batches whose messages add nothing, or whose seals settle at once, would keep every other
   * peer waiting.
   */
  readonly #messageTurns = new Yielder(MESSAGES_PER_TURN);
  readonly #sealTurns = new Yielder(SEALS_PER_TURN);

  constructor(parts: LinkReceiverParts) {
    this.#parts = parts;
    const { context, epoch, consensus, checker, witness, system } = parts;
    const progress = this.#progress;
    const members = context.members(epoch).length;
    this.#sealPace = new MemberPace(rateOfMember("sealsOfPeer", members), system);
    this.#messages = new MessageReceiver({
      context,
      epoch,
      consensus,
      checker,
      witness,
      progress,
      system,
    });
  }

  /** Items and bytes of a peer's link since the start of the process. */
  received(peer: ValidatorIndex): { readonly items: number; readonly bytes: number } {
    return this.#received.get(peer) ?? NOTHING_RECEIVED;
  }

  /** Signature checks that wait. */
  get checksWaiting(): number {
    return this.#messages.checksWaiting;
  }

  progressOf(peer: ValidatorIndex): HeardProgress {
    return this.#progress.of(peer);
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
      const turn = await this.#messages.receive(caller, bytes, signal);
      if (turn !== undefined) turns.push(turn);
    }
    for (const { target, seal } of batch.seals) {
      if (isGone(signal)) return;
      await this.#sealTurns.count(1);
      if (!(await this.#sealPace.keep(caller, 1, signal))) return;
      if (target.kind === "header") this.#progress.noteFinal(caller, target.height);
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
}
