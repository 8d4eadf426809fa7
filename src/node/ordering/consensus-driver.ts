/**
 * The one driver of the consensus core. It queues inputs, steps the core, and performs the outputs in order: journal, sync,
 * then messages, requests and final blocks. There is one sync for all inputs of a step, and a step that only makes blocks
 * final shares that of their commit. Nodes and the seeded simulator run on it.
 */

import type { Core } from "../../consensus/core.ts";
import type { Finalized, Input, Outgoing, Output, Request } from "../../consensus/interface.ts";
import {
  encodeJournalEntry,
  type JournalEntry,
  type JournalIndex,
} from "../../consensus/journal.ts";
import type { Evidence } from "../../consensus/votes.ts";
import { assert } from "../../primitives/assert.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Journal } from "../../storage/contracts.ts";
import type { System } from "../base/system.ts";

/** Performs the outputs of the core. Each of these may throw only for a broken invariant. */
export interface Effects {
  send(outgoing: Outgoing): void;
  /** Starts to perform the core's request; the answer comes as an input. */
  perform(request: Request): void;
  /** Takes final blocks in their order. */
  finalize(finalized: readonly Finalized[]): void;
  accuse(evidence: readonly Evidence[]): void;
}

export interface ConsensusDriverParts<C extends Pick<Core, "step">> {
  readonly core: C;
  readonly journal: Pick<Journal, "append" | "next">;
  /** A core that has replayed every record of the journal. */
  readonly journalIndex: JournalIndex;
  readonly system: Pick<System, "monotonic" | "wall" | "after">;
  /** A broken invariant or a failing disk: the node must stop. */
  readonly fail: (error: unknown) => void;
}

interface Queued {
  readonly input: Input;
  readonly done: () => void;
}

export class ConsensusDriver<C extends Pick<Core, "step"> = Core> {
  readonly core: C;
  readonly #parts: ConsensusDriverParts<C>;
  /** These give inputs to the driver themselves, so they are connected when it starts. */
  #effects: Effects | undefined;
  #queue: Queued[] = [];
  #isStepping = false;
  #stopped = false;
  /** Settles when all records of the journal so far are synced, or the driver has stopped. */
  #synced: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;
  /** The deadline of the running timer; undefined if none runs. */
  #timerAt: number | undefined;
  /** The deadline that the core named last; undefined while it waits for nothing. */
  #deadline: number | undefined;

  constructor(parts: ConsensusDriverParts<C>) {
    this.#parts = parts;
    this.core = parts.core;
  }

  /** Begins with the input that sends the votes of the journal again (R24). */
  start(effects: Effects): void {
    this.#effects = effects;
    void this.push({ kind: "started" });
  }

  /** The link to a peer is up. */
  connected(peer: ValidatorIndex): void {
    void this.push({ kind: "connected", peer });
  }

  /** Queues `input`; settles when its outputs are performed, which slows a busy sender down. */
  push(input: Input): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue.push({ input, done: resolve });
    if (!this.#isStepping) void this.#run();
    return promise;
  }

  /** No step begins after this; waiting inputs are dropped. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    for (const { done } of this.#queue.splice(0)) done();
  }

  async #run(): Promise<void> {
    this.#isStepping = true;
    try {
      while (this.#queue.length > 0 && !this.#stopped) await this.#next();
      if (!this.#stopped) this.#setTimer(this.#deadline);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isStepping = false;
    }
  }

  #fail(error: unknown): void {
    this.stop();
    this.#parts.fail(error);
  }

  async #next(): Promise<void> {
    const batch = this.#queue;
    this.#queue = [];
    try {
      await this.#take(batch);
    } finally {
      for (const { done } of batch) done();
    }
  }

  async #take(batch: readonly Queued[]): Promise<void> {
    const { system } = this.#parts;
    const outputs = batch.map(({ input }) => {
      return this.core.step(input, { monotonic: system.monotonic(), wall: system.wall() });
    });
    this.#record(outputs);
    if (mustBeSynced(outputs)) await this.#synced;
    if (this.#stopped) return;
    this.#perform(outputs);
    this.#deadline = outputs.at(-1)?.deadline;
  }

  #perform(outputs: readonly Output[]): void {
    const effects = this.#effects;
    assert(effects !== undefined, "nothing is put out before the start");
    for (const { messages } of outputs) for (const message of messages) effects.send(message);
    for (const { requests } of outputs) for (const request of requests) effects.perform(request);
    const finalized = outputs.flatMap((output) => output.finalized);
    if (finalized.length > 0) effects.finalize(finalized);
    const evidence = outputs.flatMap((output) => output.evidence);
    if (evidence.length > 0) effects.accuse(evidence);
  }

  #record(outputs: readonly Output[]): void {
    const entries: JournalEntry[] = outputs.flatMap((output) => output.journal);
    if (entries.length === 0) return;
    const { journal, journalIndex } = this.#parts;
    const first = journal.next;
    const appended = journal.append(entries.map(encodeJournalEntry));
    for (const [index, entry] of entries.entries()) journalIndex.appended(first + index, entry);
    this.#synced = appended.then(
      () => undefined,
      (error: unknown) => this.#fail(error),
    );
  }

  /** Most steps leave the deadline, and so the timer, unchanged. */
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

/**
 * R23: the journal of a step, and of those before it, is durable before any of its messages leaves. A step that says nothing
 * and makes blocks final needs no sync of its own: the store writes its records and the commit of the blocks, which is called
 * in the same turn, in this order and at once.
 */
function mustBeSynced(outputs: readonly Output[]): boolean {
  if (outputs.some(({ messages }) => messages.length > 0)) return true;
  const isRecorded = outputs.some(({ journal }) => journal.length > 0);
  return isRecorded && outputs.every(({ finalized }) => finalized.length === 0);
}
