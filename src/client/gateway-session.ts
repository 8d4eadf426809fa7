/** The HTTP/2 connection of a ledger client to one node. */
import { connect } from "node:http2";
import { ClientSession, type PingTimings, type SessionEnd } from "../transport/client-session.ts";
import { SESSION_MEMORY } from "../transport/session-memory.ts";

export interface GatewaySessionOptions {
  /** https://host:port of a node's client listener. */
  readonly baseUrl: string;
  /** PEM of the authority to trust instead of the system's. */
  readonly ca?: string | undefined;
  readonly timings?: PingTimings | undefined;
}

const TIMINGS: PingTimings = { pingMs: 5_000, pingTimeoutMs: 5_000 };

/** A call that ends with it is unavailable (lost-calls.ts). */
class ConnectionEnd extends Error {
  override readonly name = "ConnectionEnd";
  readonly code: SessionEnd["code"];

  constructor({ code, message }: SessionEnd) {
    super(message);
    this.code = code;
  }
}

/** A client may connect and then wait for its user, so it pings during calls only. */
export function openGatewaySession(options: GatewaySessionOptions): ClientSession {
  const { baseUrl, ca, timings = TIMINGS } = options;
  const url = new URL(baseUrl);
  return new ClientSession(url, {
    dial: () =>
      connect(url.origin, {
        ...(ca === undefined ? {} : { ca }),
        ...SESSION_MEMORY,
        settings: { enablePush: false },
      }),
    endError: (end) => new ConnectionEnd(end),
    timings,
    pings: "duringCalls",
  });
}
