/** The times that the last orders through this node took until their certified answers, for GetStatus. */
import type { System } from "../base/system.ts";

/** Milliseconds. */
export interface AnswerFigures {
  readonly medianMs: number;
  /** 95 of 100 took no longer. */
  readonly p95Ms: number;
}

interface Answered {
  readonly at: number;
  readonly tookMs: number;
}

/** Of more, the newest count: at any rate they are those of the last moments. */
const KEPT_MAX = 1_024;
const WINDOW_MS = 60_000;

export class AnswerTimes {
  readonly #system: Pick<System, "monotonic">;
  readonly #ring: Answered[] = [];
  #next = 0;

  constructor(system: Pick<System, "monotonic">) {
    this.#system = system;
  }

  /** Runs an order, and counts its time if `counts` says so of its answer. */
  async measure<T>(order: () => Promise<T>, counts: (answer: T) => boolean): Promise<T> {
    const begun = this.#system.monotonic();
    const answer = await order();
    const at = this.#system.monotonic();
    if (counts(answer)) {
      this.#ring[this.#next] = { at, tookMs: at - begun };
      this.#next = (this.#next + 1) % KEPT_MAX;
    }
    return answer;
  }

  /** Of the last minute; undefined if no order was answered in it. */
  get figures(): AnswerFigures | undefined {
    const since = this.#system.monotonic() - WINDOW_MS;
    const times = this.#ring.filter(({ at }) => at >= since).map(({ tookMs }) => tookMs);
    if (times.length === 0) return undefined;
    const sorted = times.sort((one, other) => one - other);
    const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
    return { medianMs: at(0.5), p95Ms: at(0.95) };
  }
}
