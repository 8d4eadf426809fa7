/** The embedded store on the disk of the temporary folder, synced: commits of blocks, votes, look-ups. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uuidFromBytes } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { Commit, Store } from "../../src/storage/contracts.ts";
import { createStore } from "../../src/storage/store-factory.ts";
import type { MicroBench } from "./open-group.ts";

const SIZES = [20, 500] as const;

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

function randomId() {
  return uuidFromBytes(randomBytes(16));
}
