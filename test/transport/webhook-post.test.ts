// One message over real TLS to receivers of all kinds: of an answer only the status counts, and nothing lasts for long.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { utf8 } from "../../src/primitives/bytes.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";
import { WebhookPost, type WebhookPostParts } from "../../src/transport/webhook-post.ts";

const BODY = utf8('{"type":"wallet.entries"}');
const HEADERS = { "webhook-id": "msg_1" };
const NEVER = new AbortController().signal;
/** Long enough for a handshake on a busy machine; a test that waits for its end has it once. */
const ATTEMPT_MS = 2_000;

let server: Server;
let authority: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let posts: WebhookPost[] = [];
let connections = 0;

beforeAll(async () => {
  const made = await createDevelopmentAuthority({ now: Date.now(), days: 2 });
  authority = made.certificate;
  const validity = { now: Date.now(), days: 1 };
  const leaf = await createListenerCertificate(made, LOOPBACK_HOSTS, validity);
  server = createServer({ cert: leaf.certificate, key: leaf.key }, (request, response) => {
    response.on("error", () => undefined);
    answer(request, response);
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

beforeEach(() => {
  for (const post of posts) post.close();
  posts = [];
});

afterAll(() => {
  for (const post of posts) post.close();
  server.closeAllConnections();
  server.close();
});

const urlOf = (host: string) =>
  new URL(`https://${host}:${(server.address() as AddressInfo).port}/x`);

function open(parts: Partial<WebhookPostParts> = {}): WebhookPost {
  const post = new WebhookPost({
    url: urlOf("127.0.0.1"),
    authority,
    isPrivate: true,
    now: () => performance.now(),
    attemptMs: ATTEMPT_MS,
    ...parts,
  });
  posts.push(post);
  return post;
}

function send(post = open(), signal = NEVER) {
  return post.post(BODY, HEADERS, signal);
}

const status = (code: number, headers: Record<string, string> = {}) => {
  answer = (_, response) => void response.writeHead(code, headers).end();
};

it("is taken with any status of 2xx, and the receiver has the whole body and its headers", async () => {
  let seen: { readonly request: IncomingMessage; readonly body: string } | undefined;
  answer = (request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      seen = { request, body };
      response.writeHead(204).end();
    });
  };
  expect(await send()).toBeUndefined();
  expect(seen?.body).toBe(Buffer.from(BODY).toString());
  expect(seen?.request.method).toBe("POST");
  expect(seen?.request.headers).toMatchObject({
    "content-type": "application/json",
    "webhook-id": "msg_1",
  });
});

it("is not taken with another status, whose text is not repeated", async () => {
  answer = (_, response) => void response.writeHead(500).end("secret text");
  expect(await send()).toEqual({ problem: "the answer has the status 500" });
  status(429, { "retry-after": "7" });
  expect(await send()).toMatchObject({ retryAfterMs: 7_000 });
  status(503, { "retry-after": "Sun, 29 Nov 2026 00:00:00 GMT" });
  expect(await send()).toEqual({ problem: "the answer has the status 503" });
});

it("follows no redirect", async () => {
  const paths: (string | undefined)[] = [];
  answer = (request, response) => {
    paths.push(request.url);
    response.writeHead(307, { location: "/elsewhere" }).end();
  };
  expect((await send())?.problem).toMatch(/307: no redirect is followed/);
  expect(paths).toEqual(["/x"]);
});

it("keeps its connection for the next message", async () => {
  status(200);
  const post = open();
  const before = connections;
  for (let i = 0; i < 5; i++) expect(await send(post)).toBeUndefined();
  expect(connections - before).toBe(1);
});

it("takes the status of an answer whose body never ends, reads no more than it must, and goes on", async () => {
  const post = open();
  let written = 0;
  answer = (_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384))) written += 16_384;
    };
    response.on("drain", more);
    more();
  };
  expect(await send(post)).toBeUndefined();
  // One that says a byte at a time, and then nothing.
  answer = (_, response) => void response.writeHead(200).write("x");
  expect(await send(post)).toBeUndefined();
  status(200);
  expect(await send(post)).toBeUndefined();
  expect(written).toBeLessThan(16 * 1024 * 1024);
});

it("gives up an answer that does not come, a head that does not end, and one that is too long", async () => {
  answer = () => undefined;
  expect(await send()).toEqual({ problem: `there is no answer after ${ATTEMPT_MS} ms` });
  answer = (_, response) => response.socket?.write("HTTP/1.1 100 Continue\r\n\r\n".repeat(100));
  expect((await send())?.problem).toMatch(/no answer/);
  answer = (_, response) => {
    response.socket?.end(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(40_000)}\r\n\r\n`);
  };
  expect((await send())?.problem).toMatch(/overflow/i);
  answer = (_, response) => void response.socket?.end("no HTTP at all\r\n\r\n");
  expect((await send())?.problem).toMatch(/Parse Error/);
  answer = (_, response) => void response.socket?.destroy();
  expect((await send())?.problem).toMatch(/hang up|reset|closed/);
});

it("ends with its signal", async () => {
  const end = new AbortController();
  answer = () => end.abort();
  expect((await send(open(), end.signal))?.problem).toMatch(/stopping/);
  expect((await send(open(), AbortSignal.abort()))?.problem).toMatch(/stopping/);
});

it("trusts its authority alone", async () => {
  status(200);
  const other = await createDevelopmentAuthority({ now: Date.now(), days: 2 });
  expect((await send(open({ authority: other.certificate })))?.problem).toMatch(/certificate/);
  expect((await send(open({ authority: undefined })))?.problem).toMatch(/certificate/);
});

it("connects to no name that leads to a private network, also if it leads elsewhere later", async () => {
  status(200);
  const at = (address: string) => async () => [{ address, family: 4 }];
  const named = { url: urlOf("localhost") };
  const before = connections;
  const refused = (parts: Partial<WebhookPostParts>) => send(open({ ...named, ...parts }));
  expect((await refused({ isPrivate: false, resolve: at("127.0.0.1") }))?.problem).toMatch(
    /the name localhost has a loopback or private address/,
  );
  expect((await refused({ resolve: at("169.254.169.254") }))?.problem).toMatch(/never used/);
  const both = async () => [...(await at("8.8.8.8")()), ...(await at("10.0.0.1")())];
  expect((await refused({ isPrivate: false, resolve: both }))?.problem).toMatch(/private address/);
  const plain = new URL(urlOf("localhost").href.replace("https", "http"));
  expect((await refused({ url: plain, resolve: at("10.0.0.1") }))?.problem).toMatch(/not on loop/);
  expect(connections).toBe(before);
  expect(await refused({ resolve: at("127.0.0.1") })).toBeUndefined();
});
