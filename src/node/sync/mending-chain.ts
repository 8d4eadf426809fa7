/**
 * The chain as a running node reads it. A block or a finalization that the disk has damaged is handed out to nobody: it
 * is fetched from peers, held against what the chain itself says of it, and written again. What only this node can know
 * (results, indexes, wallets) cannot be had that way: its damage goes on as StorageCorruption (A8).
 */
import { assert } from "../../primitives/assert.ts";
import { type Block, blockHash } from "../../primitives/block.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import type { Digest, Hash } from "../../primitives/hash.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { type Height, height, type ValidatorIndex } from "../../primitives/numbers.ts";
import type { Chain, StoredBlock, StoredFinalization } from "../../storage/contracts.ts";
import { StorageCorruption } from "../../storage/errors.ts";
import { type History, isHeld } from "../../storage/history.ts";
import type { BlocksQuery, FetchedBlocks } from "../../transport/peer-api.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { type BatchReader, Lie } from "./fetched-batch.ts";
import { storedHeader } from "./stored-header.ts";

export interface MendingChainParts {
  readonly chain: Chain;
  readonly hash: Hash;
  readonly reader: BatchReader;
  readonly peers: () => readonly ValidatorIndex[];
  /** A peer's answer; undefined if it gave none. */
  readonly fetch: (peer: ValidatorIndex, query: BlocksQuery) => Promise<FetchedBlocks | undefined>;
  readonly after: System["after"];
  readonly log: Log;
}

/** How often all peers are asked, and how long is waited in between: links may be about to open. */
const ROUNDS_MAX = 20;
const ROUND_MS = 500;

