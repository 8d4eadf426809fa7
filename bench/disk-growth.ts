/**
 * The disk that payments take, by kind of record, with and without their contents, and the time of a start:
 * `npm run bench -- disk-growth --blocks BLOCKS` writes blocks of ten payments, one a second, into one store.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configFileOf, openDevnetFolder } from "../src/cli/devnet-folder.ts";
import { offlineContext } from "../src/cli/stopped-store.ts";
import { restore } from "../src/node/execution/restore.ts";
import { loadConfig } from "../src/node/files/config.ts";
import { type NodeFiles, openNodeFiles } from "../src/node/files/node-files.ts";
import { height } from "../src/primitives/numbers.ts";
import type { Store } from "../src/storage/contracts.ts";
import { letterOf } from "../src/storage/keys.ts";
import { storeSpace } from "../src/storage/store-factory.ts";
import { writeLongChain } from "./long-chain.ts";

const PER_BLOCK = 10;
const SPACING_MS = 1_000;
const STEP = 256;

/** Bytes of keys and values, by the first letter of the key (src/storage/keys.ts). */
async function bytesByKind(store: Store): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for await (const { key, value } of store.backup()) {
    const letter = letterOf(key);
    sums.set(letter, (sums.get(letter) ?? 0) + key.length + value.length);
  }
  return sums;
}

export async function measureDiskGrowth(blocks: number): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "countersign-growth-"));
  try {
    const now = () => Date.now() - blocks * SPACING_MS - 1_000;
    const options = { nodes: 4, port: 7_001, folder: join(home, "network"), fresh: false };
    const folder = await openDevnetFolder(options, { now });
    const configFiles = folder.validators.map(({ id }) => configFileOf(folder, id));
    const heights = configFiles.map((_, index) => (index === 0 ? blocks : 0));
    const plan = { configFiles, blocks, transfersPerBlock: PER_BLOCK, heights };
    await writeLongChain({ ...plan, spacingMs: SPACING_MS, report: () => undefined });
    await report(configFiles[0] ?? "", blocks);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function report(configFile: string, blocks: number): Promise<void> {
  const payments = blocks * PER_BLOCK;
  await onFolder(configFile, "all", async (files) => {
    await show("all", payments, files);
    await prune(files.store, blocks - windowOf(files));
    await show("all but the window of ids pruned", payments, files);
  });
  await onFolder(configFile, "pruned", async (files) => {
    await prune(files.store, blocks);
    await show("all pruned", payments, files);
  });
}

/** The blocks that a start reads. */
function windowOf({ genesis }: NodeFiles): number {
  const { lifetimeMsMax, graceMs } = genesis.timings;
  return Math.ceil((lifetimeMsMax + graceMs) / SPACING_MS);
}

async function prune(store: Store, to: number): Promise<void> {
  for (let at = STEP; at < to; at += STEP) await store.chain.prune(height(at), new Set());
}

/** Shows how long a node's start takes until it knows the state that it serves: files, store, wallets, one window of blocks. */
async function onFolder(
  configFile: string,
  what: string,
  use: (files: NodeFiles) => Promise<void>,
): Promise<void> {
  const begun = performance.now();
  const files = await openNodeFiles(loadConfig(configFile), { report: () => undefined });
  await restore(offlineContext(files.genesis), files.store);
  console.log(JSON.stringify({ what: `start, ${what}`, ms: performance.now() - begun }));
  await use(files);
  await files.store.close();
  await files.keyRing.close();
}

async function show(
  what: string,
  payments: number,
  { store, storePlace }: Pick<NodeFiles, "store" | "storePlace">,
): Promise<void> {
  const kinds = await bytesByKind(store);
  const total = [...kinds.values()].reduce((sum, bytes) => sum + bytes, 0);
  const each = Object.fromEntries([...kinds].map(([kind, sum]) => [kind, sum / payments]));
  const { used } = await storeSpace(storePlace);
  const line = { what, payments, records: total / payments, files: used / payments, each };
  console.log(JSON.stringify(line));
}
