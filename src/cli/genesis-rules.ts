/** The default rules of a genesis, which its operators may change. */
import { type GenesisLimits, type GenesisTimings, TIMING_BOUNDS } from "../ledger/genesis.ts";

export const DEFAULT_LIMITS: GenesisLimits = {
  blockOperationsMax: 2_000,
  blockBytesMax: 4 * 1024 * 1024,
  sponsoredPerBlockMax: 200,
  unfundedPerSponsorMax: 25_000,
};

export const DEFAULT_TIMINGS: GenesisTimings = {
  graceMs: 5_000,
  lifetimeMsMax: 3_600_000,
  clockSkewMs: 10_000,
  viewTimeoutMs: 600,
  viewTimeoutMsMax: 20_000,
  sealTimeoutMs: 500,
  ceremonyTimeoutMs: 20_000,
};

/** Time of a ceremony attempt among separate operators, who do not all start at the same moment. */
export const OPERATORS_CEREMONY_TIMEOUT_MS = 3_600_000;

/** The default timings with another time for the ceremony. The lifetime of its steps must cover that time. */
export function timingsFor(ceremonyTimeoutMs: number): GenesisTimings {
  const { lifetimeMsMax, clockSkewMs } = DEFAULT_TIMINGS;
  const lifetime = Math.max(lifetimeMsMax, ceremonyTimeoutMs + 2 * clockSkewMs);
  return { ...DEFAULT_TIMINGS, ceremonyTimeoutMs, lifetimeMsMax: lifetime };
}

/** The longest ceremony that the lifetime of its steps can still cover. */
export const CEREMONY_TIMEOUT_MS_MAX =
  TIMING_BOUNDS.lifetimeMsMax.max - 2 * DEFAULT_TIMINGS.clockSkewMs;
