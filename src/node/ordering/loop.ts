/**
 * The one driver of the consensus core. It queues inputs, steps the core, and performs each turn's outputs in order:
 * journal, sync, then messages, requests and final blocks. There is one sync for all inputs of a turn. Nodes and the
 * seeded simulator run on it.
 */

import type { Core } from "../../consensus/core.ts";
import type { Finalized, Input, Outgoing, Output, Request } from "../../consensus/interface.ts";
import {
  encodeJournalEntry,
  type JournalEntry,
  type JournalIndex,
} from "../../consensus/journal.ts";
import type { Evidence } from "../../consensus/votes.ts";
import type { Journal } from "../../storage/contracts.ts";
import type { System } from "../base/system.ts";

/** The surroundings of the loop. Each of these may throw only for a broken invariant. */
export interface LoopParts {
  readonly core: Pick<Core, "step">;
  readonly journal: Pick<Journal, "append">;
  /** A core that has replayed every record of the journal. */
  readonly journalIndex: JournalIndex;
  readonly system: Pick<System, "monotonic" | "wall" | "after">;
  readonly send: (outgoing: Outgoing) => void;
  /** Starts to perform the core's request; the answer comes as an input. */
  readonly perform: (request: Request) => void;
  /** Takes final blocks in their order. */
  readonly finalize: (finalized: readonly Finalized[]) => void;
  readonly accuse: (evidence: readonly Evidence[]) => void;
  /** A broken invariant or a failing disk: the node must stop. */
  readonly fail: (error: unknown) => void;
}

interface Queued {
  readonly input: Input;
  readonly done: () => void;
}

export class Loop {
  readonly #parts: LoopParts;
  #queue: Queued[] = [];
  #turning = false;
  #stopped = false;
  #cancelTimer: (() => void) | undefined;
  /** The deadline of the running timer; undefined if none runs. */
  #timerAt: number | undefined;
  /** The deadline that the core named last; undefined while it waits for nothing. */
  #deadline: number | undefined;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** Queues `input`; settles at the end of the turn that took it, which slows a busy sender down. */
  push(input: Input): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue.push({ input, done: resolve });
    if (!this.#turning) void this.#run();
    return promise;
  }

  /** No turn begins after this; waiting inputs are dropped. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    for (const { done } of this.#queue.splice(0)) done();
  }

  async #run(): Promise<void> {
    this.#turning = true;
    try {
      while (this.#queue.length > 0 && !this.#stopped) await this.#turn();
      if (!this.#stopped) this.#setTimer(this.#deadline);
    } catch (error) {
      this.stop();
      this.#parts.fail(error);
    } finally {
      this.#turning = false;
    }
  }

  async #turn(): Promise<void> {
    const batch = this.#queue;
    this.#queue = [];
    try {
      await this.#take(batch);
    } finally {
      for (const { done } of batch) done();
    }
  }

  async #take(batch: readonly Queued[]): Promise<void> {
    const { core, system } = this.#parts;
    const outputs = batch.map(({ input }) => {
      return core.step(input, { monotonic: system.monotonic(), wall: system.wall() });
    });
    await this.#record(outputs);
    if (this.#stopped) return;
    for (const output of outputs) for (const message of output.messages) this.#parts.send(message);
    for (const output of outputs) {
      for (const request of output.requests) this.#parts.perform(request);
    }
    const finalized = outputs.flatMap((output) => output.finalized);
    if (finalized.length > 0) this.#parts.finalize(finalized);
    const evidence = outputs.flatMap((output) => output.evidence);
    if (evidence.length > 0) this.#parts.accuse(evidence);
    this.#deadline = outputs.at(-1)?.deadline;
  }

  /** R23: the journal of the turn is durable before any of its messages leaves. */
  async #record(outputs: readonly Output[]): Promise<void> {
    const entries: JournalEntry[] = outputs.flatMap((output) => output.journal);
    if (entries.length === 0) return;
    const first = await this.#parts.journal.append(entries.map(encodeJournalEntry));
    for (const [place, entry] of entries.entries()) {
      this.#parts.journalIndex.appended(first + place, entry);
    }
  }

  /** Most turns leave the deadline, and so the timer, unchanged. */
  #setTimer(deadline: number | undefined): void {
    if (deadline === this.#timerAt) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = deadline;
    if (deadline === undefined) return;
    const { system } = this.#parts;
    this.#cancelTimer = system.after(deadline - system.monotonic(), () => {
      this.#timerAt = undefined;
      void this.push({ kind: "tick" });
    });
  }
}
