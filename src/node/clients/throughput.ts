/** The figures of the blocks that were committed in the last minute, for GetStatus: operations by the second, and the pace of blocks. */
import type { Header } from "../../primitives/block.ts";
import type { ThroughputInfo } from "../../transport/ledger-api.ts";
import type { System } from "../base/system.ts";

const WINDOW_S = 60;
/** Of more, the newest count. */
const BLOCK_TIMES_MAX = 256;

/** Of an executed block, all that is counted. */
interface CountedBlock {
  readonly block: { readonly header: Pick<Header, "time"> };
  readonly operations: { readonly length: number };
}

export class Throughput {
  readonly #system: Pick<System, "wall">;
  /** Operations by the second of block time, ascending; none is older than the window. */
  readonly #operations = new Map<number, number>();
  /** Milliseconds, ascending. */
  readonly #blockTimes: number[] = [];

  constructor(system: Pick<System, "wall">) {
    this.#system = system;
  }

  committed(blocks: readonly CountedBlock[]): void {
    for (const { block, operations } of blocks) {
      const { time } = block.header;
      const second = Math.floor(time / 1_000);
      this.#operations.set(second, (this.#operations.get(second) ?? 0) + operations.length);
      this.#forgetBefore(second - WINDOW_S);
      this.#blockTimes.push(time);
    }
    const spare = this.#blockTimes.length - BLOCK_TIMES_MAX;
    if (spare > 0) this.#blockTimes.splice(0, spare);
  }

  get figures(): ThroughputInfo {
    // Block time runs with the clocks of the members, of which this one may be slow.
    const now = Math.max(this.#system.wall(), this.#blockTimes.at(-1) ?? 0);
    const first = Math.floor(now / 1_000) - WINDOW_S;
    const operations = Array.from({ length: WINDOW_S }, (_, i) => {
      return this.#operations.get(first + i) ?? 0;
    });
    return { operations, blockMsMedian: medianGap(this.#blockTimes, now - WINDOW_S * 1_000) };
  }

  #forgetBefore(first: number): void {
    for (const second of this.#operations.keys()) {
      if (second >= first) return;
      this.#operations.delete(second);
    }
  }
}

/** Between the blocks from `since` on; undefined below two gaps. */
function medianGap(times: readonly number[], since: number): number | undefined {
  const recent = times.filter((time) => time >= since);
  const gaps = recent.slice(1).map((time, i) => time - (recent[i] ?? time));
  if (gaps.length < 2) return undefined;
  return gaps.sort((one, other) => one - other)[Math.floor(gaps.length / 2)];
}
