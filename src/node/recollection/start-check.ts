/**
 * Before a node says anything it asks its peers what they remember of it, until a quorum, itself included, has answered
 * that its journal lacks nothing (R29).
 */
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Recollection } from "../../transport/peer-api.ts";
import { PeerFailure } from "../../transport/peer-client.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { Finding } from "./recollection.ts";

export interface StartCheckParts {
  readonly others: readonly ValidatorIndex[];
  /** Of the network, this node included. */
  readonly quorum: number;
  readonly recall: (
    peer: ValidatorIndex,
    signal: AbortSignal,
  ) => Promise<Recollection | PeerFailure>;
  readonly judge: (recollection: Recollection) => Promise<Finding>;
  /** Called once, unless there was a lapse before. */
  readonly onSound: () => void;
  /** Also after `onSound` or `stop`, of an answer that was being judged then. */
  readonly onLapse: (peer: ValidatorIndex, found: string) => void;
  readonly system: System;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}

/** A peer that gave no answer is asked again so much later, twice as much each time. */
const AGAIN_MS_MIN = 100;
const AGAIN_MS_MAX = 2_000;

export class StartCheck {
  readonly #parts: StartCheckParts;
  readonly #sound = new Set<ValidatorIndex>();
  readonly #end = new AbortController();
  readonly #waits = new Map<ValidatorIndex, () => void>();
  #isSound = false;

  constructor(parts: StartCheckParts) {
    this.#parts = parts;
  }

  /** How many peers must still answer; 0 once the node may speak. */
  get missing(): number {
    return Math.max(0, this.#parts.quorum - 1 - this.#sound.size);
  }

  start(): void {
    for (const peer of this.#parts.others) void this.#ask(peer, AGAIN_MS_MIN);
  }

  /** Nothing is concluded after it. */
  stop(): void {
    this.#end.abort();
    this.#askNobodyAgain();
  }

  #askNobodyAgain(): void {
    for (const cancel of this.#waits.values()) cancel();
    this.#waits.clear();
  }

  async #ask(peer: ValidatorIndex, againMs: number): Promise<void> {
    const { recall, judge, system, log, fail } = this.#parts;
    try {
      const answer = await recall(peer, this.#end.signal);
      if (this.#end.signal.aborted) return;
      if (!(answer instanceof PeerFailure)) {
        const finding = await judge(answer);
        // A proof that is in hand counts, even if others have completed the quorum meanwhile.
        if (this.#end.signal.aborted && finding.kind !== "lapse") return;
        if (finding.kind !== "worthless") return this.#conclude(peer, finding);
        log.warn({ peer, problem: finding.problem }, "a peer remembers what cannot be");
      }
      if (this.#isSound) return;
      const wait = system.after(againMs, () => {
        this.#waits.delete(peer);
        void this.#ask(peer, Math.min(2 * againMs, AGAIN_MS_MAX));
      });
      this.#waits.set(peer, wait);
    } catch (error) {
      fail(error);
    }
  }

  #conclude(peer: ValidatorIndex, finding: Exclude<Finding, { kind: "worthless" }>): void {
    if (finding.kind === "lapse") {
      this.stop();
      this.#parts.onLapse(peer, finding.found);
      return;
    }
    this.#sound.add(peer);
    if (this.#isSound || this.missing > 0) return;
    // Whoever was asked may still answer: a proof counts whenever it comes.
    this.#isSound = true;
    this.#askNobodyAgain();
    this.#parts.onSound();
  }
}
