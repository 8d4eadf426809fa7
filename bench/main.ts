/**
 * `npm run bench`: sealed payments beside the machine's signature rate, in one run; prints figures and the machine.
 * `npm run bench -- leader-kill`: what a dead leader costs.
 * `npm run bench -- return`: how soon a node that was away counts again.
 * `npm run bench -- catch-up`: how long a node that was away, is new, or lost its store needs until it votes again.
 * `npm run bench -- worst-cases`: what the voting thread does while pools and branches are as full as they get.
 * `npm run bench -- signature-budget`: what colluders' certificates cost honest votes, for 4 to 100 members.
 * `npm run bench -- snapshot`: the same with a history of hours, executed, or taken over with a snapshot.
 */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { watchOutput } from "../scripts/watched-output.ts";
import { median } from "../src/cli/percentile.ts";
import { measureCatchUp } from "./catch-up.ts";
import { leaderKillLines, measureLeaderKills } from "./leader-kill.ts";
import { measurePayments } from "./payments.ts";
import { measureReturns } from "./return.ts";
import { measureSignatureBudgets } from "./signature-budget.ts";
import { measureVerifyRate } from "./verify-rate.ts";
import { measureWalletMemory } from "./wallet-memory.ts";
import { measureWorstCases } from "./worst-cases.ts";

watchOutput("bench");

const WALLET_BYTES_MAX = 700;

const WORKLOADS: Readonly<Record<string, () => Promise<void>>> = {
  payments,
  "leader-kill": leaderKill,
  return: returns,
  "catch-up": catchUp,
  snapshot,
  "worst-cases": worstCases,
  "signature-budget": signatureBudget,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: "string", default: "4" },
    port: { type: "string", default: "7501" },
    single: { type: "string", default: "200" },
    payers: { type: "string", default: "200" },
    seconds: { type: "string", default: "15" },
    kills: { type: "string", default: "20" },
    rounds: { type: "string", default: "5" },
    blocks: { type: "string", default: "10000" },
  },
});

const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
console.log(`machine: ${machine}`);
const [name = "payments"] = positionals;
const workload = WORKLOADS[name];
if (workload === undefined) {
  console.error(`there is no workload ${name}; take one of ${Object.keys(WORKLOADS).join(", ")}`);
  process.exitCode = 2;
} else {
  await workload();
}

async function payments(): Promise<void> {
  const verifyPerSecond = await measureVerifyRate();
  console.log(`libsodium verify, one process per core: ${verifyPerSecond.toFixed(0)} per second`);
  const { oneInFlight, saturated } = await measurePayments({
    nodes: Number(values.nodes),
    port: Number(values.port),
    single: Number(values.single),
    payers: Number(values.payers),
    saturatedMs: Number(values.seconds) * 1000,
  });
  console.log(
    `one in flight: sealed receipt p50 ${oneInFlight.p50Ms.toFixed(1)} ms, ` +
      `p99 ${oneInFlight.p99Ms.toFixed(1)} ms (${oneInFlight.count} transfers)`,
  );
  console.log(
    `saturated: ${saturated.perSecond.toFixed(0)} sealed transfers per second, ` +
      `p50 ${saturated.p50Ms.toFixed(0)} ms, p99 ${saturated.p99Ms.toFixed(0)} ms ` +
      `(${saturated.count} transfers, ${saturated.payers} payers)`,
  );
  console.log(`ratio: ${(saturated.perSecond / verifyPerSecond).toFixed(4)} transfers per verify`);
}

async function signatureBudget(): Promise<void> {
  console.log("members  colluders  vote p50/max ms  certificate p50/max ms  checks a second");
  for (const one of await measureSignatureBudgets([4, 10, 31, 100])) {
    const vote = `${one.voteP50Ms.toFixed(1)} / ${one.voteMaxMs.toFixed(1)}`;
    const certificate = `${one.certificateP50Ms.toFixed(1)} / ${one.certificateMaxMs.toFixed(1)}`;
    console.log(
      `${one.nodes}`.padEnd(9) +
        `${one.colluders}`.padEnd(11) +
        vote.padEnd(17) +
        certificate.padEnd(24) +
        one.floodPerSecond.toFixed(0),
    );
  }
}

async function worstCases(): Promise<void> {
  const cases = measureWorstCases((line) => console.log(line));
  const walletBytes = measureWalletMemory();
  console.log(
    `memory of a wallet, trie included: ${walletBytes.toFixed(0)} bytes (${WALLET_BYTES_MAX})`,
  );
  if (walletBytes > WALLET_BYTES_MAX) process.exitCode = 1;
  const above = cases.filter(({ ms, boundMs }) => ms > boundMs);
  console.log(`${cases.length - above.length} of ${cases.length} within their bounds`);
  if (above.length > 0) process.exitCode = 1;
}

async function leaderKill(): Promise<void> {
  const figures = await measureLeaderKills({
    rounds: Number(values.kills),
    payersPerNode: 4,
    report: (line) => console.log(line),
  });
  for (const line of leaderKillLines(figures)) console.log(line);
}

async function returns(): Promise<void> {
  const figures = await measureReturns({
    rounds: Number(values.rounds),
    report: (line) => console.log(line),
  });
  const of = (sample: readonly number[]) =>
    `median ${median(sample).toFixed(0)} ms, max ${Math.max(...sample).toFixed(0)} ms (${sample.length} payments)`;
  console.log(`first payment through the others, one node was away: ${of(figures.oneAwayMs)}`);
  console.log(`the same while one more is away: ${of(figures.twoAwayMs)}`);
  console.log(`first payment through the node that returns: ${of(figures.ownMs)}`);
}

async function snapshot(): Promise<void> {
  const blocks = Number(values.blocks);
  // The window of ids is an hour: a snapshot saves only the blocks before it.
  const spanMs = 20 * 3_600_000;
  for (const snapshotBlocksMin of [1, Number.MAX_SAFE_INTEGER]) {
    for (const held of [0, "lost"] as const) {
      const { caughtUpMs, votesMs, wholeMs } = await measureCatchUp({
        blocks,
        transfersPerBlock: 10,
        held,
        snapshotBlocksMin,
        spanMs,
        report: (line) => console.log(line),
      });
      const how = snapshotBlocksMin === 1 ? "from a snapshot" : "by execution";
      const who = held === 0 ? "a new node" : "store lost, rejoined";
      const [caughtUp, votes, whole] = [caughtUpMs, votesMs, wholeMs].map((ms) =>
        (ms / 1000).toFixed(1),
      );
      console.log(
        `${who}, ${blocks} blocks, ${how}: ` +
          `caught up after ${caughtUp} s, votes after ${votes} s, holds all after ${whole} s`,
      );
    }
  }
}

async function catchUp(): Promise<void> {
  const blocks = Number(values.blocks);
  for (const held of [10, 0, "lost"] as const) {
    const figures = await measureCatchUp({
      blocks: held === "lost" ? blocks : blocks + held,
      transfersPerBlock: 10,
      held,
      report: (line) => console.log(line),
    });
    const { caughtUpMs, votesMs } = figures;
    const what = {
      10: `${blocks} blocks behind`,
      0: "a new node",
      lost: "store lost, keys and share kept, rejoined",
    }[held];
    const [caughtUp, votes] = [caughtUpMs, votesMs].map((ms) => (ms / 1000).toFixed(1));
    console.log(`${what}: caught up after ${caughtUp} s, votes after ${votes} s`);
  }
}
