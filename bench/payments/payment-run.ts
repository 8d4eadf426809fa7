/** One repeat of a payment workload: a new network, a load by a process of its own, and readings around the measured time. */
import { type Fixture, openFixture } from "../fixtures/fixture.ts";
import type { LoadPlan, LoadReport } from "../load/load-plan.ts";
import { LoadProcess } from "../load/load-process.ts";
import { type CheckRate, ceilingOf } from "../readings/ceiling.ts";
import { othersShare } from "../readings/process-reading.ts";
import { latencyOf } from "../readings/spread.ts";
import { BenchNetwork, type BenchNode } from "./bench-network.ts";
import { Explorers } from "./explorers.ts";
import type { Figures } from "./figures.ts";
import {
  growthAtNodes,
  growthOfProcesses,
  mainThreadsUs,
  type NetworkReading,
  readNetwork,
} from "./network-reading.ts";
import { Scrapes } from "./scrapes.ts";
import { Subscribers } from "./subscribers.ts";
import type { Workload } from "./workloads.ts";

export interface RunPlan {
  readonly workload: Workload;
  /** The folder of the project whose nodes run; absent: this one. */
  readonly product?: string | undefined;
  /** Callers show tokens, and the nodes' metrics are scraped while the load lasts; absent: neither. */
  readonly isGuarded?: boolean;
  /** Streams of the whole ledger while the load lasts; absent: none. */
  readonly subscribers?: number;
  /** Browsers that show the explorer while the load lasts; absent: none. */
  readonly explorers?: number;
  /** The folder of the networks with a past. */
  readonly fixtures: string;
  readonly warmMs: number;
  readonly measureMs: number;
  /** Duration of each measurement of the ceiling, milliseconds. */
  readonly ceilingMs: number;
  /** Transfers a second at saturation, for open loads. */
  readonly saturatedPerSecond?: number | undefined;
  readonly seed: number;
}

export interface RunResult {
  readonly figures: Figures;
  /** Answers by what is wrong with them; a good run has none. */
  readonly failures: LoadReport["failures"];
  readonly answers: number;
  readonly verified: number;
  readonly unsent: number;
  readonly ranOut: boolean;
}

/** Prepared operations, as a part of what the ceiling allows: signing more would only cost time. */
const PREPARED_SHARE = 0.7;
const VERIFY_EVERY = 50;
/** The part of the answered payments that each subscriber must have seen when the load ends. */
const SEEN_SHARE = 0.9;
const IN_FLIGHT_MAX = 5_000;
/** So that it is the nodes that bound an overload, and not the generator. */
const OVERLOAD_IN_FLIGHT_MAX = 40_000;

export async function runPayments(plan: RunPlan, checks: CheckRate): Promise<RunResult> {
  const { workload } = plan;
  const note = (line: string) => console.error(line);
  const fixture = workload.past && (await openFixture(plan.fixtures, workload.past, note));
  const checksBefore = await checks.measure(plan.ceilingMs);
  const { product, isGuarded: withTokens } = plan;
  const network = await BenchNetwork.start({ nodes: workload.nodes, product, withTokens, fixture });
  let load: LoadProcess | undefined;
  let subscribers: Subscribers | undefined;
  let explorers: Explorers | undefined;
  try {
    const running = await killSome(network, workload.killed);
    const ceiling = ceilingOf(checksBefore, workload.nodes);
    load = await LoadProcess.prepare(loadPlanOf(plan, { network, running, ceiling, fixture }));
    const scrapes = withTokens === true ? new Scrapes(network, running) : undefined;
    const { subscribers: count } = plan;
    if (plan.explorers !== undefined) explorers = await Explorers.open(running, plan.explorers);
    if (count !== undefined) subscribers = new Subscribers(network.ca, running, count);
    const reading = { load, network, running, scrapes, subscribers, explorers };
    const { report, before, after } = await measured(reading);
    const checksAfter = await checks.measure(plan.ceilingMs);
    const meanCeiling = ceilingOf((checksBefore + checksAfter) / 2, workload.nodes);
    const { failures, answers, verified, unsent, ranOut } = report;
    const { saturatedPerSecond } = plan;
    const figures = figuresOf({
      report,
      before,
      after,
      ceiling: meanCeiling,
      saturatedPerSecond: workload.arrivals.kind === "open" ? saturatedPerSecond : undefined,
    });
    return { figures, failures, answers, verified, unsent, ranOut };
  } finally {
    load?.end();
    subscribers?.stop();
    await explorers?.close();
    await network.stop();
  }
}

/** The nodes that stay. */
async function killSome(network: BenchNetwork, count: number): Promise<readonly BenchNode[]> {
  const stay = network.nodes.length - count;
  for (const node of network.nodes.slice(stay)) await network.kill(node);
  return network.nodes.slice(0, stay);
}

function loadPlanOf(
  { workload, warmMs, measureMs, saturatedPerSecond, seed }: RunPlan,
  place: {
    readonly network: BenchNetwork;
    readonly running: readonly BenchNode[];
    readonly ceiling: number;
    readonly fixture: Fixture | undefined;
  },
): LoadPlan {
  const { wallets, pattern, creationEvery, gateways, arrivals: wanted, by = "calls" } = workload;
  const { mayBeRefused } = workload;
  const { network, running, ceiling, fixture } = place;
  const common = { warmMs, measureMs, seed, verifyEvery: VERIFY_EVERY };
  const seconds = (warmMs + measureMs) / 1000;
  const network_ = {
    gateways: running.slice(0, gateways ?? running.length).map(({ url }) => url),
    tokens: network.tokens.length === 0 ? undefined : network.tokens,
    ca: network.ca,
    genesisFile: network.genesisFile,
    past: fixture && { seed: fixture.seed, wallets: fixture.wallets },
  };
  const load = { ...common, ...network_, wallets, pattern, creationEvery, by, mayBeRefused };
  if (wanted.kind === "closed") {
    const operations = wanted.inFlight + Math.ceil(seconds * PREPARED_SHARE * ceiling);
    return { ...load, arrivals: wanted, operations };
  }
  if (saturatedPerSecond === undefined)
    throw new Error("an open load needs the rate at saturation");
  const perSecond = wanted.share * saturatedPerSecond;
  // Twice what is expected: a Poisson process exceeds its mean.
  const operations = Math.ceil(2 * seconds * perSecond) + 100;
  const inFlightMax = mayBeRefused === true ? OVERLOAD_IN_FLIGHT_MAX : IN_FLIGHT_MAX;
  return { ...load, arrivals: { kind: "open", perSecond, inFlightMax }, operations };
}

