/**
 * The client of one node's ledger service for web pages: Connect over the browser's own `fetch`. The node must name the page's origin
 * (`corsOrigins`, docs/access.md), and the browser must trust the node's certificate. A browser sends no streams: `submitTransactions`
 * is for Node alone.
 */
import { createConnectTransport } from "@connectrpc/connect-web";
import { boundedFetch } from "./bounded-fetch.ts";
import {
  ANSWER_BYTES_MAX,
  callsOver,
  type GatewayCallOptions,
  type GatewayClient,
  transportOptions,
} from "./gateway-calls.ts";

export type { GatewayClient } from "./gateway-calls.ts";

export interface WebGatewayClientOptions extends GatewayCallOptions {
  /** https://host:port of a node's client listener. */
  readonly baseUrl: string;
}

/** Connects at the first call. */
export function createGatewayClient(options: WebGatewayClientOptions): GatewayClient {
  const end = new AbortController();
  const transport = createConnectTransport({
    baseUrl: new URL(options.baseUrl).origin,
    ...transportOptions(options),
    fetch: boundedFetch({ answerBytesMax: ANSWER_BYTES_MAX, end: end.signal }),
  });
  return { calls: callsOver(transport), close: () => end.abort() };
}
