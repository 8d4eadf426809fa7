// Runs all tests with longer sweeps (npm run test:all), counts them from vitest's own report, and refuses a run that leaves processes behind.
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endLeftovers } from "./leftovers.ts";
import { run } from "./run.ts";

export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of vitest's JSON report that is read. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

export async function runTests(counts: TestCounts): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-tests-"));
  const mark = `COUNTERSIGN_CHECK_RUN=${randomUUID()}`;
  const [name = "", value = ""] = mark.split("=");
  try {
    const path = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${path}`];
    const passed = await run("vitest", ["run", ...reporters], {
      env: { [name]: value, COUNTERSIGN_TESTS: "all" },
    });
    Object.assign(counts, countTests(JSON.parse(await readFile(path, "utf8"))));
    const leftovers = await endLeftovers(mark);
    for (const leftover of leftovers) console.log(`left behind by a test, ended now: ${leftover}`);
    if (counts.passed === 0) console.log("no test ran");
    return passed && counts.failed === 0 && counts.passed > 0 && leftovers.length === 0;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A file that failed before its first test counts as one failure. */
function countTests(report: Report): TestCounts {
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
