/**
 * Several gateways that are asked as if they were one. A call goes to the next one if one fails, and reads also to a second one if the
 * first is slow. No gateway decides alone: a refusal is thrown when all were asked.
 */
import { printable } from "../primitives/printable.ts";
import { readRefusal } from "../transport/errors.ts";
import type { Refusal } from "../transport/refusal.ts";
import { boundDuration, pause, realTimers, startTimer } from "../transport/timers.ts";
import { CancelFault } from "./cancel.ts";
import type { GatewayClient } from "./gateway-calls.ts";
import { GatewayHealth } from "./gateway-health.ts";
import { type GatewayFailure, GatewayFault, LedgerError, StaleAnswer } from "./ledger-error.ts";
import { ListFault } from "./lists.ts";
import { isPassing, waitAfter } from "./lost-calls.ts";
import { SubmitFault } from "./submitted-outcomes.ts";

export interface LedgerGateway {
  /** The id of the node in the genesis if it is known, otherwise its address. */
  readonly name: string;
  /** The id of the node in the genesis. */
  readonly node: string | undefined;
  readonly calls: GatewayClient["calls"];
}

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** In which some gateway must answer, milliseconds. */
  readonly timeoutMs: number;
  /** A second gateway is asked if the first has not answered for so long; absent: only when one fails. */
  readonly hedgeAfterMs?: number | undefined;
}

export type GatewayCall<T> = (gateway: LedgerGateway, signal: AbortSignal) => Promise<T>;

export interface GatewayAnswer<T> {
  readonly gateway: LedgerGateway;
  readonly answer: T;
}

type Settled<T> = { readonly index: number } & (
  | { readonly answer: T }
  | { readonly error: unknown }
);

export class Gateways {
  readonly all: readonly LedgerGateway[];
  readonly #health: GatewayHealth;

  constructor(all: readonly LedgerGateway[], random: () => number = Math.random) {
    if (all.length === 0) throw new RangeError("a ledger client needs an endpoint");
    this.all = all;
    this.#health = new GatewayHealth(all.length, Math.floor(random() * all.length));
  }

  /** Those to ask, the best one first. */
  inOrder(): readonly LedgerGateway[] {
    return this.#health.order(performance.now()).map((index) => this.#at(index));
  }

  answered(gateway: LedgerGateway): void {
    this.#health.answered(this.all.indexOf(gateway));
  }

  /** The gateway is asked last for a while; for longer if it lied. */
  failed(gateway: LedgerGateway, error: unknown): void {
    const [index, now] = [this.all.indexOf(gateway), performance.now()];
    if (isLie(error)) this.#health.lied(index, now);
    else this.#health.failed(index, now);
  }

  /**
   * The first good answer. Throws the reason of `signal` if it aborts, and LedgerError REFUSED, UNPROVEN, STALE or UNREACHABLE. A
   * call throws GatewayFault or StaleAnswer for an answer that is not good.
   */
  async ask<T>(call: GatewayCall<T>, options: AskOptions): Promise<GatewayAnswer<T>> {
    const { signal, timeoutMs } = options;
    const late = new AbortController();
    const stop = startTimer(boundDuration(timeoutMs), () => late.abort());
    const end = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
    let failures: readonly GatewayFailure[] = [];
    try {
      for (let round = 1; ; round++) {
        const found = await this.#askAll(call, end, options.hedgeAfterMs);
        signal?.throwIfAborted();
        if ("answer" in found) return found;
        // A call that time cut short says nothing: what the gateways said in the round before does.
        if (found.failures.length > 0) failures = found.failures;
        const passing = failures.find(
          ({ error }) => isPassing(error) || error instanceof StaleAnswer,
        );
        if (end.aborted || passing === undefined) throw errorOf(failures);
        await pause(realTimers, waitAfter(passing.error, round), end);
        signal?.throwIfAborted();
        if (end.aborted) throw errorOf(failures);
      }
    } finally {
      stop();
    }
  }

  /** Asks each gateway once, until one gives a good answer. */
  async #askAll<T>(
    call: GatewayCall<T>,
    signal: AbortSignal,
    hedgeAfterMs: number | undefined,
  ): Promise<GatewayAnswer<T> | { readonly failures: readonly GatewayFailure[] }> {
    const waiting = [...this.#health.order(performance.now())];
    const running = new Map<number, Promise<Settled<T>>>();
    const failures: GatewayFailure[] = [];
    // Ends the slower calls when there is an answer.
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    try {
      while (!signal.aborted && (waiting.length > 0 || running.size > 0)) {
        const next = waiting.shift();
        if (next !== undefined) running.set(next, this.#start(call, next, both));
        const settled = await firstOf(
          running,
          waiting.length > 0 ? hedgeAfterMs : undefined,
          signal,
        );
        if (settled === undefined) continue;
        running.delete(settled.index);
        const gateway = this.#at(settled.index);
        if ("answer" in settled) {
          this.#health.answered(settled.index);
          return { gateway, answer: settled.answer };
        }
        if (signal.aborted) break;
        // A refusal of what was asked is an answer.
        const isAnswer = readRefusal(settled.error) !== undefined && !isPassing(settled.error);
        if (!isAnswer) this.failed(gateway, settled.error);
        failures.push({ gateway: gateway.name, error: settled.error });
      }
      return { failures };
    } finally {
      over.abort();
    }
  }

  #start<T>(call: GatewayCall<T>, index: number, signal: AbortSignal): Promise<Settled<T>> {
    return call(this.#at(index), signal).then(
      (answer) => ({ index, answer }),
      (error: unknown) => ({ index, error }),
    );
  }

  #at(index: number): LedgerGateway {
    const gateway = this.all[index];
    if (gateway === undefined) throw new RangeError(`there is no gateway ${index}`);
    return gateway;
  }
}

/** The first call that settles; undefined if none did within `waitMs`, or before `signal` aborted. */
async function firstOf<T>(
  running: ReadonlyMap<number, Promise<Settled<T>>>,
  waitMs: number | undefined,
  signal: AbortSignal,
): Promise<Settled<T> | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop =
    waitMs === undefined ? () => undefined : startTimer(waitMs, () => resolve(undefined));
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([...running.values(), promise]);
  } finally {
    stop();
    signal.removeEventListener("abort", onAbort);
  }
}

/** True for an answer that an honest gateway does not give. */
export function isLie(error: unknown): boolean {
  return (
    error instanceof GatewayFault ||
    error instanceof CancelFault ||
    error instanceof ListFault ||
    error instanceof SubmitFault
  );
}

/** One error for what all gateways did: what they said counts more than silence. */
function errorOf(failures: readonly GatewayFailure[]): LedgerError {
  const told = failures.map(({ gateway, error }) => `${gateway}: ${messageOf(error)}`).join("; ");
  const refusals = failures.flatMap(({ error }): Refusal[] => {
    const refusal = isPassing(error) ? undefined : readRefusal(error);
    return refusal === undefined ? [] : [refusal];
  });
  const [refusal] = refusals;
  if (refusal !== undefined) return new LedgerError("REFUSED", told, { refusal, failures });
  if (failures.some(({ error }) => isLie(error))) {
    return new LedgerError("UNPROVEN", told, { failures });
  }
  if (failures.some(({ error }) => error instanceof StaleAnswer)) {
    return new LedgerError("STALE", told, { failures });
  }
  const why = told === "" ? "no gateway answered in time" : told;
  return new LedgerError("UNREACHABLE", why, { failures });
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
