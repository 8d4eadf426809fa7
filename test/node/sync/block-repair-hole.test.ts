/**
 * Goal: a block that the history fill writes just while a peer asks for it is not taken for damage of the disk: the
 * node logs nothing, and asks no peer for a block that arrives in a moment. Method: a chain that lacks a block when
 * the read begins and has it when the read ends.
 */
import { expect, it } from "vitest";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { RepairedBlocks } from "../../../src/node/sync/block-repair.ts";
import type { BlockVerifier } from "../../../src/node/sync/block-verifier.ts";
import { height, validatorIndex } from "../../../src/primitives/numbers.ts";
import type { Blocks } from "../../../src/storage/contracts.ts";
import { type History, WHOLE_HISTORY } from "../../../src/storage/history.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { StorageCorruption } from "../../../src/storage/storage-errors.ts";

const TIP = height(9);
const HOLE: History = { snapshot: TIP, from: height(8), below: height(2) };

it.each<[string, () => undefined]>([
  ["nothing of it", () => undefined],
  [
    "its body, but no header",
    () => {
      throw new StorageCorruption("block 7", "its header is missing");
    },
  ],
])("%s is found while it is written: it is not held yet", async (_, found) => {
  let history = HOLE;
  const told: unknown[] = [];
  const hash = sha256(new Uint8Array());
  const store = await openMemoryStore({ identity: { networkId: hash } });
  const blocks: Blocks = Object.create(store.blocks, {
    history: { get: () => history },
    bodiesFrom: { get: () => store.blocks.bodiesFrom },
    loadTip: { value: async () => ({ height: TIP, hash }) },
    loadHeader: { value: async () => undefined },
    loadBlock: {
      value: async () => {
        await Promise.resolve();
        history = WHOLE_HISTORY;
        return found();
      },
    },
  });
  const log = () => told.push("told");
  const repaired = new RepairedBlocks({
    store: { ...store, blocks },
    hash: sha256,
    verifier: {} as BlockVerifier,
    source: {
      others: [validatorIndex(0)],
      fetchBlocks: async () => {
        told.push("asked");
        return undefined;
      },
    },
    system: {
      after: (_delay, action) => {
        const immediate = setImmediate(action);
        return () => clearImmediate(immediate);
      },
    },
    log: { debug: log, info: log, warn: log, error: log },
  });
  expect(await repaired.loadBlock(height(7))).toBeUndefined();
  expect(told).toEqual([]);
});
