/**
 * Checks a receipt offline, with nothing but the genesis (S10): the result is in its block; parent hashes lead from
 * the block to the certified header; and a quorum of the genesis certifies that header, by the group key that the
 * quorum confirmed or, while the seal is pending, by its own votes.
 */
import { type Genesis } from "../ledger/genesis.ts";
import { type Header } from "../primitives/block.ts";
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { type Epoch } from "../primitives/numbers.ts";
import type { Receipt, ReceiptProof } from "../primitives/receipt.ts";
import { type ResultLeaf } from "../primitives/result.ts";
import type { IsValidPoint, Verify } from "../primitives/signature.ts";
import type { Validator } from "../primitives/validators.ts";
/** The functions that a verifier brings itself and trusts. */
export interface Cryptography {
    readonly hash: Hash;
    readonly verify: Verify;
    readonly isValidPoint: IsValidPoint;
}
/** The trust of a verifier: one network and the members of one epoch of it. */
export interface Trust extends Cryptography {
    readonly networkId: NetworkId;
    /** The epoch whose members these are; nothing certified in another one is accepted. */
    readonly epoch: Epoch;
    readonly validators: readonly Validator[];
}
/** The facts that a receipt proves. */
export interface VerifiedReceipt extends ResultLeaf {
    readonly valid: true;
    /** Header of the block that holds the operation. */
    readonly header: Header;
    /** Header that carries the seal or the finalization; the result's own or one above it. */
    readonly certifiedHeader: Header;
    /** Its proof is "sealed" (threshold signature) or "finalized" (a quorum's individual votes stand for it so far). */
    readonly receipt: Receipt;
}
/** The reason why a receipt proves nothing. */
export interface ReceiptProblem {
    readonly valid: false;
    /** JSON path of the part that fails; empty for the text as a whole. */
    readonly field: string;
    /** The fault, as a clause that follows the field. */
    readonly problem: string;
}
/** The trust that a genesis gives: its own members, in the first epoch. */
export declare function trustGenesis(genesis: Genesis, cryptography: Cryptography): Trust;
export declare function verifyReceipt(trust: Trust, receipt: Receipt): VerifiedReceipt | ReceiptProblem;
/** A proof that holds for any result of its block. */
export interface VerifiedProof {
    readonly valid: true;
    readonly proof: ReceiptProof;
    readonly header: Header;
    readonly certifiedHeader: Header;
}
/** The check of signatures, once for all results of a block. */
export declare function verifyProof(trust: Trust, proof: ReceiptProof): VerifiedProof | ReceiptProblem;
/** The rest of the check of one receipt, whose proof holds. */
export declare function verifyUnder(trust: Trust, { proof, header, certifiedHeader }: VerifiedProof, place: Omit<Receipt, "proof">): VerifiedReceipt | ReceiptProblem;
export declare function receiptProblem(field: string, problem: string): ReceiptProblem;
