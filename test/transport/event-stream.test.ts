// Streams of events over real TLS connections: each protocol, Server-Sent Events, slow readers, and credentials that end.
import { spawn } from "node:child_process";
import { type ClientHttp2Stream, connect } from "node:http2";
import { create, fromJson, toBinary } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { afterEach, describe, expect, it } from "vitest";
import {
  LedgerService,
  OrderedTransactionSchema,
  SubscribeRequestSchema,
  type SubscribeResponse,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { tokenPrincipal } from "../../src/access/principal.ts";
import { scopeSet } from "../../src/access/scope.ts";
import { AccessControl } from "../../src/node/access/access-control.ts";
import { Guesses } from "../../src/node/access/guesses.ts";
import { Tokens } from "../../src/node/access/tokens.ts";
import { createLog } from "../../src/node/base/log.ts";
import { realSystem } from "../../src/node/base/system.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { height } from "../../src/primitives/numbers.ts";
import { openMemoryStore } from "../../src/storage/memory-store.ts";
import type { IdentifiedCaller } from "../../src/transport/authenticator.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import type { EventsAnswer } from "../../src/transport/ledger-events.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { enveloped } from "../hostile/raw-calls.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { networkId } from "./identities.ts";
import { walletA } from "./ledger-double.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(options: Parameters<typeof openGateway>[0] = {}): Promise<Gateway> {
  const gateway = await openGateway(options);
  closing.push(() => gateway.close());
  return gateway;
}

function clientOf({ url, ca }: Gateway, token?: string): Client<typeof LedgerService> {
  return createClient(LedgerService, transportsOf(url, ca, token).grpc());
}

function transportsOf(baseUrl: string, ca: string, token?: string) {
  const nodeOptions = { ca };
  const interceptors = [
    (next) => (request) => {
      if (token !== undefined) request.header.set("authorization", `Bearer ${token}`);
      return next(request);
    },
  ] satisfies NonNullable<Parameters<typeof createGrpcTransport>[0]["interceptors"]>;
  const options = { baseUrl, nodeOptions, interceptors };
  return {
    grpc: () => createGrpcTransport(options),
    "grpc-web": () => createGrpcWebTransport({ ...options, httpVersion: "2" }),
    "grpc-web, HTTP/1.1": () => createGrpcWebTransport({ ...options, httpVersion: "1.1" }),
    connect: () => createConnectTransport({ ...options, httpVersion: "2", useBinaryFormat: true }),
    "connect, HTTP/1.1": () =>
      createConnectTransport({ ...options, httpVersion: "1.1", useBinaryFormat: true }),
  } satisfies Record<string, () => Transport>;
}

async function refusalOf(messages: AsyncIterable<unknown>): Promise<Refusal | undefined> {
  try {
    for await (const _ of messages);
  } catch (error) {
    return readRefusal(error);
  }
  return undefined;
}

const PROTOCOLS = [
  "grpc",
  "grpc-web",
  "grpc-web, HTTP/1.1",
  "connect",
  "connect, HTTP/1.1",
] as const;

