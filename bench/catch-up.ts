/**
 * Measures the time until a late node votes again: `npm run bench -- catch-up`. Four real processes run on stores with a
 * long history. One lacks most of it, never had any, or has lost its store but kept its keys and its share of the group
 * key. Another node is down, so the late node has voted once a payment settles.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wait } from "../gen/countersign/v1/types_pb.ts";
import { configFileOf, type DevnetFolder, openDevnetFolder } from "../src/cli/devnet-folder.ts";
import { createGatewayClient, type GatewayClient } from "../src/client/gateway-client.ts";
import { loadConfig } from "../src/node/files/config.ts";
import { freePort } from "../test/support/free-ports.ts";
import { COUNTERSIGN, GuardedProcess } from "../test/support/guarded-process.ts";
import { writeLongChain } from "./long-chain.ts";

export interface CatchUpPlan {
  readonly blocks: number;
  readonly transfersPerBlock: number;
  /** The number of blocks that the late node holds already. "lost": it took part, lost its store, and has rejoined. */
  readonly held: number | "lost";
  /** The late node takes a snapshot if that saves it at least this many blocks; absent: the default. */
  readonly snapshotBlocksMin?: number;
  /** The time that the history spans, milliseconds; absent: one millisecond for each block. */
  readonly spanMs?: number;
  readonly report: (line: string) => void;
}

export interface CatchUpFigures {
  /** From the start of the other nodes, all at once, until they settle a payment. */
  readonly othersMs: number;
  /** From the start of its process, or of `countersign rejoin`, until it has the others' height. */
  readonly caughtUpMs: number;
  /** The same start, until a payment settled by its vote. */
  readonly votesMs: number;
  /** The same start, until it holds all blocks. */
  readonly wholeMs: number;
  /** True if it took over the state of a snapshot. */
  readonly fromSnapshot: boolean;
}

const NODES = 4;
const LATE = 3;
const LIMIT_MS = 600_000;

export async function measureCatchUp(plan: CatchUpPlan): Promise<CatchUpFigures> {
  const home = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  const network = await prepare(plan, home);
  try {
    const starting = performance.now();
    await network.begin(plan.held === "lost" ? [0, 1, 2, LATE] : [0, 1, 2]);
    const othersMs = performance.now() - starting;
    if (plan.held === "lost") await network.loseStore(LATE);
    const begun = performance.now();
    if (plan.held === "lost") await network.rejoin(LATE);
    await network.start(LATE);
    await until("the late node has the others' height", () => network.isLevel(0, LATE));
    const caughtUpMs = performance.now() - begun;
    // A node that has rejoined is silent in the views before its first one, so the others have to leave those first.
    if (plan.held === "lost") for (let i = 0; i < 4; i++) await network.settle(0);
    await network.kill(1);
    await network.settle(0);
    const votesMs = performance.now() - begun;
    await until("the whole history", () => network.isWhole(LATE));
    const wholeMs = performance.now() - begun;
    const fromSnapshot = network.tookSnapshot(LATE);
    return { othersMs, caughtUpMs, votesMs, wholeMs, fromSnapshot };
  } finally {
    await network.end();
    await rm(home, { recursive: true, force: true });
  }
}

async function prepare(plan: CatchUpPlan, home: string): Promise<Processes> {
  const { blocks, transfersPerBlock, held, report } = plan;
  const port = await freePort(NODES);
  const path = join(home, "network");
  const spanMs = plan.spanMs ?? blocks;
  const begun = Date.now() - spanMs - 1_000;
  const options = { nodes: NODES, port, folder: path, fresh: false };
  const folder = await openDevnetFolder(options, { now: () => begun });
  const configFiles = folder.validators.map(({ id }) => configFileOf(folder, id));
  const late = held === "lost" ? blocks : held;
  const heights = configFiles.map((_, index) => (index === LATE ? late : blocks));
  const reportSome = (done: number) => {
    if (done % 1_000 < 100) report(`history: ${done} of ${blocks} blocks`);
  };
  const spacingMs = Math.floor(spanMs / blocks);
  const chain = { configFiles, blocks, transfersPerBlock, heights, spacingMs };
  await writeLongChain({ ...chain, report: reportSome });
  if (plan.snapshotBlocksMin !== undefined) {
    const file = configFiles[LATE] ?? "";
    const config: object = JSON.parse(readFileSync(file, "utf8"));
    const { snapshotBlocksMin } = plan;
    writeFileSync(file, JSON.stringify({ ...config, snapshotBlocksMin }));
  }
  return new Processes(folder, configFiles);
}

