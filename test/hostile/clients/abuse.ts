/** Attacks on a port beneath any request: broken frames, endless headers, noise, and connections that wait. */
import type { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { type Credential, NOTHING } from "./credentials.ts";
import { addressFor, dial, type TlsPlace } from "./exchange.ts";
import { BEGINNING, FLAG, FRAME, fields, frame, integer } from "./frames.ts";

const HEAD = [
  [":method", "POST"],
  [":scheme", "https"],
  [":path", "/countersign.v1.LedgerService/GetNetwork"],
  [":authority", "localhost"],
  ["content-type", "application/json"],
] as const;
const { headers, continuation, data } = FRAME;
const { endHeaders, endStream, none } = FLAG;

/** Bytes after the beginning of a connection of HTTP/2. All but a few end the connection. */
export const FRAMES: Readonly<Record<string, () => Buffer[]>> = {
  "an endless header in CONTINUATION frames": () => [
    frame({ type: headers, flags: none, stream: 1, payload: fields(HEAD) }),
    ...Array.from({ length: 4_000 }, (_, i) =>
      frame({ type: continuation, stream: 1, payload: fields([[`x-${i}`, "a".repeat(400)]]) }),
    ),
  ],
  "empty CONTINUATION frames": () => [
    frame({ type: headers, flags: none, stream: 1, payload: fields(HEAD) }),
    ...Array.from({ length: 50_000 }, () => frame({ type: continuation, stream: 1 })),
  ],
  "a CONTINUATION frame without a header": () => [
    frame({ type: continuation, flags: endHeaders, stream: 1, payload: fields(HEAD) }),
  ],
  "a CONTINUATION frame of another stream": () => [
    frame({ type: headers, flags: none, stream: 1, payload: fields(HEAD) }),
    frame({ type: continuation, flags: endHeaders, stream: 3, payload: fields([["a", "b"]]) }),
  ],
  "headers that fill the table and are repeated": () => [
    frame({
      type: headers,
      flags: endHeaders | endStream,
      stream: 1,
      payload: Buffer.concat([
        fields(HEAD),
        fields([["x-bomb", "a".repeat(4_000)]], { indexed: true }),
        ...Array.from({ length: 3_000 }, () => Buffer.from([0x80 | 62])),
      ]),
    }),
  ],
  "a header block that cannot be decoded": () => [
    frame({ type: headers, flags: endHeaders, stream: 1, payload: Buffer.alloc(40, 0xff) }),
  ],
  "an index beyond the table": () => [
    frame({
      type: headers,
      flags: endHeaders,
      stream: 1,
      payload: Buffer.concat([Buffer.from([0x80]), integer(2 ** 31, 7)]),
    }),
  ],
  "two of each pseudo-header, and one behind the others": () => [
    frame({
      type: headers,
      flags: endHeaders | endStream,
      stream: 1,
      payload: fields([...HEAD, ...HEAD, ["a", "b"], [":path", "/metrics"]]),
    }),
  ],
  "names in capitals, and headers of HTTP/1.1": () => [
    frame({
      type: headers,
      flags: endHeaders | endStream,
      stream: 1,
      payload: fields([
        ...HEAD,
        ["Authorization", "Bearer x"],
        ["connection", "upgrade"],
        ["transfer-encoding", "chunked"],
      ]),
    }),
  ],
  "two headers authorization": () => [
    frame({
      type: headers,
      flags: endHeaders | endStream,
      stream: 1,
      payload: fields([...HEAD, ["authorization", "Bearer a"], ["authorization", "Bearer b"]]),
    }),
  ],
  "more than the length that was told, and less": () => [
    frame({
      type: headers,
      flags: endHeaders,
      stream: 1,
      payload: fields([...HEAD, ["content-length", "2"]]),
    }),
    frame({ type: data, flags: endStream, stream: 1, payload: Buffer.from("{}{}{}") }),
    frame({
      type: headers,
      flags: endHeaders,
      stream: 3,
      payload: fields([...HEAD, ["content-length", "200"]]),
    }),
    frame({ type: data, flags: endStream, stream: 3, payload: Buffer.from("{}") }),
  ],
  "streams that are reset at once": () =>
    Array.from({ length: 3_000 }, (_, i) => [
      frame({ type: headers, flags: endHeaders, stream: 2 * i + 1, payload: fields(HEAD) }),
      frame({ type: FRAME.reset, stream: 2 * i + 1, payload: Buffer.from([0, 0, 0, 8]) }),
    ]).flat(),
  "a flood of settings": () =>
    Array.from({ length: 20_000 }, () =>
      frame({ type: FRAME.settings, payload: Buffer.from([0, 3, 0, 0, 0, 100]) }),
    ),
  "a flood of pings": () =>
    Array.from({ length: 20_000 }, () => frame({ type: FRAME.ping, payload: Buffer.alloc(8) })),
  "a flood of empty data": () => [
    frame({ type: headers, flags: endHeaders, stream: 1, payload: fields(HEAD) }),
    ...Array.from({ length: 50_000 }, () => frame({ type: data, stream: 1 })),
  ],
  "a window that overflows": () => [
    frame({ type: FRAME.window, payload: Buffer.from([0x7f, 0xff, 0xff, 0xff]) }),
    frame({ type: FRAME.window, payload: Buffer.from([0x7f, 0xff, 0xff, 0xff]) }),
  ],
  "a frame longer than was agreed": () => [
    frame({ type: headers, flags: endHeaders, stream: 1, payload: Buffer.alloc(70_000, 0x41) }),
  ],
  "a frame that claims more than comes": () => [
    frame({ type: data, stream: 1, payload: Buffer.alloc(10), claims: 16_000 }),
  ],
  "data of a stream that does not exist": () => [
    frame({ type: data, flags: endStream, stream: 77, payload: Buffer.alloc(100) }),
  ],
  "streams with even numbers, and numbers that fall": () => [
    frame({ type: headers, flags: endHeaders, stream: 2, payload: fields(HEAD) }),
    frame({ type: headers, flags: endHeaders, stream: 9, payload: fields(HEAD) }),
    frame({ type: headers, flags: endHeaders, stream: 5, payload: fields(HEAD) }),
  ],
  "a promise of a client, and a stream that depends on itself": () => [
    frame({ type: FRAME.push, flags: endHeaders, stream: 1, payload: Buffer.alloc(8) }),
    frame({ type: FRAME.priority, stream: 3, payload: Buffer.from([0, 0, 0, 3, 16]) }),
  ],
  "more streams than are allowed": () =>
    Array.from({ length: 2_000 }, (_, i) =>
      frame({ type: headers, flags: endHeaders, stream: 2 * i + 1, payload: fields(HEAD) }),
    ),
  "frames of unknown types": () =>
    Array.from({ length: 2_000 }, (_, i) =>
      frame({ type: 10 + (i % 200), flags: i % 256, stream: i % 9, payload: Buffer.alloc(20) }),
    ),
};

/** Texts of HTTP/1.1 that no client means, some of which a proxy and a server might read differently. */
export const TEXTS: Readonly<Record<string, string>> = {
  "two lengths": request("content-length: 2\r\ncontent-length: 30\r\n", "{}GET /x"),
  "a length and chunks": request(
    "content-length: 4\r\ntransfer-encoding: chunked\r\n",
    "0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
  ),
  "chunks of a false length": request(
    "transfer-encoding: chunked\r\n",
    "fffffffff\r\n{}\r\n0\r\n\r\n",
  ),
  "chunks in a coding within another": request("transfer-encoding: gzip, chunked\r\n", "0\r\n\r\n"),
  "a header in two lines": request("x-a: b\r\n c: d\r\n", "{}"),
  "bare line feeds": "POST / HTTP/1.1\nhost: localhost\n\n",
  "a space before the colon": request("authorization : Bearer x\r\n", "{}"),
  "a null in a header": request("x-a: b\u0000c\r\n", "{}"),
  "headers without an end": `GET / HTTP/1.1\r\n${"x-a: b\r\n".repeat(5_000)}`,
  "a line without an end": `GET /${"a".repeat(100_000)}`,
  "an upgrade": request("connection: upgrade\r\nupgrade: h2c\r\nhttp2-settings: AAAA\r\n", "{}"),
  "a tunnel": "CONNECT localhost:22 HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "HTTP/0.9": "GET /peers\r\n\r\n",
  "HTTP/9.9": "GET /peers HTTP/9.9\r\n\r\n",
  "trailers with a credential": request(
    "transfer-encoding: chunked\r\ntrailer: authorization\r\n",
    "2\r\n{}\r\n0\r\nauthorization: Bearer x\r\n\r\n",
  ),
  "a length below nothing": request("content-length: -1\r\n", "{}"),
};

function request(lines: string, body: string): string {
  const first = "POST /countersign.v1.LedgerService/GetStatus HTTP/1.1\r\nhost: localhost\r\n";
  return `${first}content-type: application/json\r\n${lines}\r\n${body}`;
}

/**
 * Sends the bytes on a new connection and reads until it ends, or until `patienceMs` have passed. The node lets connections in at a
 * rate, so one that is refused before TLS is tried again: the bytes are to arrive.
 */
export async function throwBytes(
  place: TlsPlace,
  bytes: readonly Uint8Array[],
  how: { readonly protocol?: "h2"; readonly from: string; readonly patienceMs: number },
): Promise<Buffer> {
  const { protocol, from, patienceMs } = how;
  const socket = await secured(place, NOTHING, from, protocol);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  for (const part of protocol === "h2" ? [BEGINNING, ...bytes] : bytes) socket.write(part);
  await within(closed, patienceMs);
  socket.destroy();
  return Buffer.concat(chunks);
}

/** A connection after its handshake. */
export async function secured(
  place: TlsPlace,
  credential: Credential,
  from: string,
  protocol?: "h2",
): Promise<Socket> {
  for (;;) {
    const socket = dial(place, credential, from, protocol);
    socket.on("error", () => undefined);
    const isSecure = await new Promise<boolean>((resolve) => {
      socket.once("secureConnect", () => resolve(true));
      socket.once("close", () => resolve(false));
    });
    if (isSecure) return socket;
    await setTimeout(100);
  }
}

/** Settles with the promise, or after this time. */
export async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  const cancel = new AbortController();
  const { signal } = cancel;
  await Promise.race([promise, setTimeout(ms, undefined, { signal }).catch(() => undefined)]);
  cancel.abort();
}

/** Connections that wait without a word, or are refused; gives the number of those that are open. */
export async function openIdle(
  place: TlsPlace,
  count: number,
): Promise<{ readonly open: () => number; readonly close: () => void }> {
  const sockets = new Set<Socket>();
  for (let i = 0; i < count; i++) {
    const socket = dial(place, NOTHING, addressFor(i));
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    // In bursts, so that this process keeps up with the answers.
    if (i % 100 === 99) await setTimeout(10);
  }
  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { open: () => sockets.size, close };
}
