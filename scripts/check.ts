// `npm run check`: all steps of CI, one after another, or those whose name has one of the given words, as in
// `npm run check -- types lint`. A failed step does not stop the others.

import { checkBreaking } from "./check/breaking.ts";
import { checkGenerated } from "./check/generated.ts";
import { checkPackage } from "./check/package.ts";
import { run } from "./check/run.ts";
import { runTests, type TestCounts } from "./check/tests.ts";
import { watchOutput } from "./watched-output.ts";

interface Step {
  readonly name: string;
  /** Resolves to true if the step passes. */
  readonly perform: () => Promise<boolean>;
}

watchOutput("check");

const counts: TestCounts = { passed: 0, failed: 0, skipped: 0 };

const steps: readonly Step[] = [
  {
    name: "format and lint",
    perform: () =>
      run("biome", ["ci", "--error-on-warnings", "--max-diagnostics=200", "--colors=off"]),
  },
  {
    name: "types",
    perform: async () =>
      (await run("tsc", ["--noEmit"])) && (await run("tsc", ["--noEmit", "--project", "explorer"])),
  },
  { name: "contracts: lint", perform: () => run("buf", ["lint"]) },
  {
    name: "contracts: format",
    perform: () => run("buf", ["format", "proto", "--diff", "--exit-code"]),
  },
  { name: "contracts: no breaking change", perform: checkBreaking },
  { name: "generated code is current", perform: checkGenerated },
  { name: "package", perform: checkPackage },
  { name: "tests", perform: () => runTests(counts) },
];

const words = process.argv.slice(2);
const asked = steps.filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
const unknown = words.filter((word) => steps.every(({ name }) => !name.includes(word)));
if (unknown.length > 0) {
  const names = steps.map(({ name }) => name).join("; ");
  console.error(
    `check: no step has ${JSON.stringify(unknown[0])} in its name; the steps are: ${names}`,
  );
  process.exit(2);
}

const failures: string[] = [];
for (const { name, perform } of asked) {
  console.log(`\n--- ${name}`);
  const start = performance.now();
  const content = await perform();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`--- ${name}: ${content ? "ok" : "FAILED"} (${seconds} s)`);
  if (!content) failures.push(name);
}

// A failed step counts as one failure, so that the last line agrees with the run.
const failedSteps = failures.filter((name) => name !== "tests" || counts.failed === 0).length;
if (failures.length > 0) console.log(`\nfailed steps: ${failures.join(", ")}`);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`\n${counts.passed} passed, ${counts.failed + failedSteps} failed${skipped}`);
process.exitCode = failures.length > 0 ? 1 : 0;
