import { createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { CallBounds } from "../../src/transport/call-bounds.ts";
import { openBounds } from "../../src/transport/caller-bounds.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { type Gateway, openGateway, payment, refusalWith } from "./gateway.ts";

let now = 0;
const rate = { perSecond: 1, burst: 3 };

function boundsOf(limits: { underWayPerCallerMax?: number; underWayMax?: number } = {}) {
  return new CallBounds<string>({ rate, callersMax: 2, now: () => now, ...limits });
}

/** True for each of these calls, one after the other, that is admitted. */
function taken(bounds: CallBounds<string>, ...callers: string[]): boolean[] {
  return callers.map((caller) => !(bounds.begin(caller) instanceof Refusal));
}

describe("T9: the bounds of callers", () => {
  beforeEach(() => {
    now = 0;
  });

  it("refuse one caller's calls above its rate, and no other caller's", () => {
    const bounds = boundsOf();
    expect(taken(bounds, "a", "a", "a", "a", "b")).toEqual([true, true, true, false, true]);
    const refused = bounds.begin("a");
    expect(refused).toMatchObject({ metadata: { retryAfterMs: "1000" } });
    now = 1_000;
    expect(taken(bounds, "a", "a")).toEqual([true, false]);
  });

  it("refuse what one caller has under way beyond its share, until a call of it is over", () => {
    const bounds = boundsOf({ underWayPerCallerMax: 1 });
    const end = bounds.begin("a");
    expect(taken(bounds, "a", "b")).toEqual([false, true]);
    if (typeof end === "function") end();
    expect(taken(bounds, "a")).toEqual([true]);
  });

  it("refuse what all have under way beyond what the node holds", () => {
    const bounds = boundsOf({ underWayMax: 2 });
    expect(taken(bounds, "a", "b", "b", "c")).toEqual([true, true, false, false]);
  });

  it("bound a caller also while all who are remembered have calls under way", () => {
    const bounds = boundsOf({ underWayPerCallerMax: 1 });
    expect(taken(bounds, "a", "b")).toEqual([true, true]);
    expect(taken(bounds, "c", "c", "d", "c")).toEqual([true, false, true, false]);
  });

  it("remember a few callers, and of those who have calls under way all", () => {
    const bounds = boundsOf({ underWayPerCallerMax: 1 });
    bounds.begin("a");
    for (const other of ["b", "c", "d", "e"]) {
      const end = bounds.begin(other);
      if (typeof end === "function") end();
    }
    expect(taken(bounds, "a")).toEqual([false]);
  });
});

describe("a gateway that is asked too often", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    now = 0;
    gateway = await openGateway({
      bounds: { ...openBounds(() => now, 600), calls: boundsOf(), anonymous: boundsOf() },
    });
    for (let used = 0; used < rate.burst; used++) await gateway.curl("/peers");
    gateway.reset();
  });
  afterAll(() => gateway.close());

  const hint = { reason: "TOO_MANY_REQUESTS", metadata: { retryAfterMs: "1000" } };

  it.each([
    ["plain JSON over HTTP/2", ["--http2"]],
    ["plain JSON over HTTP/1.1", ["--http1.1"]],
  ])("says so to %s with status 429, a hint and the header retry-after", async (_name, how) => {
    for (const answer of [
      await gateway.post("/transaction", payment, ...how),
      await gateway.curl("/peers", ...how),
    ]) {
      expect(answer.status).toBe(429);
      expect(answer.headers).toMatch(/^retry-after: 1\r?$/m);
      expect(answer.json).toEqual(refusalWith("resource_exhausted", hint));
    }
    expect(gateway.ledger.asked).toEqual([]);
  });

  it.each([
    ["Connect", createConnectTransport],
    ["gRPC", createGrpcTransport],
    ["gRPC-Web", createGrpcWebTransport],
  ])("says so in %s, with the same detail", async (_name, create) => {
    const nodeOptions = { ca: gateway.ca };
    const transport = create({ baseUrl: gateway.url, httpVersion: "2", nodeOptions });
    const refused = await createClient(LedgerService, transport).getStatus({}).catch(readRefusal);
    expect(refused).toMatchObject(hint);
    expect(gateway.ledger.asked).toEqual([]);
  });

  it("answers again when time has passed", async () => {
    now = 1_000;
    expect((await gateway.curl("/peers")).status).toBe(200);
    expect((await gateway.curl("/peers")).status).toBe(429);
  });
});
