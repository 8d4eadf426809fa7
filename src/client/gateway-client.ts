/** The client of one node's ledger service: the generated client over TLS, for programs that run on Node. */
import { createConnectTransport } from "@connectrpc/connect-node";
import { LIMITS } from "../primitives/limits.ts";
import type { PingTimings } from "../transport/client-session.ts";
import {
  ANSWER_BYTES_MAX,
  callsOver,
  type GatewayCallOptions,
  type GatewayClient,
  transportOptions,
} from "./gateway-calls.ts";
import { openGatewaySession } from "./gateway-session.ts";

export type { GatewayClient } from "./gateway-calls.ts";

export interface GatewayClientOptions extends GatewayCallOptions {
  /** https://host:port of a node's client listener. */
  readonly baseUrl: string;
  /** PEM of the authority that certified the node's listener; absent: those that the system trusts. */
  readonly ca?: string | undefined;
  readonly timings?: PingTimings | undefined;
}

/** Connects at the first call. */
export function createGatewayClient(options: GatewayClientOptions): GatewayClient {
  const session = openGatewaySession(options);
  const transport = createConnectTransport({
    baseUrl: session.authority,
    httpVersion: "2",
    sessionManager: session,
    readMaxBytes: ANSWER_BYTES_MAX,
    writeMaxBytes: LIMITS.clientMessageBytesMax,
    ...transportOptions(options),
  });
  return { calls: callsOver(transport), close: () => session.close() };
}
