/**
 * Reads receipts and proofs from the fields of messages, generated or not. A field that shows what canonical bytes say must say the
 * same. Needs no code of Protobuf, so that a verifier is small.
 */
import type { BlockProof } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type {
  KeyCertificate as KeyCertificateMessage,
  Receipt as ReceiptMessage,
  SealedHeader as SealedHeaderMessage,
} from "../../gen/countersign/v1/types_pb.ts";
import { decodeHeader, encodeHeader } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
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
import { type HeaderFields, headerFromMessage } from "./read-header.ts";
import { Refusal } from "./refusal.ts";

type Plain<T, Without extends keyof T | "$typeName" | "$unknown" = never> = Omit<
  T,
  "$typeName" | "$unknown" | Without
>;

export interface SealedHeaderFields extends Plain<SealedHeaderMessage, "header"> {
  readonly header?: HeaderFields | undefined;
}

export interface KeyCertificateFields extends Plain<KeyCertificateMessage, "signatures"> {
  readonly signatures: readonly { readonly signer: number; readonly signature: Uint8Array }[];
}

/** The part of a receipt that all results of a block share. */
export interface ProofFields
  extends Plain<BlockProof, "sealedHeader" | "keyCertificate" | "finalization"> {
  readonly sealedHeader?: SealedHeaderFields | undefined;
  readonly keyCertificate?: KeyCertificateFields | undefined;
  readonly finalization?: Uint8Array | undefined;
}

export type ReceiptFields = ProofFields & Pick<ReceiptMessage, "leaf" | "index" | "path">;

/**
 * Reads a receipt whose views agree with its canonical bytes. This proves nothing yet: client/receipt-verifier.ts
 * checks the receipt.
 */
export function receiptFromMessage(message: ReceiptFields): Receipt | Refusal {
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

/** Reads the proof of a block, like a receipt's; proves nothing yet. */
export function proofFromMessage(message: ProofFields): ReceiptProof | Refusal {
  return convert(() => readProof(message));
}

function readProof(message: ProofFields): ReceiptProof {
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
    if (!equalBytes(encodeCertificate(finalization), bytes)) {
      fail("MALFORMED", "finalization", "is not canonical");
    }
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
    keyCertificate: readKeyCertificate(certificate, "keyCertificate"),
  };
}

function readSealedHeader(message: SealedHeaderFields): SealedHeader {
  const bytes = readBytes(message.bytes, LIMITS.headerBytesMax, "sealedHeader.bytes");
  decoded(decodeHeader(bytes), "sealedHeader.bytes");
  const view = headerFromMessage(present(message.header, "sealedHeader.header"), "");
  if (view instanceof Refusal || !equalBytes(encodeHeader(view), bytes)) {
    fail("MALFORMED", "sealedHeader.header", "is not what the bytes say");
  }
  return { bytes, seal: readFixed(message.seal, SIGNATURE_LENGTH, "sealedHeader.seal") };
}

function readKeyCertificate(message: KeyCertificateFields, field: string): KeyCertificate {
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
