/**
 * A development network for a benchmark: `countersign devnet` of this folder or of another revision; real processes,
 * TLS, a synced disk, in a folder of its own.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withOperator } from "../../src/cli/operator-access.ts";
import { freePort } from "../../test/support/free-ports.ts";
import { GuardedProcess, ROOT, untilGone } from "../../test/support/guarded-process.ts";
import { clearAtEnd } from "../clearing.ts";
import { copyFolder, type Fixture } from "../fixtures/fixture.ts";
import { type NodeMetrics, readMetrics } from "../readings/node-metrics.ts";

export interface NetworkPlan {
  readonly nodes: number;
  /** The folder of the project whose nodes run; absent: this one. */
  readonly product?: string | undefined;
  /** The nodes admit callers by tokens, of which the load has one for each node; absent: any caller may do everything. */
  readonly withTokens?: boolean | undefined;
  /** The network is a copy of this one; absent: a new one. */
  readonly fixture?: Fixture | undefined;
}

export interface BenchNode {
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
}

const READY_MS = 150_000;
const STOP_MS = 20_000;

export class BenchNetwork {
  readonly home: string;
  readonly nodes: readonly BenchNode[];
  readonly #parent: GuardedProcess;
  readonly #isCleared: () => void;
  /** A token of each node, in their order; empty without tokens. */
  tokens: readonly string[] = [];

  private constructor(home: string, parent: GuardedProcess, isCleared: () => void) {
    this.home = home;
    this.#parent = parent;
    this.#isCleared = isCleared;
    const lines = parent.stdout.matchAll(/^ {2}(node\d+) {2}(https:\S+) {2}process (\d+)$/gm);
    this.nodes = [...lines].map(([, name = "", url = "", pid]) => {
      return { url, pid: Number(pid), folder: join(home, "network", name) };
    });
  }

  /** Settles when the network says that it takes payments. */
  static async start(plan: NetworkPlan): Promise<BenchNetwork> {
    const home = mkdtempSync(join(tmpdir(), "countersign-bench-"));
    const { nodes, product = ROOT, withTokens, fixture } = plan;
    if (fixture !== undefined) copyFolder(fixture.folder, join(home, "network"));
    const port = fixture?.port ?? (await freePort(nodes));
    const flags = ["--nodes", `${nodes}`, "--port", `${port}`];
    const data = ["--data", join(home, "network")];
    const command = [...programOf(product), "devnet", ...flags, ...data];
    let parent: GuardedProcess | undefined;
    const isCleared = clearAtEnd(() => {
      parent?.signalGroup("SIGKILL");
      removeFolder(home);
    });
    const started = async () => {
      const running = new GuardedProcess(command, { cwd: product });
      parent = running;
      await running.until(() => /^Ctrl-C ends every process\.$/m.test(running.stdout), READY_MS);
      return new BenchNetwork(home, running, isCleared);
    };
    try {
      const network = await started();
      if (withTokens !== true) return network;
      await network.#end();
      for (const { folder } of network.nodes) admitByToken(configOf(folder));
      const guarded = await started();
      guarded.tokens = await Promise.all(guarded.nodes.map(({ folder }) => tokenOf(folder)));
      return guarded;
    } catch (error) {
      await parent?.destroy();
      removeFolder(home);
      isCleared();
      throw error;
    }
  }

  get ca(): string {
    return readFileSync(join(this.home, "network", "ca.pem"), "utf8");
  }

  get genesisFile(): string {
    return join(this.home, "network", "genesis.json");
  }

  /** Like a crash: no handler of the node runs. */
  async kill(node: BenchNode): Promise<void> {
    process.kill(node.pid, "SIGKILL");
    await untilGone([node.pid], STOP_MS);
  }

  /** Undefined if the node has no socket for its operator, as in old revisions. */
  async metricsOf({ folder }: BenchNode): Promise<NodeMetrics | undefined> {
    const socket = join(folder, "operator.sock");
    return existsSync(socket) ? await readMetrics(socket) : undefined;
  }

  /** Ends every process and removes the folder. */
  async stop(): Promise<void> {
    await this.#end();
    removeFolder(this.home);
    this.#isCleared();
  }

  async #end(): Promise<void> {
    this.#parent.signalGroup("SIGINT");
    await this.#parent.ended;
    await untilGone(
      this.nodes.map(({ pid }) => pid),
      STOP_MS,
    );
  }
}

/** Processes that are being killed may still write. */
function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function configOf(folder: string): string {
  return join(folder, "config.json");
}

/** Reads need no token: devnet asks without one if the nodes are ready. */
function admitByToken(config: string): void {
  const fields: object = JSON.parse(readFileSync(config, "utf8"));
  const access = { tokens: true, publicReads: true };
  writeFileSync(config, JSON.stringify({ ...fields, access }, undefined, 2));
}

async function tokenOf(folder: string): Promise<string> {
  const scopes = ["read:all", "submit", "custody", "issue"];
  const made = await withOperator("bench", configOf(folder), (calls) =>
    calls.createToken({ name: "bench", scopes }),
  );
  return made.text;
}

/** The program `countersign` of a project folder, run by the Node.js that it brings along. */
function programOf(product: string): string[] {
  const own = join(product, `node_modules/node-linux-${process.arch}/bin/node`);
  const node = existsSync(own) ? own : process.execPath;
  const check = join(product, "bin", "require-node.js");
  return [node, "--import", check, join(product, "src", "cli", "main.ts")];
}