describe.each(PROTOCOLS)("over %s", (protocol) => {
  it("gives messages as they come, and the reason of its end", async () => {
    const gateway = await opened();
    const transport = transportsOf(gateway.url, gateway.ca)[protocol]();
    const client = createClient(LedgerService, transport);
    const seen: SubscribeResponse[] = [];
    let reason: string | undefined;
    try {
      for await (const message of client.subscribe({ walletId: walletA, cursor: "here" })) {
        seen.push(message);
        if (seen.length === 2) void gateway.listener.close(100);
      }
    } catch (error) {
      reason = readRefusal(error)?.reason;
    }
    expect(seen.map(({ cursor }) => cursor)).toEqual(["here", "after 7"]);
    expect(seen[1]?.events[0]).toMatchObject({
      cursor: "after 7.0",
      event: { case: "transaction", value: { height: 7n, receipt: { from: walletA } } },
    });
    expect(reason).toBe("SHUTTING_DOWN");
    expect(gateway.failures).toEqual([]);
  });

  it("refuses what cannot be read, and what its service refuses, before and in the stream", async () => {
    const gateway = await opened();
    const transport = transportsOf(gateway.url, gateway.ca)[protocol]();
    const { subscribe } = createClient(LedgerService, transport);
    expect(await refusalOf(subscribe({ walletId: "x" }))).toMatchObject({
      reason: "MALFORMED",
      field: "walletId",
    });
    expect(await refusalOf(subscribe({ cursor: "here", fromHeight: 1n }))).toMatchObject({
      reason: "MALFORMED",
      field: "fromHeight",
    });
    gateway.ledger.answer = async () => new Refusal("UNKNOWN_WALLET", { message: "no such" });
    expect(await refusalOf(subscribe({}))).toMatchObject({ reason: "UNKNOWN_WALLET" });
    const late = new Refusal("HISTORY_INCOMPLETE", { message: "a hole: ä\n%" });
    gateway.ledger.subscribe = async function* () {
      yield answer(1);
      yield late;
    };
    expect(await refusalOf(subscribe({}))).toMatchObject({ reason: "HISTORY_INCOMPLETE" });
    gateway.ledger.subscribe = async function* () {
      yield answer(1);
      throw new Error("broken");
    };
    expect(await refusalOf(subscribe({}))).toMatchObject({ reason: "INTERNAL" });
    expect(gateway.failures).toHaveLength(1);
  });

  it("ends at the deadline of the call", async () => {
    const gateway = await opened();
    const transport = transportsOf(gateway.url, gateway.ca)[protocol]();
    const { subscribe } = createClient(LedgerService, transport);
    const ended = subscribe({}, { timeoutMs: 300 });
    await expect(
      (async () => {
        for await (const _ of ended);
      })(),
    ).rejects.toThrow(/deadline|timed out/i);
    expect(gateway.failures).toEqual([]);
  });
});

function answer(number: number, size = 0): EventsAnswer {
  const state = { height: height(number), blockTime: number, lagging: false };
  return { events: [], cursor: `${number}`.padEnd(size, "."), ...state };
}

interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Reads events with curl until there are `count` of them. */
async function curlEvents(
  { url, caFile }: Gateway,
  path: string,
  count: number,
  ...args: readonly string[]
): Promise<ServerEvent[]> {
  const curl = spawn("curl", ["-sSN", "--cacert", caFile, ...args, `${url}${path}`]);
  let text = "";
  for await (const chunk of curl.stdout) {
    text += String(chunk);
    if (text.split("\n\n").length > count) break;
  }
  curl.kill();
  return text
    .split("\n\n")
    .slice(0, -1)
    .map((lines) => {
      const field = (name: string) =>
        lines
          .split("\n")
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2) ?? "";
      return { id: field("id"), event: field("event"), data: JSON.parse(field("data")) };
    });
}

