// Keys that come from a server over real TLS: fetched, kept, renewed at a rate, and bounded when the server is hostile or down.
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AccessControl } from "../../../src/node/access/access-control.ts";
import { AccessTokens } from "../../../src/node/access/access-tokens.ts";
import { createGuessFigures } from "../../../src/node/access/guess-figures.ts";
import { Guesses } from "../../../src/node/access/guesses.ts";
import { type KeySet, readKeySet } from "../../../src/node/access/key-set.ts";
import {
  FetchedKeys,
  fixedKeys,
  type KeySource,
  WAITERS_MAX,
} from "../../../src/node/access/key-source.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { ACCESS_FAMILIES } from "../../../src/node/metrics/access-families.ts";
import type { Sample } from "../../../src/node/metrics/family.ts";
import type { Observed } from "../../../src/node/metrics/observed.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { fetchKeySet } from "../../../src/transport/key-set-fetch.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import {
  AUDIENCE,
  generateServerKey,
  ISSUER,
  type KeySetServer,
  keySetText,
  openKeySetServer,
  type ServerKey,
  sending,
  signToken,
} from "./authorization-server.ts";

const MINUTE = 60_000;
let first: ServerKey;
let second: ServerKey;
let server: KeySetServer;
let keys: FetchedKeys;
let control: AccessControl;
let lines: string[];
/** Time passes only by `pass`. */
let now: number;
let timers: { readonly at: number; readonly action: () => void }[];
/** The fetches under way. */
let fetching: Promise<unknown>[];

beforeAll(async () => {
  first = await generateServerKey("first");
  second = await generateServerKey("second");
  server = await openKeySetServer(keySetText(first));
});

afterAll(() => server.close());

beforeEach(() => {
  lines = [];
  timers = [];
  fetching = [];
  now = 1_790_000_000_000;
  const log = createLog("node1", "info", (line) => lines.push(line));
  const system = { wall: () => now, monotonic: () => now, after };
  keys = new FetchedKeys({
    issuer: ISSUER,
    fetch: (signal) => {
      const text = fetchKeySet({ url: server.url, authority: server.authority, signal });
      fetching.push(text.catch(() => undefined));
      return text;
    },
    system,
    log,
  });
  const tokens = new AccessTokens({ system, log });
  const config = {
    issuer: ISSUER,
    audience: AUDIENCE,
    jwks: { url: server.url },
    algorithms: ["ES256"],
    types: ["at+jwt"],
    scopeClaim: "scope",
    meaning: { prefix: "countersign:" },
    clockToleranceMs: 0,
  } as const;
  tokens.use([{ config, source: keys }]);
  const guesses = new Guesses(() => now);
  control = new AccessControl({ ways: [tokens], guesses, publicReads: false });
});

afterEach(() => {
  keys.stop();
  server.reset();
});

function after(delayMs: number, action: () => void): () => void {
  const timer = { at: now + delayMs, action };
  timers.push(timer);
  return () => {
    timers = timers.filter((other) => other !== timer);
  };
}

/** Lets the time pass, and waits for what that begins. */
async function pass(ms: number): Promise<void> {
  now += ms;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { action } of due) action();
  await settled();
}

async function settled(): Promise<void> {
  await Promise.all(fetching);
  await new Promise(setImmediate);
}

async function shown(key: ServerKey, jti = "1"): Promise<string> {
  return await shownText(await signToken(key, { now, claims: { jti } }));
}

async function shownText(text: string): Promise<string> {
  const authorization = `Bearer ${text}`;
  const address = "192.0.2.1";
  const credentials = { authorization, clientCertificate: undefined, address };
  const caller = await control.authenticate({ ...credentials, call: "/metrics" });
  return caller instanceof Refusal ? caller.reason : "in";
}

const down: RequestListener = (request) => request.socket.destroy();
const messages = (): readonly { readonly msg: string; readonly problem?: string }[] =>
  lines.map((line) => JSON.parse(line));

/** The values of each metric of key sets, by the end of its name. */
function metrics(source: KeySource = keys): Readonly<Record<string, readonly number[]>> {
  const access = {
    guesses: createGuessFigures(),
    tokens: { holding: 0, firstExpiry: undefined },
    keySets: () => [{ issuer: ISSUER, source }],
  };
  const own = ACCESS_FAMILIES.filter(({ name }) => name.startsWith("countersign_key_set_"));
  return Object.fromEntries(
    own.map((family) => {
      const samples = family.read({ ...({} as Observed), access }) as readonly Sample[];
      for (const { labels } of samples) expect(labels["issuer"]).toBe(ISSUER);
      return [family.name.slice("countersign_key_set_".length), samples.map(({ value }) => value)];
    }),
  );
}

