/**
 * How long a node needs until it votes again: `npm run bench -- catch-up`. Four real processes on stores that hold a
 * long history already; one lacks most of it, or all of it. It votes again once a payment settles that needs its vote,
 * for another node is down.
 */

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wait } from "../gen/countersign/v1/types_pb.ts";
import { configFileOf, openDevnetFolder } from "../src/cli/devnet-folder.ts";
import { createLedgerClient, type LedgerClient } from "../src/client/ledger-client.ts";
import { freePort } from "../test/support/free-ports.ts";
import { COUNTERSIGN, GuardedProcess } from "../test/support/guarded-process.ts";
import { writeLongChain } from "./long-chain.ts";

export interface CatchUpPlan {
  readonly blocks: number;
  readonly transfersPerBlock: number;
  /** The blocks that the late node holds already. */
  readonly held: number;
  readonly report: (line: string) => void;
}

export interface CatchUpFigures {
  /** From the start of its process until it has the others' height. */
  readonly caughtUpMs: number;
  /** The same until a payment settled by its vote. */
  readonly votesMs: number;
}

const NODES = 4;
const LATE = 3;
const LIMIT_MS = 600_000;

export async function measureCatchUp(plan: CatchUpPlan): Promise<CatchUpFigures> {
  const home = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  const processes: GuardedProcess[] = [];
  const clients: LedgerClient[] = [];
  try {
    const port = await freePort(NODES);
    const folder = await openDevnetFolder({
      nodes: NODES,
      port,
      folder: join(home, "network"),
      fresh: false,
    });
    const configFiles = folder.validators.map(({ id }) => configFileOf(folder, id));
    const heights = configFiles.map((_, index) => (index === LATE ? plan.held : plan.blocks));
    const { blocks, transfersPerBlock, report } = plan;
    await writeLongChain({
      configFiles,
      blocks,
      transfersPerBlock,
      heights,
      report: (done) => {
        if (done % 1_000 < 100) report(`history: ${done} of ${blocks} blocks`);
      },
    });
    const ca = readFileSync(folder.caFile, "utf8");
    for (const { clientAddress } of folder.validators) {
      clients.push(createLedgerClient({ baseUrl: `https://${clientAddress}`, ca }));
    }
    const start = (index: number) => {
      const config = configFiles[index] ?? "";
      const child = new GuardedProcess([...COUNTERSIGN, "node", "--config", config]);
      processes[index] = child;
      return child;
    };
    for (const index of [0, 1, 2]) start(index);
    const [first] = clients;
    if (first === undefined) throw new Error("a network has nodes");
    await until("a payment of the three that are up", () => settles(first));
    const begun = performance.now();
    const late = start(LATE);
    await late.until(() => late.stdout.includes('"msg":"listening"'), LIMIT_MS);
    await until("the late node has the others' height", async () => {
      const [theirs, its] = await Promise.all(
        [0, LATE].map((i) => clients[i]?.calls.getStatus({})),
      );
      return its !== undefined && theirs !== undefined && its.height >= theirs.height;
    });
    const caughtUpMs = performance.now() - begun;
    processes[1]?.signal("SIGKILL");
    await processes[1]?.ended;
    await until("a payment by the late node's vote", () => settles(first));
    return { caughtUpMs, votesMs: performance.now() - begun };
  } finally {
    for (const { close } of clients) close();
    for (const child of processes) child.signal("SIGKILL");
    await Promise.all(processes.map(({ ended }) => ended));
    await rm(home, { recursive: true, force: true });
  }
}

/** True once a new wallet with money is final. */
async function settles({ calls }: LedgerClient): Promise<boolean> {
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
