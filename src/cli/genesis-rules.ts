/** The rules that a genesis has unless its operators agree on others. */
import type { GenesisLimits, GenesisTimings } from "../ledger/genesis.ts";

export const DEFAULT_LIMITS: GenesisLimits = {
  blockOperationsMax: 2_000,
  blockBytesMax: 4 * 1024 * 1024,
  sponsoredPerBlockMax: 200,
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
