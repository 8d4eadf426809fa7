/** Genesis: the parameters that every node must agree on before the first block. The hash of its encoding is the network id. */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { PUBLIC_KEY_LENGTH, type PublicKey } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
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
  /** Rulesets that begin at heights known before the first block, both ascending; absent: ruleset 1 (L29). */
  readonly rulesets?: readonly RulesetStart[] | undefined;
}

export interface RulesetStart {
  readonly ruleset: number;
  /** The first block that has it. */
  readonly height: number;
}

/** Largest number of decimals of an asset; ether has 18. */
const HOUR_MS = 3_600_000;

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Of `createdAt`: from 2001 to 2096. A time of our day in seconds, microseconds or nanoseconds lies outside, so a wrong unit is seen.
 * Every deadline of such a network's first years fits into seconds of 32 bits (DeadlineTable).
 */
export const CREATED_AT_BOUNDS: Bounds = { min: 1_000_000_000_000, max: 3_999_999_999_999 };

/** Smallest and largest value of every number in the limits; the order is that of the encoding. */
export const LIMIT_BOUNDS: Readonly<Record<keyof GenesisLimits, Bounds>> = {
  blockOperationsMax: { min: 1, max: LIMITS.blockOperationsMax },
  blockBytesMax: { min: LIMITS.operationBytesMax, max: LIMITS.blockBytesMax },
  sponsoredPerBlockMax: { min: 0, max: LIMITS.blockOperationsMax },
  unfundedPerSponsorMax: { min: 0, max: LIMITS.unfundedPerSponsorMax },
};

/** Smallest and largest value of every timing; the order is that of the encoding. */
export const TIMING_BOUNDS: Readonly<Record<keyof GenesisTimings, Bounds>> = {
  graceMs: { min: 1, max: HOUR_MS },
  lifetimeMsMax: { min: 1, max: 24 * HOUR_MS },
  clockSkewMs: { min: 1, max: HOUR_MS },
  viewTimeoutMs: { min: 1, max: HOUR_MS },
  viewTimeoutMsMax: { min: 1, max: HOUR_MS },
  sealTimeoutMs: { min: 1, max: HOUR_MS },
  ceremonyTimeoutMs: { min: 1, max: 24 * HOUR_MS },
};

assert(
  keysOf(TIMING_BOUNDS).every((name) => TIMING_BOUNDS[name].max <= LIMITS.timerMsMax),
  "a timer takes every time of a genesis",
);

export function encodeGenesis(genesis: Genesis): Bytes {
  const encoder = new Encoder().tag(TAGS.genesis).u64(genesis.createdAt);
  encoder.list(genesis.validators, (validator) => {
    encoder.string(validator.id).string(validator.peerAddress).string(validator.clientAddress);
    encoder.fixed(validator.identityKey, PUBLIC_KEY_LENGTH);
    encoder.fixed(validator.custodyKey, PUBLIC_KEY_LENGTH);
  });
  encoder.list(genesis.assets, (asset) => encoder.string(asset.code).u8(asset.scale));
  encoder.list(genesis.issuers, (issuer) => encoder.fixed(issuer, PUBLIC_KEY_LENGTH));
  for (const name of keysOf(LIMIT_BOUNDS)) encoder.u64(genesis.limits[name]);
  for (const name of keysOf(TIMING_BOUNDS)) encoder.u64(genesis.timings[name]);
  // Without rulesets nothing follows, so that networks older than this field keep their id.
  if (genesis.rulesets !== undefined) {
    encoder.list(genesis.rulesets, ({ ruleset, height }) => encoder.u16(ruleset).u64(height));
  }
  return encoder.finish();
}

/** The hash of the canonical genesis (L1). */
export function networkIdOf(hash: Hash, genesis: Genesis): NetworkId {
  return hash(encodeGenesis(genesis));
}

/** The names of a record in the order in which they were written. */
export function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(record) as K[];
}
