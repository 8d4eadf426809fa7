/** The process that runs groups of micro-benchmarks: their names in, one line of JSON for each result out. */
import { MICRO_GROUPS, type MicroGroup } from "./groups.ts";
import { openGroup } from "./open-group.ts";
import { time } from "./timing.ts";

for (const name of process.argv.slice(2)) {
  const group = MICRO_GROUPS.find((one) => one === name);
  if (group === undefined) throw new RangeError(`there is no group ${name}`);
  await runGroup(group);
}
process.exit(0);

async function runGroup(group: MicroGroup): Promise<void> {
  const { benchmarks, close } = await openGroup(group);
  try {
    for (const benchmark of benchmarks) {
      const result = await time(benchmark);
      console.log(JSON.stringify({ ...result, name: `${group}: ${result.name}` }));
    }
  } finally {
    await close?.();
  }
}
