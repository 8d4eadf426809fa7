/**
 * Connect's protocol to a real peer, over the session to it: binary, nothing compressed. Questions and the messages of streams go
 * straight to HTTP/2; of a stream, Connect's own transport sends the head and reads the answer (decision 0035).
 */
import { constants } from "node:http2";
import {
  create,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { createTransport } from "@connectrpc/connect/protocol-connect";
import { createNodeHttpClient } from "@connectrpc/connect-node";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { boundedBody } from "./bounded-body.ts";
import type { ClientSession } from "./client-session.ts";
import { askPeer, localLimit } from "./peer-call.ts";
import { enveloped } from "./refusal-answer.ts";
import { StreamSender } from "./stream-sender.ts";

/** Of every answer: the client does not read them. */
const NO_HEADERS = new Headers();

/** The transport of real peers: Connect's protocol over the session, binary, nothing compressed. */
export function createPeerTransport(session: ClientSession): Transport {
  return {
    unary: async (...[method, signal, timeoutMs, , input]) => {
      const body = toBinary(method.input, create(method.input, input));
      const question = { method, body, signal, timeoutMs: timeoutMs === 0 ? undefined : timeoutMs };
      const message = (await askPeer(session, question)) as MessageShape<typeof method.output>;
      const { parent: service } = method;
      return { stream: false, service, method, header: NO_HEADERS, trailer: NO_HEADERS, message };
    },
    stream: (...[method, signal, timeoutMs, headers, input, values]) => {
      const sender = new StreamSender(envelopesOf(method.input, input));
      const transport = connectTransport(session, sender, signal);
      return transport.stream(method, signal, timeoutMs, headers, sender.ending(), values);
    },
  };
}

async function* envelopesOf<Input extends DescMessage>(
  schema: Input,
  messages: AsyncIterable<MessageInitShape<Input>>,
): AsyncGenerator<Bytes> {
  for await (const message of messages) {
    yield enveloped(0, toBinary(schema, create(schema, message)));
  }
}

/**
 * Connect's own transport for one stream, whose messages `sender` sends: it sends the head and reads the answer. It forgets the signal
 * when the answer ends, but a peer may end that first and take no message: the abort then ends the stream all the same.
 */
function connectTransport(
  session: ClientSession,
  sender: StreamSender,
  signal: AbortSignal | undefined,
): Transport {
  const httpClient = createNodeHttpClient({
    httpVersion: "2",
    sessionProvider: () => ({
      authority: session.authority,
      notifyResponseByteRead: () => undefined,
      request: async (...head: Parameters<ClientSession["request"]>) => {
        const stream = await session.request(...head);
        const end = () => stream.close(constants.NGHTTP2_CANCEL);
        signal?.addEventListener("abort", end, { once: true });
        if (signal?.aborted === true) end();
        sender.sendOn(stream);
        return stream;
      },
    }),
  });
  return createTransport({
    httpClient: async (request) => {
      const answer = await httpClient(request);
      return { ...answer, body: boundedBody(answer.body, LIMITS.peerErrorBytesMax, localLimit) };
    },
    baseUrl: session.authority,
    useBinaryFormat: true,
    interceptors: [],
    sendCompression: null,
    acceptCompression: [],
    compressMinBytes: LIMITS.peerMessageBytesMax,
    readMaxBytes: LIMITS.peerMessageBytesMax,
    writeMaxBytes: LIMITS.peerMessageBytesMax,
  });
}