interface Measured {
  readonly report: LoadReport;
  readonly before: NetworkReading;
  readonly after: NetworkReading;
}

async function measured(run: {
  readonly load: LoadProcess;
  readonly network: BenchNetwork;
  readonly running: readonly BenchNode[];
  readonly scrapes: Scrapes | undefined;
  readonly subscribers: Subscribers | undefined;
  readonly explorers: Explorers | undefined;
}): Promise<Measured> {
  const { load, network, running, scrapes, subscribers, explorers } = run;
  const readings: NetworkReading[] = [];
  const read = async () => void readings.push(await readNetwork(network, running, load.pid));
  let report: LoadReport;
  try {
    report = await load.run({ onMeasuring: read, onMeasured: read });
  } finally {
    await scrapes?.end();
  }
  // All that was answered was final; the last blocks may still be on their way to a reader.
  await subscribers?.end(Math.floor(report.latenciesMs.length * SEEN_SHARE));
  await explorers?.end();
  const [before, after] = readings;
  if (before === undefined || after === undefined) throw new Error("a run is read twice");
  return { report, before, after };
}

/** Everything is divided by the operations that were answered in the measured time. */
export function figuresOf({
  report,
  before,
  after,
  ceiling,
  saturatedPerSecond,
}: Measured & {
  readonly ceiling: number;
  /** Of an open load. */
  readonly saturatedPerSecond?: number | undefined;
}): Figures {
  const count = report.latenciesMs.length;
  const seconds = report.measuredMs / 1000;
  const each = (sum: number | undefined) => {
    return sum === undefined || count === 0 ? undefined : sum / count;
  };
  const metric = (name: string) => growthAtNodes(before, after, name);
  const process = (of: Parameters<typeof growthOfProcesses>[2]) => {
    return growthOfProcesses(before, after, of);
  };
  const nodesCpu = sumOf(process(({ cpuUs }) => cpuUs)) ?? 0;
  const mainCpu = mainThreadsUs(before, after);
  const generatorCpu = after.generator.cpuUs - before.generator.cpuUs;
  const traffic = ({ readBytes, writtenBytes }: NetworkReading["generator"]) =>
    readBytes + writtenBytes;
  const blocks = meanOf(metric("blocks_total"));
  const operations = meanOf(metric("operations_total"));
  const syncs = meanOf(metric("store_syncs_total"));
  const seals = meanOf(metric("seals_total"));
  const { p50, p99, p999, max } = latencyOf([...report.latenciesMs]);
  const perSecond = count / seconds;
  return {
    transfersPerSecond: perSecond,
    saturationRatio: ratio(perSecond, saturatedPerSecond),
    refusedPerSecond: saturatedPerSecond === undefined ? undefined : report.refused / seconds,
    ceilingPerSecond: ceiling,
    ceilingRatio: perSecond / ceiling,
    p50Ms: count === 0 ? undefined : p50,
    p99Ms: count === 0 ? undefined : p99,
    p999Ms: count === 0 ? undefined : p999,
    maxMs: count === 0 ? undefined : max,
    worstGatewayP50Ms: worstP50(report),
    nodesCpuUs: each(nodesCpu),
    nodesMainCpuUs: each(mainCpu),
    nodesOtherCpuUs: each(Math.max(0, nodesCpu - mainCpu)),
    perNodeCpuUs: each(nodesCpu / after.nodes.length),
    generatorCpuUs: each(generatorCpu),
    blocksPerSecond: blocks === undefined ? undefined : blocks / seconds,
    operationsPerBlock: ratio(operations, blocks),
    sealsPerSecond: seals === undefined ? undefined : seals / seconds,
    timedOutViews: maxOf(metric("consensus_timed_out_views_total")),
    syncsPerSecond: syncs === undefined ? undefined : syncs / seconds,
    syncsPerBlock: ratio(syncs, blocks),
    clientWireBytes: each(traffic(after.generator) - traffic(before.generator)),
    linkWireBytes: each(sumOf(metric("link_sent_bytes_total"))),
    storeBytes: each(meanOf(metric("store_written_bytes_total"))),
    diskBytes: each(meanOf(process(({ diskBytes }) => diskBytes))),
    residentMiB: (maxOf(after.nodes.map((node) => node.process.residentBytes)) ?? 0) / 2 ** 20,
    othersShare: othersShare(before.machine, after.machine, nodesCpu + generatorCpu),
  };
}

function worstP50({ latenciesMs, gatewayOf }: LoadReport): number | undefined {
  const byGateway = Map.groupBy(latenciesMs.keys(), (place) => gatewayOf[place]);
  return maxOf(
    [...byGateway.values()].map((places) => {
      return latencyOf(places.map((place) => latenciesMs[place] ?? Number.NaN)).p50;
    }),
  );
}

function sumOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

function meanOf(values: readonly number[]): number | undefined {
  return ratio(sumOf(values), values.length);
}

function maxOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values);
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
}
