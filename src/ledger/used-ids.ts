/**
 * The operation ids that a branch has used and whose window has not ended (L7). Those of final blocks are in one table, which
 * all branches share; each block above has a layer of its own, so that every branch has its own ids. Not part of the state
 * root, because they follow from the bodies of recent blocks.
 */
import { assert } from "../primitives/assert.ts";
import type { Hash } from "../primitives/hash.ts";
import type { IdInUse } from "../primitives/id-in-use.ts";
import { IdTable } from "./id-table.ts";

/** The ids of one block. */
interface Layer {
  /** Deadline (`validUntil`) by operation key; none once the table has them. */
  ids: ReadonlyMap<string, number>;
  /** Of the next block below that used ids; undefined if there is none, or if the table has the ids of this one. */
  below: Layer | undefined;
  isSettled: boolean;
}

/** Shared by all branches. */
interface Ground {
  readonly table: IdTable;
  /** Of the newest block whose ids the table took from a layer. */
  top: Layer | undefined;
}

const NO_IDS: ReadonlyMap<string, number> = new Map();

export class UsedIds {
  readonly #ground: Ground;
  readonly #top: Layer | undefined;

  private constructor(ground: Ground, top: Layer | undefined) {
    this.#ground = ground;
    this.#top = top;
  }

  /**
   * `final`: those of final blocks, at least all whose window is open. `seed` is secret where strangers choose the ids. The result and
   * all that comes of it share one table, so they belong to one chain of final blocks.
   */
  static of(
    { hash, seed }: { readonly hash: Hash; readonly seed: Uint8Array },
    final: Iterable<IdInUse> = [],
  ): UsedIds {
    const table = new IdTable(hash, seed);
    for (const { key, validUntil } of final) table.set(key, validUntil);
    return new UsedIds({ table, top: undefined }, undefined);
  }

  /** Ids that are over count until they are forgotten. */
  get size(): number {
    let { size } = this.#ground.table;
    for (let layer = this.#top; isOpen(layer); layer = layer.below) size += layer.ids.size;
    return size;
  }

  /**
   * True if the newest settled layer is not one of this branch: another block became final, or the same one by another execution. The
   * table may then have ids that the branch has not used, so nothing is judged by it. A block of it that is needed is executed again.
   */
  get isStale(): boolean {
    let layer = this.#top;
    while (isOpen(layer)) layer = layer.below;
    return layer !== this.#ground.top;
  }

  /** True if an operation with a deadline of `earliest` or later (block time - grace) used `key`. */
  has(key: string, earliest: number): boolean {
    let layer = this.#top;
    for (; isOpen(layer); layer = layer.below) {
      const deadline = layer.ids.get(key);
      if (deadline !== undefined) return deadline >= earliest;
    }
    assert(layer === this.#ground.top, "ids are looked up on a branch that can still become final");
    const deadline = this.#ground.table.deadlineOf(key);
    return deadline !== undefined && deadline >= earliest;
  }

  /** The ids of this branch, to which those of one more block are added. */
  nextBlock(): BlockIds {
    return new BlockIds(this, (ids) => {
      return new UsedIds(this.#ground, { ids, below: this.#top, isSettled: false });
    });
  }

  /**
   * The blocks of this branch are final: their ids move into the table, and ids with deadlines before `earliest` are forgotten, at
   * most `forgottenMax` of them.
   */
  settle(earliest: number, forgottenMax: number): void {
    assert(!this.isStale, "a final block stands on the final block below it");
    const open: Layer[] = [];
    for (let layer = this.#top; isOpen(layer); layer = layer.below) open.push(layer);
    for (const layer of open.reverse()) {
      for (const [key, validUntil] of layer.ids) this.#ground.table.set(key, validUntil);
      layer.ids = NO_IDS;
      layer.below = undefined;
      layer.isSettled = true;
      this.#ground.top = layer;
    }
    this.#ground.table.forget(earliest, forgottenMax);
  }
}

/** The ids of a branch while one more block is executed. */
export class BlockIds {
  readonly #below: UsedIds;
  readonly #finish: (ids: ReadonlyMap<string, number>) => UsedIds;
  readonly #ids = new Map<string, number>();

  constructor(below: UsedIds, finish: (ids: ReadonlyMap<string, number>) => UsedIds) {
    this.#below = below;
    this.#finish = finish;
  }

  has(key: string, earliest: number): boolean {
    const deadline = this.#ids.get(key);
    return deadline === undefined ? this.#below.has(key, earliest) : deadline >= earliest;
  }

  add(key: string, validUntil: number): void {
    this.#ids.set(key, validUntil);
  }

  /** Nothing is added any more. */
  finish(): UsedIds {
    return this.#ids.size === 0 ? this.#below : this.#finish(this.#ids);
  }
}

function isOpen(layer: Layer | undefined): layer is Layer {
  return layer !== undefined && !layer.isSettled;
}
