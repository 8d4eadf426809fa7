/** The client of a ledger for programs on Node: each gateway over HTTP/2. */
import { createGatewayClient } from "./gateway-client.ts";
import { connectLedger, type LedgerClient, type LedgerClientOptions } from "./ledger-client.ts";

export type { GatewayEndpoint, LedgerClient, LedgerClientOptions } from "./ledger-client.ts";

export interface NodeLedgerClientOptions extends LedgerClientOptions {
  /** PEM of the authority that certified the listeners; absent: those that the system trusts. */
  readonly ca?: string | undefined;
}

/** Connects at the first call. Throws LedgerError INVALID for an endpoint that cannot be used. */
export function createLedgerClient(options: NodeLedgerClientOptions): LedgerClient {
  const { ca } = options;
  return connectLedger(options, (gateway) => createGatewayClient({ ...gateway, ca }));
}
