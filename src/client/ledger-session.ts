/**
 * The HTTP/2 connection of a ledger client to one node. It takes the place of connect-node's Http2SessionManager, in
 * which a GOAWAY (a node that stops says it) can become an uncaught exception and end the client's process
 * (connect-es issue 1768): here a session has its error listener from its first moment to its last.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";
import { afterListening, startInterval } from "../transport/timers.ts";

/** Milliseconds. */
export interface SessionTimings {
  /** Between two pings while a call is open. */
  readonly pingMs: number;
  /** A ping unanswered for so long ends the session: the node is dead or frozen. */
  readonly pingTimeoutMs: number;
}

export interface LedgerSessionOptions {
  /** https://host:port of a node's client listener. */
  readonly baseUrl: string;
  /** PEM of the authority to trust instead of the system's. */
  readonly ca?: string | undefined;
  readonly timings?: SessionTimings | undefined;
}

const TIMINGS: SessionTimings = { pingMs: 5_000, pingTimeoutMs: 5_000 };
const ATTEMPTS = 3;

/** Its code is one that connect-node knows: a call that ends so is told as unavailable or aborted. */
class ConnectionEnd extends Error {
  override readonly name = "ConnectionEnd";
  readonly code: "ETIMEDOUT" | "ECONNRESET";

  constructor(code: ConnectionEnd["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** One connection. */
interface Line {
  readonly session: ClientHttp2Session;
  /** Says that a call began on it. */
  readonly began: (stream: ClientHttp2Stream) => void;
}

/** A session manager as connect-node takes it: connects when there is a call, anew after every end. */
export class LedgerSession {
  /** The origin of all calls. */
  readonly authority: string;
  /** Node's own would be an IPv6 address without its brackets, which is no authority (RFC 3986 section 3.2.2). */
  readonly #host: string;
  readonly #ca: string | undefined;
  readonly #timings: SessionTimings;
  #line: Line | undefined;
  #closed = false;

  constructor({ baseUrl, ca, timings }: LedgerSessionOptions) {
    const { origin, host } = new URL(baseUrl);
    this.authority = origin;
    this.#host = host;
    this.#ca = ca;
    this.#timings = timings ?? TIMINGS;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: object,
  ): Promise<ClientHttp2Stream> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { session, began } = this.#open();
      try {
        const head = { ...headers, ":method": method, ":path": path, ":authority": this.#host };
        const stream = session.request(head, options);
        // The caller's listener comes one turn later.
        stream.on("error", () => undefined);
        began(stream);
        return stream;
      } catch (error) {
        // A session that ended, or was told to, since it was opened: nothing was sent, so dial again.
        if (!session.closed && !session.destroyed) throw error;
        this.#forget(session);
      }
    }
    throw new ConnectionEnd("ECONNRESET", `${this.authority} closes every connection at once`);
  }

  notifyResponseByteRead(): void {
    // Part of connect-node's contract; pings go out in any case.
  }

  /** Ends the connection and every call on it; no call opens another. */
  close(): void {
    this.#closed = true;
    if (this.#line !== undefined) end(this.#line.session, "ECONNRESET", "the client is closed");
  }

  #open(): Line {
    if (this.#closed) throw new ConnectionEnd("ECONNRESET", "the client is closed");
    this.#line ??= this.#dial();
    return this.#line;
  }

  /** Calls wait inside the session until it is connected. */
  #dial(): Line {
    const ca = this.#ca;
    const session = connect(this.authority, {
      ...(ca === undefined ? {} : { ca }),
      settings: { enablePush: false },
    });
    session.on("error", () => this.#forget(session));
    session.once("close", () => this.#forget(session));
    // The node is going: running calls may end, the next call dials again.
    session.once("goaway", () => this.#forget(session));
    return { session, began: watch(session, this.#timings) };
  }

  /** The next call dials again. */
  #forget(session: ClientHttp2Session): void {
    if (this.#line?.session === session) this.#line = undefined;
  }
}

/**
 * Pings while a call is open: only they tell a frozen node from a slow one. While none is, the connection keeps no
 * program from ending.
 */
function watch(session: ClientHttp2Session, timings: SessionTimings): Line["began"] {
  let calls = 0;
  let endPings: (() => void) | undefined;
  let answered: (() => void) | undefined;
  const rest = (): void => {
    endPings?.();
    answered?.();
    answered = undefined;
  };
  const ping = (): void => {
    if (answered !== undefined || session.destroyed) return;
    answered = afterListening(timings.pingTimeoutMs, () => {
      end(session, "ETIMEDOUT", "no answer to a ping");
    });
    // While the session still connects a ping fails at once: it stays overdue.
    session.ping((error: Error | null) => {
      if (error !== null) return;
      answered?.();
      answered = undefined;
    });
  };
  session.unref();
  session.once("close", rest);
  return (stream) => {
    calls += 1;
    if (calls === 1) {
      session.ref();
      endPings = startInterval(timings.pingMs, ping);
    }
    stream.once("close", () => {
      calls -= 1;
      if (calls > 0) return;
      rest();
      if (!session.destroyed) session.unref();
    });
  };
}

/** With an error: without one Node ends the streams as if all were well, and calls on them wait for ever. */
function end(session: ClientHttp2Session, code: ConnectionEnd["code"], message: string): void {
  session.destroy(new ConnectionEnd(code, message), constants.NGHTTP2_CANCEL);
}
