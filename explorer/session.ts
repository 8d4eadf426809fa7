/** The calls of the node that serves the page, with the reader's token, which the browser forgets with the tab. */
import { createGatewayClient, type GatewayClient } from "../src/client/web-gateway-client.ts";

export type Calls = GatewayClient["calls"];

const KEY = "countersign.token";
/** A page that is looked at would rather say that the node does not answer. */
const TIMEOUT_MS = 10_000;

export function readToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function keepToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}

export function connect(token: string | undefined): GatewayClient {
  return createGatewayClient({ baseUrl: location.origin, token, timeoutMs: TIMEOUT_MS });
}
