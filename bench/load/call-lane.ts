/**
 * Unary calls to one node with as little work as HTTP/2 allows: bodies that are encoded already, answers that are kept as
 * bytes, and as many connections as the node's limit of streams asks for.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { LIMITS } from "../../src/primitives/limits.ts";

/** The answer to a call; status 0 if there was none, with the reason as text. */
export interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** The number of the transfer, if it came over a stream, in one message with others. */
  readonly number?: number;
}

export interface RawCall {
  /** The path of the call on the listener, such as /countersign.v1.LedgerService/Transaction. */
  readonly path: string;
  /** The binary request. */
  readonly body: Buffer;
}

const TIMEOUT_MS = 30_000;
/** A few below the limit, because a stream counts for the node a moment longer than for its client. */
const STREAMS_PER_CONNECTION = LIMITS.streamsPerClientConnectionMax - 8;

interface Connection {
  readonly session: ClientHttp2Session;
  underWay: number;
}

export interface LaneOptions {
  /** PEM of the authority of the node's certificate. */
  readonly ca: string;
  readonly inFlightMax: number;
  /** A bearer token, shown with each call. */
  readonly token?: string | undefined;
}

export class CallLane {
  readonly #connections: readonly Connection[];
  readonly #credential: Readonly<Record<string, string>>;
  #end: Error | undefined;

  private constructor(sessions: readonly ClientHttp2Session[], token: string | undefined) {
    this.#credential = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#connections = sessions.map((session) => ({ session, underWay: 0 }));
    for (const session of sessions) {
      session.on("error", (error: Error) => {
        this.#end ??= error;
      });
    }
  }

  /** Opens as many connections as `inFlightMax` calls at once need. */
  static async open(url: string, { ca, inFlightMax, token }: LaneOptions): Promise<CallLane> {
    const count = Math.max(1, Math.ceil(inFlightMax / STREAMS_PER_CONNECTION));
    const sessions: ClientHttp2Session[] = [];
    for (let i = 0; i < count; i++) sessions.push(await opened(url, ca));
    return new CallLane(sessions, token);
  }

  /** Calls `onAnswer` once. */
  call({ path, body }: RawCall, onAnswer: (answer: RawAnswer) => void): void {
    const connection = this.#freest();
    connection.underWay += 1;
    const stream = connection.session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: path,
      "content-type": "application/proto",
      "connect-protocol-version": "1",
      "connect-timeout-ms": `${TIMEOUT_MS}`,
      ...this.#credential,
    });
    collect(stream, (answer) => {
      connection.underWay -= 1;
      onAnswer(answer);
    });
    stream.end(body);
  }

  close(): void {
    for (const { session } of this.#connections) session.destroy();
  }

  #freest(): Connection {
    if (this.#end !== undefined) throw new Error("a connection ended", { cause: this.#end });
    const [first, ...rest] = this.#connections;
    if (first === undefined) throw new Error("a lane has a connection");
    return rest.reduce((best, one) => (one.underWay < best.underWay ? one : best), first);
  }
}

function collect(stream: ClientHttp2Stream, onAnswer: (answer: RawAnswer) => void): void {
  let status = 0;
  let failure = "no answer";
  const parts: Buffer[] = [];
  stream.on("response", (headers) => {
    status = Number(headers[":status"]);
  });
  stream.on("data", (part: Buffer) => parts.push(part));
  stream.on("error", (error: Error) => {
    failure = error.message;
    status = 0;
  });
  stream.on("close", () => {
    const [only] = parts;
    const whole = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    onAnswer({ status, body: status === 0 ? Buffer.from(failure) : whole });
  });
}

function opened(url: string, ca: string): Promise<ClientHttp2Session> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientHttp2Session>();
  const session = connect(url, { ca, settings: { enablePush: false } });
  session.once("error", reject);
  session.once("remoteSettings", () => {
    session.off("error", reject);
    resolve(session);
  });
  return promise;
}
