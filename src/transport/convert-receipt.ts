/** Converts receipts, their headers and key certificates to generated messages; read-receipt.ts reads these. */
import { create } from "@bufbuild/protobuf";
import { type BlockProof, BlockProofSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  type KeyCertificate as KeyCertificateMessage,
  KeyCertificateSchema,
  type Receipt as ReceiptMessage,
  ReceiptSchema,
  type SealedHeader as SealedHeaderMessage,
  SealedHeaderSchema,
} from "../../gen/countersign/v1/types_pb.ts";
import { assert } from "../primitives/assert.ts";
import { decodeHeader } from "../primitives/block.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { encodeKeyCertificateBody, type KeyCertificate } from "../primitives/key-certificate.ts";
import type { Receipt, ReceiptProof, SealedHeader } from "../primitives/receipt.ts";
import { encodeCertificate } from "../primitives/vote.ts";
import { headerToMessage } from "./convert-header.ts";

export function receiptToMessage(receipt: Receipt): ReceiptMessage {
  const { leaf, index, path, proof } = receipt;
  return create(ReceiptSchema, { leaf, index, path: [...path], ...proofFields(proof) });
}

/** The part of a receipt that all results of a block share. */
export function proofToMessage(proof: ReceiptProof): BlockProof {
  return create(BlockProofSchema, proofFields(proof));
}

function proofFields(proof: ReceiptProof) {
  return {
    headers: [...proof.headers],
    sealPending: proof.kind === "finalized",
    ...(proof.kind === "sealed"
      ? {
          sealedHeader: madeOnce(madeHeaders, proof.sealedHeader, sealedHeaderToMessage),
          keyCertificate: madeOnce(madeCertificates, proof.keyCertificate, keyCertificateToMessage),
        }
      : { finalization: encodeCertificate(proof.finalization) }),
  };
}

export function keyCertificateToMessage(certificate: KeyCertificate): KeyCertificateMessage {
  return create(KeyCertificateSchema, {
    bytes: encodeKeyCertificateBody(certificate),
    networkId: certificate.networkId,
    epoch: BigInt(certificate.epoch),
    groupPublicKey: certificate.groupKey,
    threshold: certificate.threshold,
    transcriptHash: certificate.transcriptHash,
    signatures: certificate.signatures.map(({ signer, signature }) => ({ signer, signature })),
  });
}

/** All receipts of a block share its proof, so its messages are made once. A message does not change once it is made. */
const madeHeaders = new WeakMap<SealedHeader, SealedHeaderMessage>();
const madeCertificates = new WeakMap<KeyCertificate, KeyCertificateMessage>();

function madeOnce<K extends object, V>(made: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  const known = made.get(key);
  if (known !== undefined) return known;
  const value = make(key);
  made.set(key, value);
  return value;
}

function sealedHeaderToMessage(sealed: SealedHeader): SealedHeaderMessage {
  const header = decodeHeader(sealed.bytes);
  assert(!(header instanceof EncodingError), "a node seals canonical headers only");
  return create(SealedHeaderSchema, {
    bytes: sealed.bytes,
    seal: sealed.seal,
    header: headerToMessage(header),
  });
}
