/** A body that comes in very many pieces, as a hostile sender may cut it, is read like any other. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect } from "node:http2";
import {
  type AddressInfo,
  createServer,
  connect as dial,
  type Server,
  type Socket,
} from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { ClientSession } from "../../src/transport/client-session.ts";
import { askPeer } from "../../src/transport/peer-call.ts";
import { readUnaryBody } from "../../src/transport/unary-body.ts";

/** More than a function takes as arguments. */
const PIECES = 200_000;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("an answer of a peer, one byte in each frame", async () => {
  const port = await listen(createServer(answerInSingleBytes));
  const url = new URL(`http://127.0.0.1:${port}`);
  const session = new ClientSession(url, {
    dial: () => connect(url),
    endError: ({ message }) => new Error(message),
    timings: { pingMs: 60_000, pingTimeoutMs: 60_000 },
    pings: "duringCalls",
  });
  const answer = await askPeer(session, {
    method: PeerService.method.readClock,
    body: new Uint8Array(),
    timeoutMs: 20_000,
    signal: undefined,
  });
  expect(answer.$unknown).toMatchObject([{ no: 1000, data: { length: PIECES + 3 } }]);
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

/** Answers the first call of a connection by one unknown field, each byte of which has a frame. */
function answerInSingleBytes(socket: Socket): void {
  const [data, headers, settings] = [0, 1, 4];
  const [endStream, acknowledged, endHeaders] = [1, 1, 4];
  const stream = 1;
  socket.on("error", () => undefined);
  socket.write(frame(settings, 0, 0, Buffer.alloc(0)));
  socket.write(frame(settings, acknowledged, 0, Buffer.alloc(0)));
  const contentType = Buffer.from("application/proto");
  // RFC 7541: ":status: 200" is entry 8 of the table, and the name "content-type" entry 31.
  const block = Buffer.concat([Buffer.of(0x88, 0x0f, 0x10, contentType.length), contentType]);
  let received = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (!hasCall(received)) return;
    socket.off("data", onData).resume();
    socket.write(frame(headers, endHeaders, stream, block));
    // The field's tag and its length, as varints.
    socket.write(frame(data, 0, stream, Buffer.of(0xc2, 0x3e, 0xc0, 0x9a, 0x0c)));
    const piece = frame(data, 0, stream, Buffer.of(7));
    socket.write(Buffer.concat(Array.from({ length: PIECES }, () => piece)));
    socket.write(frame(data, endStream, stream, Buffer.alloc(0)));
  };
  socket.on("data", onData);
}

/** RFC 9113 section 4.1. */
function frame(type: number, flags: number, stream: number, body: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** After the client's preface of 24 bytes, a frame of headers has come. */
function hasCall(received: Buffer): boolean {
  const headers = 1;
  for (let at = 24; at + 9 <= received.length; at += 9 + received.readUIntBE(at, 3)) {
    if (received.readUInt8(at + 3) === headers) return true;
  }
  return false;
}
