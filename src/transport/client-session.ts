/**
 * One HTTP/2 connection of a caller, dialled for the first call and again after every end. It replaces connect-node's
 * Http2SessionManager, in which a GOAWAY can become an uncaught exception and end the process (connect-es issue
 * 1768). Here a session has an error listener from its first moment to its last. When that issue is fixed, only the
 * dialling of peers is still needed.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";
import { answerChunks } from "./answer-chunks.ts";
import { afterListening, startInterval } from "./timers.ts";

/** Milliseconds. */
export interface PingTimings {
  /** Between two pings. */
  readonly pingMs: number;
  /** A session ends if a ping is not answered for this long: the other side is dead or frozen. */
  readonly pingTimeoutMs: number;
}

export interface SessionEnd {
  readonly code: "ETIMEDOUT" | "ECONNRESET";
  readonly message: string;
}

/** The differences between a node's connection to a peer and a client's connection to a node. */
export interface SessionKind {
  /** Opens a connection. Calls may wait inside it until it is connected; it rejects if it cannot be made. */
  readonly dial: () => ClientHttp2Session | Promise<ClientHttp2Session>;
  /** The error with which calls end. */
  readonly endError: (end: SessionEnd) => Error;
  readonly timings: PingTimings;
  /**
   * `always`: notices a silent peer even without a call. `duringCalls`: without a call, the connection keeps no
   * program from ending.
   */
  readonly pings: "always" | "duringCalls";
  /** The other side has answered a ping. */
  readonly onAnswer?: (() => void) | undefined;
  readonly onError?: (error: Error) => void;
}

const ATTEMPTS = 3;
const CLOSED: SessionEnd = { code: "ECONNRESET", message: "the client is closed" };
const SILENT: SessionEnd = { code: "ETIMEDOUT", message: "no answer to a ping" };
const REFUSING: SessionEnd = {
  code: "ECONNRESET",
  message: "the other side closes every connection at once",
};

/** One connection. */
interface Line {
  readonly session: ClientHttp2Session;
  /** Notes that a call began on it. */
  readonly began: (stream: ClientHttp2Stream) => void;
}

/** A session manager in the form that connect-node takes. */
export class ClientSession {
  /** The origin of all calls. */
  readonly authority: string;
  /** Node's own authority for an IPv6 address lacks the brackets, which RFC 3986 section 3.2.2 requires. */
  readonly #host: string;
  readonly #kind: SessionKind;
  #line: Promise<Line> | undefined;
  #closed = false;

  constructor(url: URL, kind: SessionKind) {
    this.authority = url.origin;
    this.#host = url.host;
    this.#kind = kind;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: object,
  ): Promise<ClientHttp2Stream> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const opening = this.#open();
      const { session, began } = await opening;
      try {
        const head = { ...headers, ":method": method, ":path": path, ":authority": this.#host };
        const stream = session.request(head, options);
        // The caller's listener is added one turn later.
        stream.on("error", () => undefined);
        Object.defineProperty(stream, Symbol.asyncIterator, { value: () => answerChunks(stream) });
        began(stream);
        return stream;
      } catch (error) {
        // A session that ended, or began to end, since it was opened: nothing was sent on it, so a new one is
        // dialled.
        if (!session.closed && !session.destroyed) throw error;
        this.#forget(opening);
      }
    }
    throw this.#kind.endError(REFUSING);
  }

  notifyResponseByteRead(): void {
    // Part of connect-node's contract; pings are sent in any case.
  }

  /** Ends the connection and every call on it; no later call opens another one. */
  close(): void {
    this.#closed = true;
    const line = this.#line;
    this.#line = undefined;
    line?.then(
      ({ session }) => this.#end(session, CLOSED),
      () => undefined,
    );
  }

  #open(): Promise<Line> {
    if (this.#closed) return Promise.reject(this.#kind.endError(CLOSED));
    this.#line ??= this.#dial();
    return this.#line;
  }

  #dial(): Promise<Line> {
    const forget = (): void => this.#forget(line);
    const line: Promise<Line> = this.#connect(forget);
    line.catch(forget);
    return line;
  }

  async #connect(forget: () => void): Promise<Line> {
    const session = await this.#kind.dial();
    session.on("error", (error: Error) => {
      this.#kind.onError?.(error);
      forget();
    });
    session.once("close", forget);
    // The other side is closing: running calls may end, and the next call dials again.
    session.once("goaway", forget);
    if (this.#closed) {
      this.#end(session, CLOSED);
      throw this.#kind.endError(CLOSED);
    }
    return { session, began: this.#watch(session) };
  }

  /** The next call dials again. */
  #forget(line: Promise<Line>): void {
    if (this.#line === line) this.#line = undefined;
  }

  /** A frozen process accepts bytes for a long time; only pings tell it from a slow one. */
  #watch(session: ClientHttp2Session): Line["began"] {
    const { timings, pings, onAnswer } = this.#kind;
    const watch = new PingWatch(session, timings, {
      onAnswer: () => onAnswer?.(),
      onSilence: () => this.#end(session, SILENT),
    });
    session.once("close", () => watch.stop());
    if (pings === "duringCalls") return duringCalls(session, watch);
    watch.start();
    return () => undefined;
  }

  /** With an error: without one, Node ends the streams as if they were complete, and calls on them wait for ever. */
  #end(session: ClientHttp2Session, end: SessionEnd): void {
    session.destroy(this.#kind.endError(end), constants.NGHTTP2_CANCEL);
  }
}

function duringCalls(session: ClientHttp2Session, watch: PingWatch): Line["began"] {
  let calls = 0;
  session.unref();
  return (stream) => {
    calls += 1;
    if (calls === 1) {
      session.ref();
      watch.start();
    }
    stream.once("close", () => {
      calls -= 1;
      if (calls > 0) return;
      watch.stop();
      if (!session.destroyed) session.unref();
    });
  };
}

interface PingOutcome {
  readonly onAnswer: () => void;
  readonly onSilence: () => void;
}

/** Pings one session, one ping at a time. */
class PingWatch {
  readonly #session: ClientHttp2Session;
  readonly #timings: PingTimings;
  readonly #told: PingOutcome;
  #stopPings: (() => void) | undefined;
  /** Cancels the wait for the open ping's answer. */
  #answered: (() => void) | undefined;

  constructor(session: ClientHttp2Session, timings: PingTimings, told: PingOutcome) {
    this.#session = session;
    this.#timings = timings;
    this.#told = told;
  }

  start(): void {
    this.#stopPings = startInterval(this.#timings.pingMs, () => this.#ping());
  }

  stop(): void {
    this.#stopPings?.();
    this.#clear();
  }

  #clear(): void {
    this.#answered?.();
    this.#answered = undefined;
  }

  #ping(): void {
    if (this.#answered !== undefined || this.#session.destroyed) return;
    this.#answered = afterListening(this.#timings.pingTimeoutMs, this.#told.onSilence);
    // A ping fails at once while the session is connecting: it stays overdue.
    this.#session.ping((error: Error | null) => {
      if (error !== null) return;
      this.#clear();
      this.#told.onAnswer();
    });
  }
}
