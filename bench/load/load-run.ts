/** Sends prepared calls, as a plan says, and notes when each is answered. */
import { setTimeout as pause } from "node:timers/promises";
import type { KeptAnswer } from "./answer-check.ts";
import { arrivalTimes } from "./arrival-times.ts";
import type { RawAnswer } from "./call-connection.ts";
import type { Arrivals, LoadPlan } from "./load-plan.ts";
import type { PreparedCall } from "./signed-load.ts";

/** Calls to one gateway. */
export interface Lane {
  readonly call: (call: PreparedCall, onAnswer: (answer: RawAnswer) => void) => void;
}

export interface LoadRunParts {
  readonly plan: Pick<LoadPlan, "arrivals" | "warmMs" | "measureMs" | "seed" | "mayBeRefused">;
  readonly calls: readonly PreparedCall[];
  /** One for each gateway. */
  readonly lanes: readonly Lane[];
  /** Called at the begin and at the end of the measured time. */
  readonly onMeasuring: () => void;
  readonly onMeasured: () => void;
}

export interface LoadRunFigures {
  readonly answers: readonly KeptAnswer[];
  readonly measuredMs: number;
  readonly ranOut: boolean;
  readonly latenciesMs: readonly number[];
  readonly gatewayOf: readonly number[];
  readonly unsent: number;
  readonly refused: number;
}

/** The statuses of a refusal for now: RESOURCE_EXHAUSTED and UNAVAILABLE. */
const REFUSED_FOR_NOW: ReadonlySet<number> = new Set([429, 503]);

const TOO_MANY = 429;
/** The pause that a node names with it, milliseconds. */
const AGAIN_MS = 1_000;

/** The measured time lasts until so many operations are answered, but no longer than this beyond its plan, milliseconds. */
const ANSWERS_MIN = 20;
const EXTRA_MS = 60_000;
/** The shortest pause between two looks at the times of an open load, milliseconds. */
const LOOK_MS = 1;

export class LoadRun {
  readonly #parts: LoadRunParts;
  readonly #answers: KeptAnswer[] = [];
  readonly #latencies: number[] = [];
  readonly #gatewayOf: number[] = [];
  readonly #drained = Promise.withResolvers<void>();
  /** Settles when the prepared calls have run out. */
  readonly #ranOut = Promise.withResolvers<void>();
  readonly #enough = Promise.withResolvers<void>();
  #next = 0;
  #underWay = 0;
  #unsent = 0;
  #refused = 0;
  #hasRunOut = false;
  #phase: "warming" | "measuring" | "over" = "warming";

  constructor(parts: LoadRunParts) {
    this.#parts = parts;
  }

  /** Settles when every call that was sent is answered. */
  async run(): Promise<LoadRunFigures> {
    const { arrivals, warmMs, measureMs } = this.#parts.plan;
    const sending = this.#begin(arrivals);
    await this.#passed(warmMs);
    this.#phase = "measuring";
    const begun = performance.now();
    this.#parts.onMeasuring();
    await this.#passed(measureMs);
    await this.#passed(EXTRA_MS, this.#enough.promise);
    this.#phase = "over";
    const measuredMs = performance.now() - begun;
    this.#parts.onMeasured();
    await sending;
    if (this.#underWay > 0) await this.#drained.promise;
    return {
      measuredMs,
      answers: this.#answers,
      ranOut: this.#hasRunOut,
      latenciesMs: this.#latencies,
      gatewayOf: this.#gatewayOf,
      unsent: this.#unsent,
      refused: this.#refused,
    };
  }

  async #begin(arrivals: Arrivals): Promise<void> {
    if (arrivals.kind === "open") await this.#sendWhenDue(arrivals);
    else for (let i = 0; i < arrivals.inFlight; i++) this.#send(performance.now());
  }

  async #sendWhenDue(arrivals: Extract<Arrivals, { kind: "open" }>): Promise<void> {
    const begun = performance.now();
    const next = arrivalTimes(arrivals.perSecond, this.#parts.plan.seed);
    let due = next();
    while (this.#phase !== "over") {
      const now = performance.now() - begun;
      for (; due <= now; due = next()) {
        if (this.#underWay < arrivals.inFlightMax) this.#send(begun + due);
        else if (this.#phase === "measuring") this.#unsent += 1;
      }
      await pause(Math.max(LOOK_MS, due - (performance.now() - begun)));
    }
  }

  /** Settles after `ms`, or before: when the calls run out, or with `sooner`. */
  async #passed(ms: number, sooner?: Promise<void>): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const timer = pause(ms, undefined, { signal }).catch(() => undefined);
    await Promise.race([timer, this.#ranOut.promise, ...(sooner === undefined ? [] : [sooner])]);
    controller.abort();
  }

  /** Sends the next call; `due` is the time from which its caller waits. */
  #send(due: number): void {
    if (this.#phase === "over") return;
    const { calls, lanes } = this.#parts;
    const gateway = this.#next % lanes.length;
    const [call, lane] = [calls[this.#next], lanes[gateway]];
    if (call === undefined || lane === undefined) {
      this.#hasRunOut = true;
      this.#ranOut.resolve();
      return;
    }
    this.#next += 1;
    this.#underWay += 1;
    this.#ask(call, { lane, gateway, due });
  }

  /** A caller of a closed load that is refused for now asks again after a while, with the same id. */
  #ask(call: PreparedCall, of: { lane: Lane; gateway: number; due: number }): void {
    const { plan } = this.#parts;
    const { lane, gateway, due } = of;
    lane.call(call, (answer) => {
      const isClosed = plan.arrivals.kind === "closed";
      const comesAgain = isClosed && answer.status === TOO_MANY;
      if (comesAgain && this.#phase !== "over") {
        void pause(AGAIN_MS).then(() => this.#ask(call, of));
        return;
      }
      this.#underWay -= 1;
      if (comesAgain || (plan.mayBeRefused === true && REFUSED_FOR_NOW.has(answer.status))) {
        if (this.#phase === "measuring") this.#refused += 1;
      } else this.#note({ call, ...answer }, { gateway, due });
      if (isClosed) this.#send(performance.now());
      if (this.#phase === "over" && this.#underWay === 0) this.#drained.resolve();
    });
  }

  #note(
    answer: KeptAnswer,
    { gateway, due }: { readonly gateway: number; readonly due: number },
  ): void {
    this.#answers.push(answer);
    if (this.#phase !== "measuring") return;
    this.#latencies.push(performance.now() - due);
    this.#gatewayOf.push(gateway);
    if (this.#latencies.length >= ANSWERS_MIN) this.#enough.resolve();
  }
}
