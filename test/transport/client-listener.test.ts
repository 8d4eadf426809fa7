import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import { create } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
} from "@connectrpc/connect-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  GetWalletRequestSchema,
  LedgerService,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { type Gateway, openGateway, refusalWith, run } from "./gateway.ts";
import { walletA } from "./ledger-double.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway({ bodyTimeoutMs: 300 });
});

afterAll(() => gateway.close());

beforeEach(() => gateway.reset());

describe("the client listener", () => {
  test("hands on how long the caller waits", async () => {
    const client = createClient(
      LedgerService,
      createConnectTransport({
        baseUrl: gateway.url,
        httpVersion: "2",
        nodeOptions: { ca: gateway.ca },
      }),
    );
    await client.getWallet({ id: walletA }, { timeoutMs: 5_000 });
    const timeLeft = gateway.ledger.asked.at(-1)?.call.timeLeftMs;
    expect(timeLeft).toBeGreaterThan(4_000);
    expect(timeLeft).toBeLessThanOrEqual(5_000);
    await client.getWallet({ id: walletA });
    expect(gateway.ledger.asked.at(-1)?.call.timeLeftMs).toBeUndefined();
    expect(gateway.ledger.asked.at(-1)?.call.countedAs).toBe("127.0.0.1");
  });

  const WAYS = [
    ["Connect", createConnectTransport],
    ["gRPC", createGrpcTransport],
  ] as const;

  test.each(WAYS)("decodes no large message of small fields, by %s", async (_, transport) => {
    const packed = { sendCompression: compressionGzip, compressMinBytes: 0 };
    const $unknown = Array.from({ length: 10_000 }, () => ({
      no: 1000,
      wireType: WireType.LengthDelimited,
      data: new Uint8Array([0]),
    }));
    const message = Object.assign(create(GetWalletRequestSchema, { id: walletA }), { $unknown });
    for (const [options, code] of [
      [{}, Code.InvalidArgument],
      [packed, Code.ResourceExhausted],
    ] as const) {
      const client = createClient(
        LedgerService,
        transport({
          baseUrl: gateway.url,
          httpVersion: "2",
          nodeOptions: { ca: gateway.ca },
          ...options,
        }),
      );
      await expect(client.getWallet(message)).rejects.toMatchObject({ code });
      expect(await client.getWallet({ id: walletA })).toMatchObject({ wallet: { id: walletA } });
    }
  });

  test("tells who sends half a body that it is late, and ends the stream, over HTTP/2", async () => {
    const session = connectHttp2(gateway.url, { ca: gateway.ca });
    const stream = session.request({
      ":method": "POST",
      ":path": "/transaction",
      "content-type": "application/json",
    });
    stream.write('{"transaction":');
    const status = new Promise((resolve) => stream.once("response", resolve));
    const text = (await stream.toArray()).join("");
    expect(await status).toMatchObject({ ":status": 408 });
    expect(JSON.parse(text)).toMatchObject(late);
    session.destroy();
    expect(gateway.log.lines.at(-1)).toMatchObject({
      message: "a body came too slowly",
      fields: { call: "Transaction" },
    });
    expect(gateway.failures).toEqual([]);
  });

  test("tells who sends half a body that it is late, and hangs up, over HTTP/1.1", async () => {
    const answer = await tell(
      "POST /transaction HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" +
        'content-length: 100\r\n\r\n{"transaction":',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain("connection: close");
    expect(JSON.parse(answer.slice(answer.indexOf("{")))).toMatchObject(late);
    expect(await gateway.curl("/peers")).toMatchObject({ status: 200 });
    expect(gateway.failures).toEqual([]);
  });

  const late = refusalWith("deadline_exceeded", { reason: "BODY_TIMEOUT" });

  /** All data that the node sends before it hangs up. */
  async function tell(request: string): Promise<string> {
    const { ca, listener } = gateway;
    const socket = connectTls({ port: listener.port, host: "localhost", ca });
    socket.write(request);
    return (await socket.toArray()).join("");
  }

  test("calls it no failure of the node when a body is shorter than its length", async () => {
    const session = connectHttp2(gateway.url, { ca: gateway.ca });
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Watch",
      "content-type": "application/grpc",
      "content-length": "504",
      "grpc-timeout": "1S",
    });
    stream.on("error", () => undefined);
    stream.end(Buffer.from([0, 0, 0, 0, 9, 1]));
    await new Promise((resolve) => stream.once("close", resolve));
    expect(await gateway.curl("/peers")).toMatchObject({ status: 200 });
    session.destroy();
    expect(gateway.failures).toEqual([]);
  });

  test("is silent about HTTP without TLS and about garbage, and goes on", async () => {
    await expect(
      run("curl", ["-sS", `http://localhost:${gateway.listener.port}/peers`]),
    ).rejects.toThrow();
    expect(await gateway.curl("/peers")).toMatchObject({ status: 200 });
    expect(gateway.failures).toEqual([]);
  });

  test("speaks TLS 1.2 and 1.3, nothing older", async () => {
    expect(await gateway.curl("/peers", "--tls-max", "1.2")).toMatchObject({ status: 200 });
    expect(await gateway.curl("/peers", "--tlsv1.3")).toMatchObject({ status: 200 });
    await expect(gateway.curl("/peers", "--tls-max", "1.1")).rejects.toThrow();
  });
});

describe("closing", () => {
  function clientOf({ url, ca }: Gateway) {
    return createClient(LedgerService, createGrpcTransport({ baseUrl: url, nodeOptions: { ca } }));
  }

  test("lets running calls answer, and is told to them by their signal", async () => {
    const another = await openGateway();
    const { ledger, listener, failures } = another;
    ledger.answer = () =>
      new Promise((resolve) => {
        ledger.asked.at(-1)?.call.signal.addEventListener("abort", () => {
          resolve(new Refusal("OUTCOME_UNKNOWN", { message: "who knows" }));
        });
      });
    const call = clientOf(another).getWallet({ id: walletA }).catch(ConnectError.from);
    await expect.poll(() => ledger.asked.length).toBe(1);
    await listener.close(5_000);
    expect(await call).toMatchObject({ code: Code.DeadlineExceeded, rawMessage: "who knows" });
    expect(failures).toEqual([]);
  });

  test("cuts off what does not end", async () => {
    const another = await openGateway();
    const { ledger, listener } = another;
    ledger.answer = () => new Promise(() => undefined);
    const call = clientOf(another).getWallet({ id: walletA }).catch(ConnectError.from);
    await expect.poll(() => ledger.asked.length).toBe(1);
    // The call never ends by itself, so a listener that waited for it would never close.
    await listener.close(200);
    expect(await call).toBeInstanceOf(ConnectError);
  });

  test("gives up its port, and one that is taken is a clear failure", async () => {
    const first = await openGateway();
    await expect(openGateway({ port: first.listener.port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    await first.close();
    await expect(clientOf(first).getStatus({})).rejects.toMatchObject({ code: Code.Unavailable });
    const second = await openGateway({ port: first.listener.port });
    expect((await clientOf(second).getStatus({})).quorum).toBe(3);
    await second.close();
  });
});
