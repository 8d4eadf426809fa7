/** Records of seals, by height. */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { type Height, height } from "../primitives/numbers.ts";
import { SIGNATURE_LENGTH } from "../primitives/signature.ts";
import type { Seals, StoredSeal } from "./contracts.ts";
import type { Entry } from "./key-value.ts";
import { numberedKey, numberOfKey, wholeKind } from "./keys.ts";
import { del, put, type Records } from "./records.ts";

const SEALS = wholeKind(numberedKey("seal", 0));

export class SealRecords implements Seals {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async save(at: Height, seal: Bytes): Promise<void> {
    assert(seal.length === SIGNATURE_LENGTH, "a seal has 64 bytes");
    await this.#records.write([put(numberedKey("seal", at), seal)]);
  }

  async load(at: Height): Promise<Bytes | undefined> {
    return this.#records.load(numberedKey("seal", at));
  }

  async loadAtOrAbove(at: Height): Promise<StoredSeal | undefined> {
    return sealOf(await this.#records.atOrAbove(numberedKey("seal", at), SEALS.below));
  }

  async loadHighest(): Promise<StoredSeal | undefined> {
    return sealOf(await this.#records.first({ ...SEALS, reverse: true }));
  }

  async forget(at: Height): Promise<void> {
    await this.#records.write([del(numberedKey("seal", at))]);
  }
}

function sealOf(entry: Entry | undefined): StoredSeal | undefined {
  return entry && { height: height(numberOfKey(entry.key)), seal: entry.value };
}
