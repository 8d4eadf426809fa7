/** Requests as HTTP allows them, and as web pages and careless programs make them, at the real listener. */
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GetWalletRequestSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { type Gateway, openGateway, payment, refusalWith, run } from "./gateway.ts";
import { walletA } from "./ledger-double.ts";

let gateway: Gateway;
let session: ClientHttp2Session;

beforeAll(async () => {
  gateway = await openGateway({ names: ["node1.example", "*.wild.example"] });
  session = connectHttp2(gateway.url, { ca: gateway.ca });
});

afterAll(async () => {
  session.destroy();
  await gateway.close();
});

beforeEach(() => gateway.reset());

const WALLET = "/countersign.v1.LedgerService/GetWallet";

/** A call over HTTP/2 with exactly these headers. */
async function call(headers: Record<string, string>, body: Uint8Array | string = "") {
  const stream = session.request({ ":method": "POST", ":path": WALLET, ...headers });
  const [head, trailer] = [new Headers(), new Headers()];
  let endsWithHeaders = false;
  const collect = (into: Headers) => (got: object, flags: number) => {
    for (const [name, value] of Object.entries(got)) into.set(name.replace(":", ""), String(value));
    if (into === head) endsWithHeaders = (flags & 1) === 1;
  };
  stream.on("response", collect(head)).on("trailers", collect(trailer));
  if (headers[":method"] !== "GET") stream.end(body);
  const bytes = Buffer.concat(await stream.toArray());
  return { status: Number(head.get("status")), head, trailer, bytes, endsWithHeaders };
}

