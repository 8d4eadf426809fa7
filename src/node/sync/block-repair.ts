/**
 * Reads stored blocks for a running node. A damaged block or finalization is never handed out: it is fetched from
 * peers, checked against the hashes in the chain, and written again (A8). Results, indexes and wallets are this
 * node's own records and cannot be fetched: their damage stays a StorageCorruption.
 */
import { assert } from "../../primitives/assert.ts";
import { type Block, blockHash } from "../../primitives/block.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import type { Digest, Hash } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type {
  Blocks,
  ChainTip,
  Store,
  StoredBlock,
  StoredFinalization,
} from "../../storage/contracts.ts";
import { type History, isHeld } from "../../storage/history.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";
import { pause } from "../../transport/timers.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { BlockSource } from "./block-source.ts";
import { type BlockVerifier, Lie } from "./block-verifier.ts";
import { storedHeader } from "./stored-header.ts";

export interface BlockRepairParts {
  readonly store: Pick<Store, "blocks" | "repair">;
  readonly hash: Hash;
  readonly verifier: BlockVerifier;
  readonly source: BlockSource;
  readonly system: Pick<System, "after">;
  readonly log: Log;
}

/** All peers are asked this often, with pauses in between, because links may open meanwhile. */
const ROUNDS_MAX = 20;
const ROUND_MS = 500;

export class RepairedBlocks implements Blocks {
  readonly #parts: BlockRepairParts;
  readonly #blocks: Blocks;
  /** Repairs under way, by kind and height, so that many readers cause one request. */
  readonly #repairs = new Map<string, Promise<void>>();

  constructor(parts: BlockRepairParts) {
    this.#parts = parts;
    this.#blocks = parts.store.blocks;
  }

  get history(): History {
    return this.#blocks.history;
  }

  get bodiesFrom(): Height {
    return this.#blocks.bodiesFrom;
  }

  loadBlock(at: Height): Promise<StoredBlock | undefined> {
    return this.#readBlock(at, () => this.#blocks.loadBlock(at), { isBody: true });
  }

  loadHeader(at: Height): Promise<Bytes | undefined> {
    return this.#readBlock(at, () => this.#blocks.loadHeader(at));
  }

