/** The embedded store on the disk of the temporary folder, synced: commits of blocks, votes, look-ups. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "../../src/primitives/assert.ts";
import { uuidFromBytes } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { Commit, Store } from "../../src/storage/contracts.ts";
import { createStore } from "../../src/storage/store-factory.ts";
import type { MicroBench } from "./open-group.ts";

const SIZES = [20, 500] as const;
/** Of an entry record with a reference of ten bytes. */
const ENTRY_BYTES = 88;
/** Every payment is one to this wallet. */
const BUSY = randomId();

export async function open(): Promise<MicroBench> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  const identity = { networkId: randomBytes(32) };
  const location = join(folder, "store");
  const store = await createStore({ engine: "level", location, identity });
  const chain = new SampleChain(store);
  for (let i = 0; i < 20; i++) await chain.commit(100);
  const known = chain.lastKeys;
  let next = 0;
  return {
    benchmarks: [
      ...SIZES.map((size) => ({
        name: `commit a block of ${size} transfers, synced`,
        run: () => chain.commit(size),
      })),
      {
        name: "append a vote to the journal, synced",
        run: () => store.journal.append([randomBytes(240)]),
      },
      {
        name: "look a known operation up",
        run: () => store.operations.loadOperation(known[next++ % known.length] ?? ""),
      },
      {
        name: "look a new operation up",
        run: () => store.operations.loadOperation(`${randomId()}/${randomId()}`),
      },
      {
        name: "read a page of 100 entries of a statement",
        run: async () => {
          const [from, to] = [1 + (next++ % 18), 20];
          const range = { from: placeIn(from), to: placeIn(to), newestFirst: false, limit: 100 };
          let read = 0;
          for await (const _ of store.statements.entries(BUSY, range)) read += 1;
          assert(read === 100, "a page is full");
        },
      },
      { name: "read a block of 100 transfers", run: () => store.blocks.loadBlock(height(5)) },
    ],
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Blocks of the sizes that transfers have, with random contents. */
class SampleChain {
  readonly #store: Store;
  #height = 0;
  lastKeys: readonly string[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  commit(transfers: number): Promise<void> {
    this.#height += 1;
    const operations = Array.from({ length: transfers }, () => randomBytes(270));
    this.lastKeys = operations.map(() => `${randomId()}/${randomId()}`);
    const commit: Commit = {
      blocks: [
        {
          height: height(this.#height),
          hash: randomBytes(32),
          header: randomBytes(330),
          operations,
          results: randomBytes(transfers),
          operationKeys: this.lastKeys,
          creations: [],
          entries: operations.flatMap((_, index) => [
            { wallet: randomId(), index, record: randomBytes(ENTRY_BYTES) },
            { wallet: BUSY, index, record: randomBytes(ENTRY_BYTES) },
          ]),
          declines: [],
        },
      ],
      finalization: randomBytes(400),
      wallets: Array.from({ length: 2 * transfers }, () => {
        return { id: randomId(), record: randomBytes(140) };
      }),
    };
    return this.#store.chain.commit(commit);
  }
}

function placeIn(at: number) {
  return { height: height(at), index: 0 };
}

function randomId() {
  return uuidFromBytes(randomBytes(16));
}
