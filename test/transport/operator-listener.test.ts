/** The operator's listener over a real socket, called by curl and by the generated client. */
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LogLevel, OperatorService } from "../../gen/countersign/v1/operator_service_pb.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { operatorBounds } from "../../src/transport/caller-bounds.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import type { OperatorApi } from "../../src/transport/operator-api.ts";
import {
  type OperatorListener,
  openOperatorListener,
} from "../../src/transport/operator-listener.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { run } from "./gateway.ts";
import { createOperatorDouble } from "./operator-double.ts";
import { createTestLog } from "./test-log.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-operator-"));
const path = join(folder, "operator.sock");
const log = createTestLog();
const failures: unknown[] = [];
let api: OperatorApi & { readonly asked: unknown[] };
let because: string | undefined;
let metrics: () => string;
let listener: OperatorListener;
const audited: string[] = [];
let auditFailure: Error | undefined;

beforeAll(async () => {
  listener = await openOperatorListener({
    path,
    api: {
      getNodeStatus: (call) => api.getNodeStatus(call),
      setLogLevel: (level, call) => api.setLogLevel(level, call),
      reload: (call) => api.reload(call),
      drain: (command, call) => api.drain(command, call),
      listPeers: (call) => api.listPeers(call),
      listEvidence: (query, call) => api.listEvidence(query, call),
      getEvidence: (id, call) => api.getEvidence(id, call),
      createToken: (asked, call) => api.createToken(asked, call),
      listTokens: (call) => api.listTokens(call),
      revokeToken: (token, call) => api.revokeToken(token, call),
      addWebhook: (asked, call) => api.addWebhook(asked, call),
      listWebhooks: (call) => api.listWebhooks(call),
      removeWebhook: (name, call) => api.removeWebhook(name, call),
      redeliverWebhook: (command, call) => api.redeliverWebhook(command, call),
      beginBackup: (call) => api.beginBackup(call),
      readBackup: (place, call) => api.readBackup(place, call),
      endBackup: (id, call) => api.endBackup(id, call),
      getUpgrade: (call) => api.getUpgrade(call),
      approveRuleset: (asked, call) => api.approveRuleset(asked, call),
    },
    metrics: {
      read: () => ({ status: 200, contentType: "text/plain; version=0.0.4", text: metrics() }),
    },
    audit: {
      called: async (call, principal) => {
        if (auditFailure !== undefined) throw auditFailure;
        audited.push(`${call} ${principal}`);
      },
    },
    notReadyBecause: () => because,
    bounds: operatorBounds(() => performance.now()),
    log,
    onFailure: (error) => failures.push(error),
  });
});

beforeEach(() => {
  api = createOperatorDouble();
  because = undefined;
  metrics = () => "countersign_height 7\n";
  failures.length = 0;
  audited.length = 0;
  auditFailure = undefined;
});

afterAll(async () => {
  await listener.close(100);
  rmSync(folder, { recursive: true });
});

async function curl(at: string, ...args: string[]) {
  const { stdout } = await run("curl", [
    ...["-sS", "-i", "--unix-socket", path, "-w", "\n%{http_code}"],
    ...[...args, `http://localhost${at}`],
  ]);
  const end = stdout.lastIndexOf("\n");
  const [head = "", ...rest] = stdout.slice(0, end).split("\r\n\r\n");
  return {
    status: Number(stdout.slice(end + 1)),
    headers: head.toLowerCase(),
    body: rest.join("\r\n\r\n"),
  };
}

const json = ["-H", "content-type: application/json", "-d"];

