/**
 * The canonical bytes of a statement that is proven complete (docs/proofs.md): all entries of a wallet from one place on, up
 * to the record that a certified state holds. The hash chain of the entries (L16) leads to the head in that record.
 */
import { type Amount, amount } from "./amount.ts";
import type { Bytes } from "./bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import { LIMITS } from "./limits.ts";
import { type Height, height } from "./numbers.ts";
import { TAGS } from "./tags.ts";
import { readWalletProof, type WalletProof, writeWalletProof } from "./wallet-proof.ts";

/** The wallet before the first entry of a statement. */
export interface StatementOpening {
  /** The number of entries before the first one. */
  readonly entries: number;
  readonly balance: Amount;
  /** The statement head after them. */
  readonly head: Digest;
}

/** The operation of an entry: the bytes that its author signed, or their hash alone. */
export type EntryOperation =
  | { readonly kind: "hash"; readonly hash: Digest }
  | { readonly kind: "operation"; readonly bytes: Bytes };

export interface StatementProofEntry {
  readonly height: Height;
  readonly operation: EntryOperation;
  /** Minor units, negative for the payer. */
  readonly delta: bigint;
}

export interface StatementProof {
  /** Of the wallet after the last entry. */
  readonly closing: WalletProof;
  /** Absent if the first entry is the wallet's first. */
  readonly opening?: StatementOpening | undefined;
  /** Ascending, without a gap. */
  readonly entries: readonly StatementProofEntry[];
}

export function encodeStatementProof({ closing, opening, entries }: StatementProof): Bytes {
  const encoder = new Encoder().tag(TAGS.statementProof);
  writeWalletProof(encoder, closing);
  encoder.optional(opening, (before) =>
    encoder.u64(before.entries).u64(before.balance).fixed(before.head, DIGEST_LENGTH),
  );
  encoder.list(entries, (entry) => writeEntry(encoder, entry));
  return encoder.finish();
}

/** Proves nothing yet. */
export function decodeStatementProof(bytes: Bytes): StatementProof | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.statementProof);
    return {
      closing: readWalletProof(decoder),
      opening: decoder.optional((inner) => ({
        entries: inner.safeU64(),
        balance: amount(inner.u64()),
        head: inner.fixed(DIGEST_LENGTH),
      })),
      entries: decoder.list(LIMITS.statementProofEntriesMax, readEntry),
    };
  });
}

function writeEntry(encoder: Encoder, { height: at, operation, delta }: StatementProofEntry): void {
  encoder.u64(at).boolean(delta < 0n);
  encoder.u64(delta < 0n ? -delta : delta);
  encoder.boolean(operation.kind === "operation");
  if (operation.kind === "hash") encoder.fixed(operation.hash, DIGEST_LENGTH);
  else encoder.bytes(operation.bytes);
}

function readEntry(decoder: Decoder): StatementProofEntry {
  const at = height(decoder.safeU64());
  const isNegative = decoder.boolean();
  const moved = decoder.u64();
  if (isNegative && moved === 0n) throw new EncodingError("malformed", "a negative zero");
  const operation: EntryOperation = decoder.boolean()
    ? { kind: "operation", bytes: decoder.bytes(LIMITS.operationBytesMax) }
    : { kind: "hash", hash: decoder.fixed(DIGEST_LENGTH) };
  return { height: at, operation, delta: isNegative ? -moved : moved };
}
