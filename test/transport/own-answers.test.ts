// A listener's own answers to single calls are those that Connect would give, in every protocol, packed or not.
import { once } from "node:events";
import { connect, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, type DescMethod, toBinary, toJsonString } from "@bufbuild/protobuf";
import { compressionGzip } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { openAuthenticator } from "../../src/node/access/open.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { CallGate } from "../../src/transport/call-gate.ts";
import { openBounds } from "../../src/transport/caller-bounds.ts";
import { type AdapterOptions, createHttpHandler } from "../../src/transport/http-adapter.ts";
import { createLedgerService } from "../../src/transport/ledger-service.ts";
import { PLAIN_PATHS } from "../../src/transport/plain-paths.ts";
import { throwing, unaryTable } from "../../src/transport/unary-service.ts";
import { createLedgerDouble, transferId, walletA, walletB } from "./ledger-double.ts";
import { createTestLog } from "./test-log.ts";

const PACK_MIN_BYTES = 400;
const ledger = createLedgerDouble();
const servers: Http2Server[] = [];
const ports = { own: 0, connect: 0 };

async function serve(calls: Pick<AdapterOptions, "unary" | "routes">): Promise<number> {
  const gate = new CallGate({
    authenticator: openAuthenticator,
    bounds: openBounds(() => performance.now(), 600),
  });
  const handler = createHttpHandler({
    ...calls,
    plainPaths: PLAIN_PATHS,
    json: true,
    codings: ["gzip"],
    messageBytesMax: LIMITS.clientMessageBytesMax,
    questionBytesMax: LIMITS.clientMessageBytesMax,
    messageFieldsMax: LIMITS.clientMessageFieldsMax,
    bodyTimeoutMs: 10_000,
    shutdownSignal: new AbortController().signal,
    acceptCompression: [compressionGzip],
    compressMinBytes: PACK_MIN_BYTES,
    admit: (request, wanted) => gate.admit(request, wanted),
    log: createTestLog(),
    onFailure: (error) => expect.fail(String(error)),
  });
  const server = createServer(handler);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const calls = createLedgerService(ledger);
  ports.own = await serve({ routes: () => undefined, unary: unaryTable(LedgerService, calls) });
  ports.connect = await serve({
    routes: (router) => router.service(LedgerService, throwing(calls)),
  });
});
afterAll(() => {
  for (const server of servers) server.close();
});

interface Seen {
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

async function ask(port: number, headers: Record<string, string>, body: Uint8Array): Promise<Seen> {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ":method": "POST", ...headers });
  const seen: Record<string, unknown> = {};
  for (const event of ["response", "trailers"] as const) {
    stream.on(event, (some: object) => Object.assign(seen, some));
  }
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.end(body);
  await once(stream, "close");
  session.destroy();
  const { date: _, ...rest } = seen;
  return { headers: { ...rest }, body: Buffer.concat(chunks).toString("base64") };
}

function enveloped(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const { method } = LedgerService;
const CALLS: readonly [DescMethod, Record<string, unknown>][] = [
  [method.transaction, { transaction: { from: walletA, to: walletB, amount: 25n } }],
  [method.walletCreation, {}],
  [method.getWallet, { id: walletA }],
  [method.getReceipt, { from: walletA, id: transferId }],
  [method.listEntries, { walletId: walletA }],
  [method.listBlocks, {}],
  [method.getBlock, { height: 7n }],
  [method.listTransactions, {}],
  [method.listWallets, {}],
  [method.listPeers, {}],
  [method.getNetwork, {}],
  [method.getStatus, {}],
  // Refused: by the node, and because it cannot be read.
  [method.getWallet, { id: walletB }],
  [method.getWallet, { id: "x" }],
];

describe.each(CALLS)("$name %j", ({ name, input }, question) => {
  const message = create(input, question);
  const binary = toBinary(input, message);
  const json = Buffer.from(toJsonString(input, message));
  test.each<[string, Uint8Array, string]>([
    ["application/json", json, "accept-encoding"],
    ["application/proto", binary, "accept-encoding"],
    ["application/grpc", enveloped(binary), "grpc-accept-encoding"],
    ["application/grpc-web+proto", enveloped(binary), "grpc-accept-encoding"],
  ])("in %s", async (type, body, accept) => {
    const path = `/${LedgerService.typeName}/${name}`;
    const plain = { ":path": path, "content-type": type, te: "trailers" };
    for (const headers of [plain, { ...plain, [accept]: "gzip" }]) {
      const [own, connects] = [
        await ask(ports.own, headers, body),
        await ask(ports.connect, headers, body),
      ];
      // Connect names the coding that it would use, for messages that it does not pack too.
      if (own.headers["grpc-encoding"] === undefined) delete connects.headers["grpc-encoding"];
      // gRPC's refusals in the headers alone are the same for its callers.
      const isRefused =
        own.headers["grpc-status"] !== undefined && own.headers["grpc-status"] !== "0";
      if (isRefused && type === "application/grpc-web+proto") {
        expect(own.headers).toMatchObject({ "grpc-status": own.headers["grpc-status"] });
        continue;
      }
      expect(own).toEqual(connects);
    }
  });
});
