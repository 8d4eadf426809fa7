/** Unary calls to one node: bodies that are encoded already, and as many connections as the node's limit of streams asks for. */
import { LIMITS } from "../../src/primitives/limits.ts";
import { CallConnection, type RawAnswer, type RawCall } from "./call-connection.ts";

const TIMEOUT_MS = 30_000;
/** A few below the limit, because a stream counts for the node a moment longer than for its client. */
const STREAMS_PER_CONNECTION = LIMITS.streamsPerClientConnectionMax - 8;

export interface LaneOptions {
  /** PEM of the authority of the node's certificate. */
  readonly ca: string;
  readonly inFlightMax: number;
  /** A bearer token, shown with each call. */
  readonly token?: string | undefined;
}

export class CallLane {
  readonly #connections: readonly CallConnection[];

  private constructor(connections: readonly CallConnection[]) {
    this.#connections = connections;
  }

  /** Opens as many connections as `inFlightMax` calls at once need. */
  static async open(url: string, { ca, inFlightMax, token }: LaneOptions): Promise<CallLane> {
    const headers = {
      "content-type": "application/proto",
      "connect-protocol-version": "1",
      "connect-timeout-ms": `${TIMEOUT_MS}`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const count = Math.max(1, Math.ceil(inFlightMax / STREAMS_PER_CONNECTION));
    const connections: CallConnection[] = [];
    for (let i = 0; i < count; i++)
      connections.push(await CallConnection.open(url, { ca, headers }));
    return new CallLane(connections);
  }

  /** Calls `onAnswer` once. */
  call(call: RawCall, onAnswer: (answer: RawAnswer) => void): void {
    const [first, ...rest] = this.#connections;
    if (first === undefined) throw new Error("a lane has a connection");
    const freest = rest.reduce((best, one) => (one.underWay < best.underWay ? one : best), first);
    freest.call(call, onAnswer);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
