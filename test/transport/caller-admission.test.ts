/** Strangers at the client port of a node with access control: how many handshakes they get, and that callers get in beside them. */
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anonymousCaller, walletPrincipal } from "../../src/access/principal.ts";
import { SCOPES, scopeSet } from "../../src/access/scope.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import type { Authenticator } from "../../src/transport/authenticator.ts";
import { clientBounds, openBounds, operatorBounds } from "../../src/transport/caller-bounds.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { walletA } from "./ledger-double.ts";

const { strangers: ALL, stranger: ONE } = LIMITS.clientHandshakes;
const STATUS = "/countersign.v1.LedgerService/GetStatus";
const HEALTH = "/grpc.health.v1.Health/Check";
const WATCH = "/grpc.health.v1.Health/Watch";
const NETWORK = "/countersign.v1.LedgerService/GetNetwork";
const SIGNED = "Countersign-Wallet";
const AS_OWNER = ["-H", `authorization: ${SIGNED}`];
const AS_SHOP = ["-H", "authorization: Bearer shop"];

const authenticator: Authenticator = {
  authenticate: async ({ authorization }) => {
    if (authorization === undefined) return anonymousCaller([]);
    if (authorization === SIGNED) {
      return { principal: walletPrincipal(walletA), scopes: scopeSet(["read"]) };
    }
    return {
      principal: `token:${authorization.slice("Bearer ".length)}`,
      scopes: scopeSet(SCOPES),
    };
  },
};

let nowMs: number;
let gateway: Gateway;
let cleanups: (() => unknown)[];

beforeEach(async () => {
  nowMs = 0;
  cleanups = [];
  gateway = await openGateway({ authenticator, bounds: clientBounds(() => nowMs, 600) });
});

afterEach(async () => {
  for (const cleanup of cleanups) cleanup();
  await gateway.close();
});

/** A stranger from an address of loopback; gives true once its handshake is over, false if it was refused. */
function stranger(from: string): Promise<boolean> {
  // The types of TLS lack the option for the own address.
  const at = { host: "127.0.0.1", port: gateway.listener.port, localAddress: from };
  const socket = connect({ ...at, ca: gateway.ca, servername: "localhost", ALPNProtocols: ["h2"] });
  cleanups.push(() => socket.destroy());
  socket.on("error", () => undefined);
  return new Promise((resolve) => {
    socket.once("secureConnect", () => resolve(true));
    socket.once("close", () => resolve(false));
  });
}

interface Session {
  /** Gives the status of the call. */
  readonly call: (authorization: string) => Promise<number>;
  readonly end: () => void;
}

/** A connection by HTTP/2 that stays. */
function openSession(from: string): Session {
  const at = { host: "127.0.0.1", port: gateway.listener.port, localAddress: from };
  const session = connectHttp2(gateway.url, { ...at, ca: gateway.ca, servername: "localhost" });
  cleanups.push(() => session.destroy());
  session.on("error", () => undefined);
  const call = (authorization: string) =>
    new Promise<number>((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":path": STATUS,
        "content-type": "application/json",
        authorization,
      });
      stream.once("response", (headers) => resolve(Number(headers[":status"])));
      stream.once("error", reject);
      stream.once("close", () => reject(new Error("the connection was ended")));
      stream.end("{}");
      stream.resume();
    });
  return { call, end: () => session.destroy() };
}

async function admitted(count: number, from: (i: number) => string): Promise<number> {
  let held = 0;
  for (let i = 0; i < count; i++) if (await stranger(from(i))) held += 1;
  return held;
}

const place = (i: number) => `127.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`;
const refusals = () => gateway.log.lines.filter(({ message }) => message.includes("are refused"));
const callOf = (name: string, from: string) =>
  gateway.post(STATUS, "{}", "-H", `authorization: Bearer ${name}`, "--interface", from).then(
    ({ status }) => status,
    () => "refused",
  );
const callOfShop = (from: string) => callOf("shop", from);

