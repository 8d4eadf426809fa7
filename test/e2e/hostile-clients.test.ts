/**
 * Goal: a client that shows and sends anything gets no more than its credential gives, every answer is a refusal with its reason or a
 * success that it may have, and the node goes on, with the memory of before. Method: a real node with authorisation, TLS and a
 * store; seeded requests over all calls and encodings to its client port, its operator's address and its socket; and what is beneath
 * any request. CLIENTS_SEED repeats a run, CLIENTS_REQUESTS sets the number of requests (1,000, 3,000 in CI,
 * 8,000 in a whole sweep; 200,000 take some ten minutes), CLIENTS_FIRST the number of the first one.
 */
import { connect as connectTcp } from "node:net";
import { setTimeout } from "node:timers/promises";
import { create, type DescMethod, type Message } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { LogLevel, OperatorService } from "../../gen/countersign/v1/operator_service_pb.ts";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { needsOfCall } from "../../src/access/call-scopes.ts";
import type { Scope } from "../../src/access/scope.ts";
import { processorSeconds, residentMib } from "../attack/readings.ts";
import { FRAMES, openIdle, secured, TEXTS, throwBytes, within } from "../hostile/clients/abuse.ts";
import { everyCall, pathOf } from "../hostile/clients/calls.ts";
import { type Credential, NOTHING } from "../hostile/clients/credentials.ts";
import {
  ADDRESSES,
  addressFor,
  askHttp1,
  Connections,
  describeRequest,
  type TlsPlace,
} from "../hostile/clients/exchange.ts";
import { type Fuzz, fuzz, overBoth, type Tally } from "../hostile/clients/fuzz.ts";
import { Judge } from "../hostile/clients/judge.ts";
import { noise } from "../hostile/clients/messages.ts";
import {
  type Draw,
  drawFor,
  drawRequest,
  type HostileRequest,
} from "../hostile/clients/requests.ts";
import { type Memory, Target } from "../hostile/clients/target.ts";
import { SecretSearch } from "../support/secret-search.ts";
import { sweep } from "../support/sweep.ts";
import { Random } from "../support/world/random.ts";

const SEED = Number(process.env["CLIENTS_SEED"] ?? Date.now() % 1_000_000);
const REQUESTS = Number(
  process.env["CLIENTS_REQUESTS"] ?? sweep({ whole: "8000", all: "3000", share: "1000" }),
);
const FIRST = Number(process.env["CLIENTS_FIRST"] ?? 0);
const IDLE = sweep({ all: 5_000, share: 1_500 });
const NOISES = sweep({ whole: 400, all: 150, share: 60 });
const AT_ONCE = 64;
/**
 * MiB: of live objects and buffers; and of the process, in which the allocator and the heap keep what a peak once took: some 80
 * to 110 after the first thousands of requests, and no more after a hundred thousand.
 */
const MEMORY_MAX = 30;
const RESIDENT_MAX = 128;
const WARM_UP = 1_000;
const CODINGS = ["gzip", "br"];
const WHOLE_MS = 1_200_000;
const SETUP_MS = 300_000;

let target: Target;
let judge: Judge;
let calls: readonly DescMethod[];
let places: { readonly clients: TlsPlace; readonly operator: TlsPlace; readonly peers: TlsPlace };
let connections: Connections;
let operatorConnections: Connections;
let before: Memory;
let pid: number;

beforeAll(async () => {
  console.log(`CLIENTS_SEED=${SEED} CLIENTS_REQUESTS=${REQUESTS}`);
  calls = await everyCall();
  target = await Target.start();
  pid = target.pid;
  judge = new Judge(new SecretSearch(target.secrets), target.place.home);
  const { ports, net } = target;
  const at = (port: number) => ({ port, ca: net.ca });
  places = { clients: at(ports.client), operator: at(ports.operator), peers: at(ports.peer) };
  connections = new Connections(places.clients);
  operatorConnections = new Connections(places.operator);
  // What a node makes once, at the first request of each kind, is made before the first reading.
  await expectNoFault("warm-up", {
    first: 1e9,
    count: WARM_UP,
    draw: anyOf(all()),
    send: toClients(),
  });
  // So is every connection that stays open: one of each certificate from each address.
  const shown = all().filter(({ certificate }) => certificate !== undefined);
  await expectNoFault("connections", {
    first: 2e9,
    count: shown.length * ADDRESSES.length,
    draw: (random, number) => {
      const credential = shown[Math.floor((number - 2e9) / ADDRESSES.length)] ?? NOTHING;
      return drawRequest(random, drawOf([credential]));
    },
    send: toClients(),
  });
  // The allocator keeps the memory of the first connections, so a leak shows in the second flood.
  const flood = await openIdle(places.clients, IDLE);
  flood.close();
  await target.pay();
  before = await target.memory();
}, SETUP_MS);