function keySetOf(key: ServerKey): KeySet {
  const read = readKeySet(keySetText(key));
  return typeof read === "string" ? expect.fail(read) : read;
}

describe("T14: the keys of an authorization server", () => {
  it("are fetched once for all the callers that wait for them", async () => {
    const answers = Array.from({ length: 20 }, (_, n) => shown(first, `${n}`));
    expect(new Set(await Promise.all(answers))).toEqual(new Set(["in"]));
    expect(server.asked()).toBe(1);
  });

  it("are fetched again every five minutes", async () => {
    keys.ask();
    await settled();
    server.answer(sending(keySetText(second)));
    await pass(5 * MINUTE - 1);
    const remembered = await signToken(first, { now });
    expect(await shownText(remembered)).toBe("in");
    await pass(1);
    expect(server.asked()).toBe(2);
    expect(await shownText(remembered)).toBe("UNAUTHENTICATED");
    expect(await shown(second)).toBe("in");
  });

  it("are fetched again for a token with an unknown key, at a rate", async () => {
    expect(await shown(first)).toBe("in");
    server.answer(sending(keySetText(first, second)));
    for (let n = 0; n < 20; n++) expect(await shown(second, `${n}`)).toBe("UNAUTHENTICATED");
    expect(server.asked()).toBe(1);
    await pass(30_000);
    expect(await shown(second)).toBe("in");
    expect(server.asked()).toBe(2);
    const unknown = await generateServerKey("unknown");
    await pass(30_000);
    for (let n = 0; n < 20; n++) await shown(unknown, `${n}`);
    expect(server.asked()).toBe(3);
  });

  it("stay the same object while the server sends the same, so that tokens stay remembered", async () => {
    expect(await shown(first)).toBe("in");
    const before = keys.current();
    await pass(5 * MINUTE);
    expect(server.asked()).toBe(2);
    expect(keys.current()).toBe(before);
  });

  it("that were never had refuse no token for good: the caller is to come again", async () => {
    server.answer(down);
    // It is no guess, however often it comes.
    for (let n = 0; n < 2 * LIMITS.guessesOfAddress.burst; n++) {
      expect(await shown(first, `${n}`)).toBe("NOT_READY");
    }
    expect(server.asked()).toBe(1);
    server.answer(sending(keySetText(first)));
    await pass(30_000);
    expect(await shown(first)).toBe("in");
    expect(messages().map(({ msg }) => msg)).toEqual([
      "the keys of an authorization server cannot be had",
      "an authorization server has new keys",
    ]);
  });

  it("are used for a day while the server is down, and no longer", async () => {
    expect(await shown(first)).toBe("in");
    server.answer(down);
    for (let hour = 1; hour < 24; hour++) {
      await pass(60 * MINUTE);
      expect(await shown(first), `${hour} h`).toBe("in");
    }
    // An unknown key may be new.
    expect(await shown(second)).toBe("NOT_READY");
    await pass(60 * MINUTE);
    expect(await shown(first)).toBe("NOT_READY");
  });

  it("are not asked for after the end", async () => {
    keys.ask();
    await settled();
    keys.stop();
    expect(timers).toEqual([]);
    server.answer(() => undefined);
    keys.ask();
    await settled();
    expect(timers).toEqual([]);
    expect(messages().map(({ msg }) => msg)).toEqual(["an authorization server has new keys"]);
  });

  it("are told of by metrics: their number, their age, and the fetches that failed", async () => {
    server.answer(down);
    keys.ask();
    await settled();
    await pass(10_000);
    expect(metrics()).toEqual({ keys: [0], age_seconds: [10], fetches_total: [0, 1] });
    server.answer(sending(keySetText(first, second)));
    await pass(20_000);
    expect(metrics()).toEqual({ keys: [2], age_seconds: [0], fetches_total: [1, 1] });
    server.answer(sending("no JSON"));
    await pass(5 * MINUTE);
    expect(metrics()).toEqual({ keys: [2], age_seconds: [300], fetches_total: [1, 2] });
    await pass(24 * 60 * MINUTE - 5 * MINUTE);
    expect(metrics()).toEqual({ keys: [0], age_seconds: [86_400], fetches_total: [1, 3] });
    const file = fixedKeys(keySetOf(first));
    expect(metrics(file)).toEqual({ keys: [1], age_seconds: [], fetches_total: [] });
  });

  it("are waited for by a bounded number of callers", async () => {
    const held = Promise.withResolvers<void>();
    server.answer((_, response) => {
      held.promise.then(() => response.end(keySetText(first)));
    });
    const waiting = Array.from({ length: WAITERS_MAX }, () => keys.renewed());
    expect(await keys.renewed()).toBe(undefined);
    expect(await shown(first)).toBe("NOT_READY");
    held.resolve();
    const found = await Promise.all(waiting);
    expect(new Set(found)).toEqual(new Set([keys.current()]));
    expect(keys.current()?.usable).toBe(1);
    expect(server.asked()).toBe(1);
  });
});

