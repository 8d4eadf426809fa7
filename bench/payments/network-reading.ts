/** All processes of a run at one moment: processor time, memory, bytes, and what the nodes count themselves. */
import { growth, type NodeMetrics } from "../readings/node-metrics.ts";
import {
  type MachineReading,
  type ProcessReading,
  readMachine,
  readProcess,
} from "../readings/process-reading.ts";
import type { BenchNetwork, BenchNode } from "./bench-network.ts";

export interface NodeReading {
  readonly pid: number;
  readonly process: ProcessReading;
  readonly metrics: NodeMetrics | undefined;
}

export interface NetworkReading {
  readonly nodes: readonly NodeReading[];
  readonly generator: ProcessReading;
  readonly machine: MachineReading;
}

export async function readNetwork(
  network: BenchNetwork,
  nodes: readonly BenchNode[],
  generatorPid: number,
): Promise<NetworkReading> {
  const [machine, generator] = [readMachine(), readProcess(generatorPid)];
  const processes = nodes.map(({ pid }) => readProcess(pid));
  const metrics = await Promise.all(nodes.map((node) => network.metricsOf(node)));
  return {
    machine,
    generator,
    nodes: nodes.map(({ pid }, place) => {
      const process = processes[place];
      if (process === undefined) throw new Error("a node has a reading");
      return { pid, process, metrics: metrics[place] };
    }),
  };
}

/** The growth of one metric at each node; empty if a node lacks the metric. */
export function growthAtNodes(
  before: NetworkReading,
  after: NetworkReading,
  name: string,
): readonly number[] {
  const grown = after.nodes.map(({ metrics }, place) => {
    const earlier = before.nodes[place]?.metrics;
    return earlier && metrics && growth(earlier, metrics, name);
  });
  return grown.every((value) => value !== undefined) ? grown : [];
}

/** The growth of a number of each node's process, in the order of the nodes. */
export function growthOfProcesses(
  before: NetworkReading,
  after: NetworkReading,
  of: (process: ProcessReading) => number,
): readonly number[] {
  return after.nodes.map(({ process }, place) => {
    const earlier = before.nodes[place];
    return of(process) - (earlier === undefined ? 0 : of(earlier.process));
  });
}

/** Processor time of the main thread, whose id is that of the process, microseconds. */
export function mainThreadsUs(before: NetworkReading, after: NetworkReading): number {
  return after.nodes.reduce((sum, { pid, process }, place) => {
    const earlier = before.nodes[place]?.process.threadsUs.get(pid) ?? 0;
    return sum + (process.threadsUs.get(pid) ?? 0) - earlier;
  }, 0);
}
