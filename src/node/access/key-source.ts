/**
 * The keys of an authorization server in force. Those of a file change by a reload. Those of a URL are fetched at the start, every
 * few minutes, and when a token names an unknown key; while the server gives none, the last ones are used for a day.
 */
import { connectProblem } from "../../transport/connect-problem.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { type KeySet, readKeySet } from "./key-set.ts";

export interface KeySource {
  /** Undefined if there are none that may be relied on. */
  current(): KeySet | undefined;
  /**
   * The keys after one more question, for a token whose key is not in `current`; undefined if the server did not answer, so
   * that the key may exist. Questions have a rate: in between, the last answer stands.
   */
  renewed(): Promise<KeySet | undefined>;
  /** Asks now, without waiting. */
  ask(): void;
  /** Undefined for keys of a file, which nothing fetches. */
  figures(): FetchFigures | undefined;
  stop(): void;
}

export interface FetchFigures {
  /** Attempts that brought a key set that can be used, and those that did not. */
  readonly succeeded: number;
  readonly failed: number;
  /** Milliseconds since the last one that did; before the first, since the source was opened. */
  readonly ageMs: number;
}

export function fixedKeys(keys: KeySet): KeySource {
  return {
    current: () => keys,
    renewed: () => Promise.resolve(keys),
    ask: () => undefined,
    figures: () => undefined,
    stop: () => undefined,
  };
}

export interface FetchedKeysParts {
  readonly issuer: string;
  readonly fetch: (signal: AbortSignal) => Promise<string>;
  readonly system: Pick<System, "monotonic" | "after">;
  readonly log: Pick<Log, "info" | "warn">;
}

/** Callers that wait for one fetch. */
export const WAITERS_MAX = 64;
/** Between two fetches, and after one that failed. */
const FETCH_EVERY_MS = 5 * 60_000;
const FETCH_AGAIN_MS = 30_000;
/** A key that its server has withdrawn is used no longer than this. */
const KEPT_MS = 24 * 3_600_000;

export class FetchedKeys implements KeySource {
  readonly #parts: FetchedKeysParts;
  #held: { readonly keys: KeySet; readonly at: number } | undefined;
  #underWay: Promise<boolean> | undefined;
  #last: { readonly succeeded: boolean; readonly at: number } | undefined;
  #waiters = 0;
  #succeeded = 0;
  #failed = 0;
  readonly #openedAt: number;
  #cancel = (): void => undefined;
  readonly #stopped = new AbortController();

  constructor(parts: FetchedKeysParts) {
    this.#parts = parts;
    this.#openedAt = parts.system.monotonic();
  }

  figures(): FetchFigures {
    const since = this.#held?.at ?? this.#openedAt;
    const ageMs = this.#parts.system.monotonic() - since;
    return { succeeded: this.#succeeded, failed: this.#failed, ageMs };
  }

  current(): KeySet | undefined {
    const held = this.#held;
    if (held === undefined) return undefined;
    return this.#parts.system.monotonic() - held.at < KEPT_MS ? held.keys : undefined;
  }

  async renewed(): Promise<KeySet | undefined> {
    if (this.#waiters >= WAITERS_MAX) return undefined;
    this.#waiters += 1;
    try {
      return (await this.#answered()) ? this.current() : undefined;
    } finally {
      this.#waiters -= 1;
    }
  }

  ask(): void {
    this.#underWay ??= this.#fetch();
  }

  stop(): void {
    this.#stopped.abort();
    this.#cancel();
  }

  /** True if the server has answered lately. */
  async #answered(): Promise<boolean> {
    const last = this.#last;
    const isRecent =
      last !== undefined && this.#parts.system.monotonic() - last.at < FETCH_AGAIN_MS;
    if (this.#underWay === undefined && isRecent) return last.succeeded;
    this.#underWay ??= this.#fetch();
    return await this.#underWay;
  }

  /** Never rejects. */
  async #fetch(): Promise<boolean> {
    const { issuer, fetch, system, log } = this.#parts;
    this.#cancel();
    let problem: string | undefined;
    try {
      const keys = readKeySet(await fetch(this.#stopped.signal));
      if (typeof keys === "string") problem = `the key set ${keys}`;
      else this.#hold(keys);
    } catch (error) {
      problem = error instanceof Error ? connectProblem(error) : String(error);
    }
    const isStopped = this.#stopped.signal.aborted;
    if (problem !== undefined && !isStopped) {
      const hasKeys = this.current() !== undefined;
      log.warn({ issuer, problem, hasKeys }, "the keys of an authorization server cannot be had");
    }
    const succeeded = problem === undefined;
    if (succeeded) this.#succeeded += 1;
    else if (!isStopped) this.#failed += 1;
    this.#last = { succeeded, at: system.monotonic() };
    this.#underWay = undefined;
    if (!isStopped) {
      const delayMs = succeeded ? FETCH_EVERY_MS : FETCH_AGAIN_MS;
      this.#cancel = system.after(delayMs, () => this.ask());
    }
    return succeeded;
  }

  /** The object stays if nothing has changed, because remembered tokens belong to it. */
  #hold(keys: KeySet): void {
    const { issuer, system, log } = this.#parts;
    const old = this.#held?.keys;
    const isSame = old?.text === keys.text;
    this.#held = { keys: isSame && old !== undefined ? old : keys, at: system.monotonic() };
    if (isSame) return;
    const { usable, leftOut } = keys;
    log.info({ issuer, usable, leftOut }, "an authorization server has new keys");
  }
}
