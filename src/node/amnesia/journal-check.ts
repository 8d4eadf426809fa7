/**
 * Whether this node may speak (R29): not before enough peers have said that its journal lacks nothing, and never again
 * once one of them proves that it does. Another process with the same keys is found out here too.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import type { Epoch, ValidatorIndex } from "../../primitives/numbers.ts";
import { quorumOf, type Validator } from "../../primitives/validators.ts";
import type { JournalIdentityRecord } from "../../storage/contracts.ts";
import type { Recollection } from "../../transport/peer-api.ts";
import { PeerFailure } from "../../transport/peer-client.ts";
import type { Log } from "../base/log.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import type { PeerContacts } from "../peers/peer-contacts.ts";
import { Amnesia, recordAmnesia } from "./amnesia.ts";
import { checkRecall, type Finding, type OwnMemory } from "./recall-check.ts";
import { StartCheck } from "./start-check.ts";

export interface JournalCheckParts {
  readonly context: LedgerContext;
  /** The epoch in which the node is about to vote. */
  readonly epoch: Epoch;
  readonly self: Validator;
  readonly memory: OwnMemory;
  readonly checker: SignatureChecker;
  readonly contacts: Pick<PeerContacts, "others" | "recall">;
  readonly identity: JournalIdentityRecord;
  /** Called once, when the node may speak. */
  readonly onSpeaking: () => void;
  /** Called once, before the verdict is recorded: nothing may leave after it. */
  readonly onSilenced: () => void;
  readonly system: System;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

export class JournalCheck {
  readonly #parts: JournalCheckParts;
  readonly #start: StartCheck;
  #state: "asking" | "speaking" | "silenced" | "stopped" = "asking";

  constructor(parts: JournalCheckParts) {
    this.#parts = parts;
    const { contacts, onSpeaking, system, log, fail } = parts;
    const { others } = contacts;
    this.#start = new StartCheck({
      others,
      quorum: quorumOf(others.length + 1),
      recall: (peer, signal) => contacts.recall(peer, signal),
      judge: (recollection) => this.#judge(recollection),
      onSound: () => {
        this.#state = "speaking";
        log.info({}, "enough peers vouch for the journal: taking part");
        onSpeaking();
      },
      onLapse: (peer, found) => void this.#silence(peer, found),
      system,
      log,
      fail,
    });
  }

  get isSpeaking(): boolean {
    return this.#state === "speaking";
  }

  /** How many peers must still answer before the node may speak. */
  get missing(): number {
    return this.isSpeaking ? 0 : Math.max(1, this.#start.missing);
  }

  start(): void {
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

  /** A peer says that it holds a newer registration of this node: is it so? */
  outdated(peer: ValidatorIndex): void {
    this.#prove(peer).catch(this.#parts.fail);
  }

  async #prove(peer: ValidatorIndex): Promise<void> {
    const recollection = await this.#parts.contacts.recall(peer);
    if (recollection instanceof PeerFailure || !this.isSpeaking) return;
    const finding = await this.#judge(recollection);
    if (finding.kind === "lapse") await this.#silence(peer, finding.found);
  }

  #judge(recollection: Recollection): Promise<Finding> {
    const { context, epoch, self, memory, checker } = this.#parts;
    return checkRecall({ context, epoch, self, checker }, memory, recollection);
  }

  /** The verdict outlives the process. */
  async #silence(peer: ValidatorIndex, found: string): Promise<void> {
    if (this.#state === "silenced" || this.#state === "stopped") return;
    this.#state = "silenced";
    const { context, epoch, self, identity, onSilenced, fail } = this.#parts;
    onSilenced();
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