describe("the audit log of the operator's calls", () => {
  const call = (name: string, body = "{}") =>
    curl(`/countersign.v1.OperatorService/${name}`, ...json, body);

  it("has each call that may change something with its caller before it is carried out", async () => {
    let before: readonly string[] = [];
    api = {
      ...api,
      reload: () => {
        before = [...audited];
        return { taken: [], atNextStart: [], certificates: [] };
      },
    };
    expect(await call("Reload")).toMatchObject({ status: 200 });
    expect(before).toEqual(["Reload socket"]);
  });

  it("has no page and no call that only reads, so that a program that polls pushes nothing out", async () => {
    for (const name of ["GetNodeStatus", "ListPeers", "ListEvidence", "ListTokens"]) {
      expect(await call(name)).toMatchObject({ status: 200 });
    }
    await curl("/healthz");
    expect(audited).toEqual([]);
  });

  it("stops a call that it cannot take down", async () => {
    let isCarriedOut = false;
    api = {
      ...api,
      reload: () => {
        isCarriedOut = true;
        return { taken: [], atNextStart: [], certificates: [] };
      },
    };
    auditFailure = new Error("the disk is full");
    const { status } = await curl("/countersign.v1.OperatorService/Reload", ...json, "{}");
    expect(status).toBe(500);
    expect(isCarriedOut).toBe(false);
    expect(failures).toEqual([auditFailure]);
  });
});

describe("the pages of the operator's listener", () => {
  it.each([
    ["/healthz", "ok\n", "text/plain; charset=utf-8"],
    ["/readyz", "ready\n", "text/plain; charset=utf-8"],
    ["/metrics", "countersign_height 7\n", "text/plain; version=0.0.4"],
  ])("%s is answered to GET, and to HEAD without a body", async (at, text, type) => {
    const got = await curl(at);
    expect(got).toMatchObject({ status: 200, body: text });
    const head = await curl(at, "--head");
    expect(head).toMatchObject({ status: 200, body: "" });
    for (const { headers } of [got, head]) {
      expect(headers).toContain(`content-type: ${type}`);
      expect(headers).toContain(`content-length: ${text.length}`);
      expect(headers).toContain("cache-control: no-store");
    }
  });

  it("/readyz says why the node is not ready, with 503", async () => {
    because = "1 of 4 nodes are connected";
    const text = "not ready: 1 of 4 nodes are connected\n";
    expect(await curl("/readyz")).toMatchObject({ status: 503, body: text });
    expect(await curl("/readyz", "--head")).toMatchObject({ status: 503, body: "" });
    expect(await curl("/healthz")).toMatchObject({ status: 200 });
  });

  it("take no other method, and say which they take", async () => {
    for (const verb of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const { status, headers } = await curl("/readyz", "-X", verb);
      expect(status, verb).toBe(405);
      expect(headers).toContain("allow: get, head");
    }
  });

  it("read no body, and end the connection of one who sends it", async () => {
    const { status, headers } = await curl("/healthz", "-X", "GET", "-d", "x".repeat(10_000));
    expect(status).toBe(200);
    expect(headers).toContain("connection: close");
  });

  it("hide a failure of theirs behind an id that the log has", async () => {
    metrics = () => {
      throw new Error("secret");
    };
    const { status, body } = await curl("/metrics");
    expect(status).toBe(500);
    expect(body).not.toContain("secret");
    expect(failures).toHaveLength(1);
  });
});

