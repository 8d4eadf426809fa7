// The chaos run itself, in the namespaces that main.ts could create: network, load, faults, calm and the end.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { watchOutput } from "../../scripts/watched-output.ts";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { Faults } from "./faults.ts";
import { Load } from "./load.ts";
import { type ChaosNetwork, createNetwork, untilReady } from "./network.ts";
import { type RunOrder, readOrder } from "./options.ts";
import { describeFault, drawPlan, type Fault } from "./plan.ts";
import { Recorder } from "./recorder.ts";
import { judge } from "./verdict.ts";
import { untilAlike } from "./whole-again.ts";

const PROGRESS_MS = 5_000;

watchOutput("chaos");

const order = readOrder(process.argv.slice(2));
const told = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => told.abort());
}
// main.ts holds the other end until the run is to stop.
process.stdin.once("end", () => told.abort()).resume();

try {
  process.exitCode = await run(order, told.signal);
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
}
process.exit();

async function run(asked: RunOrder, over: AbortSignal): Promise<number> {
  const { folder, nodes, seconds, seed, kinds, mayMount } = asked;
  if (!mayMount && kinds.includes("disk")) {
    console.log("no disk can be mounted here: the plan's full disks are left out");
  }
  const plan = drawPlan({ seed, seconds, nodes, kinds });
  writeFileSync(join(folder, "plan.txt"), `${plan.map(describeFault).join("\n")}\n`);
  if (asked.printPlan) for (const fault of plan) console.log(describeFault(fault));
  const network = await createNetwork({ folder, nodes, mayMount });
  const recorder = new Recorder(join(folder, "history.jsonl"));
  const problems: string[] = [];
  try {
    for (const node of network.nodes) node.start();
    await untilReady(network);
    await trouble(network, { asked, plan, recorder, over }, problems);
  } catch (error) {
    if (!over.aborted) problems.push(`stuck: ${error instanceof Error ? error.message : error}`);
  } finally {
    await end(network, recorder);
  }
  if (over.aborted) return 130;
  problems.push(...network.nodes.flatMap(({ surprises }) => surprises));
  console.log("checking what was answered against what is on every disk …");
  const verdict = await judge(folder);
  problems.push(...verdict.problems);
  const { calls, receipts, height, operations } = verdict;
  console.log(
    `${calls} calls, ${receipts} receipts verified offline, ${operations} operations in ${height} blocks`,
  );
  for (const problem of problems) console.log(`VIOLATION  ${problem}`);
  console.log(problems.length === 0 ? "all held" : `${problems.length} did not hold`);
  return problems.length === 0 ? 0 : 1;
}

/** Runs the load under faults, then the calm in which every order must come to an outcome. */
async function trouble(
  network: ChaosNetwork,
  parts: {
    readonly asked: RunOrder;
    readonly plan: readonly Fault[];
    readonly recorder: Recorder;
    readonly over: AbortSignal;
  },
  problems: string[],
): Promise<void> {
  const { asked, plan, recorder, over } = parts;
  const networkId = networkIdOf(sha256, loadGenesis(network.genesisFile));
  const { seed, clients } = asked;
  const load = await Load.prepare({
    seed,
    clients,
    networkId,
    gateways: network.clients,
    recorder,
  });
  const faults = new Faults(network, (line) => console.log(line));
  const loadOver = AbortSignal.any([over, AbortSignal.timeout(asked.seconds * 1_000)]);
  const begun = performance.now();
  const progress = setInterval(() => {
    console.log(progressLine(asked, performance.now() - begun, { recorder, faults }));
  }, PROGRESS_MS);
  try {
    await Promise.all([load.runUntil(loadOver), faults.perform(plan, loadOver)]);
  } finally {
    clearInterval(progress);
  }
  if (over.aborted) return;
  console.log(`faults: ${counts(faults.counts)}; processes killed: ${faults.kills}`);
  console.log(`answers: ${counts(recorder.counts)}`);
  const snapshots = network.nodes.reduce((sum, node) => sum + node.snapshots, 0);
  console.log(`starts from a snapshot: ${snapshots}`);
  faults.heal();
  const healed = performance.now();
  await untilReady(network);
  const readyMs = performance.now() - healed;
  const open = await load.settle();
  if (open > 0) problems.push(`stuck: ${open} orders have no outcome in a whole network`);
  problems.push(...(await untilAlike(network, load.wallets)));
  console.log(`whole again after ${(readyMs / 1000).toFixed(1)} s; all outcomes known`);
}

function progressLine(
  { seconds }: RunOrder,
  elapsedMs: number,
  { recorder, faults }: { readonly recorder: Recorder; readonly faults: Faults },
): string {
  const left = Math.max(0, Math.round(seconds - elapsedMs / 1000));
  const begun = [...faults.counts.values()].reduce((sum, count) => sum + count, 0);
  const [results, unknown] = [recorder.count("result"), recorder.count("unknown")];
  return (
    `${left} s left: height ${recorder.height}, ${results} results, ${unknown} without answer, ` +
    `${begun} faults, ${faults.kills} kills`
  );
}

function counts(map: ReadonlyMap<string, number>): string {
  return [...map].map(([kind, count]) => `${kind} ${count}`).join(", ") || "none";
}

async function end(network: ChaosNetwork, recorder: Recorder): Promise<void> {
  for (const client of network.clients) client.close();
  await Promise.all(network.nodes.map((node) => node.stop()));
  network.mesh.close();
  network.disk?.unmount();
  recorder.close();
}
