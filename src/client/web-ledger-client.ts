/**
 * The client of a ledger for web pages: each gateway over the browser's `fetch`. Every gateway must name the page's origin
 * (`corsOrigins`, docs/access.md), and the browser must trust its certificate.
 */
import { connectLedger, type LedgerClient, type LedgerClientOptions } from "./ledger-client.ts";
import { submitSingly } from "./single-submits.ts";
import { createGatewayClient } from "./web-gateway-client.ts";

export type { GatewayEndpoint, LedgerClient, LedgerClientOptions } from "./ledger-client.ts";

/** Connects at the first call. Throws LedgerError INVALID for an endpoint that cannot be used. */
export function createLedgerClient(options: LedgerClientOptions): LedgerClient {
  return connectLedger(options, (gateway, trust) => {
    const { calls, close } = createGatewayClient(gateway);
    return { calls: { ...calls, submitTransactions: submitSingly(calls, trust) }, close };
  });
}