describe("Server-Sent Events", () => {
  it.each(["--http2", "--http1.1"])("resume by Last-Event-ID (curl %s)", async (version) => {
    const gateway = await opened();
    const path = `/events?wallet=${walletA}&cursor=old`;
    const [beat, event] = await curlEvents(gateway, path, 2, version);
    expect(beat).toEqual({
      id: "old",
      event: "heartbeat",
      data: { height: "7", blockTime: expect.any(String), lagging: false },
    });
    expect(event).toMatchObject({ id: "after 7.0", event: "transaction" });
    const transaction = fromJson(OrderedTransactionSchema, (event?.data ?? null) as never);
    expect(transaction.operation.case).toBe("transaction");
    const again = await curlEvents(gateway, path, 1, version, "-H", `last-event-id: ${event?.id}`);
    expect(again[0]?.id).toBe("after 7.0");
    expect(gateway.ledger.asked.map(({ query }) => query)).toMatchObject([
      { walletId: walletA, cursor: "old" },
      { walletId: walletA, cursor: "after 7.0" },
    ]);
    const { headers } = await gateway.curl("/events?x=1", "-X", "GET", version);
    expect(headers).toContain("content-type: application/json");
  });

  it("tell of their end, after which a browser connects again", async () => {
    const gateway = await opened();
    gateway.ledger.subscribe = async function* () {
      yield answer(1);
      yield new Refusal("HISTORY_INCOMPLETE", { message: "a hole" });
    };
    const [, end] = await curlEvents(gateway, "/events", 2);
    expect(end).toMatchObject({
      event: "end",
      data: { code: "unavailable", details: [{ debug: { reason: "HISTORY_INCOMPLETE" } }] },
    });
  });

  it.each([
    ["/events?wallet=x", 400, { reason: "MALFORMED", field: "walletId" }],
    ["/events?walletId=x", 400, { reason: "MALFORMED", field: "query" }],
    ["/events?cursor=a&cursor=b", 400, { reason: "MALFORMED", field: "cursor" }],
    ["/events?fromHeight=-1", 400, { reason: "MALFORMED", field: "fromHeight" }],
    ["/events?fromHeight=9999999999999999", 400, { reason: "LIMIT", field: "fromHeight" }],
    ["/events?cursor=a&fromHeight=1", 400, { reason: "MALFORMED", field: "fromHeight" }],
    [`/events?cursor=${"a".repeat(129)}`, 400, { reason: "LIMIT", field: "cursor" }],
  ])("refuse %s", async (path, status, debug) => {
    const gateway = await opened();
    const refused = await gateway.curl(path);
    expect(refused).toMatchObject({ status, json: { details: [{ debug }] } });
  });

  it("are for GET only, and for pages of allowed origins", async () => {
    const gateway = await opened({ corsOrigins: ["https://app.example"] });
    expect(await gateway.post("/events", "{}")).toMatchObject({ status: 405 });
    expect(await gateway.curl("/events", "-H", "origin: https://evil.example")).toMatchObject({
      status: 403,
    });
    const preflight = await gateway.curl(
      ...(["/events", "-X", "OPTIONS", "-H", "origin: https://app.example"] as const),
      ...["-H", "access-control-request-method: GET"],
      ...["-H", "access-control-request-headers: last-event-id, authorization"],
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatch(/access-control-allow-headers: .*last-event-id/);
    expect(preflight.headers).toMatch(/access-control-allow-methods: get/);
  });
});

/** Opens a stream whose answers the client lets wait. */
function openUnread(gateway: Gateway, token?: string): ClientHttp2Stream {
  const settings = { initialWindowSize: 0 };
  const session = connect(gateway.url, { ca: gateway.ca, settings });
  closing.push(() => session.destroy());
  session.on("error", () => undefined);
  const stream = session.request({
    ":method": "POST",
    ":path": "/countersign.v1.LedgerService/Subscribe",
    "content-type": "application/grpc+proto",
    te: "trailers",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  });
  stream.end(enveloped(toBinary(SubscribeRequestSchema, create(SubscribeRequestSchema, {}))));
  return stream;
}

/** Gives the client its window, and reads to the end. */
async function readOn(stream: ClientHttp2Stream): Promise<{ bytes: number; reason: string }> {
  let bytes = 0;
  const trailers = new Promise<string>((resolve) => {
    stream.once("trailers", (got) => resolve(String(got["grpc-message"])));
  });
  stream.session?.settings({ initialWindowSize: 1_000_000 });
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  return { bytes, reason: decodeURIComponent(await trailers) };
}

describe("a consumer that does not read", () => {
  it("has one message made for it, and the stream ends for that reason", async () => {
    const gateway = await opened({ answerReadMs: 700 });
    const SIZE = 100_000;
    let made = 0;
    const ended = new Promise<void>((resolve) => {
      gateway.ledger.subscribe = async function* () {
        try {
          for (;;) yield answer(++made, SIZE);
        } finally {
          resolve();
        }
      };
    });
    const stream = openUnread(gateway);
    await ended;
    expect(made).toBe(1);
    const { bytes, reason } = await readOn(stream);
    expect(reason).toMatch(/not read within 0.7 seconds/);
    expect(bytes).toBeGreaterThan(SIZE);
    expect(bytes).toBeLessThan(2 * SIZE);
  });

  it("is cut if it never reads, and gives its place back", async () => {
    const gateway = await opened({ answerReadMs: 200 });
    gateway.ledger.subscribe = async function* () {
      for (;;) yield answer(1, 100_000);
    };
    const streams = Array.from({ length: LIMITS.eventStreams.named.ofOneMax }, () =>
      openUnread(gateway),
    );
    for (const stream of streams) stream.on("error", () => undefined);
    await Promise.all(streams.map((one) => new Promise((resolve) => one.once("close", resolve))));
    for await (const { cursor } of clientOf(gateway).subscribe({})) {
      expect(cursor).toHaveLength(100_000);
      break;
    }
  });
});

it("T9: a caller has a few streams, and another one when one ends", async () => {
  const gateway = await opened();
  const client = clientOf(gateway);
  const ends = Array.from(
    { length: LIMITS.eventStreams.named.ofOneMax },
    () => new AbortController(),
  );
  const streams = ends.map(({ signal }) =>
    client.subscribe({}, { signal })[Symbol.asyncIterator](),
  );
  await Promise.all(streams.map((one) => one.next()));
  expect(await refusalOf(client.subscribe({}))).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
  expect((await client.getNetwork({})).validators).toBeGreaterThan(0);
  ends[0]?.abort();
  await expect
    .poll(async () => {
      const one = client.subscribe({})[Symbol.asyncIterator]();
      const first = await one.next().catch(() => undefined);
      return first?.done;
    })
    .toBe(false);
  for (const end of ends) end.abort();
});

describe("a stream ends with the credential of its caller", () => {
  async function withTokens() {
    const log = createLog("test", "silent");
    const store = await openMemoryStore({ identity: { networkId } });
    const tokens = await Tokens.open({ records: store.tokens, system: realSystem, log });
    const made = await tokens.create(
      { name: "reader", scopes: ["read:all", "read"], further: false },
      async () => undefined,
    );
    if (made instanceof Refusal) return expect.fail(made.message);
    const guesses = new Guesses(realSystem.monotonic);
    const authenticator = new AccessControl({ ways: [tokens], guesses, publicReads: false });
    const revoke = () => tokens.revoke("reader", async () => undefined);
    return { token: made.text, revoke, gateway: await opened({ authenticator }) };
  }

  it("when a token is revoked", async () => {
    const { token, revoke, gateway } = await withTokens();
    let seen = 0;
    const ended = (async () => {
      for await (const _ of clientOf(gateway, token).subscribe({})) {
        seen += 1;
        if (seen === 2) await revoke();
      }
    })();
    const error = await ended.catch((caught: unknown) => caught);
    expect(readRefusal(error)).toMatchObject({
      reason: "UNAUTHENTICATED",
      message: "the token was revoked",
    });
    expect(await refusalOf(clientOf(gateway, token).subscribe({}))).toMatchObject({
      reason: "UNAUTHENTICATED",
    });
  });

  it("also if it is not read", async () => {
    const { token, revoke, gateway } = await withTokens();
    const ended = new Promise<void>((resolve) => {
      gateway.ledger.subscribe = async function* () {
        try {
          for (;;) yield answer(1, 100_000);
        } finally {
          resolve();
        }
      };
    });
    const stream = openUnread(gateway, token);
    await new Promise((resolve) => stream.once("response", resolve));
    await revoke();
    await ended;
    expect((await readOn(stream)).reason).toBe("the token was revoked");
  });

  it.each([
    [
      "loses a scope",
      { principal: tokenPrincipal("one"), scopes: scopeSet(["read"]) },
      { reason: "PERMISSION_DENIED", metadata: { scope: "read:all" } },
    ],
    [
      "is another's",
      { principal: tokenPrincipal("two"), scopes: scopeSet(["read", "read:all"]) },
      { reason: "UNAUTHENTICATED" },
    ],
  ])("when it %s", async (_, later, refusal) => {
    let caller: IdentifiedCaller = {
      principal: tokenPrincipal("one"),
      scopes: scopeSet(["read", "read:all"]),
    };
    const gateway = await opened({ authenticator: { authenticate: async () => caller } });
    const messages = clientOf(gateway).subscribe({});
    const ended = (async () => {
      for await (const _message of messages) caller = later;
    })();
    const error = await ended.catch((caught: unknown) => caught);
    expect(readRefusal(error)).toMatchObject(refusal);
  });

  it("when the time of its signature is over, without another check", async () => {
    let checks = 0;
    const gateway = await opened({
      authenticator: {
        authenticate: async () => {
          checks += 1;
          return {
            principal: "wallet:x",
            scopes: scopeSet(["read", "read:all"]),
            holdsMs: LIMITS.recheckMs + 500,
          };
        },
      },
    });
    const refusal = await refusalOf(clientOf(gateway).subscribe({}));
    expect(refusal).toMatchObject({ reason: "UNAUTHENTICATED" });
    expect(checks).toBe(1);
  });
});