describe("T9: strangers at the client port", () => {
  it("get handshakes at a rate for each address and one for all, and one line a minute in the log", async () => {
    expect(await admitted(ONE.burst + 10, () => "127.0.9.9")).toBe(ONE.burst);
    // What one address was refused is left for others.
    expect(await admitted(ALL.burst, place)).toBe(ALL.burst - ONE.burst);
    expect(refusals()).toMatchObject([
      {
        level: "warn",
        fields: { refused: 1 },
        message: "connections to the client port are refused",
      },
    ]);
    nowMs += 1_000;
    expect(await admitted(ALL.perSecond + 10, place)).toBe(ALL.perSecond);
  });

  it("take nothing from an address where a credential was valid", async () => {
    expect(await callOfShop("127.0.8.8")).toBe(200);
    await admitted(ALL.burst + 10, place);
    expect(await callOfShop("127.0.8.9")).toBe("refused");
    expect(await callOfShop("127.0.8.8")).toBe(200);
  });

  it("gain no lane by a call without a credential", async () => {
    expect((await gateway.post(STATUS, "{}", "--interface", "127.0.8.8")).status).toBe(401);
    await admitted(ALL.burst, place);
    expect(await callOfShop("127.0.8.8")).toBe("refused");
  });
});

describe("T9: owners of wallets", () => {
  it("gain no lane by a signature, because no operator can revoke it", async () => {
    const signed = await gateway.post(STATUS, "{}", ...AS_OWNER, "--interface", "127.0.8.8");
    expect(signed.status).toBe(200);
    await admitted(ALL.burst, place);
    expect(await callOfShop("127.0.8.8")).toBe("refused");
  });

  it("have a rate and places of their own, and leave other principals theirs", async () => {
    await gateway.close();
    const bounds = clientBounds(() => nowMs, 600);
    gateway = await openGateway({ authenticator, bounds });
    const { underWayMax, underWayOfOneMax } = LIMITS.walletCalls;
    for (let i = 0; i < underWayMax; i++) {
      expect(bounds.wallets.begin(`wallet:${i % 100}`)).toBeTypeOf("function");
    }
    expect((await gateway.post(STATUS, "{}", ...AS_OWNER)).status).toBe(429);
    expect((await gateway.post(STATUS, "{}", ...AS_SHOP)).status).toBe(200);
    expect(bounds.anonymous.begin("127.0.0.1")).toBeTypeOf("function");
    expect(underWayOfOneMax * 4).toBeLessThan(underWayMax);
    expect(underWayMax * 10).toBeLessThan(LIMITS.clientCallsMax);
  });
});

describe("T9: one principal", () => {
  /** Of which strangers have 16, unproven ones at known addresses 8, and one principal 6. */
  const connectionsMax = 32;
  const OF_ONE = 6;

  beforeEach(async () => {
    await gateway.close();
    const bounds = clientBounds(() => nowMs, 600);
    gateway = await openGateway({ authenticator, connectionsMax, bounds });
  });

  /** Connections of the shop, each from another address, and what each was told. */
  async function crowd(count: number) {
    const sessions = Array.from({ length: count }, (_, i) => openSession(place(i)));
    const statuses: number[] = [];
    for (const { call } of sessions) statuses.push(await call("Bearer shop"));
    return { sessions, statuses };
  }

  it("has a part of the connections, from however many addresses, and is told so", async () => {
    const { sessions, statuses } = await crowd(OF_ONE + 4);
    expect(statuses).toEqual([...new Array(OF_ONE).fill(200), ...new Array(4).fill(429)]);
    // On those that it has, it goes on.
    expect(await sessions[0]?.call("Bearer shop")).toBe(200);
    const told = await gateway.post(STATUS, "{}", ...AS_SHOP, "--interface", "127.0.8.8");
    expect(told).toMatchObject({
      status: 429,
      json: {
        code: "resource_exhausted",
        message: `token:shop has ${OF_ONE} connections to this port, as many as one caller may have`,
        details: [
          { debug: { reason: "TOO_MANY_REQUESTS", remedy: expect.stringMatching(/close others/) } },
        ],
      },
    });
    expect(await callOf("bank", "127.0.8.9")).toBe(200);
  });

  it("has the place of a connection that it closes for one that was refused", async () => {
    const { sessions, statuses } = await crowd(OF_ONE + 1);
    expect(statuses.at(-1)).toBe(429);
    sessions[0]?.end();
    await expect.poll(() => sessions.at(-1)?.call("Bearer shop")).toBe(200);
    expect(await callOfShop("127.0.8.8")).toBe(429);
  });

  it("keeps no other out together with strangers: not with connections that it has proved, and not with others from its addresses", async () => {
    await crowd(OF_ONE);
    expect(await admitted(2 * connectionsMax, (i) => place(i % OF_ONE))).toBeGreaterThan(0);
    expect(await admitted(connectionsMax, (i) => place(100 + i))).toBe(connectionsMax);
    const { call } = openSession("127.0.8.8");
    expect(await call("Bearer bank")).toBe(200);
    // Those of the shop that were proved are there still, and so is that of the bank.
    await admitted(connectionsMax, (i) => place(100 + i));
    expect(await call("Bearer bank")).toBe(200);
  });

  it("has half of the calls under way, on either port", async () => {
    await gateway.close();
    const bounds = clientBounds(() => nowMs, 600);
    gateway = await openGateway({ authenticator, bounds });
    for (let i = 0; i < LIMITS.callsPerClientMax; i++) {
      expect(bounds.calls.begin("token:shop")).toBeTypeOf("function");
    }
    expect(await callOfShop("127.0.8.8")).toBe(429);
    expect(await callOf("bank", "127.0.8.8")).toBe(200);
    const { calls } = operatorBounds(() => nowMs);
    const begun = () => typeof calls.begin("token:shop") === "function";
    const count = Array.from({ length: LIMITS.operatorCallsMax }, begun).filter(Boolean).length;
    expect(count).toBe(LIMITS.operatorCallsMax / 2);
    expect(calls.begin("token:bank")).toBeTypeOf("function");
  });
});

