/** The scenarios beside the payment workloads, by name; each prints its figures. */
import { median } from "../src/cli/percentile.ts";
import { measureCatchUp } from "./catch-up.ts";
import { measureDiskGrowth } from "./disk-growth.ts";
import { openFixture, type Past } from "./fixtures/fixture.ts";
import { measureStart } from "./fixtures/start-time.ts";
import { measureIdMemory } from "./id-memory.ts";
import { leaderKillLines, measureLeaderKills } from "./leader-kill.ts";
import { measureEndurance } from "./payments/endurance.ts";
import { pastText } from "./payments/workloads.ts";
import { measureReturns } from "./return.ts";
import { measureSignatureBudgets } from "./signature-budget.ts";
import { measureWalletMemory } from "./wallet-memory.ts";
import { measureWorstCases } from "./worst-cases.ts";

const WALLET_BYTES_MAX = 300;
const IDS = 1_000_000;
const ID_BYTES_MAX = 90;

export interface ScenarioSizes {
  /** Rounds of leader-kill and of return. */
  readonly kills: number;
  readonly rounds: number;
  /** Blocks of history, of catch-up and snapshot. */
  readonly blocks: number;
  /** Of endurance. */
  readonly minutes: number;
  /** Of start, with the folder of networks with a past. */
  readonly grown: Past;
  readonly fixtures: string;
}

export interface Scenario {
  readonly summary: string;
  readonly run: (sizes: ScenarioSizes) => Promise<void>;
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "leader-kill": { summary: "the cost of a dead leader", run: leaderKill },
  return: { summary: "the time until a node that was away counts again", run: returns },
  "catch-up": {
    summary: "the time until a node that was away, is new, or lost its store votes again",
    run: catchUp,
  },
  snapshot: {
    summary: "the same with a history of hours, executed, or taken over with a snapshot",
    run: snapshot,
  },
  start: {
    summary: "the time of a node's start with many wallets and past transfers, and its memory then",
    run: starts,
  },
  "worst-cases": {
    summary: "steps of the voting thread while pools and branches are as full as they get",
    run: worstCases,
  },
  "signature-budget": {
    summary: "delay of honest votes by colluders' certificates, for 4 to 100 members",
    run: signatureBudget,
  },
  "disk-growth": {
    summary: "the disk that a payment takes, with and without old contents; the time of a start",
    run: ({ blocks }) => measureDiskGrowth(blocks),
  },
  endurance: {
    summary: "the memory of nodes at saturation for many minutes, and the disk of their payments",
    run: ({ minutes }) => measureEndurance(minutes),
  },
};

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
  const idBytes = measureIdMemory(IDS);
  console.log(`memory of one of ${IDS} ids in use: ${idBytes.toFixed(0)} bytes (${ID_BYTES_MAX})`);
  if (idBytes > ID_BYTES_MAX) process.exitCode = 1;
  const above = cases.filter(({ ms, boundMs }) => ms > boundMs);
  console.log(`${cases.length - above.length} of ${cases.length} within their bounds`);
  if (above.length > 0) process.exitCode = 1;
}

async function leaderKill({ kills }: ScenarioSizes): Promise<void> {
  const figures = await measureLeaderKills({
    rounds: kills,
    payersPerNode: 4,
    report: (line) => console.log(line),
  });
  for (const line of leaderKillLines(figures)) console.log(line);
}

async function returns({ rounds }: ScenarioSizes): Promise<void> {
  const figures = await measureReturns({
    rounds,
    report: (line) => console.log(line),
  });
  const of = (sample: readonly number[]) =>
    `median ${median(sample).toFixed(0)} ms, max ${Math.max(...sample).toFixed(0)} ms (${sample.length} payments)`;
  console.log(`first payment through the others, one node was away: ${of(figures.oneAwayMs)}`);
  console.log(`the same while one more is away: ${of(figures.twoAwayMs)}`);
  console.log(`first payment through the node that returns: ${of(figures.ownMs)}`);
}

async function starts({ grown, fixtures, rounds }: ScenarioSizes): Promise<void> {
  const fixture = await openFixture(fixtures, grown, (line) => console.error(line));
  console.log(
    `a node with ${pastText(grown)}, alone, the disk's cache warm but for the first start`,
  );
  for (let round = 1; round <= rounds; round++) {
    const { listensMs, cpuMs, residentMiB } = await measureStart(fixture);
    const [listens, cpu] = [listensMs, cpuMs].map((ms) => (ms / 1000).toFixed(1));
    const memory = `${residentMiB.toFixed(0)} MiB resident`;
    console.log(
      `start ${round}: listens after ${listens} s, ${cpu} s of processor time, ${memory}`,
    );
  }
}

async function snapshot({ blocks }: ScenarioSizes): Promise<void> {
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

async function catchUp({ blocks }: ScenarioSizes): Promise<void> {
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
