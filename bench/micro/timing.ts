/** Times one small piece of work: many runs for each sample, many samples, their median. */
import { median } from "../../src/cli/percentile.ts";

export interface MicroBenchmark {
  readonly name: string;
  /** Does the work once, or `count` times if that is given. Its result is kept, so that no compiler removes the work. */
  readonly run: () => unknown;
  /** The number of pieces of work in a run; the time is divided by it. */
  readonly count?: number;
}

export interface MicroResult {
  readonly name: string;
  /** Nanoseconds for one piece of work: the median of the samples, and the shortest. */
  readonly medianNs: number;
  readonly lowNs: number;
  readonly samples: number;
}

/** Milliseconds: of the runs before the first sample, of one sample at least, and of all samples at most. */
export interface TimingSizes {
  readonly warmMs: number;
  readonly sampleMs: number;
  readonly limitMs: number;
}

export const SIZES: TimingSizes = { warmMs: 300, sampleMs: 25, limitMs: 1_500 };
const SAMPLES = 25;
const SAMPLES_MIN = 3;

/** The last result of the timed work. */
export let kept: unknown;

export async function time(
  { name, run, count = 1 }: MicroBenchmark,
  sizes: TimingSizes = SIZES,
): Promise<MicroResult> {
  const isSlow = isThenable(run());
  const repeat = isSlow ? repeatSlowly : repeatAtOnce;
  let runs = 1;
  // Warms up, and finds the number of runs that a sample needs.
  const warmUntil = performance.now() + sizes.warmMs;
  for (;;) {
    const ms = await repeat(run, runs);
    if (performance.now() >= warmUntil && ms >= sizes.sampleMs / 2) break;
    if (ms < sizes.sampleMs)
      runs = Math.ceil(runs * Math.min(2, sizes.sampleMs / Math.max(ms, 0.001)));
  }
  const samples: number[] = [];
  const end = performance.now() + sizes.limitMs;
  while (samples.length < SAMPLES && (samples.length < SAMPLES_MIN || performance.now() < end)) {
    samples.push(((await repeat(run, runs)) * 1e6) / (runs * count));
  }
  return { name, medianNs: median(samples), lowNs: Math.min(...samples), samples: samples.length };
}

/** Milliseconds of `runs` runs. */
function repeatAtOnce(run: () => unknown, runs: number): number {
  const start = performance.now();
  for (let i = 0; i < runs; i++) kept = run();
  return performance.now() - start;
}

async function repeatSlowly(run: () => unknown, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) kept = await run();
  return performance.now() - start;
}

function isThenable(value: unknown): boolean {
  return value instanceof Promise;
}
