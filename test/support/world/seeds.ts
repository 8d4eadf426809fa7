/** Seeds of a world, one after the other, with a line of progress once in a while. */

export interface SeedRun<Report> {
  /** Names the run in its lines. */
  readonly label: string;
  readonly first: number;
  readonly count: number;
  readonly run: (seed: number) => Promise<Report>;
  /** A seed that failed. */
  readonly onFailure: (seed: number, error: unknown) => void;
}

export interface SeedRuns<Report> {
  readonly reports: readonly Report[];
  readonly failed: number;
  readonly seconds: string;
}

const PROGRESS_EVERY_MS = 3_000;

export async function runSeeds<Report>(options: SeedRun<Report>): Promise<SeedRuns<Report>> {
  const { label, first, count, run, onFailure } = options;
  const begun = performance.now();
  const reports: Report[] = [];
  let printed = begun;
  let failed = 0;
  for (let seed = first; seed < first + count; seed++) {
    try {
      reports.push(await run(seed));
    } catch (error) {
      failed += 1;
      onFailure(seed, error);
    }
    if (performance.now() - printed < PROGRESS_EVERY_MS) continue;
    printed = performance.now();
    const done = seed - first + 1;
    const left = Math.ceil((((printed - begun) / done) * (count - done)) / 1000);
    console.log(`${label}: ${done} of ${count} seeds, ${failed} failed, about ${left} s left`);
  }
  return { reports, failed, seconds: ((performance.now() - begun) / 1000).toFixed(1) };
}

/** True if one of the first `seeds` seeds fails; the rest need not run then. */
export async function isFound(
  seeds: number,
  run: (seed: number) => Promise<unknown>,
): Promise<boolean> {
  for (let seed = 1; seed <= seeds; seed++) {
    const found = await run(seed).then(
      () => false,
      () => true,
    );
    if (found) return true;
  }
  return false;
}
