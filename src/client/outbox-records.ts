/** The records of an outbox as text: payments as they were signed, and what became of them. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { ReceiptSchema } from "../../gen/countersign/v1/types_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { type OperationId, parseUuid } from "../primitives/ids.ts";
import { decodeSignedOperation } from "../primitives/operation.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { Receipt } from "../primitives/receipt.ts";
import { decodeResultLeaf, type ResultLeaf } from "../primitives/result.ts";
import { receiptToMessage } from "../transport/convert-receipt.ts";
import { receiptFromMessage } from "../transport/read-receipt.ts";
import { Refusal } from "../transport/refusal.ts";
import type { Trust } from "./receipt-verifier.ts";

/** The word of more than f nodes, one of them honest at least: a block is past the payment's window, and none holds the payment. */
export interface VoidProof {
  /** Ids in the genesis. */
  readonly nodes: readonly string[];
}

export type OutboxRecord =
  | { readonly kind: "payment"; readonly transfer: Transfer; readonly bytes: Bytes }
  /** Its receipt was verified before it was written. */
  | {
      readonly kind: "receipt";
      readonly id: OperationId;
      readonly receipt: Receipt;
      readonly leaf: ResultLeaf;
    }
  | { readonly kind: "void"; readonly id: OperationId; readonly proof: VoidProof }
  /** The program has handled it, and keeps what it needs of it. */
  | { readonly kind: "forgotten"; readonly id: OperationId };

type RecordTrust = Pick<Trust, "hash" | "networkId" | "verify">;

const SEPARATOR = " ";

/** One batch; its records are written together. */
export function writeBatch(records: readonly string[]): string {
  return records.join(SEPARATOR);
}

export function readBatch(batch: string): readonly string[] {
  return batch.split(SEPARATOR);
}

export function paymentText(bytes: Bytes): string {
  return `p:${base64Encode(bytes, "url")}`;
}

/** `id`: that of the payment, which a receipt of another operation under it may decide. */
export function receiptText(id: OperationId, receipt: Receipt): string {
  return `r:${id}:${base64Encode(toBinary(ReceiptSchema, receiptToMessage(receipt)), "url")}`;
}

export function voidText(id: OperationId, { nodes }: VoidProof): string {
  return `v:${id}:${base64Encode(new TextEncoder().encode(JSON.stringify(nodes)), "url")}`;
}

export function forgottenText(id: OperationId): string {
  return `f:${id}`;
}

/** Undefined for text that none of the functions above has written. */
export function readRecord(trust: RecordTrust, text: string): OutboxRecord | undefined {
  const [kind, first = "", second = ""] = text.split(":");
  if (kind === "p") return readPayment(trust, first);
  const id = parseUuid(first);
  if (id === undefined) return undefined;
  switch (kind) {
    case "r":
      return readReceipt(trust, id, second);
    case "v":
      return readVoid(id, second);
    case "f":
      return { kind: "forgotten", id };
    default:
      return undefined;
  }
}

function readPayment(
  { hash, networkId, verify }: RecordTrust,
  text: string,
): OutboxRecord | undefined {
  const bytes = bytesOf(text);
  if (bytes === undefined) return undefined;
  const signed = decodeSignedOperation(hash, networkId, bytes);
  if (signed instanceof EncodingError || signed.operation.kind !== "transfer") return undefined;
  const { operation, signature, unsignedBytes: message } = signed;
  if (!verify({ publicKey: operation.author, message, signature })) return undefined;
  return { kind: "payment", transfer: operation, bytes };
}

function readReceipt(
  { hash, networkId }: Pick<Trust, "hash" | "networkId">,
  id: OperationId,
  text: string,
): OutboxRecord | undefined {
  const bytes = bytesOf(text);
  if (bytes === undefined) return undefined;
  try {
    const receipt = receiptFromMessage(fromBinary(ReceiptSchema, bytes));
    if (receipt instanceof Refusal) return undefined;
    const leaf = decodeResultLeaf(hash, networkId, receipt.leaf);
    if (leaf instanceof EncodingError || leaf.operation.id !== id) return undefined;
    return { kind: "receipt", id, receipt, leaf };
  } catch {
    // The library throws what cannot be read.
    return undefined;
  }
}

function readVoid(id: OperationId, text: string): OutboxRecord | undefined {
  try {
    const nodes: unknown = JSON.parse(new TextDecoder().decode(bytesOf(text)));
    if (!Array.isArray(nodes)) return undefined;
    return { kind: "void", id, proof: { nodes: nodes.map(String) } };
  } catch {
    return undefined;
  }
}

function bytesOf(text: string): Bytes | undefined {
  try {
    return new Uint8Array(base64Decode(text));
  } catch {
    return undefined;
  }
}
