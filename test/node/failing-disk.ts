/** A node's disk and key folder that lose their power together, at one write to either. */
import type { SecretKeys } from "../../src/node/sealing/ceremony-keys.ts";
import type { Change } from "../../src/storage/key-value.ts";
import { MemoryDisk } from "../../src/storage/memory-store.ts";
import { StorageError } from "../../src/storage/storage-errors.ts";

export interface Point {
  readonly place: "store" | "keys";
  /** From 1. */
  readonly write: number;
  readonly when: "before" | "after";
}

/** Loses its power once, at the named write. */
export class FailingDisk extends MemoryDisk {
  readonly #point: Point | undefined;
  readonly writes = { store: 0, keys: 0 };
  failed = false;

  constructor(point: Point | undefined) {
    super();
    this.#point = point;
  }

  override apply(changes: readonly Change[]): void {
    const when = this.count("store");
    if (when !== "before") super.apply(changes);
    if (when !== undefined) this.losePower();
  }

  /** Counts a write; gives the side of it on which the power fails, if it does. */
  count(place: Point["place"]): Point["when"] | undefined {
    this.writes[place] += 1;
    const point = this.#point;
    const isNow = !this.failed && point?.place === place && this.writes[place] === point.write;
    return isNow ? point.when : undefined;
  }

  losePower(): never {
    this.failed = true;
    this.crash();
    throw powerGone();
  }
}

/** Loses its power again and again: each time at the Nth write after the test arms it, before or after that write. */
export class PowerCutDisk extends MemoryDisk {
  #left = Number.POSITIVE_INFINITY;
  #when: Point["when"] = "before";

  get isCut(): boolean {
    return this.#left <= 0;
  }

  cutAt(write: number, when: Point["when"]): void {
    this.#left = write;
    this.#when = when;
  }

  override apply(changes: readonly Change[]): void {
    this.#left -= 1;
    if (this.#left !== 0 || this.#when === "after") super.apply(changes);
    if (this.#left !== 0) return;
    this.crash();
    throw powerGone();
  }
}

/** The keys of one run of a node: without power they write nothing more. */
export class FailingKeys implements SecretKeys {
  readonly #ring: SecretKeys;
  readonly #disk: FailingDisk;
  /** The run ends when the power fails, unless it began after that. */
  readonly #outlived: boolean;

  constructor(ring: SecretKeys, disk: FailingDisk) {
    this.#ring = ring;
    this.#disk = disk;
    this.#outlived = disk.failed;
  }

  has: SecretKeys["has"] = (name) => this.#ring.has(name);
  load: SecretKeys["load"] = (name, kind) => this.#ring.load(name, kind);
  save: SecretKeys["save"] = (entry, secret) => this.#write(() => this.#ring.save(entry, secret));
  destroy: SecretKeys["destroy"] = (name) => this.#write(() => this.#ring.destroy(name));

  async #write(write: () => Promise<void>): Promise<void> {
    if (this.#disk.failed && !this.#outlived) throw powerGone();
    const when = this.#disk.count("keys");
    if (when !== "before") await write();
    if (when !== undefined) this.#disk.losePower();
  }
}

function powerGone(): StorageError {
  return new StorageError("closed", "the power is gone");
}
