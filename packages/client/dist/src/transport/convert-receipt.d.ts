import { type BlockProof } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { type KeyCertificate as KeyCertificateMessage, type Receipt as ReceiptMessage } from "../../gen/countersign/v1/types_pb.ts";
import { type KeyCertificate } from "../primitives/key-certificate.ts";
import type { Receipt, ReceiptProof } from "../primitives/receipt.ts";
export declare function receiptToMessage(receipt: Receipt): ReceiptMessage;
/** The part of a receipt that all results of a block share. */
export declare function proofToMessage(proof: ReceiptProof): BlockProof;
export declare function keyCertificateToMessage(certificate: KeyCertificate): KeyCertificateMessage;
