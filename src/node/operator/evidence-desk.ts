/** Gives the operator the evidence that a running node keeps, judged, a few records at a time. */
import type { LedgerContext } from "../../ledger/context.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import type { Store } from "../../storage/contracts.ts";
import type {
  EvidenceInfo,
  EvidencePage,
  EvidenceQuery,
  EvidenceSummaryInfo,
} from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { sha256 } from "../base/crypto.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import { yieldToOthers } from "../base/yielding.ts";
import { type EvidenceRecord, judgeEvidence, withFinalBlock } from "../verify/evidence.ts";

export interface EvidenceDeskParts {
  readonly context: LedgerContext;
  readonly checker: SignatureChecker;
  readonly store: Pick<Store, "blocks" | "evidence">;
}

export class EvidenceDesk {
  readonly #parts: EvidenceDeskParts;

  constructor(parts: EvidenceDeskParts) {
    this.#parts = parts;
  }

  /** Number of records that are kept. */
  async count(): Promise<number> {
    return (await this.#parts.store.evidence.load()).length;
  }

  async list({ skip, count }: EvidenceQuery): Promise<EvidencePage> {
    const { store } = this.#parts;
    const all = await store.evidence.load();
    const records: EvidenceSummaryInfo[] = [];
    for (const bytes of all.slice(skip, skip + count)) {
      records.push(await this.#judge(await withFinalBlock(store, bytes)));
      // Judging a record of a large network takes milliseconds of the voting thread.
      await yieldToOthers();
    }
    return { records, total: all.length };
  }

  async get(id: Digest): Promise<EvidenceInfo | Refusal> {
    const { store } = this.#parts;
    const bytes = (await store.evidence.load()).find((one) => equalBytes(sha256(one), id));
    if (bytes === undefined) {
      return new Refusal("NOT_FOUND", {
        message: "this node keeps no evidence under that id",
        field: "id",
        remedy: "Use an id that ListEvidence names.",
      });
    }
    const record = await withFinalBlock(store, bytes);
    return { record: record.bytes, block: record.block, summary: await this.#judge(record) };
  }

  async #judge(record: EvidenceRecord): Promise<EvidenceSummaryInfo> {
    const { context, checker } = this.#parts;
    const judged = await judgeEvidence(context, checker, record);
    return summaryOf(record.bytes, judged);
  }
}

function summaryOf(
  bytes: Bytes,
  judged: Awaited<ReturnType<typeof judgeEvidence>>,
): EvidenceSummaryInfo {
  const id = sha256(bytes);
  if (typeof judged === "string") {
    return { id, member: "", kind: "", proven: false, what: judged };
  }
  const { member, kind, proven, what } = judged;
  return { id, member: member.id, kind, proven, what };
}
