/**
 * A sink that publishes messages to one subject of a NATS JetStream stream. Each names the sequence that the last message of
 * its subject must have, so a message whose acknowledgement was lost is found instead of published again, however long ago
 * that was; and the last message tells how far the stream has come.
 */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection, NodeConnectionOptions } from "@nats-io/transport-node";
import { errorCode } from "../../primitives/error-code.ts";
import type { OperationLocation } from "../../storage/contracts.ts";
import { isBefore } from "../../transport/cursor-place.ts";
import { webhookBody } from "../../transport/webhook-body.ts";
import { type Sink, type SinkProblem, setBack } from "./delivery.ts";
import { placeOfMessage, type SinkMessage } from "./message-reader.ts";

export interface NatsSinkParts {
  readonly servers: readonly string[];
  readonly subject: string;
  /** The content of a credentials file (JWT and NKey); absent: none is shown. */
  readonly credentials?: Uint8Array | undefined;
  /** Undefined: no TLS, on loopback. */
  readonly tls: { readonly ca?: string } | undefined;
}

interface Opened {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly stream: string;
}

interface LastMessage {
  /** 0 if the subject has no message. */
  readonly sequence: number;
  /** Of the last event in it; undefined if there is no message, or one of another program. */
  readonly place: OperationLocation | undefined;
}

const CONNECT_MS = 10_000;
const PUBLISH_MS = 15_000;
/** Error codes of the server. */
const WRONG_LAST_SEQUENCE = 10_071;
const NO_MESSAGE = 10_037;

export class NatsSink implements Sink {
  readonly #parts: NatsSinkParts;
  #opened: Opened | undefined;
  #last: LastMessage | undefined;

  constructor(parts: NatsSinkParts) {
    this.#parts = parts;
  }

  async place(signal: AbortSignal): Promise<OperationLocation | SinkProblem | undefined> {
    return await this.#using(signal, async (opened) => {
      this.#last = await this.#lastIn(opened);
      return this.#last.place;
    });
  }

  async deliver(message: SinkMessage, signal: AbortSignal): Promise<SinkProblem | undefined> {
    return await this.#using(signal, async (opened) => {
      const last = this.#last ?? (await this.#lastIn(opened));
      this.#last = last;
      // Its acknowledgement was lost, or another node has published it.
      if (last.place !== undefined && !isBefore(last.place, message.end)) return undefined;
      if (last.place !== undefined && isBefore(last.place, message.behind)) return setBack();
      const { seq } = await opened.client.publish(this.#parts.subject, webhookBody(message), {
        msgID: message.id,
        timeout: PUBLISH_MS,
        expect: { streamName: opened.stream, lastSubjectSequence: last.sequence },
      });
      this.#last = { sequence: seq, place: message.end };
      return undefined;
    });
  }

  close(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#last = undefined;
    opened?.connection.close().catch(() => undefined);
  }

  /** After a failure, connection and last message are looked for anew: what was published is not known. */
  async #using<T>(
    signal: AbortSignal,
    act: (opened: Opened) => Promise<T>,
  ): Promise<T | SinkProblem> {
    const stop = () => this.close();
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await act(this.#opened ?? (await this.#open()));
    } catch (error) {
      this.close();
      return { problem: problemOf(error) };
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #open(): Promise<Opened> {
    // Only a node with such a sink loads the libraries.
    const [{ connect, credsAuthenticator }, { jetstream, jetstreamManager }] = await Promise.all([
      import("@nats-io/transport-node"),
      import("@nats-io/jetstream"),
    ]);
    const { servers, subject, credentials, tls } = this.#parts;
    const options: NodeConnectionOptions = {
      servers: [...servers],
      name: "countersign",
      timeout: CONNECT_MS,
      reconnect: false,
      ...(tls !== undefined && { tls }),
      ...(credentials !== undefined && { authenticator: credsAuthenticator(credentials) }),
    };
    const connection = await connect(options);
    try {
      const manager = await jetstreamManager(connection, { timeout: PUBLISH_MS });
      const stream = await manager.streams.find(subject);
      const client = jetstream(connection, { timeout: PUBLISH_MS });
      this.#opened = { connection, client, manager, stream };
      return this.#opened;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #lastIn({ manager, stream }: Opened): Promise<LastMessage> {
    const { subject } = this.#parts;
    const found = await manager.streams
      .getMessage(stream, { last_by_subj: subject })
      .catch((error: unknown) => {
        if (errorCode(error) === NO_MESSAGE) return null;
        throw error;
      });
    if (found === null) return { sequence: 0, place: undefined };
    return { sequence: found.seq, place: placeOfMessage(found.header.get("Nats-Msg-Id")) };
  }
}

function problemOf(error: unknown): string {
  if (errorCode(error) === WRONG_LAST_SEQUENCE) {
    return "another program has published to the subject of the sink";
  }
  return error instanceof Error ? error.message : String(error);
}
