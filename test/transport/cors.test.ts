// Web pages of other origins: those that the operator names call as Connect's clients in browsers do, and no others.
import { createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createTransport as createConnectOf } from "@connectrpc/connect/protocol-connect";
import { createTransport as createGrpcWebOf } from "@connectrpc/connect/protocol-grpc-web";
import { createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { AccessControl } from "../../src/node/access/access-control.ts";
import { Guesses } from "../../src/node/access/guesses.ts";
import { Tokens } from "../../src/node/access/tokens.ts";
import { createLog } from "../../src/node/base/log.ts";
import { realSystem } from "../../src/node/base/system.ts";
import { openMemoryStore } from "../../src/storage/memory-store.ts";
import type { Authenticator } from "../../src/transport/authenticator.ts";
import { CallBounds } from "../../src/transport/call-bounds.ts";
import type { EndedCall } from "../../src/transport/call-observer.ts";
import { openBounds } from "../../src/transport/caller-bounds.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { Blocked, type Browser, openBrowser } from "./browser.ts";
import { type Gateway, openGateway, payment } from "./gateway.ts";
import { networkId } from "./identities.ts";
import { walletA } from "./ledger-double.ts";

const PAGE = "https://app.example";
const LOCAL_PAGE = "http://localhost:5173";
const CALL = "/countersign.v1.LedgerService/GetWallet";

let gateway: Gateway;
let token: string;
/** Requests whose caller was looked at. */
let judged: number;
let ended: EndedCall[];

beforeAll(async () => {
  const store = await openMemoryStore({ identity: { networkId } });
  const log = createLog("test", "silent");
  const tokens = await Tokens.open({ records: store.tokens, system: realSystem, log });
  const asked = { name: "page", scopes: ["read"], further: false } as const;
  const made = await tokens.create(asked, async () => undefined);
  if (made instanceof Refusal) throw new Error(made.message);
  token = made.text;
  const guesses = new Guesses(realSystem.monotonic);
  const control = new AccessControl({ ways: [tokens], guesses, publicReads: false });
  const authenticator: Authenticator = {
    authenticate: (request) => {
      judged += 1;
      return control.authenticate(request);
    },
  };
  const observer = {
    now: () => 0,
    began: () => undefined,
    ended: (call: EndedCall) => void ended.push(call),
  };
  gateway = await openGateway({ authenticator, observer, corsOrigins: [PAGE, LOCAL_PAGE] });
});

afterAll(() => gateway.close());

beforeEach(() => {
  gateway.reset();
  [judged, ended] = [0, []];
});

const showToken: Interceptor = (next) => (request) => {
  request.header.set("authorization", `Bearer ${token}`);
  return next(request);
};

/** The protocols of Connect's clients for browsers. */
const PROTOCOLS = ["gRPC-Web", "Connect", "Connect with JSON"] as const;

function transportOf(
  protocol: (typeof PROTOCOLS)[number],
  { request: httpClient }: Browser,
  interceptors: Interceptor[] = [showToken],
): Transport {
  const options = {
    httpClient,
    baseUrl: gateway.url,
    useBinaryFormat: protocol !== "Connect with JSON",
    interceptors,
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 0,
    readMaxBytes: 0xffff_ffff,
    writeMaxBytes: 0xffff_ffff,
  };
  return protocol === "gRPC-Web" ? createGrpcWebOf(options) : createConnectOf(options);
}

async function withBrowser<T>(origin: string, use: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = openBrowser(gateway.url, gateway.ca, origin);
  try {
    return await use(browser);
  } finally {
    browser.close();
  }
}

describe.each(PROTOCOLS)("T11: a page of a named origin, over %s", (protocol) => {
  test.each([PAGE, LOCAL_PAGE])("calls from %s with its token", (origin) =>
    withBrowser(origin, async (browser) => {
      const ledger = createClient(LedgerService, transportOf(protocol, browser));
      expect(await ledger.getWallet({ id: walletA })).toMatchObject({ wallet: { id: walletA } });
      expect(await ledger.getWallet({ id: walletA })).toMatchObject({ wallet: { id: walletA } });
      // The browser keeps the answer of the preflight.
      expect(browser.preflights()).toBe(1);
      expect(gateway.ledger.asked).toHaveLength(2);
      expect(gateway.ledger.asked[0]?.call.caller.principal).toBe("token:page");
    }),
  );

  test("reads a refusal with its reason and remedy", () =>
    withBrowser(PAGE, async (browser) => {
      const ledger = createClient(LedgerService, transportOf(protocol, browser, []));
      const error = await ledger.getWallet({ id: walletA }).catch((reason: unknown) => reason);
      expect(readRefusal(error)).toMatchObject({ reason: "UNAUTHENTICATED" });
      const allowed = createClient(LedgerService, transportOf(protocol, browser));
      const wrong = await allowed.getWallet({ id: "no id" }).catch((reason: unknown) => reason);
      expect(readRefusal(wrong)).toMatchObject({ reason: "MALFORMED", field: "id" });
    }));

  test("calls with a deadline, and reads a stream", () =>
    withBrowser(PAGE, async (browser) => {
      const transport = transportOf(protocol, browser);
      const ledger = createClient(LedgerService, transport);
      await ledger.getWallet({ id: walletA }, { timeoutMs: 20_000 });
      expect(gateway.ledger.asked[0]?.call.timeLeftMs).toBeLessThanOrEqual(20_000);
      // Streams have no form in JSON here.
      if (protocol === "Connect with JSON") return;
      const end = new AbortController();
      const watch = createClient(Health, transport).watch({}, { signal: end.signal });
      for await (const answer of watch) {
        expect(answer).toMatchObject({ status: 1 });
        break;
      }
      end.abort();
    }));

  test("of another origin does not get as far as a call", () =>
    withBrowser("https://evil.example", async (browser) => {
      const ledger = createClient(LedgerService, transportOf(protocol, browser));
      const error = await ledger.getWallet({ id: walletA }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ cause: expect.any(Blocked) });
      expect(gateway.ledger.asked).toEqual([]);
    }));
});

