/** Journal records, numbered without a gap. Pruning raises the lowest number. */
import type { Bytes } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import type { Journal, JournalRecord } from "./contracts.ts";
import type { Change } from "./key-value.ts";
import { numberedKey, numberOfKey, singleKey, wholeKind } from "./keys.ts";
import { del, put, type Records, readRecord } from "./records.ts";
import { StorageCorruption } from "./storage-errors.ts";

const FLOOR_KEY = singleKey("journalFloor");

export class JournalRecords implements Journal {
  readonly #records: Records;
  /** The lowest stored number; if no record is stored, the next number. */
  #floor: number;
  #next: number;

  private constructor(records: Records, floor: number, next: number) {
    this.#records = records;
    this.#floor = floor;
    this.#next = next;
  }

  static async open(records: Records): Promise<JournalRecords> {
    const stored = records.load(FLOOR_KEY);
    const floor =
      stored === undefined ? 0 : readRecord(FLOOR_KEY, stored, (decoder) => decoder.safeU64());
    const kind = wholeKind(numberedKey("journal", 0));
    const last = await records.first({
      ...kind,
      from: numberedKey("journal", floor),
      reverse: true,
    });
    return new JournalRecords(
      records,
      floor,
      last === undefined ? floor : numberOfKey(last.key) + 1,
    );
  }

  get next(): number {
    return this.#next;
  }

  async append(records: readonly Bytes[]): Promise<number> {
    const first = this.#next;
    if (records.length === 0) return first;
    this.#next += records.length;
    await this.#records.write(
      records.map((bytes, index) => put(numberedKey("journal", first + index), bytes)),
    );
    return first;
  }

  async load(): Promise<readonly JournalRecord[]> {
    const floor = this.#floor;
    const found: JournalRecord[] = [];
    const range = {
      from: numberedKey("journal", floor),
      below: numberedKey("journal", this.#next),
    };
    for await (const { key, value } of this.#records.range(range)) {
      const sequence = numberOfKey(key);
      if (sequence !== floor + found.length) {
        throw new StorageCorruption(`journal record ${floor + found.length}`, "it is missing");
      }
      found.push({ sequence, bytes: value });
    }
    return found;
  }

  async pruneBelow(sequence: number): Promise<void> {
    const changes = this.pruning(sequence);
    if (changes.length > 0) await this.#records.write(changes);
  }

  /** The changes that remove records below `sequence`; the caller must write them. */
  pruning(sequence: number): Change[] {
    const below = Math.min(sequence, this.#next);
    if (below <= this.#floor) return [];
    const changes: Change[] = [put(FLOOR_KEY, new Encoder().u64(below).finish())];
    for (let number = this.#floor; number < below; number++) {
      changes.push(del(numberedKey("journal", number)));
    }
    this.#floor = below;
    return changes;
  }
}
