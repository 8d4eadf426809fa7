/**
 * Reads seals for a running node. A damaged seal is dropped and never handed out: a quorum can make it again at any
 * time, and until then the next seal above covers its header too (A8).
 */
import { type Height, height } from "../../primitives/numbers.ts";
import { coverOf } from "../../seal/target.ts";
import type { Blocks, Seals, StoredSeal } from "../../storage/contracts.ts";
import { StorageCorruption } from "../../storage/storage-errors.ts";
import type { Log } from "../base/log.ts";

export interface SealRepairParts {
  readonly store: { readonly seals: Seals; readonly blocks: Pick<Blocks, "loadTip"> };
  readonly log: Log;
}

export class RepairedSeals implements Seals {
  readonly #parts: SealRepairParts;
  readonly #seals: Seals;

  constructor(parts: SealRepairParts) {
    this.#parts = parts;
    this.#seals = parts.store.seals;
  }

  save: Seals["save"] = (at, seal) => this.#seals.save(at, seal);
  saveWithNext: Seals["saveWithNext"] = (at, seal) => this.#seals.saveWithNext(at, seal);
  flush: Seals["flush"] = () => this.#seals.flush();
  forget: Seals["forget"] = (at) => this.#seals.forget(at);

  async load(at: Height) {
    try {
      return await this.#seals.load(at);
    } catch (error) {
      if (!(error instanceof StorageCorruption)) throw error;
      const { record } = error;
      this.#parts.log.error(
        { record },
        "the disk has damaged a seal, which is dropped; check the disk",
      );
      await this.#seals.forget(at);
      return undefined;
    }
  }

  /** Looks no farther up than a seal can cover `at`. */
  async loadAtOrAbove(at: Height): Promise<StoredSeal | undefined> {
    try {
      return await this.#seals.loadAtOrAbove(at);
    } catch (error) {
      if (!(error instanceof StorageCorruption)) throw error;
    }
    for (let above: number = at; above <= coverOf(at); above++) {
      const seal = await this.load(height(above));
      if (seal !== undefined) return { height: height(above), seal };
    }
    return undefined;
  }

  async loadHighest(): Promise<StoredSeal | undefined> {
    try {
      return await this.#seals.loadHighest();
    } catch (error) {
      if (!(error instanceof StorageCorruption)) throw error;
    }
    const tip = await this.#parts.store.blocks.loadTip();
    for (let at: number = tip?.height ?? 0; at >= 1; at--) {
      const seal = await this.load(height(at));
      if (seal !== undefined) return { height: height(at), seal };
    }
    return undefined;
  }
}