describe("T11: gRPC-Web", () => {
  test.each(["1.1", "2"] as const)(
    "is served over HTTP/%s to connect-node's own client",
    async (httpVersion) => {
      const fromPage: Interceptor = (next) => (request) => {
        request.header.set("origin", PAGE);
        return next(request);
      };
      const transport = createGrpcWebTransport({
        baseUrl: gateway.url,
        httpVersion,
        nodeOptions: { ca: gateway.ca },
        interceptors: [showToken, fromPage],
      });
      const ledger = createClient(LedgerService, transport);
      let header: Headers | undefined;
      await ledger.getWallet({ id: walletA }, { onHeader: (found) => (header = found) });
      expect(header?.get("access-control-allow-origin")).toBe(PAGE);
      expect(header?.get("vary")).toBe("Origin");
    },
  );
});

const preflight = (path: string, origin: string, method = "POST", ...more: string[]) =>
  gateway.curl(
    path,
    ...["-X", "OPTIONS", "-H", `origin: ${origin}`],
    ...["-H", `access-control-request-method: ${method}`, ...more],
  );

describe("T11: a preflight", () => {
  test.each(["--http1.1", "--http2"])("is answered over %s, for two hours", async (http) => {
    const answer = await preflight(CALL, PAGE, "POST", http);
    expect(answer.status).toBe(204);
    const headers = answer.headers.toLowerCase();
    expect(headers).toMatch(/^access-control-allow-origin: https:\/\/app\.example\r$/m);
    expect(headers).toMatch(/^vary: origin\r$/m);
    expect(headers).toMatch(/^access-control-max-age: 7200\r$/m);
    expect(headers).toMatch(/^access-control-allow-methods: .*post/m);
    for (const name of [
      "authorization",
      "content-type",
      "connect-protocol-version",
      "x-grpc-web",
    ]) {
      expect(headers).toMatch(new RegExp(`^access-control-allow-headers: .*${name}`, "m"));
    }
    expect(headers).not.toContain("allow-credentials");
    expect(headers).not.toMatch(/: \*/);
  });

  test("names the methods of its path", async () => {
    expect((await preflight("/peers", PAGE)).headers).toMatch(/allow-methods: GET\r/i);
    expect((await preflight("/transaction", PAGE)).headers).toMatch(/allow-methods: POST\r/i);
    expect(await preflight("/nothing", PAGE)).toMatchObject({ status: 404 });
  });

  test("costs no authorisation, and is no call", async () => {
    expect(
      await preflight(CALL, PAGE, "POST", "-H", `authorization: Bearer ${token}`),
    ).toMatchObject({ status: 204 });
    expect(judged).toBe(0);
    await expect.poll(() => ended).toMatchObject([{ call: "preflight", outcome: "OK" }]);
    expect(gateway.ledger.asked).toEqual([]);
  });

  test("has a rate", async () => {
    const bounds = openBounds(() => 0, 600);
    const rate = { perSecond: 1, burst: 3 };
    const anonymous = new CallBounds<string>({ rate, callersMax: 10, now: () => 0 });
    const slow = await openGateway({ corsOrigins: [PAGE], bounds: { ...bounds, anonymous } });
    const headers = ["-H", `origin: ${PAGE}`, "-H", "access-control-request-method: POST"];
    const found: number[] = [];
    for (let n = 0; n < 4; n++) {
      found.push((await slow.curl(CALL, "-X", "OPTIONS", ...headers)).status);
    }
    await slow.close();
    expect(found).toEqual([204, 204, 204, 429]);
  });

  test("without the question for a method is a call by a method that there is not", async () => {
    const answer = await gateway.curl(CALL, "-X", "OPTIONS", "-H", `origin: ${PAGE}`);
    expect(answer).toMatchObject({ status: 405 });
  });
});

