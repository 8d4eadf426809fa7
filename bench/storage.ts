/**
 * Compares storage engines for finalized blocks: the same store over LevelDB (classic-level) and over SQLite (node:sqlite,
 * WAL, synchronous FULL). Run: `npx node bench/storage.ts [blocks]`. Figures: docs/decisions/0002-embedded-store.md.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Bytes } from "../src/primitives/bytes.ts";
import { uuidFromBytes, type WalletId } from "../src/primitives/ids.ts";
import { height } from "../src/primitives/numbers.ts";
import type { Commit, Store } from "../src/storage/contracts.ts";
import type { Change, Entry, KeyValue, Range } from "../src/storage/key-value.ts";
import { openStoreOn } from "../src/storage/open-store.ts";
import { createStore } from "../src/storage/store-factory.ts";

const TRANSFERS = 500;
const WALLETS = 20_000;
const identity = { networkId: randomBytes(32) };

/** SQLite as a store would use it best: one table clustered by key, one transaction for each batch. */
class SqliteKeyValue implements KeyValue {
  readonly #database: DatabaseSync;
  readonly #put;
  readonly #del;
  readonly #get;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    this.#database.exec("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000;");
    this.#database.exec("CREATE TABLE records (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID");
    this.#put = this.#database.prepare("INSERT OR REPLACE INTO records VALUES (?, ?)");
    this.#del = this.#database.prepare("DELETE FROM records WHERE k = ?");
    this.#get = this.#database.prepare("SELECT v FROM records WHERE k = ?");
  }

  get(key: Bytes): Bytes | undefined {
    const value = this.#get.get(key)?.["v"];
    return value instanceof Uint8Array ? value : undefined;
  }

  async search(key: Bytes): Promise<Bytes | undefined> {
    return this.get(key);
  }

  async getLarge(key: Bytes): Promise<Bytes | undefined> {
    return this.get(key);
  }

  async *parts({
    from,
    below,
    reverse = false,
    limit = -1,
  }: Range): AsyncGenerator<readonly Entry[]> {
    const order = reverse ? "DESC" : "ASC";
    const query = `SELECT k, v FROM records WHERE k >= ? AND k < ? ORDER BY k ${order} LIMIT ?`;
    for (const row of this.#database.prepare(query).all(from, below, limit)) {
      const { k: key, v: value } = row;
      if (key instanceof Uint8Array && value instanceof Uint8Array) yield [{ key, value }];
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.#database.exec("BEGIN IMMEDIATE");
    for (const change of changes) {
      if (change.type === "put") this.#put.run(change.key, change.value);
      else this.#del.run(change.key);
    }
    this.#database.exec("COMMIT");
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

const ENGINES: Readonly<Record<string, (folder: string) => Promise<Store>>> = {
  "classic-level": (folder) =>
    createStore({ engine: "level", location: join(folder, "level"), identity }),
  "node:sqlite": (folder) =>
    openStoreOn(new SqliteKeyValue(join(folder, "sqlite.db")), {
      identity,
      create: true,
      place: folder,
    }),
};

/** Random bytes cut from one slab. A buffer for each value would make the measured process collect garbage. */
const slab = randomBytes(64 * 1024 * 1024);
let cut = 0;

function bytes(length: number): Bytes {
  cut = cut + length > slab.length ? (cut % 97) + 1 : cut;
  cut += length;
  return slab.subarray(cut - length, cut);
}

const wallets: WalletId[] = Array.from({ length: WALLETS }, () => uuidFromBytes(bytes(16)));

function makeCommit(at: number): Commit {
  const operations = Array.from({ length: TRANSFERS }, () => bytes(270));
  const touched = Array.from({ length: 2 * TRANSFERS }, () => pick(wallets));
  return {
    blocks: [
      {
        height: height(at),
        hash: bytes(32),
        header: bytes(330),
        operations,
        results: bytes(TRANSFERS),
        operationKeys: operations.map(() => `${pick(wallets)}/${uuidFromBytes(randomBytes(16))}`),
        creations: [],
        entries: operations.flatMap((_, index) =>
          touched.slice(2 * index, 2 * index + 2).map((wallet) => ({
            wallet,
            index,
            record: bytes(86),
          })),
        ),
        declines: [],
      },
    ],
    finalization: bytes(400),
    wallets: touched.map((id) => ({ id, record: bytes(140) })),
  };
}

function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function sumOf({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

async function timed(times: number, run: (round: number) => Promise<unknown>): Promise<string> {
  const durations: number[] = [];
  for (let round = 0; round < times; round++) {
    const start = performance.now();
    await run(round);
    durations.push(performance.now() - start);
  }
  durations.sort((left, right) => left - right);
  const at = (share: number) => (durations[Math.floor(share * (times - 1))] ?? 0).toFixed(3);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

async function measure(name: string, store: Store, blocks: number): Promise<void> {
  const commits = Array.from({ length: blocks }, (_, round) => makeCommit(round + 2));
  const keys = commits.map((commit) => commit.blocks[0]?.operationKeys[0] ?? "");
  let all = 0;
  let main = 0;
  await store.chain.commit(makeCommit(1));
  const commitTimes = await timed(blocks, async (round) => {
    const [allBefore, mainBefore] = [process.cpuUsage(), process.threadCpuUsage()];
    const commit = commits[round];
    if (commit !== undefined) await store.chain.commit(commit);
    all += sumOf(process.cpuUsage(allBefore));
    main += sumOf(process.threadCpuUsage(mainBefore));
  });
  const [allEach, mainEach] = [all, main].map((sum) => (sum / (blocks * TRANSFERS)).toFixed(1));
  console.log(
    `${name}: commit of ${TRANSFERS} transfers: ${commitTimes}; CPU a transfer ${allEach} us, main thread ${mainEach}`,
  );
  const vote = bytes(240);
  console.log(
    `  journal append of a vote: ${await timed(500, () => store.journal.append([vote]))}`,
  );
  const known = await timed(5000, () => store.operations.loadOperation(pick(keys)));
  console.log(`  operation by key, known: ${known}`);
  const fresh = `${wallets[0]}/${wallets[1]}`;
  console.log(
    `  operation by key, new: ${await timed(5000, () => store.operations.loadOperation(fresh))}`,
  );
  const random = () => height(1 + Math.floor(Math.random() * blocks));
  console.log(`  block with body: ${await timed(300, () => store.blocks.loadBlock(random()))}`);
  console.log(
    `  finalization: ${await timed(1000, () => store.blocks.loadFinalization(random()))}`,
  );
}

/** The lower bound: an append to a file and its fdatasync. */
async function measureSync(folder: string): Promise<void> {
  const file = await open(join(folder, "floor"), "a");
  const line = bytes(300);
  const times = await timed(500, async () => {
    await file.write(line);
    await file.datasync();
  });
  await file.close();
  console.log(`append and fdatasync of 300 bytes: ${times}`);
}

const blocks = Number(process.argv[2] ?? 200);
console.log(`${cpus().length} cores, ${cpus()[0]?.model}, Node ${process.version}`);
const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
try {
  await measureSync(folder);
  for (const [name, create] of Object.entries(ENGINES)) {
    const store = await create(folder);
    await measure(name, store, blocks);
    await store.close();
  }
} finally {
  await rm(folder, { recursive: true });
}