afterAll(async () => {
  connections.close();
  operatorConnections.close();
  await target.close();
});

const all = () => [...target.worthless, ...target.weak];
const isServed = ({ parent, localName }: DescMethod) =>
  parent !== OperatorService && needsOfCall(parent.typeName, localName) !== undefined;
/** Mostly calls that the client port serves. */
const drawOf = (credentials: readonly Credential[], codings = CODINGS): Draw => {
  const served = calls.filter(isServed);
  const drawn = [...served, ...served, ...served, ...calls];
  return { calls: drawn, credentials, codings, words: target.words };
};
const anyOf =
  (credentials: readonly Credential[], codings?: string[]): Fuzz["draw"] =>
  (random) =>
    drawRequest(random, drawOf(credentials, codings));
const toClients = () => overBoth(connections, places.clients, 50);

async function expectNoFault(
  name: string,
  how: Pick<Fuzz, "count" | "draw" | "send"> & {
    readonly first?: number;
    readonly atOnce?: number;
  },
): Promise<Tally> {
  const [begun, own, used] = [performance.now(), process.cpuUsage(), processorSeconds(target.pid)];
  const tally = await fuzz({ seed: SEED, first: FIRST, judge, atOnce: AT_ONCE, ...how });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const { user, system } = process.cpuUsage(own);
  const cpu = `${(processorSeconds(target.pid) - used).toFixed(1)} s of the node's processor time, ${((user + system) / 1e6).toFixed(1)} s of the clients'`;
  const memory = `${residentMib(target.pid).toFixed(0)} MiB`;
  const outcomes = JSON.stringify(tally.outcomes);
  console.log(`${name}, ${how.count} in ${seconds} s, ${cpu}, ${memory}: ${outcomes}`);
  expect(tally.faults).toEqual([]);
  return tally;
}

/** A call as a well-meaning client makes it, in JSON. */
function wholeRequest(credential: Credential, call: DescMethod, message?: Message): HostileRequest {
  for (let number = 0; ; number++) {
    const parts = { call, credential, isWhole: true };
    const request = drawFor(new Random(1, number), drawOf([credential]), parts, message);
    if (request.encoding === "application/json") return request;
  }
}

describe("every call in turn", () => {
  it("refuses each credential that does not hold, and each that gives other rights", async () => {
    // A call that the port does not serve is refused for its path, so few credentials are tried there.
    const [served, others] = [calls.filter(isServed), calls.filter((call) => !isServed(call))];
    const pairs = [
      ...all().flatMap((credential) => served.map((call) => ({ credential, call }))),
      ...[NOTHING, ...target.weak].flatMap((credential) =>
        others.map((call) => ({ credential, call })),
      ),
    ];
    const draw: Fuzz["draw"] = (random, number) => {
      const { credential, call } = pairs[number] ?? expect.fail(`no pair ${number}`);
      return drawFor(random, drawOf([credential]), { credential, call, isWhole: true });
    };
    const { outcomes } = await expectNoFault("every credential on every call", {
      ...{ first: 0, count: pairs.length, draw, send: toClients() },
    });
    expect(outcomes["UNAUTHENTICATED"]).toBeGreaterThan(target.worthless.length);
    expect(outcomes["PERMISSION_DENIED"]).toBeGreaterThan(target.weak.length);
    expect(outcomes["answered"]).toBeGreaterThan(target.weak.length);
  });

  it("refuses each credential that does not hold for what it is, not for the rates of its address", async () => {
    const shown = target.worthless.filter(({ certificate, http1Only }) => {
      return certificate === undefined && http1Only !== true;
    });
    const fresh = new Connections(places.clients, (lane) => `127.0.77.${1 + (lane % 20)}`);
    const draw: Fuzz["draw"] = (_, number) =>
      wholeRequest(shown[number] ?? expect.fail("no credential"), LedgerService.method.getWallet);
    // At the door, and for the checks of all strangers, a turn may have to be waited for.
    const send: Fuzz["send"] = async (request, number) => {
      for (;;) {
        const exchange = await fresh.send(request, number);
        if (!exchange.lost && exchange.told.status !== 429) return exchange;
        await setTimeout(50);
      }
    };
    const how = { first: 0, count: shown.length, draw, send, atOnce: 1 };
    const { outcomes } = await expectNoFault("each credential that does not hold", how);
    fresh.close();
    expect(outcomes).toEqual({ UNAUTHENTICATED: shown.length });
  });

  it("answers by the right to read that a credential gives", async () => {
    const { getStatus, getWallet } = LedgerService.method;
    const having = (scope: Scope) => target.weak.filter(({ scopes }) => scopes.includes(scope));
    const wallet = (id = target.wallets.rich) => create(getWallet.input, { id });
    const requests = [
      ...having("read").map((one) => wholeRequest(one, getStatus)),
      ...having("read:all").map((one) => wholeRequest(one, getWallet, wallet())),
      ...target.weak
        .filter(({ reads }) => reads !== undefined)
        .map((one) => wholeRequest(one, getWallet, wallet(one.reads))),
    ];
    const { outcomes } = await expectNoFault("rights to read", {
      ...{ first: 0, count: requests.length, send: toClients() },
      draw: (_, number) => requests[number] ?? expect.fail("no request"),
    });
    expect(outcomes).toEqual({ answered: requests.length });
    expect(requests.length).toBeGreaterThan(6);
  });
});

