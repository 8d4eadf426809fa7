/** Converts receipts, their headers and key certificates between values of the protocol and generated messages. */
import { create, equals } from "@bufbuild/protobuf";
import { type BlockProof, BlockProofSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  HeaderSchema,
  type KeyCertificate as KeyCertificateMessage,
  KeyCertificateSchema,
  type Receipt as ReceiptMessage,
  ReceiptSchema,
  type SealedHeader as SealedHeaderMessage,
  SealedHeaderSchema,
} from "../../gen/countersign/v1/types_pb.ts";
import { assert } from "../primitives/assert.ts";
import { decodeHeader } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import {
  encodeKeyCertificateBody,
  type KeyCertificate,
  type KeyCertificateBody,
} from "../primitives/key-certificate.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Receipt, ReceiptProof, SealedHeader } from "../primitives/receipt.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "../primitives/signature.ts";
import { decodeCertificate, encodeCertificate } from "../primitives/vote.ts";
import {
  CERTIFICATE_BYTES_MAX,
  convert,
  decoded,
  fail,
  present,
  readBytes,
  readEpoch,
  readFixed,
  readIndex,
  readList,
} from "./convert-fields.ts";
import { headerToMessage } from "./convert-header.ts";
import type { Refusal } from "./refusal.ts";

export function receiptToMessage(receipt: Receipt): ReceiptMessage {
  const { leaf, index, path, proof } = receipt;
  return create(ReceiptSchema, { leaf, index, path: [...path], ...proofFields(proof) });
}

/** The part of a receipt that all results of a block share. */
export function proofToMessage(proof: ReceiptProof): BlockProof {
  return create(BlockProofSchema, proofFields(proof));
}

/** Reads the proof of a block, like a receipt's; proves nothing yet. */
export function proofFromMessage(message: BlockProof): ReceiptProof | Refusal {
  return convert(() => readProof(message));
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

/**
 * Reads a receipt whose views agree with its canonical bytes. This proves nothing yet: client/receipt-verifier.ts
 * checks the receipt.
 */
export function receiptFromMessage(message: ReceiptMessage): Receipt | Refusal {
  return convert(() => ({
    leaf: readBytes(message.leaf, LIMITS.operationBytesMax * 2, "leaf"),
    index: message.index,
    path: readList(message.path, LIMITS.receiptPathLengthMax, {
      field: "path",
      read: (item, field) => readFixed(item, DIGEST_LENGTH, field),
    }),
    proof: readProof(message),
  }));
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

export function keyCertificateFromMessage(
  message: KeyCertificateMessage,
  field: string,
): KeyCertificate {
  const body: KeyCertificateBody = {
    networkId: readFixed(message.networkId, DIGEST_LENGTH, `${field}.networkId`),
    epoch: readEpoch(message.epoch, `${field}.epoch`),
    groupKey: readFixed(message.groupPublicKey, PUBLIC_KEY_LENGTH, `${field}.groupPublicKey`),
    threshold: readIndex(message.threshold, `${field}.threshold`),
    transcriptHash: readFixed(message.transcriptHash, DIGEST_LENGTH, `${field}.transcriptHash`),
  };
  if (!equalBytes(encodeKeyCertificateBody(body), message.bytes)) {
    fail("MALFORMED", `${field}.bytes`, "the fields beside the bytes are not what the bytes say");
  }
  const signatures = readList(message.signatures, LIMITS.validatorsMax, {
    field: `${field}.signatures`,
    read: (item, at) => ({
      signer: readIndex(item.signer, `${at}.signer`),
      signature: readFixed(item.signature, SIGNATURE_LENGTH, `${at}.signature`),
    }),
  });
  return { ...body, signatures };
}

type ProofMessage = Omit<BlockProof, "$typeName" | "$unknown">;

function readProof(message: ProofMessage): ReceiptProof {
  // A node that caught up has one finalization above all blocks that it fetched at once.
  const headersMax = message.sealPending ? LIMITS.fetchedBlocksMax : LIMITS.sealInterval;
  const headers = readList(message.headers, headersMax + 1, {
    field: "headers",
    read: (item, field) => readBytes(item, LIMITS.headerBytesMax, field),
  });
  if (message.sealPending) {
    if (message.sealedHeader !== undefined || message.keyCertificate !== undefined) {
      fail("MALFORMED", "sealPending", "is true beside a seal");
    }
    const bytes = present(message.finalization, "finalization");
    readBytes(bytes, CERTIFICATE_BYTES_MAX, "finalization");
    const finalization = decoded(decodeCertificate(bytes), "finalization");
    return { kind: "finalized", headers, finalization };
  }
  if (message.finalization !== undefined) {
    fail("MALFORMED", "finalization", "stands beside a seal");
  }
  const certificate = present(message.keyCertificate, "keyCertificate");
  return {
    kind: "sealed",
    headers,
    sealedHeader: readSealedHeader(present(message.sealedHeader, "sealedHeader")),
    keyCertificate: keyCertificateFromMessage(certificate, "keyCertificate"),
  };
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

function readSealedHeader(message: SealedHeaderMessage): SealedHeader {
  const bytes = readBytes(message.bytes, LIMITS.headerBytesMax, "sealedHeader.bytes");
  const header = decoded(decodeHeader(bytes), "sealedHeader.bytes");
  const view = present(message.header, "sealedHeader.header");
  if (!equals(HeaderSchema, headerToMessage(header), view)) {
    fail("MALFORMED", "sealedHeader.header", "is not what the bytes say");
  }
  return { bytes, seal: readFixed(message.seal, SIGNATURE_LENGTH, "sealedHeader.seal") };
}
