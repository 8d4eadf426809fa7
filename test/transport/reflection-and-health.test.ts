// A client that has no files of this project, and one that only asks whether to send traffic here.

import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "../../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { type Gateway, openGateway, run } from "./gateway.ts";
import { walletA } from "./ledger-double.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway();
});

afterAll(() => gateway.close());

beforeEach(() => gateway.reset());

const transport = () =>
  createGrpcTransport({ baseUrl: gateway.url, nodeOptions: { ca: gateway.ca } });

/** `buf curl`, an independent client in Go, without any schema at hand. */
async function bufCurl(...args: string[]): Promise<string> {
  const { stdout } = await run("node_modules/.bin/buf", [
    ...["curl", "--cacert", gateway.caFile],
    ...args,
  ]);
  return stdout;
}

const REFLECTIONS = ["grpc-v1", "grpc-v1alpha"];
const SERVICES = [
  "countersign.v1.LedgerService",
  "countersign.v1.PeerService",
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

describe("server reflection", () => {
  test.each(REFLECTIONS)("%s lists the services and their calls", async (reflection) => {
    const reflect = ["--reflect-protocol", reflection];
    const services = await bufCurl(...reflect, "--list-services", gateway.url);
    expect(services.trim().split("\n").sort()).toEqual(SERVICES);
    const methods = await bufCurl(...reflect, "--list-methods", gateway.url);
    expect(methods).toContain("countersign.v1.LedgerService/WalletCreation");
    expect(methods).toContain("countersign.v1.PeerService/Register");
  });

  test.each(REFLECTIONS)("%s lists no call that is not served", async (reflection) => {
    const listed = await bufCurl("--reflect-protocol", reflection, "--list-methods", gateway.url);
    const methods = listed.trim().split("\n");
    expect(methods.filter((method) => method.includes("PeerService"))).toEqual([
      "countersign.v1.PeerService/Register",
      "countersign.v1.PeerService/Verification",
    ]);
    for (const method of methods) {
      // No protocol has this content type: a call that exists answers with 415.
      const answer = await gateway.curl(`/${method}`, "-H", "content-type: text/plain", "-d", "x");
      expect([method, answer.status]).toEqual([method, 415]);
    }
  });

  test.each(
    REFLECTIONS.flatMap((reflection) =>
      ["grpc", "grpcweb", "connect"].map((protocol) => [reflection, protocol] as const),
    ),
  )("by %s a client without files calls over %s", async (reflection, protocol) => {
    const flags = ["--reflect-protocol", reflection, "--protocol", protocol];
    const path = `${gateway.url}/countersign.v1.LedgerService/GetWallet`;
    const answer = await bufCurl(...flags, "-d", JSON.stringify({ id: walletA }), path);
    expect(JSON.parse(answer).wallet.balance).toBe("1000");
  });

  test("answers what it does not know with an error in the stream", async () => {
    const client = createClient(ServerReflection, transport());
    async function* questions() {
      const ask = (question: object) => ({ host: "h", messageRequest: question }) as never;
      yield ask({ case: "fileContainingSymbol", value: "countersign.v1.NoSuchThing" });
      yield ask({ case: "fileByFilename", value: "../../etc/passwd" });
      yield ask({ case: "fileContainingSymbol", value: "countersign.v1.LedgerService.GetWallet" });
      yield ask({ case: "fileContainingSymbol", value: "countersign.v1.PeerService.Link" });
      yield ask({ case: undefined });
    }
    const cases: (string | undefined)[] = [];
    for await (const { messageResponse } of client.serverReflectionInfo(questions())) {
      cases.push(messageResponse.case);
    }
    expect(cases).toEqual([
      "errorResponse",
      "errorResponse",
      "fileDescriptorResponse",
      "errorResponse",
      "errorResponse",
    ]);
  });

  test("ends a stream that asks without end", async () => {
    const client = createClient(ServerReflection, transport());
    async function* questions() {
      for (;;) yield { messageRequest: { case: "listServices", value: "" } } as const;
    }
    let answers = 0;
    for await (const _ of client.serverReflectionInfo(questions())) answers += 1;
    expect(answers).toBe(1_000);
  });
});

describe("health", () => {
  const health = () => createClient(Health, transport());

  test("says whether the node is ready, for each service and the whole", async () => {
    for (const service of ["", "countersign.v1.LedgerService"]) {
      expect((await health().check({ service })).status).toBe(Status.SERVING);
    }
    gateway.ledger.notReadyBecause = "it is behind";
    expect((await health().check({})).status).toBe(Status.NOT_SERVING);
    const { statuses } = await health().list({});
    expect(statuses["countersign.v1.LedgerService"]?.status).toBe(Status.NOT_SERVING);
  });

  test("says by a name of its own whether the network tolerates what it promises, of a node that is ready", async () => {
    const service = "countersign.fault-tolerance";
    const statuses = async () =>
      Object.fromEntries(
        Object.entries((await health().list({})).statuses).map(([name, { status }]) => [
          name,
          status,
        ]),
      );
    expect((await health().check({ service })).status).toBe(Status.SERVING);
    gateway.ledger.reducedBecause = ["node4 holds no share of the group key"];
    expect((await health().check({ service })).status).toBe(Status.NOT_SERVING);
    expect(await statuses()).toMatchObject({ "": Status.SERVING, [service]: Status.NOT_SERVING });
    gateway.ledger.reducedBecause = [];
    gateway.ledger.notReadyBecause = "it is behind";
    expect(await statuses()).toMatchObject({
      "": Status.NOT_SERVING,
      [service]: Status.NOT_SERVING,
    });
  });

  test("refuses a service that is not served, with what to do", async () => {
    const answer = await gateway.post("/grpc.health.v1.Health/Check", '{"service":"x"}');
    expect(answer.status).toBe(404);
    expect(JSON.stringify(answer.json)).toContain("NOT_FOUND");
  });

  test("answers buf curl without files", async () => {
    const answer = await bufCurl("-d", "{}", `${gateway.url}/grpc.health.v1.Health/Check`);
    expect(JSON.parse(answer)).toEqual({ status: "SERVING" });
  });

  test("tells watchers of every change, of the closing last", async () => {
    const own = await openGateway();
    const client = createClient(
      Health,
      createGrpcTransport({ baseUrl: own.url, nodeOptions: { ca: own.ca } }),
    );
    const told: Status[] = [];
    let end: unknown;
    try {
      for await (const { status } of client.watch({})) {
        told.push(status);
        if (told.length === 1) own.ledger.notReadyBecause = "too few peers";
        if (told.length === 2) own.ledger.notReadyBecause = undefined;
        if (told.length === 3) void own.listener.close(2_000);
      }
    } catch (error) {
      end = error;
    }
    await own.close();
    expect(told).toEqual([Status.SERVING, Status.NOT_SERVING, Status.SERVING, Status.NOT_SERVING]);
    expect(end).toMatchObject({ rawMessage: expect.stringContaining("shutting down") });
  });

  test("lets one caller watch a few times only, and others beside it", async () => {
    const own = await openGateway();
    const stop = new AbortController();
    const watch = async (from: string) => {
      const client = createClient(
        Health,
        createGrpcTransport({
          baseUrl: own.url.replace("localhost", "127.0.0.1"),
          nodeOptions: { ca: own.ca, ...{ localAddress: from } },
        }),
      );
      const answers = client.watch({}, { signal: stop.signal })[Symbol.asyncIterator]();
      return await answers.next().then(
        ({ value }) => value?.status,
        (error: Error) => error.message,
      );
    };
    const told: unknown[] = [];
    const most = LIMITS.healthWatchersPerCallerMax;
    for (let i = 0; i <= most; i++) told.push(await watch("127.0.7.7"));
    expect(told.slice(0, most)).toEqual(new Array(most).fill(Status.SERVING));
    expect(told[most]).toMatch(/this caller has as many health watchers/);
    expect(await watch("127.0.7.8")).toBe(Status.SERVING);
    stop.abort();
    await own.close();
  });

  test("tells a watcher that a service is unknown, without an error", async () => {
    const stop = new AbortController();
    for await (const { status } of health().watch({ service: "x" }, { signal: stop.signal })) {
      expect(status).toBe(Status.SERVICE_UNKNOWN);
      break;
    }
    stop.abort();
  });
});
