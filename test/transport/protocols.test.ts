import { connect as connectHttp2 } from "node:http2";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ErrorDetailSchema, TransferSchema, Wait } from "../../gen/countersign/v1/types_pb.ts";
import { type Gateway, openGateway, payment, refusalWith, run } from "./gateway.ts";
import { transferId, walletA, walletB } from "./ledger-double.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway();
});

afterAll(() => gateway.close());

beforeEach(() => gateway.reset());

describe("every protocol", () => {
  const options = () => ({
    baseUrl: gateway.url,
    nodeOptions: { ca: gateway.ca },
    acceptCompression: [],
  });
  const protocols: [string, () => Transport][] = [
    ["gRPC", () => createGrpcTransport(options())],
    ["gRPC-Web over HTTP/2", () => createGrpcWebTransport({ ...options(), httpVersion: "2" })],
    ["gRPC-Web over HTTP/1.1", () => createGrpcWebTransport({ ...options(), httpVersion: "1.1" })],
    ["Connect over HTTP/2", () => createConnectTransport({ ...options(), httpVersion: "2" })],
    ["Connect over HTTP/1.1", () => createConnectTransport({ ...options(), httpVersion: "1.1" })],
    [
      "Connect in JSON",
      () => createConnectTransport({ ...options(), httpVersion: "2", useBinaryFormat: false }),
    ],
    [
      "Connect in JSON with GET",
      () =>
        createConnectTransport({
          ...options(),
          httpVersion: "2",
          useBinaryFormat: false,
          useHttpGet: true,
        }),
    ],
    [
      "Connect with GET",
      () => createConnectTransport({ ...options(), httpVersion: "1.1", useHttpGet: true }),
    ],
  ];

  test.each(protocols)("%s pays, reads, and is refused alike", async (_name, open) => {
    const client = createClient(LedgerService, open());
    const transaction = create(TransferSchema, { from: walletA, to: walletB, amount: 25n });
    const paid = await client.transaction({ transaction, wait: Wait.FINAL });
    expect(paid.transaction?.id).toBe(transferId);
    expect(gateway.ledger.asked.at(-1)?.query).toMatchObject({ wait: "final" });
    expect((await client.getWallet({ id: walletA })).wallet?.balance).toBe(1000n);
    expect((await client.getStatus({})).quorum).toBe(3);
    expect((await client.getNetwork({})).threshold).toBe(3);
    const receipt = await client.getReceipt({ from: walletA, id: transferId });
    expect(receipt.operation.case).toBe("transaction");
    expect(receipt.receipt?.sealPending).toBe(true);
    const refusal = await client.getWallet({ id: walletB }).catch(ConnectError.from);
    expect(refusal).toMatchObject({ code: Code.NotFound, rawMessage: "no such wallet" });
    expect((refusal as ConnectError).findDetails(ErrorDetailSchema)).toMatchObject([
      { reason: "UNKNOWN_WALLET", remedy: "Check the wallet's id." },
    ]);
    const malformed = await client.getWallet({ id: "x" }).catch(ConnectError.from);
    expect((malformed as ConnectError).findDetails(ErrorDetailSchema)).toMatchObject([
      { reason: "MALFORMED", field: "id" },
    ]);
  });

  test.each([
    ["gRPC", "application/grpc", Buffer.from([0, 0, 0, 0, 1, 0xff])],
    ["Connect", "application/proto", Buffer.from([0xff])],
  ])(
    "%s bytes that are no message are the caller's fault, with a detail",
    async (name, type, body) => {
      const session = connectHttp2(gateway.url, { ca: gateway.ca });
      const stream = session.request({
        ":method": "POST",
        ":path": "/countersign.v1.LedgerService/GetWallet",
        "content-type": type,
        te: "trailers",
      });
      const seen: Record<string, unknown> = {};
      stream.on("response", (headers) => Object.assign(seen, headers));
      stream.on("trailers", (headers) => Object.assign(seen, headers));
      stream.end(body);
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      session.destroy();
      if (name === "gRPC") {
        expect(seen).toMatchObject({ "grpc-status": String(Code.InvalidArgument) });
        expect(seen["grpc-status-details-bin"]).toBeDefined();
      } else {
        expect(seen[":status"]).toBe(400);
        expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject(
          refusalWith("invalid_argument", { reason: "MALFORMED" }),
        );
      }
    },
  );

  test.each(["grpc", "grpcweb", "connect"])("buf curl --protocol %s pays", async (protocol) => {
    const args = ["curl", "--schema", "proto", "--protocol", protocol, "--cacert", gateway.caFile];
    const rpc = `${gateway.url}/countersign.v1.LedgerService/Transaction`;
    const { stdout } = await run("node_modules/.bin/buf", [...args, "-d", payment, rpc]);
    expect(JSON.parse(stdout)).toMatchObject({
      transaction: { id: transferId },
      receipt: { sealedHeader: { header: { height: "7" } } },
    });
  });
});