  async *ascending(from: Height, to?: Height): AsyncGenerator<StoredBlock> {
    const top = (await this.#blocks.loadTip())?.height ?? -1;
    const last = Math.min(to ?? top, top);
    for (let at: number = from; at <= last; at++) {
      const block = await this.loadBlock(height(at));
      if (block === undefined && at < this.bodiesFrom) return;
      assert(block !== undefined, "a block up to the tip is held, or was repaired");
      yield block;
    }
  }

  async loadFinalization(at: Height): Promise<StoredFinalization | undefined> {
    return await this.#read(() => this.#blocks.loadFinalization(at), {
      at,
      name: `the finalization of block ${at}`,
      repair: (peer) => this.#repairFinalization(at, peer),
    });
  }

  loadTip(): Promise<ChainTip | undefined> {
    return this.#blocks.loadTip();
  }

  loadHeightOf(blockHash: Digest): Promise<Height | undefined> {
    return this.#blocks.loadHeightOf(blockHash);
  }

  #readBlock<T>(
    at: Height,
    read: () => Promise<T | undefined>,
    { isBody = false } = {},
  ): Promise<T | undefined> {
    return this.#read(read, {
      at,
      isBody,
      name: `block ${at}`,
      repair: async (peer) => this.#repairBlock(at, await this.#hashOf(at), peer),
    });
  }

  /** The result of `read`, after a repair if it is damaged. A missing record that should be held counts as damage. */
  async #read<T>(
    read: () => Promise<T | undefined>,
    record: {
      readonly at: Height;
      readonly name: string;
      /** It may be dropped on purpose, also while it is read. */
      readonly isBody?: boolean;
      readonly repair: (peer: ValidatorIndex) => Promise<boolean>;
    },
  ): Promise<T | undefined> {
    const tip = (await this.#blocks.loadTip())?.height ?? 0;
    // Taken before the read: a block that is being written at the same time may be found half-written.
    const wasHeld = record.at >= 1 && record.at <= tip && isHeld(this.#blocks.history, record.at);
    let damage: StorageCorruption;
    try {
      const found = await read();
      const isDropped = record.isBody === true && record.at < this.bodiesFrom;
      if (found !== undefined || !wasHeld || isDropped) return found;
      damage = new StorageCorruption(record.name, "it is missing");
    } catch (error) {
      if (!(error instanceof StorageCorruption)) throw error;
      if (!wasHeld) return undefined;
      damage = error;
    }
    const { name, repair } = record;
    let repairing = this.#repairs.get(name);
    if (repairing === undefined) {
      repairing = this.#repair(damage, repair).finally(() => this.#repairs.delete(name));
      this.#repairs.set(name, repairing);
    }
    await repairing;
    return await read();
  }

  async #repair(
    damage: StorageCorruption,
    repair: (peer: ValidatorIndex) => Promise<boolean>,
  ): Promise<void> {
    const { source, system, log } = this.#parts;
    const { record } = damage;
    log.error({ record }, "the disk has damaged a record; peers are asked for it; check the disk");
    for (let round = 1; round <= ROUNDS_MAX; round++) {
      for (const peer of source.others) {
        if (!(await repair(peer))) continue;
        log.warn({ record, peer }, "a damaged record was repaired from a peer");
        return;
      }
      await pause(system, ROUND_MS);
    }
    throw damage;
  }

  /** The hash that the block above names as its parent, or that the store keeps of the tip. */
  async #hashOf(at: Height): Promise<Digest> {
    const tip = await this.#blocks.loadTip();
    assert(tip !== undefined && at <= tip.height, "only what was committed is repaired");
    if (at === tip.height) return tip.hash;
    return (await storedHeader(this, height(at + 1))).parentHash;
  }

  async #repairBlock(at: Height, hash: Digest, peer: ValidatorIndex): Promise<boolean> {
    const above = height(at - 1);
    const query = { start: { kind: "hash", hash, above }, count: 1, headersOnly: false } as const;
    const [fetched] = (await this.#parts.source.fetchBlocks(peer, query))?.blocks ?? [];
    if (fetched === undefined) return false;
    const block = this.#parts.verifier.readBlock(fetched);
    if (block instanceof Lie) return this.#refuse(peer, block);
    if (!equalBytes(block.hash, hash)) {
      return this.#refuse(peer, new Lie("another block than it was asked for", fetched.header));
    }
    const { headerBytes: header, operations } = block;
    await this.#parts.store.repair.rewriteBlock({ height: at, header, operations });
    return true;
  }

  /**
   * Fetches the finalization of `at`, or of the next block above for which a peer holds one; hashes link the blocks
   * between.
   */
  async #repairFinalization(at: Height, peer: ValidatorIndex): Promise<boolean> {
    const { source, verifier, hash } = this.#parts;
    const tip = await this.#blocks.loadTip();
    const header = await this.loadHeader(at);
    if (tip === undefined || header === undefined) return false;
    const count = Math.min(LIMITS.fetchedBlocksMax, tip.height - at + 1);
    const start = { kind: "height", height: at } as const;
    const answer = await source.fetchBlocks(peer, { start, count, headersOnly: false });
    if (answer === undefined) return false;
    const own = blockHash(hash, header);
    const batch = await verifier.read(answer, { from: at, count });
    if (batch === "nothing") return false;
    if (batch instanceof Lie) return this.#refuse(peer, batch);
    const [first, last]: (Block | undefined)[] = [batch.blocks[0], batch.blocks.at(-1)];
    if (first === undefined || last === undefined || answer.finalization === undefined)
      return false;
    if (!equalBytes(first.hash, own)) {
      return this.#refuse(peer, new Lie("another block than the final one", first.headerBytes));
    }
    const certificate = answer.finalization;
    await this.#parts.store.repair.replaceFinalizations(at, {
      height: last.header.height,
      certificate,
    });
    return true;
  }

  #refuse(peer: ValidatorIndex, lie: Lie): false {
    this.#parts.log.warn({ peer, ...lie.shown }, "a peer lied about a block");
    return false;
  }
}
