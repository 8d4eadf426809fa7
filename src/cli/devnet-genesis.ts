/** The genesis of a development network: every node is an issuer, two currencies, timings for one machine. */
import type { Genesis, GenesisTimings, RulesetStart } from "../ledger/genesis.ts";
import { ALL_RULES } from "../ledger/rulesets.ts";
import { signingKeyOf } from "../node/base/crypto.ts";
import type { NodeSeeds } from "../node/files/node-keys.ts";
import { validatorIndex } from "../primitives/numbers.ts";
import { PEER_PORT_OFFSET } from "./devnet-options.ts";
import { DEFAULT_LIMITS, DEFAULT_TIMINGS } from "./genesis-rules.ts";

export function devnetGenesis(parts: {
  readonly seeds: readonly NodeSeeds[];
  readonly port: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Only if they differ from the defaults. */
  readonly timings?: Partial<GenesisTimings>;
  /** Absent: all rules from the first block on. */
  readonly rulesets?: readonly RulesetStart[];
}): Genesis {
  const { rulesets = ALL_RULES } = parts;
  const validators = parts.seeds.map((seeds, i) => ({
    index: validatorIndex(i),
    id: nodeName(i),
    peerAddress: `127.0.0.1:${parts.port + PEER_PORT_OFFSET + i}`,
    clientAddress: `127.0.0.1:${parts.port + i}`,
    identityKey: signingKeyOf(seeds.identity).publicKey,
    custodyKey: signingKeyOf(seeds.custody).publicKey,
  }));
  return {
    createdAt: parts.now,
    validators,
    assets: [
      { code: "EUR", scale: 2 },
      { code: "USD", scale: 2 },
    ],
    issuers: validators.map(({ custodyKey }) => custodyKey),
    limits: DEFAULT_LIMITS,
    timings: { ...DEFAULT_TIMINGS, ...parts.timings },
    ...(rulesets.length === 0 ? {} : { rulesets }),
  };
}

export function nodeName(index: number): string {
  return `node${index + 1}`;
}
