// The caller of the bench against the HTTP/2 of Node.js: every call has the answer of its own, and none is lost.
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, expect, it } from "vitest";
import { CallConnection, type RawAnswer } from "../../bench/load/call-connection.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";

const STREAMS_MAX = 20;
const TOKEN = `Bearer ${"t".repeat(300)}`;
const STATUSES = [200, 201, 400, 401, 404, 412, 413, 421, 429, 500, 501, 502, 503, 567, 589];
const HEADERS = { "content-type": "application/proto", "connect-timeout-ms": "30000" };

type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void;

let ca: string;
let leaf: { readonly certificate: string; readonly key: string };
let server: Http2SecureServer | undefined;
let connection: CallConnection | undefined;

beforeAll(async () => {
  const authority = await createDevelopmentAuthority({ now: Date.now(), days: 2 });
  ca = authority.certificate;
  leaf = await createListenerCertificate(authority, LOOPBACK_HOSTS, { now: Date.now(), days: 1 });
});

afterEach(async () => {
  connection?.close();
  await new Promise((resolve) => server?.close(resolve));
});

async function open(handler: Handler): Promise<CallConnection> {
  const settings = { maxConcurrentStreams: STREAMS_MAX };
  server = createSecureServer({ cert: leaf.certificate, key: leaf.key, settings });
  server.on("stream", (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => handler(stream, headers, Buffer.concat(parts)));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const headers = { ...HEADERS, authorization: TOKEN };
  connection = await CallConnection.open(`https://localhost:${port}`, { ca, headers });
  return connection;
}

function ask(path: string, body: Buffer): Promise<RawAnswer> {
  return new Promise((resolve) => connection?.call({ path, body }, resolve));
}

it("sends its fields with every call, and reads each answer's status and whole body", async () => {
  await open((stream, headers, body) => {
    const { "content-type": type, "connect-timeout-ms": timeout, authorization } = headers;
    const isWhole = type === HEADERS["content-type"] && timeout === "30000";
    const [, status] = headers[":path"]?.split("/") ?? [];
    stream.respond({ ":status": isWhole && authorization === TOKEN ? Number(status) : 401 });
    stream.end(Buffer.concat([body, body]));
  });
  for (const status of STATUSES) {
    const body = Buffer.alloc(16_384, `${status} `);
    const answer = await ask(`/${status}`, body);
    expect(answer.status).toBe(status);
    expect(answer.body.equals(Buffer.concat([body, body]))).toBe(true);
  }
});

it("keeps within the server's streams, and gives every call its own answer, of more bytes than a window in all", async () => {
  let [open0, most] = [0, 0];
  await open((stream, _, body) => {
    open0 += 1;
    most = Math.max(most, open0);
    stream.once("close", () => {
      open0 -= 1;
    });
    // In another order than the calls came.
    setTimeout(() => {
      stream.respond({ ":status": 200 });
      stream.end(body);
    }, body.readUInt32BE(0) % 7);
  });
  const bodies = Array.from({ length: 3_000 }, (_, i) => {
    const body = Buffer.alloc(4 + ((i * 37) % 16_000));
    body.writeUInt32BE(i, 0);
    return body;
  });
  const answers = await Promise.all(bodies.map((body) => ask("/echo", body)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(answers.filter(({ body }, i) => !body.equals(bodies[i] ?? body))).toEqual([]);
  expect(most).toBeGreaterThan(STREAMS_MAX / 2);
  expect(most).toBeLessThanOrEqual(STREAMS_MAX);
});

it("tells of a call that is reset, and of all calls when the connection ends", async () => {
  let silent = 0;
  await open((stream, headers) => {
    if (headers[":path"] === "/reset") stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else silent += 1;
    if (silent === STREAMS_MAX) stream.session?.destroy();
  });
  const reset = await ask("/reset", Buffer.alloc(10));
  expect(reset).toEqual({ status: 0, body: Buffer.from("reset with code 2") });
  const asked = Array.from({ length: 2 * STREAMS_MAX }, () => ask("/silent", Buffer.alloc(10)));
  const answers = await Promise.all(asked);
  expect(answers.map(({ status }) => status)).toEqual(asked.map(() => 0));
  expect(() => connection?.call({ path: "/", body: Buffer.alloc(1) }, () => undefined)).toThrow(
    "a connection ended",
  );
});