describe("T9: callers without a credential", () => {
  const { ofAddress, ofAll, underWayMax, underWayPerAddressMax } = LIMITS.anonymousCalls;

  it("leave a principal its connections: the newest of them stay, and only half of the places are theirs", async () => {
    await gateway.close();
    const connectionsMax = 20;
    gateway = await openGateway({
      authenticator,
      connectionsMax,
      bounds: clientBounds(() => nowMs, 600),
    });
    const { call } = openSession("127.0.8.8");
    expect(await call("Bearer shop")).toBe(200);
    await admitted(3 * connectionsMax, place);
    expect(await call("Bearer shop")).toBe(200);
    // From an address of which nothing is known, too.
    expect(await callOfShop("127.0.8.9")).toBe(200);
  });

  it("leave a principal its connections though they call from addresses where credentials were valid", async () => {
    await gateway.close();
    const connectionsMax = 20;
    gateway = await openGateway({
      authenticator,
      connectionsMax,
      bounds: clientBounds(() => nowMs, 600),
    });
    const known = (i: number) => `127.0.8.${i % 10}`;
    for (let i = 0; i < 10; i++) expect(await callOfShop(known(i))).toBe(200);
    const { call } = openSession(known(0));
    expect(await call("Bearer shop")).toBe(200);
    await admitted(3 * connectionsMax, place);
    await admitted(3 * connectionsMax, known);
    expect(await call("Bearer shop")).toBe(200);
    expect(await callOfShop("127.0.7.7")).toBe(200);
  });

  it("have small bounds of their own, and leave a principal its calls", () => {
    const { calls, anonymous } = clientBounds(() => nowMs, 600);
    const begun = (count: number, of: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => anonymous.begin(of(i))).filter(
        (end) => typeof end === "function",
      );
    expect(begun(underWayPerAddressMax + 10, () => "1.1.1.1")).toHaveLength(underWayPerAddressMax);
    const rest = begun(2 * underWayMax, (i) => `1.1.2.${i % 200}`);
    expect(rest).toHaveLength(underWayMax - underWayPerAddressMax);
    expect(typeof calls.begin("token:shop")).toBe("function");
    expect(underWayMax * 10).toBeLessThan(LIMITS.clientCallsMax);
  });

  it("have one rate for each address and one for all", () => {
    const { calls, anonymous } = clientBounds(() => nowMs, 600);
    const ended = (count: number, of: (i: number) => string) => {
      let taken = 0;
      for (let i = 0; i < count; i++) {
        const end = anonymous.begin(of(i));
        if (typeof end !== "function") continue;
        taken += 1;
        end();
      }
      return taken;
    };
    expect(ended(ofAddress.burst + 10, () => "1.1.1.1")).toBe(ofAddress.burst);
    expect(ended(2 * ofAll.burst, (i) => `1.1.2.${i % 200}`)).toBe(ofAll.burst - ofAddress.burst);
    expect(typeof calls.begin("token:shop")).toBe("function");
  });

  it("are counted so by the gate: a call without one takes no place of a principal's", async () => {
    await gateway.close();
    const bounds = clientBounds(() => nowMs, 600);
    gateway = await openGateway({ authenticator, bounds });
    while (typeof bounds.anonymous.begin("127.0.0.1") === "function");
    expect((await gateway.post(NETWORK, "{}")).status).toBe(429);
    expect((await gateway.post(STATUS, "{}", ...AS_SHOP)).status).toBe(200);
  });

  it("take no room from health probes, of which those of one address have a part", async () => {
    await gateway.close();
    const bounds = clientBounds(() => nowMs, 600);
    gateway = await openGateway({ authenticator, bounds });
    for (const i of Array.from({ length: ofAll.burst }).keys()) {
      bounds.anonymous.begin(`1.1.2.${i % 200}`);
    }
    expect((await gateway.post(NETWORK, "{}")).status).toBe(429);
    expect((await gateway.post(HEALTH, "{}")).status).toBe(200);
    const { ofAddress: one } = LIMITS.probesOfClients;
    const begun = Array.from({ length: 2 * one.burst }, () => bounds.probes?.begin("1.1.1.1"));
    expect(begun.filter((end) => typeof end === "function")).toHaveLength(one.burst);
    expect((await gateway.post(HEALTH, "{}")).status).toBe(200);
  });

  it.each([
    { what: "half bodies", path: HEALTH, type: "application/json", sent: "{" },
    { what: "watches", path: WATCH, type: "application/grpc", sent: "\0\0\0\0\0" },
  ])("$what are counted among other calls soon, and are cut if there is no room", async (held) => {
    await gateway.close();
    const bounds = clientBounds(() => nowMs, 600);
    gateway = await openGateway({ authenticator, bounds, bodyTimeoutMs: 600_000 });
    // All places of ordinary calls that this address can still have.
    const takeRoom = () => {
      nowMs += 10_000;
      const begun = Array.from({ length: underWayPerAddressMax }, () => {
        return bounds.anonymous.begin("127.0.0.1");
      });
      return begun.filter((end) => typeof end === "function");
    };
    const kept = heldCalls(8, held);
    const roomLeft = () => {
      const ends = takeRoom();
      for (const end of ends) end();
      return ends.length;
    };
    await expect.poll(roomLeft).toBe(underWayPerAddressMax - 8);
    takeRoom();
    const cut = heldCalls(8, held);
    await expect.poll(() => cut.ended).toBe(8);
    expect(kept.ended).toBe(0);
    nowMs += 10_000;
    expect((await gateway.post(HEALTH, "{}")).status).toBe(200);
  });
});

/** Streams on a connection of their own that bring `sent` and stay open; `ended` counts those that are over. */
function heldCalls(count: number, call: { path: string; type: string; sent: string }) {
  const session = connectHttp2(gateway.url, { ca: gateway.ca, servername: "localhost" });
  cleanups.push(() => session.destroy());
  session.on("error", () => undefined);
  const state = { ended: 0 };
  for (let i = 0; i < count; i++) {
    const { path, type, sent } = call;
    const stream = session.request({ ":method": "POST", ":path": path, "content-type": type });
    stream.on("error", () => undefined);
    stream.once("close", () => {
      state.ended += 1;
    });
    stream.resume();
    stream.write(sent);
    if (path === WATCH) stream.end();
  }
  return state;
}

describe("the port of a node without access control", () => {
  it("takes hundreds of connections of one machine at once", async () => {
    await gateway.close();
    gateway = await openGateway({ bounds: openBounds(() => nowMs, 600) });
    expect(await admitted(400, () => "127.0.0.1")).toBe(400);
  });
});
