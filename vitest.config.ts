/**
 * The test run, fast claims first. `npm test` is what a change is tried with; `npm run test:all`, which CI runs, has
 * the long files too, and longer sweeps (test/support/sweep.ts). Four groups, one after the other:
 *
 * unit         needs no listener, disk or process
 * integration  listeners, stores, whole nodes in one process, the command line
 * system       real networks of processes; four files at a time, because they wait more than they compute
 * alone        real networks that are large, loaded or flooded, one file after another
 *
 * The files of one worker share its modules in the first two groups: compiling them for each file would take a quarter of the time.
 */
import { availableParallelism } from "node:os";
import { join, matchesGlob } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const UNIT = [
  "test/{primitives,ledger,mempool,consensus,seal,docs,support,chaos,bench}/**/*.test.ts",
  "test/simulation/scenarios.test.ts",
  "test/tidy.test.ts",
];
const endToEnd = (...names: readonly string[]) => names.map((name) => `test/e2e/${name}.test.ts`);
const ALONE = endToEnd("attack", "bench", "chaos", "devnet-seven", "hostile-clients");
const SYSTEM = ["test/e2e/**/*.test.ts", "test/readme/**/*.test.ts"];
/** Claims that take long: `npm test` leaves them to CI, unless a file is named. */
const LONG = [
  ...endToEnd(
    ...[
      "attack",
      "backup",
      "bench",
      "browser",
      "catch-up",
      "ceremony-kills",
      "chaos",
      "chaos-interrupted",
    ],
    ...[
      "damaged-store",
      "demo",
      "devnet",
      "devnet-seven",
      "doctor",
      "faults",
      "four-machines",
      "generated-clients",
    ],
    ...["explorer", "half-away", "image"],
    ...[
      "hostile-clients",
      "late-member",
      "operator",
      "orphans",
      "recovery",
      "repeated-payment",
      "upgrade",
    ],
    ...["second-language", "secrets", "traces", "walk-through", "webhooks"],
  ),
  "test/node/{crash-points,kills}.test.ts",
  "test/node/sync/{catch-up-network,pruning,snapshot-start}.test.ts",
  "test/ops/{alerts,linters}.test.ts",
  "test/simulation/{idle-leader,starver}.test.ts",
  "test/whole-nodes/byzantine.test.ts",
];
const isNamed = process.argv.slice(2).some((argument) => argument.includes("test/"));
const LEFT_OUT = process.env["COUNTERSIGN_TESTS"] === undefined && !isNamed ? LONG : [];
/** Vitest's own choice leaves one of two cores idle. */
const WORKERS = Math.min(2, availableParallelism());

/** Long files of a group first, so that none of them runs alone at its end. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) =>
      LONG.some((pattern) => matchesGlob(moduleId, join(import.meta.dirname, pattern)));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** In the order in which they run; an order of 0 would let Vitest put a group with one worker last. */
const group = (name: string, groupOrder: number, options: object) => ({
  extends: true as const,
  test: { name, sequence: { groupOrder }, maxWorkers: WORKERS, ...options },
});
const quick = {
  // Ends what hangs; a test that claims a time measures it. Three files at a time on one core take three times as long and more.
  testTimeout: 180_000,
  // A network with its key (SETUP_MS of test/node/network.ts), and what a test needs in it.
  hookTimeout: 180_000,
};
/** Ends what hangs: on a machine that is ten times as busy, a network of processes starts and ends ten times as slowly. */
const slow = { testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    pool: "forks",
    passWithNoTests: false,
    sequence: { sequencer: LongFirst },
    // Ends a poll in vain. Vitest's own second is less than a few TLS handshakes take on a busy machine, and a thousand take more than ten.
    expect: { poll: { timeout: 60_000 } },
    projects: [
      group("unit", 1, { ...quick, include: UNIT, isolate: false }),
      group("integration", 2, {
        ...quick,
        include: ["test/**/*.test.ts"],
        exclude: [...UNIT, ...SYSTEM, ...LEFT_OUT],
        maxWorkers: WORKERS + 1,
        isolate: false,
      }),
      group("system", 3, {
        ...slow,
        include: SYSTEM,
        exclude: [...ALONE, ...LEFT_OUT],
        maxWorkers: WORKERS + 2,
      }),
      group("alone", 4, { ...slow, include: ALONE, exclude: LEFT_OUT, maxWorkers: 1 }),
    ],
  },
});
