/** A file of evidence that one operator hands to another. Its records prove themselves; the rest of it is not trusted. */
import type { EvidenceRecord, FinalBlock } from "../node/verify/evidence.ts";
import { type Bytes, toHex } from "../primitives/bytes.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { JsonProblem } from "../primitives/json.ts";
import { type JsonField, readFields } from "../primitives/json-fields.ts";
import { LIMITS } from "../primitives/limits.ts";

const VERSION = 1;
const HEX = { pattern: /^(?:[0-9a-f]{2})+$/, form: "lower-case hexadecimal digits" };

export interface EvidenceFile {
  readonly networkId: NetworkId;
  readonly records: readonly EvidenceRecord[];
}

export function formatEvidence({ networkId, records }: EvidenceFile): string {
  const file = {
    countersign: "evidence",
    version: VERSION,
    networkId: toHex(networkId),
    records: records.map(({ bytes, block }) => ({
      bytes: toHex(bytes),
      ...(block && {
        block: { headers: block.headers.map(toHex), finalization: toHex(block.finalization) },
      }),
    })),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

export function parseEvidence(text: string): EvidenceFile | JsonProblem {
  return readFields(text, (root) => {
    const fields = root.record(["countersign", "version", "networkId", "records"]);
    fields.countersign.oneOf(["evidence"]);
    fields.version.integer({ min: VERSION, max: VERSION });
    const networkId = fields.networkId.bytes(DIGEST_LENGTH);
    const records = fields.records.list({ min: 0, max: LIMITS.evidenceRecordsMax }).map(readRecord);
    return { networkId, records };
  });
}

function readRecord(item: JsonField): EvidenceRecord {
  const { bytes, block } = item.record(["bytes"], ["block"]);
  return { bytes: hexOf(bytes), block: block && readBlock(block) };
}

function readBlock(field: JsonField): FinalBlock {
  const { headers, finalization } = field.record(["headers", "finalization"]);
  return {
    headers: headers.list({ min: 1, max: LIMITS.fetchedBlocksMax }).map(hexOf),
    finalization: hexOf(finalization),
  };
}

function hexOf(field: JsonField): Bytes {
  return Uint8Array.from(Buffer.from(field.matching(HEX), "hex"));
}
