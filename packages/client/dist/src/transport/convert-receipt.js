/** Converts receipts, their headers and key certificates to generated messages; read-receipt.ts reads these. */
import { create } from "@bufbuild/protobuf";
import { BlockProofSchema } from "../../gen/countersign/v1/ledger_service_pb.js";
import { KeyCertificateSchema, ReceiptSchema, SealedHeaderSchema, } from "../../gen/countersign/v1/types_pb.js";
import { assert } from "../primitives/assert.js";
import { decodeHeader } from "../primitives/block.js";
import { EncodingError } from "../primitives/encoding.js";
import { encodeKeyCertificateBody } from "../primitives/key-certificate.js";
import { encodeCertificate } from "../primitives/vote.js";
import { headerToMessage } from "./convert-header.js";
export function receiptToMessage(receipt) {
    const { leaf, index, path, proof } = receipt;
    return create(ReceiptSchema, { leaf, index, path: [...path], ...proofFields(proof) });
}
/** The part of a receipt that all results of a block share. */
export function proofToMessage(proof) {
    return create(BlockProofSchema, proofFields(proof));
}
function proofFields(proof) {
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
export function keyCertificateToMessage(certificate) {
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
const madeHeaders = new WeakMap();
const madeCertificates = new WeakMap();
function madeOnce(made, key, make) {
    const known = made.get(key);
    if (known !== undefined)
        return known;
    const value = make(key);
    made.set(key, value);
    return value;
}
function sealedHeaderToMessage(sealed) {
    const header = decodeHeader(sealed.bytes);
    assert(!(header instanceof EncodingError), "a node seals canonical headers only");
    return create(SealedHeaderSchema, {
        bytes: sealed.bytes,
        seal: sealed.seal,
        header: headerToMessage(header),
    });
}
