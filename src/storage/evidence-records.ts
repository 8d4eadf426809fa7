/** Records of evidence against members: the first of each fault, up to a limit. */
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { validatorIndex } from "../primitives/numbers.ts";
import type { EvidenceRecords } from "./contracts.ts";
import type { Fault } from "./faults.ts";
import { evidenceKey, faultOfKey, wholeKind } from "./keys.ts";
import { put, type Records } from "./records.ts";

const EVIDENCE = wholeKind(evidenceKey({ member: validatorIndex(0), kind: "differingResult" }, 0));

export class EvidenceRecordList implements EvidenceRecords {
  readonly #records: Records;
  /** By fault; a fault's records are numbered as they are listed. */
  readonly #held: Map<string, Bytes[]>;

  private constructor(records: Records, held: Map<string, Bytes[]>) {
    this.#records = records;
    this.#held = held;
  }

  static async open(records: Records): Promise<EvidenceRecordList> {
    const held = new Map<string, Bytes[]>();
    for await (const { key, value } of records.range(EVIDENCE)) {
      const fault = faultOfKey(key);
      held.set(fault, [...(held.get(fault) ?? []), value]);
    }
    return new EvidenceRecordList(records, held);
  }

  get size(): number {
    return [...this.#held.values()].reduce((sum, of) => sum + of.length, 0);
  }

  async append(fault: Fault, evidence: Bytes): Promise<"stored" | "known" | "full"> {
    const name = faultOfKey(evidenceKey(fault, 0));
    const held = this.#held.get(name) ?? [];
    if (held.some((bytes) => equalBytes(bytes, evidence))) {
      await this.#records.drain();
      return "known";
    }
    if (held.length >= LIMITS.evidencePerFaultMax) return "full";
    this.#held.set(name, [...held, evidence]);
    await this.#records.write([put(evidenceKey(fault, held.length), evidence)]);
    return "stored";
  }

  async load(): Promise<readonly Bytes[]> {
    return [...this.#held]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .flatMap(([, of]) => of);
  }
}
