/** Journal records (R23, R26): their kinds and bytes, and when they may be dropped. */
import { unreachable } from "../primitives/assert.ts";
import { type Block, blockHash, decodeHeader } from "../primitives/block.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import type { Hash } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { View } from "../primitives/numbers.ts";
import { TAGS } from "../primitives/tags.ts";
import {
  type Certificate,
  readCertificate,
  readVote,
  type Vote,
  writeCertificate,
  writeVote,
} from "../primitives/vote.ts";

/** R23. A block held above the final one, a certificate accepted, a vote of this node. */
export type JournalEntry =
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "certificate"; readonly certificate: Certificate }
  | { readonly kind: "vote"; readonly vote: Vote };

const KINDS = ["block", "certificate", "vote"] as const;

export function encodeJournalEntry(entry: JournalEntry): Bytes {
  const encoder = new Encoder().tag(TAGS.journalRecord).u8(KINDS.indexOf(entry.kind));
  switch (entry.kind) {
    case "block":
      encoder.bytes(entry.block.headerBytes);
      encoder.list(entry.block.operations, (operation) => encoder.bytes(operation));
      break;
    case "certificate":
      writeCertificate(encoder, entry.certificate);
      break;
    case "vote":
      writeVote(encoder, entry.vote);
      break;
    default:
      unreachable(entry);
  }
  return encoder.finish();
}

/** Reads exactly one record. An error means a damaged store: the storage layer drops torn tails by itself. */
export function decodeJournalEntry(hash: Hash, bytes: Bytes): JournalEntry | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.journalRecord);
    const kind = KINDS[decoder.u8()];
    switch (kind) {
      case "block":
        return { kind, block: readBlock(hash, decoder) };
      case "certificate":
        return { kind, certificate: readCertificate(decoder) };
      case "vote":
        return { kind, vote: readVote(decoder) };
      case undefined:
        throw new EncodingError("malformed", "unknown kind of journal record");
      default:
        return unreachable(kind);
    }
  });
}

function readBlock(hash: Hash, decoder: Decoder): Block {
  const headerBytes = decoder.bytes(LIMITS.headerBytesMax);
  const header = decodeHeader(headerBytes);
  if (header instanceof EncodingError) throw header;
  const operations = decoder.list(LIMITS.blockOperationsMax, (inner) =>
    inner.bytes(LIMITS.operationBytesMax),
  );
  return { header, headerBytes, hash: blockHash(hash, headerBytes), operations };
}

/** The view that decides how long a record is needed. */
export function viewOf(entry: JournalEntry): View {
  switch (entry.kind) {
    case "block":
      return entry.block.header.view;
    case "certificate":
      return entry.certificate.subject.view;
    case "vote":
      return entry.vote.view;
    default:
      return unreachable(entry);
  }
}

/**
 * R26: finds how many records at the beginning of a journal may be dropped: those of the committed block's view and
 * below are no longer needed.
 */
export class JournalIndex {
  readonly #records: { readonly sequence: number; readonly view: View }[] = [];

  appended(sequence: number, entry: JournalEntry): void {
    this.#records.push({ sequence, view: viewOf(entry) });
  }

  /**
   * Everything below the returned number may be dropped once a block of `committedView` is committed with a
   * finalization that covers it. Undefined if nothing new may be dropped.
   */
  droppableBelow(committedView: View): number | undefined {
    let count = 0;
    while (count < this.#records.length) {
      const record = this.#records[count];
      if (record === undefined || record.view > committedView) break;
      count += 1;
    }
    const last = this.#records[count - 1];
    if (last === undefined) return undefined;
    this.#records.splice(0, count);
    return last.sequence + 1;
  }
}
