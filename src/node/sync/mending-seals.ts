/**
 * The seals as a node reads them. One that the disk has damaged is handed out to nobody, but dropped: a seal can be made
 * again, or asked for, by any quorum at any time, and until then the next one above covers its header too (A8).
 */
import { type Height, height } from "../../primitives/numbers.ts";
import { coverOf } from "../../seal/target.ts";
import type { Seals, StoredSeal } from "../../storage/contracts.ts";
import { StorageCorruption } from "../../storage/errors.ts";
import type { Log } from "../base/log.ts";

export interface MendingSealsParts {
  readonly seals: Seals;
  /** The newest committed height; 0 before the first. */
  readonly tip: () => Promise<number>;
  readonly log: Log;
}

export class MendingSeals implements Seals {
  readonly #parts: MendingSealsParts;
  readonly #seals: Seals;

  constructor(parts: MendingSealsParts) {
    this.#parts = parts;
    this.#seals = parts.seals;
  }

  save: Seals["save"] = (at, seal) => this.#seals.save(at, seal);
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

  /** Farther above than a seal covers `at`, damage is left to those whom it concerns. */
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
    for (let at = await this.#parts.tip(); at >= 1; at--) {
      const seal = await this.load(height(at));
      if (seal !== undefined) return { height: height(at), seal };
    }
    return undefined;
  }
}
