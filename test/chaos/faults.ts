// Carries out the plan of faults: begins each at its time, undoes it at its end, and counts it.
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosNode } from "./chaos-node.ts";
import type { ChaosNetwork } from "./network.ts";
import type { Fault } from "./plan.ts";
import type { SmallDisk } from "./small-disk.ts";

/** Bandwidth of a slow link; its delay comes on top. */
const SLOW_BYTES_PER_SECOND = 256 * 1024;
const LEADER_MS = 500;
const WAY_OUT_MS = 3_000;

export class Faults {
  /** The number of faults, by kind; `kills` counts processes. */
  readonly counts = new Map<string, number>();
  kills = 0;
  /** The number of full disks now. */
  #diskFaults = 0;
  readonly #network: ChaosNetwork;
  readonly #note: (line: string) => void;

  constructor(network: ChaosNetwork, note: (line: string) => void) {
    this.#network = network;
    this.#note = note;
  }

  /** Settles when every fault of the plan is over, or undone because `over` was aborted. */
  async perform(plan: readonly Fault[], over: AbortSignal): Promise<void> {
    const begun = performance.now();
    await Promise.all(
      plan.map(async (fault, number) => {
        await pause(fault.at - (performance.now() - begun), over);
        if (over.aborted) return;
        await this.#perform(fault, number, over);
      }),
    );
  }

  /** Starts every node and frees every way, no matter which faults are open. */
  heal(): void {
    for (const node of this.#network.nodes) {
      node.isAway = false;
      node.thaw();
      node.setClock(0);
      node.start();
    }
  }

  async #perform(fault: Fault, number: number, over: AbortSignal): Promise<void> {
    const { kind, forMs } = fault;
    const did = await this.#begin(fault, number);
    if (did) this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    await pause(forMs, over);
    await this.#end(fault, number, over);
  }

  /** Begins a fault; false if there was nothing to do it to. */
  async #begin(fault: Fault, number: number): Promise<boolean> {
    const { kind, nodes: indices, amount } = fault;
    const { mesh, disk } = this.#network;
    const victims = this.#nodes(indices);
    switch (kind) {
      case "kill":
        return await this.#kill(victims);
      case "away":
        for (const node of victims) node.isAway = true;
        return await this.#kill(victims);
      case "kill-leader":
        return await this.#kill(await this.#leader());
      case "kill-all":
        return await this.#kill(this.#network.nodes);
      case "stop":
        return victims.map((node) => node.freeze()).some((did) => did);
      case "clock":
        for (const node of victims) node.setClock(amount);
        return true;
      case "partition": {
        mesh.trouble(number, mesh.between([indices, this.#others(indices)]), { held: true });
        return true;
      }
      case "bridge": {
        const [bridge = 0, ...side] = indices;
        const other = this.#others([bridge, ...side]);
        mesh.trouble(number, mesh.between([side, other]), { held: true });
        return true;
      }
      case "one-way":
      case "stall":
      case "slow":
      case "cut":
        return this.#disturb(fault, number);
      case "disk":
        if (disk === undefined) return false;
        this.#diskFaults += 1;
        this.#setMayEnd(true);
        disk.fill();
        return true;
      default:
        return kind satisfies never;
    }
  }

  /** A fault of one way; a stall and a slow link apply to both ways of a pair. */
  #disturb({ kind, nodes, amount }: Fault, number: number): boolean {
    const { mesh } = this.#network;
    const [from = 0, to = 1] = nodes;
    const both = [
      [from, to],
      [to, from],
    ] as const;
    if (kind === "cut") return both.map((link) => mesh.cut(link)).some((open) => open > 0);
    if (kind === "one-way") mesh.trouble(number, [[from, to]], { refused: true });
    if (kind === "stall") mesh.trouble(number, both, { held: true });
    if (kind === "slow") {
      const speed = { delayMs: amount, bytesPerSecond: SLOW_BYTES_PER_SECOND };
      mesh.trouble(number, both, speed);
    }
    return true;
  }

  async #end({ kind, nodes: indices }: Fault, number: number, over: AbortSignal): Promise<void> {
    const { mesh, disk, nodes } = this.#network;
    const victims = this.#nodes(indices);
    if (kind === "stop") for (const node of victims) node.thaw();
    if (kind === "clock") for (const node of victims) node.setClock(0);
    if (kind === "disk" && disk !== undefined) await this.#emptyDisk(disk, over);
    mesh.relieve(number);
    if (kind === "away") for (const node of victims) node.isAway = false;
    // A node that was killed, or that ended because its disk was full, is started again as an operator would do it.
    if (kind.startsWith("kill") || kind === "away" || kind === "disk")
      for (const node of nodes) node.start();
  }

  /** Several full disks may overlap: this waits for the end of the last. */
  async #emptyDisk(disk: SmallDisk, over: AbortSignal): Promise<void> {
    if (this.#diskFaults === 1) disk.empty();
    // A node that met the full disk is ending.
    await pause(WAY_OUT_MS, over);
    this.#diskFaults -= 1;
    if (this.#diskFaults > 0) return;
    disk.empty();
    this.#setMayEnd(false);
  }

  #setMayEnd(mayEnd: boolean): void {
    for (const node of this.#nodes([this.#network.nodes.length - 1])) node.mayEnd = mayEnd;
  }

  async #kill(victims: readonly ChaosNode[]): Promise<boolean> {
    const done = await Promise.all(victims.map((node) => node.kill()));
    const count = done.filter((did) => did).length;
    this.kills += count;
    return count > 0;
  }

  /** The leader of the view that the first node to answer is in. */
  async #leader(): Promise<ChaosNode[]> {
    const { clients, nodes } = this.#network;
    try {
      const status = await Promise.any(
        clients.map(({ calls }) => calls.getStatus({}, { timeoutMs: LEADER_MS })),
      );
      return this.#nodes([Number(status.view % BigInt(nodes.length))]);
    } catch {
      this.#note("no node says who leads");
      return [];
    }
  }

  #nodes(indices: readonly number[]): ChaosNode[] {
    return this.#network.nodes.filter((_, index) => indices.includes(index));
  }

  #others(indices: readonly number[]): number[] {
    return [...this.#network.nodes.keys()].filter((index) => !indices.includes(index));
  }
}

async function pause(ms: number, over: AbortSignal): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal: over }).catch(() => undefined);
}
