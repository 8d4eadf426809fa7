/** The machine that a benchmark ran on, as its figures name it. */
import { availableParallelism, cpus, release, totalmem, type } from "node:os";

export interface Machine {
  readonly processors: number;
  readonly model: string;
  readonly memoryMiB: number;
  readonly node: string;
  readonly system: string;
}

export function thisMachine(): Machine {
  return {
    processors: availableParallelism(),
    model: cpus()[0]?.model ?? "unknown",
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    node: process.version,
    system: `${type()} ${release()}`,
  };
}

export function machineText({ processors, model, memoryMiB, node, system }: Machine): string {
  return `${processors} × ${model}, ${memoryMiB} MiB, ${system}, Node ${node}`;
}
