/**
 * Decides when this node may speak (R29): once enough peers have confirmed that its journal lacks nothing, and never
 * again once a peer proves that it does. The check also finds another process with the same keys.
 */
import type { Core } from "../../consensus/core.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Epoch, Height, ValidatorIndex } from "../../primitives/numbers.ts";
import { quorumOf, type Validator } from "../../primitives/validators.ts";
import type { JournalIdentityRecord } from "../../storage/contracts.ts";
import type { Recollection } from "../../transport/peer-api.ts";
import { PeerFailure } from "../../transport/peer-client.ts";
import type { Log } from "../base/log.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import type { PeerContacts } from "../peers/peer-contacts.ts";
import type { Registry } from "../peers/registry.ts";
import { Amnesia, recordAmnesia } from "./amnesia.ts";
import { checkRecall, type Finding } from "./recall-check.ts";
import { type RecollectionJudge, StartCheck } from "./start-check.ts";

/** Consensus as this check needs it: it knows the node's votes, and sends nothing after `stop`. */
export interface JudgedConsensus {
  readonly core: Pick<Core, "lacks">;
  stop(): void;
}

/** The work that the node begins once it may speak. */
export interface Speaker {
  /** Called once. `finalHeight`: the highest height that the answers proved to be final (R29). */
  start(finalHeight: Height): void;
}

export interface JournalCheckParts {
  readonly context: LedgerContext;
  /** The epoch in which the node is about to vote. */
  readonly epoch: Epoch;
  readonly self: Validator;
  readonly registry: Pick<Registry, "own">;
  readonly consensus: JudgedConsensus;
  readonly checker: SignatureChecker;
  readonly contacts: Pick<PeerContacts, "others" | "recall">;
  readonly identity: JournalIdentityRecord;
  readonly system: System;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

export class JournalCheck implements RecollectionJudge {
  readonly #parts: JournalCheckParts;
  readonly #start: StartCheck;
  #speaker: Speaker | undefined;
  #state: "asking" | "speaking" | "silenced" | "stopped" = "asking";

  constructor(parts: JournalCheckParts) {
    this.#parts = parts;
    const { contacts, system, log, fail } = parts;
    this.#start = new StartCheck({
      contacts,
      quorum: quorumOf(contacts.others.length + 1),
      judge: this,
      system,
      log,
      fail,
    });
  }

  get isSpeaking(): boolean {
    return this.#state === "speaking";
  }

  /** The number of peers that must still answer before the node may speak. */
  get missing(): number {
    return this.isSpeaking ? 0 : Math.max(1, this.#start.missing);
  }

  /** The highest height that the peers' answers proved to be final; 0 until one proves any. */
  get finalHeight(): Height {
    return this.#start.finalHeight;
  }

  start(speaker: Speaker): void {
    this.#speaker = speaker;
    this.#start.start();
  }

  stop(): void {
    this.#state = "stopped";
    this.#start.stop();
  }

  /** A peer has called this node. */
  heard(from: ValidatorIndex): void {
    this.#start.heard(from);
  }

  /** A peer says that it holds a newer registration of this node: asks it for the proof. */
  outdated(peer: ValidatorIndex): void {
    this.#prove(peer).catch(this.#parts.fail);
  }

  async #prove(peer: ValidatorIndex): Promise<void> {
    const recollection = await this.#parts.contacts.recall(peer);
    if (recollection instanceof PeerFailure || !this.isSpeaking) return;
    const finding = await this.judge(recollection);
    if (finding.kind === "lapse") await this.#silence(peer, finding.found);
  }

  judge(recollection: Recollection): Promise<Finding> {
    const { context, epoch, self, registry, consensus, checker } = this.#parts;
    const memory = { own: registry.own, core: consensus.core };
    return checkRecall({ context, epoch, self, checker }, memory, recollection);
  }

  sound(finalHeight: Height): void {
    this.#state = "speaking";
    this.#parts.log.info({}, "enough peers confirm the journal: this node takes part");
    this.#speaker?.start(finalHeight);
  }

  lapse(peer: ValidatorIndex, found: string): void {
    void this.#silence(peer, found);
  }

  /** Stops the node and records the verdict, which outlives the process. */
  async #silence(peer: ValidatorIndex, found: string): Promise<void> {
    if (this.#state === "silenced" || this.#state === "stopped") return;
    this.#state = "silenced";
    const { context, epoch, self, identity, consensus, fail } = this.#parts;
    // First of all: no message may leave once the verdict is recorded.
    consensus.stop();
    const by = context.members(epoch)[peer]?.id ?? "a peer";
    try {
      await recordAmnesia(identity);
    } catch (error) {
      fail(error);
      return;
    }
    fail(new Amnesia(`${by} proves of ${self.id}: ${found}`));
  }
}
