/**
 * Asks the peers for their records of this node before it sends anything, until a quorum, itself included, has
 * answered that its journal lacks nothing (R29).
 */
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import { Backoff } from "../../transport/backoff.ts";
import type { Recollection } from "../../transport/peer-api.ts";
import { PeerFailure } from "../../transport/peer-client.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { PeerContacts } from "../peers/peer-contacts.ts";
import type { Finding } from "./recall-check.ts";

export interface RecollectionJudge {
  judge(recollection: Recollection): Promise<Finding>;
  /** Called once, unless a lapse was found before. `finalHeight`: the highest height that the answers proved to be final. */
  sound(finalHeight: Height): void;
  /** May be called even after `sound` or `stop`, for an answer that was being judged then. */
  lapse(peer: ValidatorIndex, found: string): void;
}

export interface StartCheckParts {
  readonly contacts: Pick<PeerContacts, "others" | "recall">;
  /** Quorum of the network; counts this node. */
  readonly quorum: number;
  readonly judge: RecollectionJudge;
  readonly system: System;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

/** The pause before a peer that gave no answer is asked again. A call of the peer ends the pause. */
const AGAIN = { minMs: 100, maxMs: 2_000 };

export class StartCheck {
  readonly #parts: StartCheckParts;
  readonly #sound = new Set<ValidatorIndex>();
  readonly #end = new AbortController();
  /** Aborted when no peer is to be asked again; peers that were asked may still answer. */
  readonly #asked = new AbortController();
  readonly #pauses: ReadonlyMap<ValidatorIndex, Backoff>;
  #isSound = false;
  #finalHeight = height(0);

  constructor(parts: StartCheckParts) {
    this.#parts = parts;
    const { contacts, system } = parts;
    this.#pauses = new Map(contacts.others.map((peer) => [peer, new Backoff(AGAIN, system)]));
  }

  /** The number of peers that must still answer; 0 once the node may speak. */
  get missing(): number {
    return Math.max(0, this.#parts.quorum - 1 - this.#sound.size);
  }

  /** The highest height that the answers proved to be final; 0 until one proves any. */
  get finalHeight(): Height {
    return this.#finalHeight;
  }

  start(): void {
    for (const [peer, pause] of this.#pauses) {
      this.#askUntilAnswered(peer, pause).catch(this.#parts.fail);
    }
  }

  /** A peer has called, so it can be asked. */
  heard(from: ValidatorIndex): void {
    this.#pauses.get(from)?.hurry();
  }

  /** No conclusion is drawn after it. */
  stop(): void {
    this.#end.abort();
    this.#asked.abort();
  }

  async #askUntilAnswered(peer: ValidatorIndex, pause: Backoff): Promise<void> {
    while (!this.#asked.signal.aborted) {
      if (await this.#ask(peer)) return;
      await pause.wait(this.#asked.signal);
    }
  }

  /** True if the peer gave a useful answer, or if no answer is needed any more. */
  async #ask(peer: ValidatorIndex): Promise<boolean> {
    const { contacts, judge, log } = this.#parts;
    const { signal } = this.#end;
    const answer = await contacts.recall(peer, signal);
    if (signal.aborted) return true;
    if (answer instanceof PeerFailure) return false;
    const finding = await judge.judge(answer);
    // A proof that is already here counts, even if other answers have completed the quorum meanwhile.
    if (signal.aborted && finding.kind !== "lapse") return true;
    if (finding.kind === "worthless") {
      log.warn({ peer, problem: finding.problem }, "a peer's record of this node is not credible");
      return false;
    }
    this.#conclude(peer, finding);
    return true;
  }

  #conclude(peer: ValidatorIndex, finding: Exclude<Finding, { kind: "worthless" }>): void {
    if (finding.kind === "lapse") {
      this.stop();
      this.#parts.judge.lapse(peer, finding.found);
      return;
    }
    this.#sound.add(peer);
    this.#finalHeight = height(Math.max(this.#finalHeight, finding.finalHeight));
    if (this.#isSound || this.missing > 0) return;
    // A peer that was asked may still answer: a proof counts at any time.
    this.#isSound = true;
    this.#asked.abort();
    this.#parts.judge.sound(this.#finalHeight);
  }
}