export class MendingChain implements Chain {
  readonly #parts: MendingChainParts;
  readonly #chain: Chain;
  /** Under way, by kind and height, so that many readers cause one question. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(parts: MendingChainParts) {
    this.#parts = parts;
    this.#chain = parts.chain;
  }

  get history(): History {
    return this.#chain.history;
  }

  loadBlock(at: Height): Promise<StoredBlock | undefined> {
    return this.#readBlock(at, () => this.#chain.loadBlock(at));
  }

  loadHeader(at: Height): Promise<Bytes | undefined> {
    return this.#readBlock(at, () => this.#chain.loadHeader(at));
  }

  async *blocks(from: Height, to?: Height): AsyncGenerator<StoredBlock> {
    const top = (await this.#chain.loadTip())?.height ?? -1;
    const last = Math.min(to ?? top, top);
    for (let at: number = from; at <= last; at++) {
      const block = await this.loadBlock(height(at));
      assert(block !== undefined, "the chain has no hole, or is mended");
      yield block;
    }
  }

  async loadFinalization(at: Height): Promise<StoredFinalization | undefined> {
    return await this.#read(() => this.#chain.loadFinalization(at), {
      at,
      name: `the finalization of block ${at}`,
      mend: (peer) => this.#mendFinalization(at, peer),
    });
  }

  commit: Chain["commit"] = (commit) => this.#chain.commit(commit);
  startFrom: Chain["startFrom"] = (commit) => this.#chain.startFrom(commit);
  fill: Chain["fill"] = (past) => this.#chain.fill(past);
  loadTip: Chain["loadTip"] = () => this.#chain.loadTip();
  loadHeightOf: Chain["loadHeightOf"] = (hash) => this.#chain.loadHeightOf(hash);
  loadResults: Chain["loadResults"] = (at) => this.#chain.loadResults(at);
  wallets: Chain["wallets"] = () => this.#chain.wallets();
  loadWallet: Chain["loadWallet"] = (id) => this.#chain.loadWallet(id);
  loadOperation: Chain["loadOperation"] = (key) => this.#chain.loadOperation(key);
  loadCreation: Chain["loadCreation"] = (wallet) => this.#chain.loadCreation(wallet);
  loadCeremony: Chain["loadCeremony"] = () => this.#chain.loadCeremony();
  mendBlock: Chain["mendBlock"] = (block) => this.#chain.mendBlock(block);
  mendFinalization: Chain["mendFinalization"] = (from, finalization) =>
    this.#chain.mendFinalization(from, finalization);

  #readBlock<T>(at: Height, read: () => Promise<T | undefined>): Promise<T | undefined> {
    return this.#read(read, {
      at,
      name: `block ${at}`,
      mend: async (peer) => this.#mendBlock(at, await this.#hashOf(at), peer),
    });
  }

  /** What `read` gives, after mending if need be. Nothing at all, where something is held, is damage too. */
  async #read<T>(
    read: () => Promise<T | undefined>,
    record: {
      readonly at: Height;
      readonly name: string;
      readonly mend: (peer: ValidatorIndex) => Promise<boolean>;
    },
  ): Promise<T | undefined> {
    const tip = (await this.#chain.loadTip())?.height ?? 0;
    // Before it is read: what is being written meanwhile may be found by half.
    const wasHeld = record.at >= 1 && record.at <= tip && isHeld(this.#chain.history, record.at);
    let damage: StorageCorruption;
    try {
      const found = await read();
      if (found !== undefined || !wasHeld) return found;
      damage = new StorageCorruption(record.name, "it is missing");
    } catch (error) {
      if (!(error instanceof StorageCorruption)) throw error;
      if (!wasHeld) return undefined;
      damage = error;
    }
    const { name, mend } = record;
    let mending = this.#underWay.get(name);
    if (mending === undefined) {
      mending = this.#mend(damage, mend).finally(() => this.#underWay.delete(name));
      this.#underWay.set(name, mending);
    }
    await mending;
    return await read();
  }

  async #mend(
    damage: StorageCorruption,
    mend: (peer: ValidatorIndex) => Promise<boolean>,
  ): Promise<void> {
    const { peers, after, log } = this.#parts;
    const { record } = damage;
    log.error({ record }, "the disk has damaged a record; peers are asked for it; check the disk");
    for (let round = 1; round <= ROUNDS_MAX; round++) {
      for (const peer of peers()) {
        if (!(await mend(peer))) continue;
        log.warn({ record, peer }, "a damaged record is whole again, from a peer");
        return;
      }
      await new Promise<void>((resolve) => after(ROUND_MS, resolve));
    }
    throw damage;
  }

  /** By the block above it, which is mended first if it has to be; of the newest, the store itself keeps the hash. */
  async #hashOf(at: Height): Promise<Digest> {
    const tip = await this.#chain.loadTip();
    assert(tip !== undefined && at <= tip.height, "only what was committed is mended");
    if (at === tip.height) return tip.hash;
    return (await storedHeader(this, height(at + 1))).parentHash;
  }

  async #mendBlock(at: Height, hash: Digest, peer: ValidatorIndex): Promise<boolean> {
    const above = height(at - 1);
    const query = { start: { kind: "hash", hash, above }, count: 1, headersOnly: false } as const;
    const [fetched] = (await this.#parts.fetch(peer, query))?.blocks ?? [];
    if (fetched === undefined) return false;
    const block = this.#parts.reader.readBlock(fetched);
    if (block instanceof Lie) return this.#refuse(peer, block);
    if (!equalBytes(block.hash, hash)) {
      return this.#refuse(peer, new Lie("another block than it was asked for", fetched.header));
    }
    const { headerBytes: header, operations } = block;
    await this.#chain.mendBlock({ height: at, header, operations });
    return true;
  }

  /** Of `at` or of the next block that a peer holds one for; what lies between hangs together by hashes. */
  async #mendFinalization(at: Height, peer: ValidatorIndex): Promise<boolean> {
    const { fetch, reader, hash } = this.#parts;
    const tip = await this.#chain.loadTip();
    const header = await this.loadHeader(at);
    if (tip === undefined || header === undefined) return false;
    const count = Math.min(LIMITS.fetchedBlocksMax, tip.height - at + 1);
    const start = { kind: "height", height: at } as const;
    const answer = await fetch(peer, { start, count, headersOnly: false });
    if (answer === undefined) return false;
    const own = blockHash(hash, header);
    const batch = await reader.read(answer, { from: at, count });
    if (batch === "nothing") return false;
    if (batch instanceof Lie) return this.#refuse(peer, batch);
    const [first, last]: (Block | undefined)[] = [batch.blocks[0], batch.blocks.at(-1)];
    if (first === undefined || last === undefined || answer.finalization === undefined)
      return false;
    if (!equalBytes(first.hash, own)) {
      return this.#refuse(peer, new Lie("another block than the final one", first.headerBytes));
    }
    const certificate = answer.finalization;
    await this.#chain.mendFinalization(at, { height: last.header.height, certificate });
    return true;
  }

  #refuse(peer: ValidatorIndex, lie: Lie): false {
    this.#parts.log.warn({ peer, ...lie.shown }, "a peer lied about a block");
    return false;
  }
}
