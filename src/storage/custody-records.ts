/** Records of operations signed for custodial callers. */
import { type Bytes, toHex } from "../primitives/bytes.ts";
import type { CustodyJournal, CustodyKey } from "./contracts.ts";
import { custodyKey } from "./keys.ts";
import { put, type Records } from "./records.ts";

export class CustodyRecords implements CustodyJournal {
  readonly #records: Records;
  /** Writes under way, by key: without it, two calls with one id could both find no record. */
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