describe("fuzzed requests", () => {
  it("with credentials that do not hold change nothing", { timeout: WHOLE_MS }, async () => {
    const state = await target.state();
    const count = Math.ceil(REQUESTS * 0.4);
    const { outcomes } = await expectNoFault("worthless credentials", {
      ...{ count, draw: anyOf(target.worthless), send: toClients() },
    });
    expect(outcomes["MALFORMED"]).toBeGreaterThan(count / 100);
    expect(outcomes["UNAUTHENTICATED"]).toBeGreaterThan(count / 20);
    expect(await target.state()).toBe(state);
  });

  it("with few rights get no more than these", { timeout: WHOLE_MS }, async () => {
    const rich = await target.balance("rich");
    const count = Math.ceil(REQUESTS * 0.55);
    const { outcomes } = await expectNoFault("weak credentials", {
      ...{ count, draw: anyOf(target.weak), send: toClients() },
    });
    expect(outcomes["PERMISSION_DENIED"]).toBeGreaterThan(count / 50);
    expect(outcomes["MALFORMED"]).toBeGreaterThan(count / 50);
    expect(outcomes["answered"]).toBeGreaterThan(count / 50);
    expect(await target.balance("rich")).toBe(rich);
  });

  it("at the operator's address and socket are judged in the same way", {
    timeout: WHOLE_MS,
  }, async () => {
    const count = Math.ceil(REQUESTS * 0.03);
    const atAddress = anyOf(all(), []);
    await expectNoFault("the operator's address", {
      ...{
        count,
        draw: atAddress,
        send: overBoth(operatorConnections, places.operator, 200),
        atOnce: 16,
      },
    });
    const operator = { name: "the socket", scopes: ["operate", "metrics"] } as const;
    const onSocket = { socket: target.socket };
    await expectNoFault("the operator's socket", {
      ...{ count: Math.ceil(REQUESTS * 0.02), draw: anyOf([operator], []), atOnce: 16 },
      send: (request, number) => askHttp1(onSocket, request, addressFor(number)),
    });
    // Some of these requests are orders of the operator, and were carried out.
    await target.operator(async (desk) => {
      await desk.drain({ resume: true });
      await desk.setLogLevel({ level: LogLevel.INFO });
    });
  });
});

