/** Bodies as a hostile sender may cut them: in very many pieces, or an answer before its question. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect } from "node:http2";
import { type AddressInfo, createServer, connect as dial, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { create } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "vitest";
import { LinkRequestSchema, PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { ClientSession } from "../../src/transport/client-session.ts";
import { askPeer, type PeerQuestion } from "../../src/transport/peer-call.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import { readUnaryBody } from "../../src/transport/unary-body.ts";
import { answerCall, dataFrame, END_STREAM, FRAME, type RawAnswer } from "./raw-answers.ts";

/** More than a function takes as arguments. */
const PIECES = 200_000;
/** More than the window with which a stream begins. */
const BEYOND_WINDOW = 200_000;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function sessionTo(port: number): ClientSession {
  const url = new URL(`http://127.0.0.1:${port}`);
  return new ClientSession(url, {
    dial: () => connect(url),
    endError: ({ message }) => new Error(message),
    timings: { pingMs: 60_000, pingTimeoutMs: 60_000 },
    pings: "duringCalls",
  });
}

function questionOf(bytes: number): PeerQuestion {
  const body = new Uint8Array(bytes);
  const { readClock: method } = PeerService.method;
  return { method, body, timeoutMs: 20_000, signal: undefined };
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("an answer of a peer, one byte in each frame", async () => {
  // One unknown field: its tag and its length, as varints, and its bytes.
  const head = dataFrame(Buffer.of(0xc2, 0x3e, 0xc0, 0x9a, 0x0c));
  const pieces = Array.from({ length: PIECES }, () => dataFrame(Buffer.of(7)));
  const answer = Buffer.concat([head, ...pieces, dataFrame(Buffer.alloc(0), END_STREAM)]);
  const session = sessionTo(
    await listen(createServer((socket) => answerCall(socket, { body: answer }))),
  );
  const message = await askPeer(session, questionOf(0));
  expect(message.$unknown).toMatchObject([{ no: 1000, data: { length: PIECES + 3 } }]);
  session.close();
});

/** A peer that answers at once and takes nothing; the frames that it saw when the first stream was reset. */
async function hastyPeer(
  answer: RawAnswer,
): Promise<{ readonly session: ClientSession; readonly reset: Promise<number[]> }> {
  const types = Promise.withResolvers<number[]>();
  const server = createServer((socket) => {
    answerCall(socket, answer, (seen) => {
      if (seen.includes(FRAME.reset)) types.resolve(seen);
    });
  });
  return { session: sessionTo(await listen(server)), reset: types.promise };
}

test("a peer that answers before it has taken all of a question ends the call, and its stream", async () => {
  const { session, reset } = await hastyPeer({ body: dataFrame(Buffer.alloc(0), END_STREAM) });
  await askPeer(session, questionOf(BEYOND_WINDOW));
  expect(await reset).toContain(FRAME.reset);
  session.close();
});

test("a peer that ends the answer of a link and takes no message holds neither the stream nor what waits for it", async () => {
  // The end of a stream in Connect's protocol: flag, length, and no error.
  const end = Buffer.concat([Buffer.of(2, 0, 0, 0, 2), Buffer.from("{}")]);
  const body = dataFrame(end, END_STREAM);
  const { session, reset } = await hastyPeer({ contentType: "application/connect+proto", body });
  const ended = new AbortController();
  const batches = (async function* () {
    yield create(LinkRequestSchema, { consensusMessages: [new Uint8Array(BEYOND_WINDOW)] });
    await new Promise((resolve) => ended.signal.addEventListener("abort", resolve));
  })();
  const { link } = PeerService.method;
  const transport = createPeerTransport(session);
  const answer = await transport.stream(link, ended.signal, undefined, undefined, batches);
  for await (const _message of answer.message) expect.unreachable("the answer holds no message");
  // As a link does when its call is over.
  ended.abort();
  expect(await reset).toContain(FRAME.reset);
  session.close();
});

test("a question of a client, one byte in each chunk", async () => {
  const server = createHttpServer((request, response) => {
    const form = {
      dialect: "json",
      coding: undefined,
      input: PeerService.method.readClock.input,
      bytesMax: 2 * PIECES,
      fieldsMax: undefined,
    } as const;
    void readUnaryBody(request, form, undefined).then((read) => {
      response.end("bytes" in read ? String(read.bytes.length) : read.message);
    });
  });
  const port = await listen(server);
  const socket = dial(port, "127.0.0.1");
  socket.write(
    "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
  );
  socket.write(`2\r\n{}\r\n${"1\r\n \r\n".repeat(PIECES)}0\r\n\r\n`);
  expect(await text(socket)).toContain(`\r\n${PIECES + 2}`);
});
