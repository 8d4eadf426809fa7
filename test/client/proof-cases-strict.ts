/**
 * Proofs that a reader takes if it leaves one check of the encoding out: each has one byte too many, a number above its bound, or a part of
 * another kind.
 */
import type { ProofReason } from "../../src/client/proof-problem.ts";
import { type Bytes, concatBytes, utf8 } from "../../src/primitives/bytes.ts";
import { accepted, type RefusedCase } from "./proof-cases.ts";

const ZERO = Uint8Array.of(0);

/** An accepted proof with other bytes. */
function changed(
  reason: ProofReason,
  name: string,
  of: string,
  change: (bytes: Bytes) => Bytes,
): RefusedCase {
  const base = accepted(of);
  return { ...base, reason, name, bytes: change(base.bytes) };
}

/** The place behind the last time that `tag` begins in `bytes`. */
function behind(bytes: Bytes, tag: string): number {
  const wanted = utf8(`${String.fromCharCode(tag.length)}${tag}`);
  for (let at = bytes.length - wanted.length; at >= 0; at--) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at + wanted.length;
  }
  throw new Error(`no ${tag} in the proof`);
}

/** Puts a zero at the end of bytes that begin with `tag` and have `length` bytes, and counts it. */
function longer(bytes: Bytes, tag: string, length: number): Bytes {
  const start = behind(bytes, tag) - 1 - tag.length;
  const end = start + length;
  const view = new DataView(Uint8Array.from(bytes).buffer);
  if (view.getUint32(start - 4) !== length) throw new Error(`${tag} has not ${length} bytes`);
  view.setUint32(start - 4, length + 1);
  const counted = new Uint8Array(view.buffer);
  return concatBytes(counted.subarray(0, end), ZERO, counted.subarray(end));
}

const KEY_CERTIFICATE = "countersign/v1/key-certificate";
const CERTIFICATE = "countersign/v1/certificate";
const RECORD = "countersign/v1/wallet-record";
const lengthOfRecord = 1 + RECORD.length + 32 + 16 + 32 + 1 + 8 + 32 + 8;

export const STRICT_CASES: readonly RefusedCase[] = [
  changed("form", "a receipt that goes on", "a receipt of a payment", (bytes) =>
    concatBytes(bytes, ZERO),
  ),
  changed("form", "the supply that goes on", "the supply", (bytes) => concatBytes(bytes, ZERO)),
  changed("form", "a key certificate that goes on", "the supply", (bytes) =>
    longer(bytes, KEY_CERTIFICATE, 1 + KEY_CERTIFICATE.length + 32 + 8 + 32 + 2 + 32),
  ),
  changed("form", "another tag than a key certificate's", "the supply", (bytes) =>
    bytes.with(behind(bytes, KEY_CERTIFICATE) - 1, 0x66),
  ),
  changed("form", "a key certificate of an epoch above 2^53", "the supply", (bytes) =>
    bytes.with(behind(bytes, KEY_CERTIFICATE) + 32, 0xff),
  ),
  changed("form", "another tag than that of votes", "the supply under votes", (bytes) =>
    bytes.with(behind(bytes, CERTIFICATE) - 1, 0x66),
  ),
  changed("form", "votes of a view without a next one", "the supply under votes", (bytes) => {
    const at = behind(bytes, CERTIFICATE) + 1 + 8;
    return concatBytes(
      bytes.subarray(0, at),
      Uint8Array.of(0, 0x1f, 255, 255, 255, 255, 255, 255),
      bytes.subarray(at + 8),
    );
  }),
  changed("form", "votes whose members do not ascend", "the supply under votes", (bytes) =>
    bytes.with(behind(bytes, CERTIFICATE) + 1 + 8 + 8 + 8 + 32 + 4 + 1, 9),
  ),
  changed(
    "form",
    "a statement that neither has nor lacks an opening",
    "a statement behind all entries",
    (bytes) => bytes.with(-(4 + 32 + 8 + 8 + 1), 2),
  ),
  changed(
    "form",
    "an opening of more than 2^53 entries",
    "a statement behind all entries",
    (bytes) => bytes.with(-(4 + 32 + 8 + 8), 0xff),
  ),
  changed(
    "form",
    "a path of 65 steps",
    "the absence of a wallet before its creation, in an empty state",
    (bytes) => concatBytes(bytes.with(-2, 65).slice(0, -1), new Uint8Array(65 * 2 + 1)),
  ),
  changed("record", "another tag than a record's", "a wallet", (bytes) =>
    bytes.with(behind(bytes, RECORD) - 1, 0x66),
  ),
  changed("record", "a record that goes on", "a wallet", (bytes) =>
    longer(bytes, RECORD, lengthOfRecord + 1),
  ),
  changed(
    "record",
    "a record whose sponsor no genesis has",
    "a wallet without money, with its sponsor",
    (bytes) => bytes.with(-1, 100),
  ),
  changed("record", "a record that neither has nor lacks a sponsor", "a wallet", (bytes) =>
    bytes.with(-1, 2),
  ),
  changed("record", "a record of an asset that the genesis lacks", "a wallet", (bytes) =>
    bytes.with(behind(bytes, RECORD) + 32 + 16 + 32, 2),
  ),
  changed("operation", "an operation of another network", "a whole statement", (bytes) => {
    const at = behind(bytes, "countersign/v1/operation");
    return bytes.with(at, (bytes[at] ?? 0) ^ 1);
  }),
  changed("operation", "another tag than an operation's", "a whole statement", (bytes) =>
    bytes.with(behind(bytes, "countersign/v1/operation") - 1, 0x66),
  ),
  changed("operation", "an operation of an unknown kind", "a whole statement", (bytes) =>
    bytes.with(behind(bytes, "countersign/v1/operation") + 32, 9),
  ),
];
