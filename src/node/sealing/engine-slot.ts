/** The node's seal engine, empty until the group key is final: messages go in by it, and a request comes back as its answer. */
import type { Epoch, ValidatorIndex } from "../../primitives/numbers.ts";
import type { SealAnswer, SealRequest } from "../../seal/messages.ts";
import type { EngineSetup, FromEngine, ToEngine } from "./seal-engine.ts";
import type { EngineEvents, EnginePort, OpenEngine } from "./seal-thread.ts";

/** The messages of an engine but for its answers, which go to their callers. */
export type EngineEvent = Exclude<FromEngine, { kind: "answer" }>;

export interface SlotEvents {
  readonly receive: (event: EngineEvent) => void;
  readonly fail: EngineEvents["fail"];
}

export class EngineSlot {
  readonly #openEngine: OpenEngine;
  readonly #waiting = new Map<number, (answer: SealAnswer | undefined) => void>();
  #port: EnginePort | undefined;
  #epoch: Epoch | undefined;
  #isClosed = false;
  #lastId = 0;

  constructor(openEngine: OpenEngine) {
    this.#openEngine = openEngine;
  }

  /** Of the key; undefined until the engine is open. */
  get epoch(): Epoch | undefined {
    return this.#epoch;
  }

  /** Requests of coordinators so far. */
  get requests(): number {
    return this.#lastId;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  open(setup: EngineSetup, { receive, fail }: SlotEvents): void {
    this.#epoch = setup.key.context.epoch;
    this.#port = this.#openEngine(setup, {
      receive: (message) => {
        if (this.#isClosed) return;
        if (message.kind === "answer") this.#answered(message.id, message.answer);
        else receive(message);
      },
      fail,
    });
  }

  /** Nothing, while there is no engine. */
  post(message: ToEngine): void {
    this.#port?.post(message);
  }

  /** A coordinator asks for a share or a commitment; undefined while there is no engine. */
  answer(from: ValidatorIndex, request: SealRequest): Promise<SealAnswer | undefined> {
    const port = this.#port;
    if (port === undefined) return Promise.resolve(undefined);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      port.post({ kind: "request", id, from, request });
    });
  }

  /** Callers that wait for an answer get none. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const port = this.#port;
    this.#port = undefined;
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
    await port?.close();
  }

  #answered(id: number, answer: SealAnswer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