/** The nodes of a development network, each a process. */
class Processes {
  readonly #configFiles: readonly string[];
  readonly #clients: readonly GatewayClient[];
  readonly #running = new Map<number, GuardedProcess>();

  constructor({ validators, caFile }: DevnetFolder, configFiles: readonly string[]) {
    const ca = readFileSync(caFile, "utf8");
    this.#configFiles = configFiles;
    this.#clients = validators.map(({ clientAddress }) =>
      createGatewayClient({ baseUrl: `https://${clientAddress}`, ca }),
    );
  }

  /** Starts nodes, and waits until payments settle; if all are there, until they seal. */
  async begin(nodes: readonly number[]): Promise<void> {
    await Promise.all(nodes.map((node) => this.start(node)));
    await this.settle(0);
    if (nodes.length < NODES) return;
    await until("every node's share of the group key", async () => {
      const all = await Promise.all(this.#clients.map(({ calls }) => calls.getStatus({})));
      return all.every(({ keyFinal, sealedHeight }) => keyFinal && sealedHeight > 0n);
    });
  }

  async start(node: number): Promise<void> {
    const child = this.#spawn(node, "node");
    this.#running.set(node, child);
    await child.until(() => child.stdout.includes('"msg":"listening"'), LIMIT_MS);
  }

  async kill(node: number): Promise<void> {
    const child = this.#running.get(node);
    child?.signal("SIGKILL");
    await child?.ended;
  }

  /** Its keys stay. */
  async loseStore(node: number): Promise<void> {
    await this.kill(node);
    const { dataFolder } = loadConfig(this.#configFiles[node] ?? "");
    await rm(join(dataFolder, "store"), { recursive: true });
  }

  async rejoin(node: number): Promise<void> {
    const child = this.#spawn(node, "rejoin");
    const { code } = await child.ended;
    if (code !== 0) throw new Error(`rejoin: ${child.output}`);
  }

  async isLevel(one: number, other: number): Promise<boolean> {
    const [left, right] = await Promise.all(
      [one, other].map((node) => this.#clients[node]?.calls.getStatus({})),
    );
    return left !== undefined && right !== undefined && right.height >= left.height;
  }

  tookSnapshot(node: number): boolean {
    return this.#running.get(node)?.stdout.includes('"msg":"starting from a snapshot"') === true;
  }

  async isWhole(node: number): Promise<boolean> {
    return (await this.#clients[node]?.calls.getStatus({}))?.historyFrom === 1n;
  }

  /** Waits until a payment has settled. */
  settle(gateway: number): Promise<void> {
    return until("a payment", async () => {
      const client = this.#clients[gateway];
      return client !== undefined && (await settles(client));
    });
  }

  async end(): Promise<void> {
    for (const { close } of this.#clients) close();
    for (const node of this.#running.keys()) await this.kill(node);
  }

  #spawn(node: number, command: string): GuardedProcess {
    return new GuardedProcess([...COUNTERSIGN, command, "--config", this.#configFiles[node] ?? ""]);
  }
}

/** True once a new wallet with money is final. */
async function settles({ calls }: GatewayClient): Promise<boolean> {
  const request = { initialBalance: 1n, wait: Wait.FINAL };
  const { receipt } = await calls.walletCreation(request, { timeoutMs: 20_000 });
  return receipt !== undefined;
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    if (await look().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for: ${what}`);
}
