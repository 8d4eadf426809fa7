/** The genesis of a development network: every node is an issuer, two currencies, timings for one machine. */
import type { Genesis } from "../ledger/genesis.ts";
import { signerOf } from "../node/crypto.ts";
import type { NodeSeeds } from "../node/node-keys.ts";
import { validatorIndex } from "../primitives/numbers.ts";
import { PEER_PORT_OFFSET } from "./devnet-options.ts";

export function devnetGenesis(parts: {
  readonly seeds: readonly NodeSeeds[];
  readonly port: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}): Genesis {
  const validators = parts.seeds.map((seeds, i) => ({
    index: validatorIndex(i),
    id: nodeName(i),
    peerAddress: `127.0.0.1:${parts.port + PEER_PORT_OFFSET + i}`,
    clientAddress: `127.0.0.1:${parts.port + i}`,
    identityKey: signerOf(seeds.identity).publicKey,
    custodyKey: signerOf(seeds.custody).publicKey,
  }));
  return {
    createdAt: parts.now,
    validators,
    assets: [
      { code: "EUR", scale: 2 },
      { code: "USD", scale: 2 },
    ],
    issuers: validators.map(({ custodyKey }) => custodyKey),
    limits: {
      blockOperationsMax: 2_000,
      blockBytesMax: 4 * 1024 * 1024,
      sponsoredPerBlockMax: 200,
    },
    timings: {
      graceMs: 5_000,
      lifetimeMsMax: 3_600_000,
      clockSkewMs: 10_000,
      viewTimeoutMs: 600,
      viewTimeoutMsMax: 20_000,
      sealTimeoutMs: 500,
      ceremonyTimeoutMs: 20_000,
    },
  };
}

export function nodeName(index: number): string {
  return `node${index + 1}`;
}