describe("T11: origins", () => {
  test.each([
    "https://evil.example",
    "https://app.example.evil.example",
    "https://sub.app.example",
    "https://app.example:8443",
    "https://app.example/",
    "https://app.example, https://evil.example",
    "http://app.example",
    "https://APP.example",
    "http://localhost",
    "http://localhost:5174",
    "null",
    "*",
  ])("that are not named are refused, and told nothing: %j", async (origin) => {
    const shown = ["-H", `authorization: Bearer ${token}`, "-H", `origin: ${origin}`];
    for (const answer of [
      await gateway.post("/transaction", payment, ...shown),
      await preflight(CALL, origin),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.headers).not.toMatch(/access-control-/i);
    }
    expect([gateway.ledger.asked, judged]).toEqual([[], 0]);
  });

  test("do not open the node under names that are not its own", async () => {
    const answer = await preflight(CALL, PAGE, "POST", "-H", "host: evil.example");
    expect(answer.status).toBe(421);
  });

  test("leave requests of other sites without an origin refused", async () => {
    const image = ["-H", "sec-fetch-site: cross-site", "-H", "sec-fetch-mode: no-cors"];
    expect(await gateway.curl("/peers", ...image)).toMatchObject({ status: 403 });
  });

  test("are in what caches tell answers apart by, with an origin or without", async () => {
    const shown = ["-H", `authorization: Bearer ${token}`];
    const without = await gateway.curl("/peers", ...shown);
    expect(without.headers).toMatch(/^vary: origin\r$/im);
    expect(without.headers).not.toMatch(/access-control-/i);
    const within = await gateway.curl("/peers", ...shown, "-H", `origin: ${PAGE}`);
    expect(within).toMatchObject({ status: 200 });
    expect(within.headers).toMatch(/^access-control-allow-origin: https:\/\/app\.example\r$/im);
    expect(within.headers).toMatch(/^access-control-expose-headers: .*grpc-status/im);
    const refused = await gateway.curl("/peers", "-H", `origin: ${PAGE}`);
    expect(refused).toMatchObject({ status: 401 });
    expect(refused.headers).toMatch(/^access-control-expose-headers: .*www-authenticate/im);
  });
});
