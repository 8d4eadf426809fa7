import { type ValidatorIndex } from "./numbers.ts";
import type { PublicKey } from "./signature.ts";
/** A member of the network as the genesis names it. */
export interface Validator {
    readonly index: ValidatorIndex;
    /** Short name, unique in the genesis. */
    readonly id: string;
    /** host:port of the peer listener. */
    readonly peerAddress: string;
    /** host:port of the client listener. */
    readonly clientAddress: string;
    /** Signs votes, registrations and results; never money. */
    readonly identityKey: PublicKey;
    /** Signs for custodial wallets and sponsors creations; never votes. */
    readonly custodyKey: PublicKey;
}
/** f, the largest number of arbitrary faults with n >= 3f + 1. */
export declare function faultsTolerated(n: number): number;
/**
 * q = n - f.
 * Two quorums share an honest member: |A ∩ B| >= 2q - n = n - 2f >= f + 1, because n >= 3f + 1.
 * A quorum exists without the faulty: the n - f others are exactly q.
 * No smaller q does both for every n: with q - 1, 2(q - 1) - n = n - 2f - 2, which is f - 1 when n = 3f + 1.
 */
export declare function quorumOf(n: number): number;
/** leader(v) = validators[v mod n] in genesis order (R1). */
export declare function leaderOf(n: number, view: number): ValidatorIndex;
