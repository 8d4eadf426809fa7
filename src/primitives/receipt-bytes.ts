/** The canonical bytes of a receipt: a third of its JSON, and read without a reader of JSON (docs/proofs.md). */
import { readBlockProof, writeBlockProof } from "./block-proof.ts";
import type { Bytes } from "./bytes.ts";
import { decodeStrict, Encoder, type EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH } from "./hash.ts";
import { LIMITS } from "./limits.ts";
import type { Receipt } from "./receipt.ts";
import { TAGS } from "./tags.ts";

export function encodeReceipt({ leaf, index, path, proof }: Receipt): Bytes {
  const encoder = new Encoder().tag(TAGS.receipt).bytes(leaf).u32(index);
  encoder.list(path, (digest) => encoder.fixed(digest, DIGEST_LENGTH));
  writeBlockProof(encoder, proof);
  return encoder.finish();
}

/** Proves nothing yet: client/receipt-verifier.ts checks the receipt. */
export function decodeReceipt(bytes: Bytes): Receipt | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.receipt);
    return {
      leaf: decoder.bytes(2 * LIMITS.operationBytesMax),
      index: decoder.u32(),
      path: decoder.list(LIMITS.receiptPathLengthMax, (inner) => inner.fixed(DIGEST_LENGTH)),
      proof: readBlockProof(decoder),
    };
  });
}