describe("beneath any request", () => {
  it("broken frames, endless headers and false lengths stop nothing", {
    timeout: 120_000,
  }, async () => {
    const frames = Object.entries(FRAMES).map(async ([name, bytes], i) => {
      const how = { protocol: "h2", from: addressFor(i), patienceMs: 2_000 } as const;
      const told = await throwBytes(places.clients, bytes(), how);
      expect(judge.leakInText(told.toString("latin1")), name).toBeUndefined();
    });
    const texts = Object.entries(TEXTS).map(async ([name, text], i) => {
      const how = { from: addressFor(i), patienceMs: 2_000 };
      const told = (await throwBytes(places.clients, [Buffer.from(text, "latin1")], how)).toString(
        "latin1",
      );
      expect(judge.leakInText(told), name).toBeUndefined();
      expect(told, name).not.toMatch(/^HTTP\/1.1 (2|5)/m);
    });
    await Promise.all([...frames, ...texts]);
    await target.pay();
  });

  it("random bytes on each port stop nothing", { timeout: 120_000 }, async () => {
    const random = new Random(SEED, 7);
    for (let round = 0; round < NOISES; round++) {
      const bytes = noise(random, random.between(1, 3_000));
      const place = random.pick(Object.values(places));
      if (random.chance(0.5) || place === places.peers) {
        const socket = connectTcp({
          host: "127.0.0.1",
          port: place.port,
          localAddress: addressFor(round),
        });
        socket.on("error", () => undefined);
        socket.write(bytes);
        const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
        socket.resume();
        await within(closed, 20);
        socket.destroy();
        continue;
      }
      const how = { from: addressFor(round), patienceMs: 20 };
      await throwBytes(place, [bytes], random.chance(0.5) ? { ...how, protocol: "h2" } : how);
    }
    await target.pay();
  });

  it("certificates of strangers open no connection to the peer port", async () => {
    for (const credential of target.worthless.filter(({ certificate }) => certificate)) {
      const request = wholeRequest(credential, PeerService.method.recall);
      const { told } = await askHttp1(places.peers, request, addressFor(0));
      expect(told.status, describeRequest(request)).not.toBe(200);
    }
    await target.pay();
  });

  it(`${IDLE} idle connections and slow requests keep no other client out`, {
    timeout: 300_000,
  }, async () => {
    const holders = target.weak.slice(0, 4);
    const sockets = await Promise.all(
      holders.map((credential, i) => secured(places.clients, credential, addressFor(i))),
    );
    const slow = sockets.map(async (socket, i) => {
      const credential = holders[i] ?? NOTHING;
      const call = LedgerService.method.getStatus;
      const path = pathOf(call);
      const asked = { verb: "POST", target: path, body: Buffer.alloc(0), call };
      const shown = credential.headers?.(asked) ?? [];
      const lines = shown.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${lines}`,
      );
      if (i % 2 === 0) socket.write("content-length: 1000\r\n\r\n{");
      const drip = setInterval(() => socket.write(i % 2 === 0 ? " " : "x-a: b\r\n"), 500);
      socket.resume();
      // The node ends it, by its own clock.
      await new Promise<void>((resolve) => socket.once("close", () => resolve()));
      clearInterval(drip);
    });
    const idle = await openIdle(places.clients, IDLE);
    console.log(`${idle.open()} idle connections are open`);
    expect(idle.open()).toBeGreaterThan(100);
    // On the connection that there is, and on a new one.
    await target.pay();
    const { told } = await askHttp1(
      places.clients,
      wholeRequest(readerOf(), LedgerService.method.getStatus),
      "127.0.0.1",
    );
    expect(told.status).toBe(200);
    await Promise.all(slow);
    idle.close();
  });

  function readerOf(): Credential {
    return target.weak.find(({ scopes }) => scopes.includes("read:all")) ?? NOTHING;
  }
});

describe("after all this", () => {
  it("the same process pays, and has logged no failure and no secret", async () => {
    expect(target.pid).toBe(pid);
    await target.pay();
    const { output } = target;
    expect(output).not.toMatch(/a call failed|cannot go on|"level":(50|60)/);
    expect(new SecretSearch(target.secrets).namesIn(output)).toEqual([]);
  });

  it(`its memory is within ${MEMORY_MAX} MiB of before`, async () => {
    // Connections that were cut leave their buffers a moment later.
    const after = await vigil(() => target.memory());
    console.log(`memory: before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
    expect(after.live - before.live).toBeLessThan(MEMORY_MAX);
    expect(after.resident - before.resident).toBeLessThan(RESIDENT_MAX);
  });

  /** The reading as soon as it is within the bound, or the last of a few. */
  async function vigil(read: () => Promise<Memory>): Promise<Memory> {
    for (let look = 0; ; look++) {
      const now = await read();
      const isBack =
        now.live - before.live < MEMORY_MAX && now.resident - before.resident < RESIDENT_MAX;
      if (isBack || look === 10) return now;
      await setTimeout(1_000);
    }
  }
});
