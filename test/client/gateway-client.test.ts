import { execFile } from "node:child_process";
import {
  constants,
  createSecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { promisify } from "node:util";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import { openAuthenticator } from "../../src/node/access/open.ts";
import { openBounds } from "../../src/transport/caller-bounds.ts";
import { openClientListener } from "../../src/transport/client-listener.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import type { Listener } from "../../src/transport/tls-listener.ts";
import { createLedgerDouble, walletA, walletB } from "../transport/ledger-double.ts";
import { createTestLog } from "../transport/test-log.ts";

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } = constants;
const validity = { now: Date.now(), days: 2 };
const closers: (() => unknown)[] = [];
let ca: string;
let leaf: { readonly certificate: string; readonly key: string };

beforeAll(async () => {
  const authority = await createDevelopmentAuthority(validity);
  ca = authority.certificate;
  leaf = await createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
});

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const ledger = createLedgerDouble();

async function listen(port = 0): Promise<Listener> {
  const listener = await openClientListener({
    host: "127.0.0.1",
    port,
    ...leaf,
    ledger,
    peers: {
      register: async (signed) => signed,
      verification: async () => ({ kind: "refused", reason: "notFinal" }),
    },
    log: createTestLog(),
    authenticator: openAuthenticator,
    bounds: openBounds(() => performance.now(), 600),
    onFailure: (error) => {
      throw error;
    },
  });
  closers.push(() => listener.close(100));
  return listener;
}

/** For tests whose node answers no ping; one that answers may be slow on a busy machine. */
const QUICK_PINGS = { pingMs: 50, pingTimeoutMs: 100 };

function clientOf(
  port: number,
  options: { ca?: string; timeoutMs?: number; timings?: typeof QUICK_PINGS } = {},
): GatewayClient {
  const client = createGatewayClient({ baseUrl: `https://127.0.0.1:${port}`, ca, ...options });
  closers.push(client.close);
  return client;
}

const payment = { transaction: { from: walletA, to: walletB, amount: 25n } };

async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  const reason: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(reason).toBeInstanceOf(ConnectError);
  return ConnectError.from(reason);
}

