/** Operations of the key ceremony (K1). Their author is a validator, with its identity key. */
import { type Bytes } from "../bytes.ts";
import { type Digest } from "../hash.ts";
import { type ValidatorIndex } from "../numbers.ts";
import { type PublicKey, type Signature } from "../signature.ts";
import type { CommonFields, OperationEncoding } from "./fields.ts";
export interface CeremonyOpen extends CommonFields {
    readonly kind: "ceremonyOpen";
    readonly attempt: number;
    /** Ascending. */
    readonly members: readonly ValidatorIndex[];
    readonly threshold: number;
}
export interface CeremonyRound1 extends CommonFields {
    readonly kind: "ceremonyRound1";
    readonly attempt: number;
    readonly package: Bytes;
    /** X25519, of this attempt only. */
    readonly ephemeralKey: Bytes;
}
export interface CeremonyShares extends CommonFields {
    readonly kind: "ceremonyShares";
    readonly attempt: number;
    readonly ciphertexts: readonly {
        readonly to: ValidatorIndex;
        readonly ciphertext: Bytes;
    }[];
}
export interface CeremonyConfirm extends CommonFields {
    readonly kind: "ceremonyConfirm";
    readonly attempt: number;
    readonly transcriptHash: Digest;
    readonly groupKey: PublicKey;
    readonly verifyingShares: readonly {
        readonly member: ValidatorIndex;
        readonly share: Bytes;
    }[];
    /** The member's identity signature over the key certificate's bytes. */
    readonly certificateSignature: Signature;
}
export interface CeremonyComplaint extends CommonFields {
    readonly kind: "ceremonyComplaint";
    readonly attempt: number;
    readonly accused: ValidatorIndex;
    /** The complainer's X25519 secret of this attempt, with which every node can judge the complaint. */
    readonly ephemeralSecret: Bytes;
}
export type CeremonyStep = CeremonyOpen | CeremonyRound1 | CeremonyShares | CeremonyConfirm | CeremonyComplaint;
export declare const CEREMONY_OPEN: OperationEncoding<CeremonyOpen>;
export declare const CEREMONY_ROUND1: OperationEncoding<CeremonyRound1>;
export declare const CEREMONY_SHARES: OperationEncoding<CeremonyShares>;
export declare const CEREMONY_CONFIRM: OperationEncoding<CeremonyConfirm>;
export declare const CEREMONY_COMPLAINT: OperationEncoding<CeremonyComplaint>;