describe("the calls of the operator's listener", () => {
  it("answer JSON by curl", async () => {
    const { status, body } = await curl(
      "/countersign.v1.OperatorService/SetLogLevel",
      ...[...json, '{"level":"LOG_LEVEL_DEBUG"}'],
    );
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ previous: "LOG_LEVEL_INFO" });
    expect(api.asked).toEqual([["setLogLevel", "debug", "socket"]]);
  });

  it("answer the generated client, each of them", async () => {
    const calls = createClient(OperatorService, transport());
    const status = await calls.getNodeStatus({});
    expect(status).toMatchObject({
      logLevel: LogLevel.INFO,
      draining: false,
      ordersUnderWay: 2,
      evidenceRecords: 1,
      status: { nodeId: "node1", ready: true },
      certificates: [{ configKey: "clientCertificate", daysLeft: 12 }],
      lastReload: { at: 1_790_000_000_000n, problem: "" },
    });
    expect(await calls.reload({})).toMatchObject({ taken: ["logLevel"], atNextStart: ["peers"] });
    expect(await calls.drain({ waitMs: 5n })).toMatchObject({ draining: true });
    const { peers } = await calls.listPeers({});
    expect(peers).toMatchObject([
      {
        peer: { nodeId: "node2" },
        clockAheadMs: -3n,
        blamed: false,
        droppedItems: 4n,
        calledMs: 4_200n,
      },
      { peer: { nodeId: "node3" } },
      { peer: { nodeId: "node4" } },
    ]);
    expect(await calls.listEvidence({})).toMatchObject({
      total: 1,
      records: [{ member: "node4" }],
    });
    const [{ id } = { id: new Uint8Array() }] = (await calls.listEvidence({})).records;
    expect(await calls.getEvidence({ id })).toMatchObject({ headers: [new Uint8Array([1])] });
    expect(api.asked).toContainEqual(["listEvidence", { skip: 0, count: 100 }, "socket"]);
    expect(api.asked).toContainEqual(["drain", { resume: false, waitMs: 5 }, "socket"]);
  });

  it.each([
    ["SetLogLevel", "{}", "MISSING_FIELD", "level"],
    ["Drain", '{"waitMs":"3600001"}', "LIMIT", "waitMs"],
    ["ListEvidence", '{"count":101}', "LIMIT", "count"],
    ["GetEvidence", "{}", "MISSING_FIELD", "id"],
    ["GetEvidence", '{"id":"AAAA"}', "MALFORMED", "id"],
    ["Reload", '{"force":true}', "MALFORMED", ""],
  ])("%s refuses %s with %s", async (call, request, reason, field) => {
    const { status, body } = await curl(
      `/countersign.v1.OperatorService/${call}`,
      ...[...json, request],
    );
    expect(status).toBe(400);
    expect(JSON.parse(body).details[0].debug).toMatchObject(
      field === "" ? { reason } : { reason, field },
    );
    expect(api.asked).toEqual([]);
  });

  it("hand on a refusal to reload", async () => {
    api = {
      ...api,
      reload: () => new Refusal("NOT_RELOADED", { message: "config.json: cannot be read" }),
    };
    const error = await createClient(OperatorService, transport())
      .reload({})
      .catch((reason: unknown) => readRefusal(reason));
    expect(error).toMatchObject({ reason: "NOT_RELOADED", message: "config.json: cannot be read" });
  });

  it("T11: are closed to web pages, and to names that are not the node's", async () => {
    const at = "/countersign.v1.OperatorService/Reload";
    const cases: readonly [string, string, number][] = [
      ["origin", "https://evil.example", 403],
      ["origin", "http://localhost", 403],
      ["sec-fetch-site", "cross-site", 403],
      ["host", "evil.example", 421],
    ];
    for (const [name, value, expected] of cases) {
      for (const [path, args] of [
        [at, [...json, "{}"]],
        ["/metrics", []],
      ] as const) {
        const { status } = await curl(path, "-H", `${name}: ${value}`, ...args);
        expect(status, `${name}: ${value} at ${path}`).toBe(expected);
      }
    }
    expect(api.asked).toEqual([]);
  });

  it("serve nothing of the client listener", async () => {
    for (const path of ["/peers", "/transaction", "/countersign.v1.LedgerService/GetNetwork"]) {
      expect(await curl(path, ...json, "{}")).toMatchObject({ status: 404 });
    }
  });

  it("take no more than a small message", async () => {
    const large = `{"level":"${"x".repeat(LIMITS.operatorMessageBytesMax)}"}`;
    const { status } = await curl(
      "/countersign.v1.OperatorService/SetLogLevel",
      ...[...json, large],
    );
    expect(status).toBe(429);
    expect(api.asked).toEqual([]);
  });
});

it("takes so many connections at once and no more, and again when they are gone", async () => {
  const sockets = Array.from({ length: LIMITS.operatorConnectionsMax + 10 }, () => connect(path));
  let closed = 0;
  for (const socket of sockets) {
    socket.on("error", () => undefined);
    socket.once("close", () => {
      closed += 1;
    });
  }
  await expect.poll(() => closed).toBe(10);
  await expect(curl("/healthz")).rejects.toThrow();
  for (const socket of sockets) socket.destroy();
  await expect.poll(async () => (await curl("/healthz").catch(() => undefined))?.status).toBe(200);
});

function transport() {
  return createConnectTransport({
    baseUrl: "http://localhost",
    httpVersion: "1.1",
    nodeOptions: { socketPath: path, agent: new Agent({ keepAlive: false }) },
  });
}
