/** A development network as a user has it: `countersign devnet`, real processes, TLS and disk, in a folder of its own. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import { freePort } from "./free-ports.ts";
import {
  COUNTERSIGN,
  type Ended,
  GuardedProcess,
  isRunning,
  processesNaming,
  untilGone,
} from "./guarded-process.ts";

export interface DevnetPlace {
  /** The folder of this network alone; `data` is inside. */
  readonly home: string;
  readonly data: string;
  readonly port: number;
  readonly nodes: number;
  /** The environment of its processes, in addition to that of this one. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface DevnetNode {
  readonly name: string;
  /** https://host:port for clients. */
  readonly url: string;
  readonly configFile: string;
  readonly folder: string;
}

/** Outer bounds: a start takes seconds, and minutes on a machine that is busy with ten other networks. */
const READY_MS = 180_000;
const STOP_MS = 60_000;

export async function newPlace(nodes = 4): Promise<DevnetPlace> {
  const home = mkdtempSync(join(tmpdir(), "countersign-e2e-"));
  return { home, data: join(home, "network"), port: await freePort(nodes), nodes };
}

/** Ends every process that was started in the place, and removes the folder. */
export async function leavePlace({ home }: DevnetPlace): Promise<void> {
  for (const pid of processesNaming(home)) {
    if (isRunning(pid)) process.kill(pid, "SIGKILL");
  }
  await untilGone(processesNaming(home), STOP_MS);
  rmSync(home, { recursive: true, force: true });
}

export function devnetFlags({ nodes, port, data }: DevnetPlace): string[] {
  return ["--nodes", `${nodes}`, "--port", `${port}`, "--data", data];
}

export class Devnet {
  readonly place: DevnetPlace;
  readonly nodes: readonly DevnetNode[];
  readonly #parent: GuardedProcess;
  readonly #pids: number[];
  readonly #clients: readonly GatewayClient[];
  /** Nodes that were restarted one by one. */
  readonly #restarted: GuardedProcess[] = [];
  readonly #newest = new Map<number, GuardedProcess>();

  private constructor(place: DevnetPlace, parent: GuardedProcess) {
    this.place = place;
    this.#parent = parent;
    const lines = [...parent.stdout.matchAll(/^ {2}(node\d+) {2}(https:\S+) {2}process (\d+)$/gm)];
    this.nodes = lines.map(([, name = "", url = ""]) => {
      const folder = join(place.data, name);
      return { name, url, folder, configFile: join(folder, "config.json") };
    });
    this.#pids = lines.map(([, , , pid]) => Number(pid));
    this.#clients = this.nodes.map(({ url }) => createGatewayClient({ baseUrl: url, ca: this.ca }));
  }

  /** Settles when the network says that it is ready. */
  static async start(
    place: DevnetPlace,
    command: readonly string[] = [...COUNTERSIGN, "devnet"],
  ): Promise<Devnet> {
    const parent = new GuardedProcess([...command, ...devnetFlags(place)], { env: place.env });
    try {
      await parent.until(() => /^Ctrl-C ends every process\.$/m.test(parent.stdout), READY_MS);
    } catch (error) {
      await parent.destroy();
      throw error;
    }
    return new Devnet(place, parent);
  }

  get caFile(): string {
    return join(this.place.data, "ca.pem");
  }

  get ca(): string {
    return readFileSync(this.caFile, "utf8");
  }

  get genesisFile(): string {
    return join(this.place.data, "genesis.json");
  }

  /** All output of the parent. */
  get output(): string {
    return this.#parent.output;
  }

  /** The process that was started first; it may be npm. */
  get pid(): number {
    return this.#parent.pid;
  }

  get ended(): Promise<Ended> {
    return this.#parent.ended;
  }

  /** Every running process of the network. */
  get running(): number[] {
    return processesNaming(this.place.data).filter(isRunning);
  }

  node(index: number): DevnetNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  calls(index: number): GatewayClient["calls"] {
    const client = this.#clients[index];
    if (client === undefined) throw new Error(`there is no node ${index}`);
    return client.calls;
  }

  pidOf(index: number): number {
    const pid = this.#pids[index];
    if (pid === undefined) throw new Error(`there is no node ${index}`);
    return pid;
  }

  /** Like a crash or a power cut: no handler of the node runs. */
  async kill(index: number): Promise<void> {
    const pid = this.pidOf(index);
    process.kill(pid, "SIGKILL");
    await untilGone([pid], STOP_MS);
  }

  /** Starts one node again with the command that the network printed when the node ended; settles when it listens. */
  async restart(
    index: number,
    {
      command = COUNTERSIGN,
      env,
    }: {
      readonly command?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<void> {
    const { configFile } = this.node(index);
    const child = new GuardedProcess([...command, "node", "--config", configFile], {
      env: { ...this.place.env, ...env },
    });
    this.#restarted.push(child);
    this.#newest.set(index, child);
    this.#pids[index] = child.pid;
    await child.until(() => child.stdout.includes('"msg":"listening"'), READY_MS);
  }

  /** Settles when every node is linked to every other, so that no call meets a gap. */
  async untilLinked(): Promise<void> {
    const deadline = performance.now() + READY_MS;
    for (;;) {
      const linked = await Promise.all(this.nodes.map((_, index) => this.#linkedPeers(index)));
      if (linked.every((count) => count === this.nodes.length - 1)) return;
      if (performance.now() > deadline) {
        throw new Error(`the nodes are linked to ${linked.join(", ")} peers:\n${this.logs}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #linkedPeers(index: number): Promise<number> {
    const status = await this.calls(index)
      .getStatus({})
      .catch(() => undefined);
    return status?.connectedPeers ?? 0;
  }

  /** Settles when a node that was restarted here has ended by itself. */
  async endOf(index: number): Promise<Ended> {
    const child = this.#newest.get(index);
    if (child === undefined) throw new Error(`node ${index} was not restarted`);
    return await child.ended;
  }

  /** To the parent's whole group, as a terminal does, or to the parent alone. */
  signal(signal: NodeJS.Signals, to: "group" | "parent"): void {
    if (to === "group") this.#parent.signalGroup(signal);
    else this.#parent.signal(signal);
  }

  /** All output of the nodes, their own and through the parent. */
  get logs(): string {
    const files = this.nodes.map(({ folder }) => readFileSync(join(folder, "node.log"), "utf8"));
    return [...files, ...this.#restarted.map(({ output }) => output), this.output].join("\n");
  }

  /** Sends Ctrl-C to all of it; the folder stays. */
  async stop(): Promise<void> {
    for (const { close } of this.#clients) close();
    for (const child of this.#restarted) child.signal("SIGTERM");
    this.signal("SIGINT", "group");
    await Promise.all([this.ended, ...this.#restarted.map(({ ended }) => ended)]);
    await untilGone(this.running, STOP_MS);
  }
}
