/** Operations signed for custodial callers over records. */
import { type Bytes, toHex } from "../primitives/bytes.ts";
import type { CustodyJournal, CustodyKey } from "./contracts.ts";
import { custodyKey } from "./keys.ts";
import { put, type Records } from "./records.ts";

export class CustodyRecords implements CustodyJournal {
  readonly #records: Records;
  /** Writes under way by key, so that two calls with one id cannot both find nothing. */
  readonly #writing = new Map<string, Promise<Bytes>>();

  constructor(records: Records) {
    this.#records = records;
  }

  async putIfAbsent(entry: CustodyKey, signed: Bytes): Promise<Bytes> {
    const key = custodyKey(entry.caller, entry.id);
    const name = toHex(key);
    const held = this.#writing.get(name) ?? this.#records.load(key);
    if (held !== undefined) return held;
    const writing = this.#records.write([put(key, signed)]).then(() => signed);
    this.#writing.set(name, writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(name);
    }
  }

  async load(entry: CustodyKey): Promise<Bytes | undefined> {
    return this.#records.load(custodyKey(entry.caller, entry.id));
  }
}
