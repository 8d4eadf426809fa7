/**
 * The memory of nodes that work at saturation for long, and the disk that their payments take: `npm run bench -- endurance
 * --minutes MINUTES`. Operations are signed beforehand and live ten minutes, so the load comes in turns of a few minutes; the nodes
 * run all the time.
 */
import { join } from "node:path";
import { loadConfig } from "../../src/node/files/config.ts";
import { storeSpace } from "../../src/storage/store-factory.ts";
import { LoadProcess } from "../load/load-process.ts";
import { readProcess } from "../readings/process-reading.ts";
import { BenchNetwork } from "./bench-network.ts";

const NODES = 4;
const IN_FLIGHT = 2_000;
const WALLETS = 1_000;
/** The longest turn, seconds: signing before it and all of it fit into the life of an operation. */
const TURN_S = 240;
/** Signed for each second of a turn: more than four nodes on a few cores can do. */
const SIGNED_PER_SECOND = 3_500;
const VERIFY_EVERY = 50;

export async function measureEndurance(minutes: number): Promise<void> {
  const network = await BenchNetwork.start({ nodes: NODES });
  try {
    let payments = 0;
    for (let left = minutes * 60, turn = 1; left > 0; left -= TURN_S, turn++) {
      const seconds = Math.min(left, TURN_S);
      const { answers, perSecond } = await loadTurn(network, { seconds, seed: turn });
      payments += answers;
      const resident = network.nodes.map(({ pid }) => readProcess(pid).residentBytes / 2 ** 20);
      const memory = resident.map((one) => one.toFixed(0)).join(", ");
      console.log(
        `turn ${turn}, ${seconds} s: ${perSecond.toFixed(0)} transfers/s, ${payments} in all; ${memory} MiB resident`,
      );
    }
    for (const { folder } of network.nodes) {
      const { dataFolder } = loadConfig(join(folder, "config.json"));
      const { used } = await storeSpace({ engine: "level", location: join(dataFolder, "store") });
      console.log(`disk of a node: ${(used / payments).toFixed(0)} B for each transfer`);
    }
  } finally {
    await network.stop();
  }
}

async function loadTurn(
  network: BenchNetwork,
  { seconds, seed }: { readonly seconds: number; readonly seed: number },
): Promise<{ readonly answers: number; readonly perSecond: number }> {
  const load = await LoadProcess.prepare({
    gateways: network.nodes.map(({ url }) => url),
    tokens: undefined,
    ca: network.ca,
    genesisFile: network.genesisFile,
    past: undefined,
    wallets: WALLETS,
    pattern: "spread",
    arrivals: { kind: "closed", inFlight: IN_FLIGHT },
    by: "streams",
    warmMs: 1_000,
    measureMs: seconds * 1_000,
    operations: SIGNED_PER_SECOND * seconds,
    verifyEvery: VERIFY_EVERY,
    seed,
  });
  try {
    const nothing = () => Promise.resolve();
    const report = await load.run({ onMeasuring: nothing, onMeasured: nothing });
    const { answers, failures, latenciesMs, measuredMs, ranOut } = report;
    const wrong = Object.entries(failures).map(([what, count]) => `${what}: ${count}`);
    if (wrong.length > 0) throw new Error(`answers were wrong: ${wrong.join("; ")}`);
    if (ranOut) throw new Error("the signed operations ran out before the turn ended");
    return { answers, perSecond: latenciesMs.length / (measuredMs / 1_000) };
  } finally {
    load.end();
  }
}
