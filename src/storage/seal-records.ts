/** Records of seals, by height. */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { type Height, height } from "../primitives/numbers.ts";
import { SIGNATURE_LENGTH } from "../primitives/signature.ts";
import type { Seals, StoredSeal } from "./contracts.ts";
import type { Change, Entry } from "./key-value.ts";
import { numberedKey, numberOfKey, wholeKind } from "./keys.ts";
import { del, put, type Records } from "./records.ts";

const SEALS = wholeKind(numberedKey("seal", 0));

export class SealRecords implements Seals {
  readonly #records: Records;
  /** Seals that wait for a write, or are in one. */
  readonly #unwritten = new Map<Height, Bytes>();

  constructor(records: Records) {
    this.#records = records;
  }

  async save(at: Height, seal: Bytes): Promise<void> {
    await this.#records.write([putSeal(at, seal)]);
  }

  async saveWithNext(at: Height, seal: Bytes): Promise<void> {
    const change = putSeal(at, seal);
    this.#unwritten.set(at, seal);
    try {
      await this.#records.writeWithNext([change]);
    } finally {
      if (this.#unwritten.get(at) === seal) this.#unwritten.delete(at);
    }
  }

  flush(): Promise<void> {
    return this.#records.flush();
  }

  async load(at: Height): Promise<Bytes | undefined> {
    return this.#unwritten.get(at) ?? this.#records.load(numberedKey("seal", at));
  }

  // Both look among the unwritten ones first: a seal that is written meanwhile is then found in one of the two places.
  async loadAtOrAbove(at: Height): Promise<StoredSeal | undefined> {
    const unwritten = this.#unwrittenSeals().find((seal) => seal.height >= at);
    if (unwritten?.height === at) return unwritten;
    const written = sealOf(await this.#records.atOrAbove(numberedKey("seal", at), SEALS.below));
    return [unwritten, written].filter((seal) => seal !== undefined).sort(ascending)[0];
  }

  async loadHighest(): Promise<StoredSeal | undefined> {
    const unwritten = this.#unwrittenSeals().at(-1);
    const written = sealOf(await this.#records.first({ ...SEALS, reverse: true }));
    return [unwritten, written]
      .filter((seal) => seal !== undefined)
      .sort(ascending)
      .at(-1);
  }

  async forget(at: Height): Promise<void> {
    this.#unwritten.delete(at);
    await this.#records.write([del(numberedKey("seal", at))]);
  }

  /** Ascending. */
  #unwrittenSeals(): StoredSeal[] {
    return [...this.#unwritten].map(([at, seal]) => ({ height: at, seal })).sort(ascending);
  }
}

function putSeal(at: Height, seal: Bytes): Change {
  assert(seal.length === SIGNATURE_LENGTH, "a seal has 64 bytes");
  return put(numberedKey("seal", at), seal);
}

const ascending = (left: StoredSeal, right: StoredSeal) => left.height - right.height;

function sealOf(entry: Entry | undefined): StoredSeal | undefined {
  return entry && { height: height(numberOfKey(entry.key)), seal: entry.value };
}
