// A ledger client over a network in memory, whose gateways a test can take away or make lie.
import type { GatewayClient } from "../../src/client/gateway-client.ts";
import { Gateways, type LedgerGateway } from "../../src/client/gateways.ts";
import {
  type LedgerClient,
  type LedgerClientOptions,
  ledgerOf,
} from "../../src/client/ledger-client.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { entropy, sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { namedSigningKey, randomUuid } from "../support/operations.ts";
import { cryptography, type Network } from "./network.ts";

export type Calls = GatewayClient["calls"];
/** Replaces some calls of a gateway. */
export type Change = (calls: Calls, index: number) => Partial<Calls>;

export function ledgerOver(
  network: Network,
  change: Change = () => ({}),
  options: Partial<LedgerClientOptions> = {},
): LedgerClient {
  const gateways = [0, 1, 2, 3].map((index): LedgerGateway => {
    const calls = network.cluster.client(index) as Calls;
    const node = network.cluster.genesis.validators[index]?.id;
    return { name: `gateway ${index}`, node, calls: { ...calls, ...change(calls, index) } };
  });
  const { genesis } = network.cluster;
  // The first gateway is asked first.
  return ledgerOf(
    { genesis, cryptography, ...options },
    new Gateways(gateways, () => 0),
    () => undefined,
  );
}

export async function fundedWallet(network: Network, balance: bigint): Promise<Wallet> {
  const { networkId } = network.trust;
  const key = signingKeyOf(entropy(32));
  const made = new Wallet({ networkId, hash: sha256, key, creationId: randomUuid() });
  const terms = { asset: "EUR", validUntil: Date.now() + 60_000, initialBalance: amount(balance) };
  const request = made.createIssued(terms, namedSigningKey("custody 2"));
  await network.cluster.client(1).walletCreation(request);
  return made;
}
