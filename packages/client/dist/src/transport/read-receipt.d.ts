/**
 * Reads receipts and proofs from the fields of messages, generated or not. A field that shows what canonical bytes say must say the
 * same. Needs no code of Protobuf, so that a verifier is small.
 */
import type { BlockProof } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { KeyCertificate as KeyCertificateMessage, Receipt as ReceiptMessage, SealedHeader as SealedHeaderMessage } from "../../gen/countersign/v1/types_pb.ts";
import type { Receipt, ReceiptProof } from "../primitives/receipt.ts";
import { type HeaderFields } from "./read-header.ts";
import { Refusal } from "./refusal.ts";
type Plain<T, Without extends keyof T | "$typeName" | "$unknown" = never> = Omit<T, "$typeName" | "$unknown" | Without>;
export interface SealedHeaderFields extends Plain<SealedHeaderMessage, "header"> {
    readonly header?: HeaderFields | undefined;
}
export interface KeyCertificateFields extends Plain<KeyCertificateMessage, "signatures"> {
    readonly signatures: readonly {
        readonly signer: number;
        readonly signature: Uint8Array;
    }[];
}
/** The part of a receipt that all results of a block share. */
export interface ProofFields extends Plain<BlockProof, "sealedHeader" | "keyCertificate" | "finalization"> {
    readonly sealedHeader?: SealedHeaderFields | undefined;
    readonly keyCertificate?: KeyCertificateFields | undefined;
    readonly finalization?: Uint8Array | undefined;
}
export type ReceiptFields = ProofFields & Pick<ReceiptMessage, "leaf" | "index" | "path">;
/**
 * Reads a receipt whose views agree with its canonical bytes. This proves nothing yet: client/receipt-verifier.ts
 * checks the receipt.
 */
export declare function receiptFromMessage(message: ReceiptFields): Receipt | Refusal;
/** Reads the proof of a block, like a receipt's; proves nothing yet. */
export declare function proofFromMessage(message: ProofFields): ReceiptProof | Refusal;
export {};
