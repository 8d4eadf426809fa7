/** The simulated disk of one node. A crash keeps the synced data and an arbitrary prefix of the rest. */
import type { Finalized } from "../../src/consensus/interface.ts";
import type { Block } from "../../src/primitives/block.ts";
import { type Bytes, equalBytes, toHex } from "../../src/primitives/bytes.ts";
import type { Digest } from "../../src/primitives/hash.ts";
import type { Random } from "../support/world/random.ts";

export interface DiskRecord {
  readonly sequence: number;
  readonly bytes: Bytes;
  /** The hash of the block in the record, for the durability checker; absent in other records. */
  readonly blockKey: string | undefined;
}

export class Disk {
  #synced: DiskRecord[] = [];
  #unsynced: DiskRecord[] = [];
  readonly #chain: Finalized[] = [];
  readonly #durableBlocks = new Set<string>();
  #nextSequence = 1;

  /** Committed blocks, ascending from height 1. */
  get chain(): readonly Finalized[] {
    return this.#chain;
  }

  /** The number of the next record. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** A committed block. */
  block(hash: Digest): Block | undefined {
    return this.#chain.findLast(({ block }) => equalBytes(block.hash, hash))?.block;
  }

  /** Gives the sequence number of the record. */
  append(bytes: Bytes, blockKey: string | undefined): number {
    const sequence = this.#nextSequence++;
    this.#unsynced.push({ sequence, bytes, blockKey });
    return sequence;
  }

  sync(): void {
    for (const record of this.#unsynced) this.#makeDurable(record);
    this.#unsynced = [];
  }

  /** One atomic, synced batch; all records appended before are durable with it. */
  commit(finalized: readonly Finalized[], pruneBelow: number | undefined): void {
    this.sync();
    for (const item of finalized) {
      this.#chain.push(item);
      this.#durableBlocks.add(toHex(item.block.hash));
    }
    if (pruneBelow === undefined) return;
    this.#synced = this.#synced.filter((record) => record.sequence >= pruneBelow);
  }

  /** The records that a restarted node finds. */
  load(): readonly DiskRecord[] {
    return this.#synced;
  }

  crash(random: Random): void {
    const survivors = this.#unsynced.slice(0, random.below(this.#unsynced.length + 1));
    for (const record of survivors) this.#makeDurable(record);
    this.#unsynced = [];
  }

  /** Loses everything. */
  lose(): void {
    this.#synced = [];
    this.#unsynced = [];
    this.#chain.splice(0);
    this.#durableBlocks.clear();
  }

  holdsDurably(blockKey: string): boolean {
    return this.#durableBlocks.has(blockKey);
  }

  #makeDurable(record: DiskRecord): void {
    this.#synced.push(record);
    if (record.blockKey !== undefined) this.#durableBlocks.add(record.blockKey);
  }
}