describe("T9: a key set is fetched with bounds", () => {
  const cases: readonly [string, RequestListener, RegExp][] = [
    ["down", down, /socket hang up|ECONNRESET/],
    ["with an error", (_, response) => response.writeHead(500).end(), /has the status 500/],
    ["with nothing", (_, response) => response.writeHead(204).end(), /has the status 204/],
    [
      "that points to plain http",
      (_, response) => response.writeHead(302, { location: "http://localhost/" }).end(),
      /the answer is 302: no redirect is followed/,
    ],
    [
      "that points elsewhere by https",
      (_, response) => response.writeHead(308, { location: "https://localhost/" }).end(),
      /no redirect/,
    ],
    ["huge", (_, response) => response.end("x".repeat(10 * 1024 * 1024)), /larger than 65536 b/],
    [
      "without an end",
      (_, response) => {
        const more = setInterval(() => response.write("x".repeat(16 * 1024)), 1);
        response.once("close", () => clearInterval(more));
      },
      /larger than 65536/,
    ],
    [
      "of a large head",
      (_, response) => {
        for (let n = 0; n < 40; n++) response.setHeader(`x-${n}`, "x".repeat(1_000));
        response.end("{}");
      },
      /header/i,
    ],
    [
      "compressed unasked",
      (_, response) => response.setHeader("content-encoding", "gzip").end("x"),
      /compressed unasked/,
    ],
    [
      "cut off",
      (_, response) => {
        response.setHeader("content-length", 1_000);
        response.write("{");
        setImmediate(() => response.destroy());
      },
      /aborted|cut off|ECONNRESET|hang up/,
    ],
    ["with no answer", () => undefined, /no whole answer after 300 ms/],
    ["slow", (_, response) => void response.write("{"), /no whole answer after 300 ms/],
  ];

  it.each(cases)("from a server that is %s", async (_, answer, problem) => {
    server.answer(answer);
    const { url, authority } = server;
    const fetched = fetchKeySet({
      url,
      authority,
      fetchMs: /slow|no answer/.test(_) ? 300 : 20_000,
    });
    await expect(fetched).rejects.toThrow(problem);
  });

  it("only from a server of the authority that is named, under its name", async () => {
    const { url } = server;
    const other = await openKeySetServer("{}");
    await expect(fetchKeySet({ url, authority: other.authority })).rejects.toThrow(/certificate/);
    // Without an authority, the public ones decide.
    await expect(fetchKeySet({ url })).rejects.toThrow(/certificate/);
    const named = url.replace("localhost", "other.localhost");
    const lookup = localhostOnly;
    const wrong = fetchKeySet({ url: named, authority: server.authority, lookup });
    await expect(wrong).rejects.toThrow(/altnames/);
    await other.close();
  });

  it("from a server that speaks no TLS: not at all", async () => {
    const plain = createServer((socket) => {
      socket.on("error", () => undefined).end("HTTP/1.1 200 OK\r\n\r\n{}");
    });
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    const { port } = plain.address() as { readonly port: number };
    const fetched = fetchKeySet({ url: `https://127.0.0.1:${port}/`, authority: server.authority });
    await expect(fetched).rejects.toThrow();
    plain.close();
  });

  it("and as real time passes", async () => {
    const log = createLog("node1", "info", (line) => lines.push(line));
    const real = new FetchedKeys({
      issuer: ISSUER,
      fetch: (signal) => fetchKeySet({ url: server.url, authority: server.authority, signal }),
      system: realSystem,
      log,
    });
    expect((await real.renewed())?.usable).toBe(1);
    real.stop();
  });
});

function localhostOnly(
  _: string,
  { all }: { readonly all?: boolean | undefined },
  callback: (error: null, address: never, family?: number) => void,
): void {
  const found = [{ address: "127.0.0.1", family: 4 }];
  if (all === true) callback(null, found as never);
  else callback(null, "127.0.0.1" as never, 4);
}
