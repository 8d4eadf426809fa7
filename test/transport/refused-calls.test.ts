/**
 * Goal: a caller that calls on and on though it is refused costs the node a bounded number of refusals, and no other caller its
 * connection. Method: the real client listener over TLS, whose clock stands still, so that no token comes back by itself.
 */
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { anonymousCaller } from "../../src/access/principal.ts";
import { SCOPES, scopeSet } from "../../src/access/scope.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import type { Authenticator } from "../../src/transport/authenticator.ts";
import { CallBounds } from "../../src/transport/call-bounds.ts";
import { clientBounds, openBounds } from "../../src/transport/caller-bounds.ts";
import { type Gateway, openGateway } from "./gateway.ts";

const STATUS = "/countersign.v1.LedgerService/GetStatus";
const NO_PATH = "/no/such/path";
const SHOP = "Bearer shop";
const [MALLORY, ALICE] = ["127.0.8.8", "127.0.9.9"];
/** Small, so that a test makes few calls. */
const RATES = {
  stranger: { perSecond: 10, burst: 30 },
  strangers: { perSecond: 20, burst: 70 },
  known: { perSecond: 10, burst: 50 },
};

const authenticator: Authenticator = {
  authenticate: async ({ authorization }) => {
    if (authorization === undefined) return anonymousCaller([]);
    return { principal: "token:shop", scopes: scopeSet(SCOPES) };
  },
};

/** Calls of a principal. */
const CALLS = { perSecond: 10, burst: 20 };

let nowMs: number;
let gateway: Gateway;
let cleanups: (() => unknown)[];

beforeEach(async () => {
  nowMs = 0;
  cleanups = [];
  gateway = await open(RATES);
});

afterEach(async () => {
  for (const cleanup of cleanups) cleanup();
  await gateway.close();
});

function open(rates: typeof RATES): Promise<Gateway> {
  const now = () => nowMs;
  const calls = new CallBounds<string>({ rate: CALLS, callersMax: 10, now });
  const bounds = { ...clientBounds(now, 600), calls, refused: { rates, now } };
  return openGateway({ authenticator, bounds });
}

/** A connection by HTTP/2 from an address of loopback. */
function sessionFrom(localAddress: string): ClientHttp2Session {
  const at = { host: "127.0.0.1", port: gateway.listener.port, localAddress };
  const session = connectHttp2(gateway.url, { ...at, ca: gateway.ca, servername: "localhost" });
  cleanups.push(() => session.destroy());
  session.on("error", () => undefined);
  return session;
}

/** The status of one call; "cut" if the connection ends instead. */
function call(
  session: ClientHttp2Session,
  path: string,
  authorization?: string,
): Promise<number | "cut"> {
  if (session.destroyed || session.closed) return Promise.resolve("cut");
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/json",
    ...(authorization === undefined ? {} : { authorization }),
  });
  stream.on("error", () => undefined);
  stream.end("{}");
  stream.resume();
  return new Promise((resolve) => {
    stream.once("response", (headers) => resolve(Number(headers[":status"])));
    stream.once("close", () => resolve("cut"));
  });
}

/** Calls until the connection is cut, at most `max` times; the number of answers. */
async function refusedOn(session: ClientHttp2Session, path: string, max: number): Promise<number> {
  for (let answered = 0; answered < max; answered++) {
    if ((await call(session, path)) === "cut") return answered;
  }
  return max;
}

const cuts = () =>
  gateway.log.lines.filter(({ message }) => message.includes("its connection is closed"));

test("T9: a caller that calls on and on though it is refused loses its connection, and no other does", async () => {
  const alice = sessionFrom(ALICE);
  expect(await call(alice, STATUS, SHOP)).toBe(200);
  const mallory = sessionFrom(MALLORY);
  expect(await refusedOn(mallory, NO_PATH, 1_000)).toBe(RATES.stranger.burst);
  expect(cuts()).toEqual([
    { level: "warn", message: expect.any(String), fields: { from: MALLORY } },
  ]);
  expect(await call(alice, STATUS, SHOP)).toBe(200);
  expect(await call(alice, NO_PATH)).toBe(404);
});

test("T9: a new connection from its address brings no new refusals; time does", async () => {
  await refusedOn(sessionFrom(MALLORY), NO_PATH, 1_000);
  expect(await refusedOn(sessionFrom(MALLORY), NO_PATH, 1_000)).toBe(0);
  nowMs += 1_000;
  expect(await refusedOn(sessionFrom(MALLORY), NO_PATH, 1_000)).toBe(RATES.stranger.perSecond);
});

test("T9: a caller that is refused no faster than the rate keeps its connection", async () => {
  const session = sessionFrom(MALLORY);
  for (let round = 0; round < 3 * RATES.stranger.burst; round++) {
    expect(await call(session, NO_PATH)).toBe(404);
    nowMs += 1_000 / RATES.stranger.perSecond;
  }
});

test.each([
  ["without a credential", STATUS, 401],
  ["for its verb", "/peers", 405],
])("T9: calls refused %s count too", async (_, path, status) => {
  const session = sessionFrom(MALLORY);
  expect(await call(session, path)).toBe(status);
  expect(await refusedOn(session, path, 1_000)).toBe(RATES.stranger.burst - 1);
});

test("T9: calls beyond the rate of calls are cut in the end, those of a principal too", async () => {
  const session = sessionFrom(MALLORY);
  const statuses: (number | "cut")[] = [];
  while (statuses.at(-1) !== "cut") statuses.push(await call(session, STATUS, SHOP));
  const counts = [200, 429, "cut"].map((one) => statuses.filter((status) => status === one).length);
  expect(counts).toEqual([CALLS.burst, RATES.known.burst, 1]);
});

test("T9: all addresses without a credential share a rate, and one with a credential takes nothing from it", async () => {
  const shop = sessionFrom(ALICE);
  expect(await call(shop, STATUS, SHOP)).toBe(200);
  const { burst } = RATES.strangers;
  let answered = 0;
  for (let i = 1; answered < burst && i < burst; i++) {
    answered += await refusedOn(sessionFrom(`127.0.7.${i}`), NO_PATH, RATES.stranger.burst - 5);
  }
  expect(answered).toBe(burst);
  expect(await call(sessionFrom("127.0.6.6"), NO_PATH)).toBe("cut");
  expect(await call(shop, NO_PATH)).toBe(404);
});

test("T9: over HTTP/1.1 the socket is closed", async () => {
  const at = { host: "127.0.0.1", port: gateway.listener.port, localAddress: MALLORY };
  const socket = connect({ ...at, ca: gateway.ca, servername: "localhost" });
  cleanups.push(() => socket.destroy());
  socket.on("error", () => undefined);
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  for (let i = 0; i < 2 * RATES.stranger.burst; i++) {
    socket.write(`GET ${NO_PATH} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  }
  await closed;
  expect(text.match(/HTTP\/1\.1 404/g)?.length ?? 0).toBeLessThanOrEqual(RATES.stranger.burst);
  expect(cuts()).toMatchObject([{ fields: { from: MALLORY } }]);
});

test("T9: a node that asks for credentials has these bounds; one on loopback, whose callers share an address, cuts no caller", () => {
  expect(clientBounds(() => nowMs, 600).refused?.rates).toBe(LIMITS.refusedCallsOfClients);
  expect(openBounds(() => nowMs, 600).refused).toBeUndefined();
});
