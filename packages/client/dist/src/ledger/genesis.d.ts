import type { Bytes } from "../primitives/bytes.ts";
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { type PublicKey } from "../primitives/signature.ts";
import type { Validator } from "../primitives/validators.ts";
/** A currency. Amounts are minor units: 10^scale of them make one. */
export interface Asset {
    readonly code: string;
    readonly scale: number;
}
export interface GenesisLimits {
    readonly blockOperationsMax: number;
    /** Canonical bytes of all operations of a block, signatures included. */
    readonly blockBytesMax: number;
    /** Creations without money that one sponsor may let into one block. */
    readonly sponsoredPerBlockMax: number;
    /** Wallets without money that one sponsor may answer for; beyond it, its creations are declined. */
    readonly unfundedPerSponsorMax: number;
}
/** All in milliseconds. */
export interface GenesisTimings {
    /** Time after its deadline in which an operation may still be ordered, to be declined as expired. */
    readonly graceMs: number;
    /** The most that a deadline may lie ahead of block time. */
    readonly lifetimeMsMax: number;
    /** D: the most that a proposal's time may lie from a voter's clock. */
    readonly clockSkewMs: number;
    readonly viewTimeoutMs: number;
    /** The longest view timeout: doubling ends there. */
    readonly viewTimeoutMsMax: number;
    /** Time that each rank waits before it coordinates a seal. */
    readonly sealTimeoutMs: number;
    /** Time for the first attempt of the key ceremony; each further one has twice the time. */
    readonly ceremonyTimeoutMs: number;
}
export interface Genesis {
    /** Block time of height 0, milliseconds since the epoch. */
    readonly createdAt: number;
    readonly validators: readonly Validator[];
    readonly assets: readonly Asset[];
    /** Keys that may create money. */
    readonly issuers: readonly PublicKey[];
    readonly limits: GenesisLimits;
    readonly timings: GenesisTimings;
}
interface Bounds {
    readonly min: number;
    readonly max: number;
}
/** Smallest and largest value of every number in the limits; the order is that of the encoding. */
export declare const LIMIT_BOUNDS: Readonly<Record<keyof GenesisLimits, Bounds>>;
/** Smallest and largest value of every timing; the order is that of the encoding. */
export declare const TIMING_BOUNDS: Readonly<Record<keyof GenesisTimings, Bounds>>;
export declare function encodeGenesis(genesis: Genesis): Bytes;
/** The hash of the canonical genesis (L1). */
export declare function networkIdOf(hash: Hash, genesis: Genesis): NetworkId;
/** The names of a record in the order in which they were written. */
export declare function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[];
export {};
