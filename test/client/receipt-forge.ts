/**
 * Receipts as JSON, made by hand with all keys of a network of four. It completes a receipt around any bytes, so that
 * a case can break one part and sign the rest again.
 */
import { type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { HeaderSchema, ReceiptSchema } from "../../gen/countersign/v1/types_pb.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { decodeHeader, encodeHeader, type Header } from "../../src/primitives/block.ts";
import { type Bytes, concatBytes } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import {
  encodeKeyCertificateBody,
  type KeyCertificate,
} from "../../src/primitives/key-certificate.ts";
import { leafHash } from "../../src/primitives/merkle-tree.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import type { Receipt } from "../../src/primitives/receipt.ts";
import { type Certificate, encodeCertificate } from "../../src/primitives/vote.ts";
import { headerToMessage } from "../../src/transport/convert-header.ts";
import { receiptToMessage } from "../../src/transport/convert-receipt.ts";
import { inclusionPath } from "../support/inclusion-path.ts";
import { certify, groupKey, INDEX, leaves, ownHeader } from "./workshop.ts";

export type OperationName = "payment" | "creation" | "cancellation";

export const signers = (...places: number[]) => places.map(validatorIndex);

const everyField = { alwaysEmitImplicit: true } as const;

/** JSON as the API writes it. */
export function jsonOf(receipt: Receipt): JsonObject {
  return toJson(ReceiptSchema, receiptToMessage(receipt), everyField) as JsonObject;
}

export const base64 = (bytes: Bytes): string => Buffer.from(bytes).toString("base64");

/** The view of header bytes; for unreadable bytes, the view of readable ones. */
export function viewOf(bytes: Bytes): JsonValue {
  const header = decodeHeader(bytes);
  const shown = header instanceof EncodingError ? ownHeader : header;
  return toJson(HeaderSchema, headerToMessage(shown), everyField);
}

export interface Place {
  readonly leaf: Bytes;
  readonly index: number;
  readonly path: readonly Bytes[];
}

const leafHashes = leaves.map((leaf) => leafHash(sha256, leaf));

/** The place of the payment in its block. */
export const ownPlace: Place = {
  leaf: leaves[INDEX] ?? new Uint8Array(),
  index: INDEX,
  path: inclusionPath(sha256, leafHashes, INDEX),
};

/** A payment alone in its block: its leaf hash is the root. */
export function alone(leaf: Bytes): { readonly place: Place; readonly header: Header } {
  const resultsRoot = leafHash(sha256, leaf);
  return {
    place: { leaf, index: 0, path: [] },
    header: { ...ownHeader, operationCount: 1, resultsRoot },
  };
}

export interface Sealing {
  readonly place?: Place;
  readonly seal?: (bytes: Bytes) => Bytes;
  readonly certificate?: JsonValue;
}

/** Sealed by the last header of `chain`, which may be any bytes. */
export function sealedJson(chain: readonly Bytes[], sealing: Sealing = {}): JsonObject {
  const { place = ownPlace, seal = groupKey.sign, certificate = certificateJson() } = sealing;
  const bytes = chain.at(-1) ?? new Uint8Array();
  return {
    ...placeJson(place),
    headers: chain.slice(0, -1).map(base64),
    sealedHeader: { bytes: base64(bytes), seal: base64(seal(bytes)), header: viewOf(bytes) },
    keyCertificate: certificate,
    sealPending: false,
  };
}

/** Finalized by votes for the last header of `chain`. */
export function pendingJson(chain: readonly Bytes[], finalization: Bytes): JsonObject {
  return {
    ...placeJson(ownPlace),
    headers: chain.map(base64),
    finalization: base64(finalization),
    sealPending: true,
  };
}

export function votes(certificate: Certificate): Bytes {
  return encodeCertificate(certificate);
}

/** `bytes` replace the certificate's own bytes; the signatures stay those over the original bytes. */
export function certificateJson(certificate: KeyCertificate = certify(), bytes?: Bytes) {
  return {
    bytes: base64(bytes ?? encodeKeyCertificateBody(certificate)),
    networkId: base64(certificate.networkId),
    epoch: String(certificate.epoch),
    groupPublicKey: base64(certificate.groupKey),
    threshold: certificate.threshold,
    transcriptHash: base64(certificate.transcriptHash),
    signatures: certificate.signatures.map(({ signer, signature }) => {
      return { signer: Number(signer), signature: base64(signature) };
    }),
  };
}

export const encoded = (headers: readonly Header[]): Bytes[] => headers.map(encodeHeader);

/** Replaces the bytes from `at` on. */
export function splice(bytes: Bytes, at: number, other: Bytes): Bytes {
  return concatBytes(bytes.slice(0, at), other, bytes.slice(at + other.length));
}

export const longer = (bytes: Bytes): Bytes => concatBytes(bytes, Uint8Array.of(0));

/** Replaces the value at `path`, names joined by dots; undefined removes it. */
export function put(json: JsonObject, path: string, value: JsonValue | undefined): JsonObject {
  const copy = structuredClone(json);
  const names = path.split(".");
  const last = names.pop() ?? "";
  let at: Record<string, unknown> = copy;
  for (const name of names) at = at[name] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

function placeJson({ leaf, index, path }: Place): JsonObject {
  return { leaf: base64(leaf), index, path: path.map(base64) };
}