/** Sends one HTTP/1.1 request unchanged; gives the answer's status and JSON. */
async function tell(head: string, body = ""): Promise<{ status: number; json: unknown }> {
  const socket = connectTls({ port: gateway.listener.port, host: "localhost", ca: gateway.ca });
  socket.end(`${head}\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  const answer = (await socket.toArray()).join("");
  const [, status] = /^HTTP\/1\.1 (\d+) /.exec(answer) ?? [];
  const start = answer.indexOf("\r\n\r\n");
  const text = answer.slice(start).replace(/^[^{]*|[^}]*$/g, "");
  return { status: Number(status), json: text === "" ? undefined : JSON.parse(text) };
}

function enveloped(message: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const question = toBinary(GetWalletRequestSchema, create(GetWalletRequestSchema, { id: walletA }));

describe("a call that there is not", () => {
  const unknown = { ":path": "/countersign.v1.LedgerService/Nothing" };

  test.each(["application/grpc", "application/grpc+proto", "application/grpc-web+proto"])(
    "is told by the headers alone to %s",
    async (type) => {
      const answer = await call({ ...unknown, "content-type": type }, enveloped(question));
      expect(answer).toMatchObject({ status: 200, endsWithHeaders: true });
      expect(answer.head.get("content-type")).toBe(`${type.replace("+proto", "")}+proto`);
      const error = findTrailerError(answer.head);
      expect(error).toMatchObject({
        code: Code.Unimplemented,
        rawMessage: "there is no such path",
      });
      expect(readRefusal(error)).toMatchObject({ reason: "UNKNOWN_PATH" });
    },
  );

  test("is told by the end of the stream to a stream of Connect", async () => {
    const answer = await call({ ...unknown, "content-type": "application/connect+proto" });
    expect(answer.status).toBe(200);
    expect([...answer.bytes.subarray(0, 1)]).toEqual([2]);
    expect(JSON.parse(answer.bytes.subarray(5).toString())).toMatchObject({
      error: { code: "unimplemented", details: [{ debug: { reason: "UNKNOWN_PATH" } }] },
    });
  });

  test.each(["grpc", "grpcweb", "connect"])("is told to buf curl --protocol %s", async (way) => {
    const args = ["curl", "--schema", "proto", "--protocol", way, "--cacert", gateway.caFile];
    const rpc = `${gateway.url}/countersign.v1.PeerService/FetchBlocks`;
    const failed = run("node_modules/.bin/buf", [...args, "-d", "{}", rpc]);
    await expect(failed).rejects.toMatchObject({
      stderr: expect.stringMatching(/unimplemented[\s\S]*there is no such path/),
    });
  });
});

describe("a compression that there is not", () => {
  test.each([
    ["application/grpc", "grpc-encoding"],
    ["application/grpc-web+proto", "grpc-encoding"],
  ])("is told by its name to %s", async (type, header) => {
    const answer = await call({ "content-type": type, [header]: "snappy" }, enveloped(question, 1));
    const refusal = readRefusal(findTrailerError(answer.head));
    expect(refusal).toMatchObject({
      reason: "UNKNOWN_COMPRESSION",
      field: header,
      metadata: { supported: "identity, gzip, br" },
    });
  });

  test.each(["application/proto", "application/json"])("is 415 in %s", async (type) => {
    const answer = await call({ "content-type": type, "content-encoding": "zstd" }, question);
    expect(answer.status).toBe(415);
    expect(JSON.parse(answer.bytes.toString())).toMatchObject(
      refusalWith("unimplemented", {
        reason: "UNKNOWN_COMPRESSION",
        field: "content-encoding",
        metadata: { supported: "identity, gzip, br" },
      }),
    );
  });
});

describe("a content type", () => {
  test.each([`\\";"`, "text/html", "application/grpc", 'a/b; charset="'])(
    "%s says nothing of a GET, which has no body",
    async (type) => {
      const query = "encoding=json&base64=1&message=e30";
      const path = `/countersign.v1.LedgerService/GetStatus?${query}`;
      const answer = await gateway.curl(path, "-H", `content-type: ${type}`);
      expect(answer).toMatchObject({ status: 200, json: { nodeId: "node1" } });
    },
  );

  test.each([
    "application/json",
    'application/json; charset="utf-8"',
    "Application/JSON;charset=UTF-8",
    "application/json ; profile=x",
  ])("%s is JSON", async (type) => {
    const answer = await gateway.curl("/transaction", "-H", `content-type: ${type}`, "-d", payment);
    expect(answer).toMatchObject({ status: 200 });
  });

  test.each(["application/json; charset=latin1", "application/json;charset", "application/jsonx"])(
    "%s is not",
    async (type) => {
      const args = ["-H", `content-type: ${type}`, "-d", payment];
      expect(await gateway.curl("/transaction", ...args)).toMatchObject({
        status: 415,
        json: refusalWith("invalid_argument", {
          reason: "UNSUPPORTED_MEDIA_TYPE",
          field: "content-type",
        }),
      });
    },
  );
});

describe("what is no request of HTTP/1.1", () => {
  const post =
    "POST /transaction HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";

  test.each([
    ["a body that is cut off", `${post}content-length: 100\r\n\r\n{"transaction":`, "cut off"],
    ["a chunk that is cut off", `${post}transfer-encoding: chunked\r\n\r\n5\r\n{"tra`, "cut off"],
    [
      "a chunk without length",
      `${post}transfer-encoding: chunked\r\n\r\nzz\r\n{"tra`,
      "not a request",
    ],
    ["two lengths", `${post}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, "not a request"],
    ["a head that is cut off", "GET /peers HTTP/1.1\r\nhost: local", "cut off"],
    ["another protocol", "EHLO localhost\r\n\r\n", "not a request"],
    ["a request without a host", "GET /peers HTTP/1.1\r\n\r\n", "names no host"],
  ])("%s is told why", async (_, text, why) => {
    const socket = connectTls({ port: gateway.listener.port, host: "localhost", ca: gateway.ca });
    socket.end(text);
    const answer = (await socket.toArray()).join("");
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(
      JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1)),
    ).toMatchObject({
      ...refusalWith("invalid_argument", { reason: "MALFORMED" }),
      message: expect.stringContaining(why),
    });
    expect(gateway.failures).toEqual([]);
  });
});

describe("what an answer may be", () => {
  test.each([
    ["text/html", 406],
    ["application/json;q=0, */*", 406],
    ["text/html, */*;q=0.1", 200],
    ["application/*", 200],
    // The header that Java's own client sends, which is not in the grammar.
    ["text/html, image/gif, *; q=.2, */*; q=.2", 200],
  ])("accept: %s is answered with %i", async (accept, status) => {
    const answer = await gateway.curl("/peers", "-H", `accept: ${accept}`);
    expect(answer.status).toBe(status);
    if (status === 406) {
      expect(answer.json).toMatchObject(
        refusalWith("invalid_argument", { reason: "NOT_ACCEPTABLE", field: "accept" }),
      );
    }
  });
});

describe("a target", () => {
  test("of absolute form is read as its path, and its host goes before the header's", async () => {
    const { port } = gateway.listener;
    const head = `GET https://localhost:${port}/peers HTTP/1.1\r\nhost: other.example`;
    expect(await tell(head)).toMatchObject({ status: 200, json: { peers: expect.any(Array) } });
    const foreign = await tell("GET https://other.example/peers HTTP/1.1\r\nhost: localhost");
    expect(foreign).toMatchObject({
      status: 421,
      json: refusalWith("permission_denied", { reason: "UNKNOWN_HOST", field: "host" }),
    });
  });

  test.each([
    ["GET /%70eers HTTP/1.1", 200],
    ["GET http://localhost/peers HTTP/1.1", 400],
    ["GET peers HTTP/1.1", 400],
    ["OPTIONS * HTTP/1.1", 404],
    ["GET //peers HTTP/1.1", 404],
    ["GET /peers/ HTTP/1.1", 404],
  ])("%s is answered with %i", async (line, status) => {
    expect((await tell(`${line}\r\nhost: localhost`)).status).toBe(status);
  });
});

describe("T11: the node's name", () => {
  test.each([
    ["localhost", 200],
    ["LOCALHOST:1", 200],
    ["127.0.0.1:7001", 200],
    ["[::1]:7001", 200],
    ["[2001:db8::1]", 200],
    ["node1.example:7001", 200],
    ["a.wild.example", 200],
    ["a.b.wild.example", 421],
    ["wild.example", 421],
    ["evil.example", 421],
    ["localhost.evil.example", 421],
    ["127.0.0.1.evil.example", 421],
    ["", 400],
    ["a b", 400],
    ["[::1", 400],
  ])("is it %j? HTTP/1.1 answers with %i", async (host, status) => {
    expect((await tell(`GET /peers HTTP/1.1\r\nhost: ${host}`)).status).toBe(status);
    expect(gateway.failures).toEqual([]);
  });

  test("is asked for in HTTP/2 alike, in the form that Node gives an IPv6 address too", async () => {
    const peers = { ":method": "GET", ":path": "/peers" };
    for (const [authority, status] of [
      ["localhost:7001", 200],
      ["[::1]:7001", 200],
      ["::1:7001", 200],
      ["evil.example:7001", 421],
    ] as const) {
      expect((await call({ ...peers, ":authority": authority })).status).toBe(status);
    }
    const two = await call({ ...peers, ":authority": "localhost", host: "other.example" });
    expect(two.status).toBe(400);
  });

  test("is given once, and is needed", async () => {
    const two = await tell("GET /peers HTTP/1.1\r\nhost: localhost\r\nHost: evil.example");
    expect(two.status).toBe(400);
    expect((await tell("GET /peers HTTP/1.1")).status).toBe(400);
  });

  test("is told to gRPC by its status", async () => {
    const headers = { ":authority": "evil.example", "content-type": "application/grpc" };
    const answer = await call(headers, enveloped(question));
    expect(readRefusal(findTrailerError(answer.head))).toMatchObject({ reason: "UNKNOWN_HOST" });
    expect(gateway.ledger.asked).toEqual([]);
  });
});

describe("T11: a web page", () => {
  test.each([
    ["origin: https://evil.example"],
    ["origin: null"],
    ["origin: http://localhost"],
    ["origin: https://localhost:1"],
    ["sec-fetch-site: cross-site"],
    ["sec-fetch-site: same-site"],
  ])("with %s is refused before anything is read", async (header) => {
    for (const http of ["--http1.1", "--http2"]) {
      expect(await gateway.post("/transaction", payment, http, "-H", header)).toMatchObject({
        status: 403,
        json: refusalWith("permission_denied", { reason: "FOREIGN_ORIGIN" }),
      });
    }
    expect(gateway.ledger.asked).toEqual([]);
  });

  test("that has a browser send a form is refused, origin or none", async () => {
    const form = ["-H", "sec-fetch-site: cross-site", "-H", "sec-fetch-mode: navigate"];
    expect(await gateway.post("/transaction", payment, ...form)).toMatchObject({ status: 403 });
  });

  test.each(["iframe", "frame", "embed", "object"])("has no answer in its %s", async (kind) => {
    const headers = ["sec-fetch-site: cross-site", "sec-fetch-mode: navigate"];
    const framed = [...headers, `sec-fetch-dest: ${kind}`].flatMap((one) => ["-H", one]);
    for (const path of ["/peers", "/events"]) {
      expect(await gateway.curl(path, ...framed)).toMatchObject({ status: 403 });
    }
    expect(gateway.ledger.asked).toEqual([]);
  });

  test("opens no stream by a link, which would last", async () => {
    const headers = ["sec-fetch-site: same-site", "sec-fetch-mode: navigate"];
    const link = [...headers, "sec-fetch-dest: document"].flatMap((one) => ["-H", one]);
    expect(await gateway.curl("/events", ...link)).toMatchObject({
      status: 403,
      json: refusalWith("permission_denied", { reason: "FOREIGN_ORIGIN" }),
    });
    expect(gateway.ledger.asked).toEqual([]);
  });

  test("gets no leave to call across origins", async () => {
    const asked = ["-X", "OPTIONS", "-H", "origin: https://evil.example"];
    const answer = await gateway.curl(
      "/transaction",
      ...asked,
      ...["-H", "access-control-request-method: POST"],
    );
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toContain("access-control-");
  });

  test("of the node's own origin, and a person who follows a link, are answered", async () => {
    for (const headers of [
      ["-H", `origin: ${gateway.url}`, "-H", "sec-fetch-site: same-origin"],
      [
        "sec-fetch-site: cross-site",
        "sec-fetch-mode: navigate",
        "sec-fetch-dest: document",
      ].flatMap((one) => ["-H", one]),
      ["-H", "sec-fetch-site: none"],
    ]) {
      expect(await gateway.curl("/peers", ...headers)).toMatchObject({ status: 200 });
    }
  });
});

describe("a deadline", () => {
  test.each([
    ["application/proto", "connect-timeout-ms", "2147483648"],
    ["application/proto", "connect-timeout-ms", "9999999999"],
    ["application/grpc", "grpc-timeout", "99999999H"],
    ["application/grpc", "grpc-timeout", "2147484S"],
    ["application/grpc-web+proto", "grpc-timeout", "99999999M"],
  ])("of %s, %s: %s, is long and not none", async (type, header, value) => {
    const before = gateway.ledger.asked.length;
    const body = type === "application/proto" ? question : enveloped(question);
    const answer = await call({ "content-type": type, [header]: value }, body);
    const error = findTrailerError(answer.trailer) ?? findTrailerError(answer.head);
    expect([answer.status, error]).toEqual([200, undefined]);
    const { timeLeftMs } = gateway.ledger.asked[before]?.call ?? {};
    expect(timeLeftMs).toBeGreaterThan(2_147_482_000);
    expect(timeLeftMs).toBeLessThan(2 ** 31);
  });

  test.each([
    ["application/proto", "connect-timeout-ms", "soon"],
    ["application/proto", "connect-timeout-ms", "-1"],
    ["application/grpc", "grpc-timeout", "1"],
    ["application/grpc", "grpc-timeout", "123456789S"],
  ])("of %s, %s: %s, is refused by its name", async (type, header, value) => {
    const answer = await call({ "content-type": type, [header]: value }, enveloped(question));
    if (type === "application/grpc") {
      const refusal = readRefusal(findTrailerError(answer.head));
      expect(refusal).toMatchObject({ reason: "MALFORMED", field: header });
    } else {
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.bytes.toString())).toMatchObject(
        refusalWith("invalid_argument", { reason: "MALFORMED", field: header }),
      );
    }
  });
});

describe("a failure of the node", () => {
  test("has a name that the log and the caller share, in every protocol", async () => {
    gateway.ledger.answer = () => Promise.reject(new Error("the secret of the house"));
    const told: (string | undefined)[] = [];
    for (const type of ["application/grpc", "application/grpc-web+proto"]) {
      const answer = await call({ "content-type": type }, enveloped(question));
      told.push(readRefusal(findTrailerError(answer.head))?.metadata["failure"]);
    }
    const answer = await gateway.post("/transaction", payment);
    expect(answer).toMatchObject({
      status: 500,
      json: {
        details: [{ debug: { reason: "INTERNAL", metadata: { failure: expect.any(String) } } }],
      },
    });
    expect(gateway.failures).toHaveLength(3);
    expect(gateway.failureIds.slice(0, 2)).toEqual(told);
    expect(JSON.stringify(answer)).toContain(gateway.failureIds[2]);
  });
});
