/** `npm run bench` (bench/README.md): payment workloads, comparisons of revisions, micro-benchmarks and scenarios. */
import { watchOutput } from "../scripts/watched-output.ts";
import { optionsOr } from "../test/support/run-options.ts";
import { compareRevisions } from "./compare/compare-command.ts";
import { compareCondition } from "./compare/condition-command.ts";
import { measureMicro } from "./micro/micro-command.ts";
import { type BenchOrder, helpText, readOptions, USAGE } from "./options.ts";
import { measurePayments } from "./payments/payments-command.ts";
import { machineText, thisMachine } from "./readings/machine.ts";
import { SCENARIOS } from "./scenarios.ts";
import { measureTargets } from "./targets/targets-command.ts";

watchOutput("bench");
const order = optionsOr(`usage:\n${USAGE}\n`, readOptions);
if (order === undefined) process.exitCode = 2;
else process.exitCode = (await codeOf(order)) || process.exitCode;

/** A fault of the command line that shows only later, such as a commit that git does not know, is one line. */
async function codeOf(given: BenchOrder): Promise<number> {
  try {
    return await carriedOut(given);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`bench: ${error.message}`);
    return 2;
  }
}

/** The exit code. */
async function carriedOut(given: BenchOrder): Promise<number> {
  switch (given.kind) {
    case "help":
      console.log(helpText());
      return 0;
    case "payments":
      return await measurePayments(given.options);
    case "compare":
      return await compareRevisions(given);
    case "compareCondition":
      return await compareCondition(given);
    case "targets":
      return await measureTargets(given);
    case "micro":
      return await measureMicro(given);
    case "scenario":
      console.log(`machine: ${machineText(thisMachine())}`);
      await SCENARIOS[given.name]?.run(given.sizes);
      return 0;
  }
}
