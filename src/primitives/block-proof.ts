/**
 * The canonical bytes of the proof that a header is certified, which every proof in a file contains (docs/proofs.md). The
 * proof of the supply is that proof alone, because a header holds the supply.
 */
import type { Bytes } from "./bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "./encoding.ts";
import {
  decodeKeyCertificateBody,
  encodeKeyCertificateBody,
  type KeyCertificate,
} from "./key-certificate.ts";
import { LIMITS } from "./limits.ts";
import { validatorIndex } from "./numbers.ts";
import type { ReceiptProof } from "./receipt.ts";
import { SIGNATURE_LENGTH } from "./signature.ts";
import { TAGS } from "./tags.ts";
import { decodeCertificate, encodeCertificate } from "./vote.ts";

/** The longest key certificate body and the longest finalization are far below this. */
const PART_BYTES_MAX = 16 * 1024;
const SEALED = 0;
const FINALIZED = 1;

export function writeBlockProof(encoder: Encoder, proof: ReceiptProof): void {
  encoder.u8(proof.kind === "sealed" ? SEALED : FINALIZED);
  encoder.list(proof.headers, (bytes) => encoder.bytes(bytes));
  if (proof.kind === "finalized") {
    encoder.bytes(encodeCertificate(proof.finalization));
    return;
  }
  const { sealedHeader, keyCertificate } = proof;
  encoder.bytes(sealedHeader.bytes).fixed(sealedHeader.seal, SIGNATURE_LENGTH);
  encoder.bytes(encodeKeyCertificateBody(keyCertificate));
  encoder.list(keyCertificate.signatures, ({ signer, signature }) =>
    encoder.u16(signer).fixed(signature, SIGNATURE_LENGTH),
  );
}

/** Throws EncodingError; for use within `decodeStrict`. It proves nothing yet. */
export function readBlockProof(decoder: Decoder): ReceiptProof {
  const kind = decoder.u8();
  if (kind !== SEALED && kind !== FINALIZED) {
    throw new EncodingError("malformed", "is neither sealed nor finalized");
  }
  const headersMax = kind === SEALED ? LIMITS.sealInterval : LIMITS.fetchedBlocksMax + 1;
  const headers = decoder.list(headersMax, (inner) => inner.bytes(LIMITS.headerBytesMax));
  if (kind === FINALIZED) {
    const finalization = orThrow(decodeCertificate(decoder.bytes(PART_BYTES_MAX)));
    if (finalization.subject.kind !== "finalize") {
      throw new EncodingError("malformed", "holds votes that finalize nothing");
    }
    return { kind: "finalized", headers, finalization };
  }
  const bytes = decoder.bytes(LIMITS.headerBytesMax);
  const seal = decoder.fixed(SIGNATURE_LENGTH);
  const keyCertificate = readKeyCertificate(decoder);
  return { kind: "sealed", headers, sealedHeader: { bytes, seal }, keyCertificate };
}

/** The supply of every asset after the block of the first header. */
export function encodeSupplyProof(proof: ReceiptProof): Bytes {
  const encoder = new Encoder().tag(TAGS.supplyProof);
  writeBlockProof(encoder, proof);
  return encoder.finish();
}

export function decodeSupplyProof(bytes: Bytes): ReceiptProof | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.supplyProof);
    return readBlockProof(decoder);
  });
}

function readKeyCertificate(decoder: Decoder): KeyCertificate {
  const body = orThrow(decodeKeyCertificateBody(decoder.bytes(PART_BYTES_MAX)));
  const signatures = decoder.list(LIMITS.validatorsMax, (inner) => ({
    signer: validatorIndex(inner.u16()),
    signature: inner.fixed(SIGNATURE_LENGTH),
  }));
  return { ...body, signatures };
}

function orThrow<T>(read: T | EncodingError): T {
  if (read instanceof EncodingError) throw read;
  return read;
}
