import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { Store } from "../../src/storage/contracts.ts";
import { createStore, openStore } from "../../src/storage/store-factory.ts";
import { sweep } from "../support/sweep.ts";
import { type Acknowledged, identity, readAcknowledged } from "./crash-record.ts";
import {
  busyWallet,
  OPERATIONS_PER_BLOCK,
  operationKeyAt,
  sampleBlock,
  walletNamed,
} from "./sample-chain.ts";
import { collect, expectChain, walletOf } from "./store-checks.ts";

const KILLS = sweep({ whole: 12, all: 8, share: 6 });
const CHILD = fileURLToPath(new URL("level-crash-child.ts", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-crash-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it("holds everything acknowledged, and nothing by halves, after every SIGKILL", async () => {
  const location = join(folder, "store");
  await (await createStore({ engine: "level", location, identity })).close();
  const acknowledged: Acknowledged = { block: 0, journal: 0, custody: 0 };
  // Records checked in an earlier round are checked again in the last round only.
  let verified = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    // The first kill may come before anything is acknowledged.
    const after = { linesOfKind: kill === 0 ? 0 : 2, delay: 5 + Math.random() * 150 };
    readAcknowledged(acknowledged, await runAndKill(location, after));
    const store = await openStore({ engine: "level", location, identity });
    const from = kill === KILLS - 1 ? 1 : verified + 1;
    verified = await expectAcknowledged(store, acknowledged, from);
    await store.close();
  }
  expect(Math.min(acknowledged.block, acknowledged.journal, acknowledged.custody)).toBeGreaterThan(
    KILLS,
  );
}, 180_000);

interface KillTime {
  /** Writes of each kind that the child has acknowledged before the delay begins. */
  readonly linesOfKind: number;
  /** Milliseconds. */
  readonly delay: number;
}

/** All output of the child until it was killed. */
function runAndKill(location: string, { linesOfKind, delay }: KillTime): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, location], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    let isDue = false;
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const isReached = ["block", "journal", "custody"].every(
        (kind) => output.split(`\n${kind} `).length > linesOfKind,
      );
      if (isDue || !isReached) return;
      isDue = true;
      setTimeout(() => child.kill("SIGKILL"), delay);
    });
    child.on("error", reject);
    child.on("close", (_code, signal) => {
      if (signal === "SIGKILL") resolve(output);
      else reject(new Error(`the child ended by itself: ${errors}`));
    });
  });
}

/** Gives the height of the tip. */
async function expectAcknowledged(
  store: Store,
  acknowledged: Acknowledged,
  from: number,
): Promise<number> {
  const top = (await store.blocks.loadTip())?.height ?? 0;
  expect(top).toBeGreaterThanOrEqual(acknowledged.block);
  if (top > 0) await expectChain(store, top, from);
  await expectNothingOf(store, top + 1);
  const journal = await store.journal.load();
  expect(journal.length).toBeGreaterThanOrEqual(acknowledged.journal);
  expect(journal).toEqual(
    journal.map((_, sequence) => ({ sequence, bytes: utf8(`record ${sequence}`) })),
  );
  for (let id = 0; id < acknowledged.custody; id++) {
    expect(await store.custody.load({ caller: "c", id: `${id}` })).toEqual(utf8(`signed ${id}`));
  }
  return top;
}

async function expectNothingOf(store: Store, at: number): Promise<void> {
  const block = sampleBlock(at);
  expect(await store.blocks.loadBlock(height(at))).toBeUndefined();
  expect(await store.operations.loadResults(height(at))).toBeUndefined();
  expect(await store.blocks.loadHeightOf(block.hash)).toBeUndefined();
  expect(await store.blocks.loadFinalization(height(at))).toBeUndefined();
  expect(await walletOf(store, walletNamed(`created ${at}`))).toBeUndefined();
  expect(await store.operations.loadCreation(walletNamed(`created ${at}`))).toBeUndefined();
  const whole = { from: { height: height(at), index: 0 }, to: { height: height(at), index: 9 } };
  const entries = store.statements.entries(busyWallet, { ...whole, newestFirst: false });
  expect(await collect(entries)).toEqual([]);
  for (let index = 0; index < OPERATIONS_PER_BLOCK; index++) {
    expect(await store.operations.loadOperation(operationKeyAt(at, index))).toBeUndefined();
  }
}
