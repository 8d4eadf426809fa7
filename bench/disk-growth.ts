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
import { openNodeFiles } from "../src/node/files/node-files.ts";
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
  const quiet = { report: () => undefined };
  const { genesis, store, storePlace, keyRing } = await openNodeFiles(
    loadConfig(configFile),
    quiet,
  );
  const payments = blocks * PER_BLOCK;
  const show = async (what: string) => {
    const kinds = await bytesByKind(store);
    const total = [...kinds.values()].reduce((sum, bytes) => sum + bytes, 0);
    const each = Object.fromEntries([...kinds].map(([kind, sum]) => [kind, sum / payments]));
    const { used } = await storeSpace(storePlace);
    const line = { what, payments, records: total / payments, files: used / payments, each };
    console.log(JSON.stringify(line));
  };
  await show("all");
  const begun = performance.now();
  await restore(offlineContext(genesis), store);
  console.log(JSON.stringify({ what: "start", ms: performance.now() - begun }));
  for (let at = STEP; at < blocks; at += STEP) await store.chain.prune(height(at), new Set());
  await show("pruned");
  await store.close();
  await keyRing.close();
}
