/**
 * The canonical bytes of a proof that a wallet has a record, or that there is no such wallet, in the state after a block
 * (docs/proofs.md). The path leads to the wallet root; the hash of the ceremony record joins that to the state root (L17).
 */
import { readBlockProof, writeBlockProof } from "./block-proof.ts";
import type { Bytes } from "./bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import { readUuid, type WalletId, writeUuid } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { countBits, TRIE_DEPTH_MAX } from "./merkle-trie-hashing.ts";
import type { TrieProofStep } from "./merkle-trie-proof.ts";
import type { ReceiptProof } from "./receipt.ts";
import { TAGS } from "./tags.ts";

/** The end of the wallet's path. */
export type WalletPathEnd =
  | { readonly kind: "gap" }
  /** The canonical record of the wallet. */
  | { readonly kind: "wallet"; readonly record: Bytes }
  /** The leaf of another wallet, whose key begins as this one's does. */
  | { readonly kind: "other"; readonly key: Digest; readonly valueHash: Digest };

export interface WalletProof {
  readonly walletId: WalletId;
  /** Of the header whose state this is, the first one. */
  readonly proof: ReceiptProof;
  readonly ceremonyHash: Digest;
  /** From the root down. */
  readonly steps: readonly TrieProofStep[];
  readonly end: WalletPathEnd;
}

const END_KINDS = ["gap", "wallet", "other"] as const;

export function encodeWalletProof(proof: WalletProof): Bytes {
  const encoder = new Encoder().tag(TAGS.walletProof);
  writeWalletProof(encoder, proof);
  return encoder.finish();
}

/** Proves nothing yet. */
export function decodeWalletProof(bytes: Bytes): WalletProof | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.walletProof);
    return readWalletProof(decoder);
  });
}

/** Without the tag. */
export function writeWalletProof(encoder: Encoder, proof: WalletProof): void {
  writeUuid(encoder, proof.walletId);
  writeBlockProof(encoder, proof.proof);
  encoder.fixed(proof.ceremonyHash, DIGEST_LENGTH);
  encoder.list(proof.steps, ({ present, siblings }) => {
    encoder.u16(present);
    for (const sibling of siblings) encoder.fixed(sibling, DIGEST_LENGTH);
  });
  const { end } = proof;
  encoder.u8(END_KINDS.indexOf(end.kind));
  if (end.kind === "wallet") encoder.bytes(end.record);
  if (end.kind === "other") {
    encoder.fixed(end.key, DIGEST_LENGTH).fixed(end.valueHash, DIGEST_LENGTH);
  }
}

/** Throws EncodingError; for use within `decodeStrict`. */
export function readWalletProof(decoder: Decoder): WalletProof {
  return {
    walletId: readUuid(decoder),
    proof: readBlockProof(decoder),
    ceremonyHash: decoder.fixed(DIGEST_LENGTH),
    steps: decoder.list(TRIE_DEPTH_MAX, readStep),
    end: readEnd(decoder),
  };
}

/** As many digests as bits are set. */
function readStep(decoder: Decoder): TrieProofStep {
  const present = decoder.u16();
  const siblings: Digest[] = [];
  for (let left = countBits(present); left > 0; left--) siblings.push(decoder.fixed(DIGEST_LENGTH));
  return { present, siblings };
}

function readEnd(decoder: Decoder): WalletPathEnd {
  const kind = END_KINDS[decoder.u8()];
  if (kind === undefined) throw new EncodingError("malformed", "unknown end of a path");
  if (kind === "gap") return { kind };
  if (kind === "wallet") return { kind, record: decoder.bytes(LIMITS.walletRecordBytesMax) };
  return { kind, key: decoder.fixed(DIGEST_LENGTH), valueHash: decoder.fixed(DIGEST_LENGTH) };
}
