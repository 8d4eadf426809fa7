/** Genesis: the parameters that every node must agree on before the first block. The hash of its encoding is the network id. */
import { assert } from "../primitives/assert.js";
import { Encoder } from "../primitives/encoding.js";
import { LIMITS } from "../primitives/limits.js";
import { PUBLIC_KEY_LENGTH } from "../primitives/signature.js";
import { TAGS } from "../primitives/tags.js";
/** Largest number of decimals of an asset; ether has 18. */
const HOUR_MS = 3_600_000;
/** Smallest and largest value of every number in the limits; the order is that of the encoding. */
export const LIMIT_BOUNDS = {
    blockOperationsMax: { min: 1, max: LIMITS.blockOperationsMax },
    blockBytesMax: { min: LIMITS.operationBytesMax, max: LIMITS.blockBytesMax },
    sponsoredPerBlockMax: { min: 0, max: LIMITS.blockOperationsMax },
    unfundedPerSponsorMax: { min: 0, max: LIMITS.unfundedPerSponsorMax },
};
/** Smallest and largest value of every timing; the order is that of the encoding. */
export const TIMING_BOUNDS = {
    graceMs: { min: 1, max: HOUR_MS },
    lifetimeMsMax: { min: 1, max: 24 * HOUR_MS },
    clockSkewMs: { min: 1, max: HOUR_MS },
    viewTimeoutMs: { min: 1, max: HOUR_MS },
    viewTimeoutMsMax: { min: 1, max: HOUR_MS },
    sealTimeoutMs: { min: 1, max: HOUR_MS },
    ceremonyTimeoutMs: { min: 1, max: 24 * HOUR_MS },
};
assert(keysOf(TIMING_BOUNDS).every((name) => TIMING_BOUNDS[name].max <= LIMITS.timerMsMax), "a timer takes every time of a genesis");
export function encodeGenesis(genesis) {
    const encoder = new Encoder().tag(TAGS.genesis).u64(genesis.createdAt);
    encoder.list(genesis.validators, (validator) => {
        encoder.string(validator.id).string(validator.peerAddress).string(validator.clientAddress);
        encoder.fixed(validator.identityKey, PUBLIC_KEY_LENGTH);
        encoder.fixed(validator.custodyKey, PUBLIC_KEY_LENGTH);
    });
    encoder.list(genesis.assets, (asset) => encoder.string(asset.code).u8(asset.scale));
    encoder.list(genesis.issuers, (issuer) => encoder.fixed(issuer, PUBLIC_KEY_LENGTH));
    for (const name of keysOf(LIMIT_BOUNDS))
        encoder.u64(genesis.limits[name]);
    for (const name of keysOf(TIMING_BOUNDS))
        encoder.u64(genesis.timings[name]);
    return encoder.finish();
}
/** The hash of the canonical genesis (L1). */
export function networkIdOf(hash, genesis) {
    return hash(encodeGenesis(genesis));
}
/** The names of a record in the order in which they were written. */
export function keysOf(record) {
    return Object.keys(record);
}