describe("a ledger client", () => {
  it("calls a node over TLS under its authority", async () => {
    const { port } = await listen();
    const { calls } = clientOf(port);
    const answers = await Promise.all(Array.from({ length: 20 }, () => calls.transaction(payment)));
    for (const answer of answers) expect(answer.transaction).toMatchObject(payment.transaction);
  });

  it("does not speak to a node of another authority", async () => {
    const { port } = await listen();
    const other = await createDevelopmentAuthority(validity);
    const error = await failureOf(clientOf(port, { ca: other.certificate }).calls.getStatus({}));
    expect(error.message).toMatch(/certificate/);
  });

  it("tells a refusal with its reason", async () => {
    const { port } = await listen();
    ledger.answer = async () =>
      new Refusal("AMOUNT_ZERO", { message: "is zero", field: "transaction.amount" });
    const error = await failureOf(clientOf(port).calls.transaction(payment));
    ledger.answer = undefined;
    expect(readRefusal(error)).toMatchObject({
      reason: "AMOUNT_ZERO",
      field: "transaction.amount",
    });
  });

  it("sends again what a busy node refuses, when the node says, and is answered once there is room", async () => {
    const { port } = await listen();
    const times: number[] = [];
    ledger.answer = async () => {
      times.push(performance.now());
      if (times.length === 2) ledger.answer = undefined;
      return new Refusal("POOL_FULL", { message: "full", metadata: { retryAfterMs: "100" } });
    };
    const answer = await clientOf(port).calls.transaction(payment);
    times.push(performance.now());
    expect(answer.transaction).toMatchObject(payment.transaction);
    const pauses = times.slice(1).map((time, before) => time - (times[before] ?? 0));
    expect(times).toHaveLength(3);
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(99);
  });

  it("gives up on a busy node after a few attempts, or when the hint is too long, or at its deadline", async () => {
    const { port } = await listen();
    const attempts = async (retryAfterMs: string, timeoutMs: number) => {
      let asked = 0;
      ledger.answer = async () => {
        asked += 1;
        return new Refusal("POOL_FULL", { message: "full", metadata: { retryAfterMs } });
      };
      const error = await failureOf(clientOf(port, { timeoutMs }).calls.transaction(payment));
      ledger.answer = undefined;
      return { asked, code: error.code };
    };
    const busy = Code.ResourceExhausted;
    expect(await attempts("1", 10_000)).toEqual({ asked: 5, code: busy });
    expect(await attempts("60000", 10_000)).toEqual({ asked: 1, code: busy });
    expect(await attempts("4000", 2_000)).toEqual({ asked: 1, code: Code.DeadlineExceeded });
  });

  it("connects anew after the node was away", async () => {
    const first = await listen();
    const { calls } = clientOf(first.port);
    await calls.getStatus({});
    await first.close(100);
    const error = await failureOf(calls.getStatus({}));
    expect(error.code).toBe(Code.Unavailable);
    await listen(first.port);
    expect((await calls.getStatus({})).$typeName).toBe("countersign.v1.GetStatusResponse");
  });

  it.each<[string, Departure]>([
    ["before the handshake is over", { onConnection: (socket) => socket.destroy() }],
    ["with a reset before the handshake is over", { onConnection: (s) => s.resetAndDestroy() }],
    ["with GOAWAY before the call", { onSession: (session) => session.goaway() }],
    ["and refuses the stream", { onCall: (stream) => stream.close(NGHTTP2_REFUSED_STREAM) }],
    ["and cancels the stream", { onCall: (stream) => stream.close(NGHTTP2_CANCEL) }],
    ["and fails the stream", { onCall: (stream) => stream.close(NGHTTP2_INTERNAL_ERROR) }],
    ["and ends the session", { onCall: ({ session }) => session?.destroy() }],
    ["during the call", { onCall: (_, socket) => socket.destroy() }],
    ["with a reset during the call", { onCall: (_, socket) => socket.resetAndDestroy() }],
  ])("says unavailable of a node that goes away %s", async (_, departure) => {
    const { calls } = clientOf(await listenDeparting(departure));
    expect(await failureOf(calls.getStatus({}))).toMatchObject({ code: Code.Unavailable });
  });

  it("leaves a call that its own caller ends to that caller", async () => {
    const caller = new AbortController();
    const { calls } = clientOf(await listenDeparting({ onCall: () => caller.abort() }));
    const error = await failureOf(calls.getStatus({}, { signal: caller.signal }));
    expect(error).toMatchObject({ code: Code.Canceled });
  });

  it("ends its calls when it is closed, and makes no others", async () => {
    const port = await listenSilently();
    const client = clientOf(port);
    const call = failureOf(client.calls.getStatus({}));
    setImmediate(client.close);
    expect((await call).message).toContain("the client is closed");
    expect((await failureOf(client.calls.getStatus({}))).message).toContain("the client is closed");
  });

  it("gives a call up at its deadline", async () => {
    const { calls } = createGatewayClient({
      baseUrl: `https://127.0.0.1:${await listenSilently()}`,
      ca,
      timeoutMs: 50,
    });
    expect((await failureOf(calls.getStatus({}))).code).toBe(Code.DeadlineExceeded);
  });

  it("finds out that a node is frozen, while it connects and after", async () => {
    const silent = clientOf(await listenSilently(), { timings: QUICK_PINGS });
    const error = await failureOf(silent.calls.getStatus({}, { timeoutMs: 5_000 }));
    expect(error).toMatchObject({ code: Code.Unavailable });
    const frozen = clientOf(await listenFrozen(), { timings: QUICK_PINGS });
    const later = await failureOf(frozen.calls.getStatus({}, { timeoutMs: 5_000 }));
    expect(later).toMatchObject({ code: Code.Unavailable });
    expect(later.message).toContain("no answer to a ping");
  });

  it("keeps no program from ending once its calls are answered", async () => {
    const { port } = await listen();
    const module = new URL("../../src/client/gateway-client.ts", import.meta.url).href;
    const program = `
      const { createGatewayClient } = await import(${JSON.stringify(module)});
      const client = createGatewayClient({ baseUrl: "https://127.0.0.1:${port}", ca: process.env.CA });
      console.log((await client.calls.getStatus({})).$typeName);
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", program],
      { env: { ...process.env, CA: ca }, timeout: 120_000 },
    );
    expect(stdout.trim()).toBe("countersign.v1.GetStatusResponse");
  });

  it("survives a node that says GOAWAY just when a call begins (connect-es 1768)", {
    timeout: 180_000,
  }, async () => {
    const port = await listenLeaving();
    const { calls } = clientOf(port);
    // Vitest fails the run on any uncaught exception; connect-node's own manager has dozens of them here.
    for (let round = 0; round < 500; round++) {
      await failureOf(calls.getStatus({}));
      if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (round % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
});

function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("the server does not listen");
}

async function started(server: Server): Promise<number> {
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return portOf(server);
}

/** Accepts connections and sends nothing, not even TLS. */
function listenSilently(): Promise<number> {
  return started(createServer((socket) => closeLater(socket)));
}

/** Completes the TLS handshake and sends nothing after it. */
function listenFrozen(): Promise<number> {
  const { certificate: cert, key } = leaf;
  return started(
    createTlsServer({ cert, key, ALPNProtocols: ["h2"] }, (socket) => closeLater(socket)),
  );
}

/** The act of a node that goes away, at one of three moments. No other moment has an answer. */
interface Departure {
  readonly onConnection?: (socket: Socket) => void;
  readonly onSession?: (session: ServerHttp2Session) => void;
  readonly onCall?: (stream: ServerHttp2Stream, socket: Socket) => void;
}

function listenDeparting({ onConnection, onSession, onCall }: Departure): Promise<number> {
  const { certificate: cert, key } = leaf;
  const server = createSecureServer({ cert, key });
  let newest: Socket;
  server.on("connection", (socket) => {
    newest = socket;
    closeLater(socket);
    onConnection?.(socket);
  });
  server.on("session", (session) => {
    session.on("error", () => undefined);
    onSession?.(session);
  });
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    onCall?.(stream, newest);
  });
  return started(server);
}

function closeLater(socket: Socket): void {
  socket.on("error", () => undefined);
  closers.push(() => socket.destroy());
}

/** Refuses each call and closes the connection at a moment that is hard to hit. */
function listenLeaving(): Promise<number> {
  const { certificate: cert, key } = leaf;
  const server = createSecureServer({ cert, key });
  let count = 0;
  server.on("session", (session) => session.on("error", () => undefined));
  server.on("stream", (stream) => {
    const { session } = stream;
    stream.on("error", () => undefined);
    stream.on("close", () => {
      const goaway = () => {
        if (session?.destroyed === false) session.goaway();
      };
      count += 1;
      if (count % 3 === 0) goaway();
      else if (count % 3 === 1) setImmediate(goaway);
      else setTimeout(goaway, 1);
    });
    stream.respond({ ":status": 503 });
    stream.end();
  });
  return started(server);
}
