/**
 * Goal: for every request of a client, however broken, the node reports the fault as the client's own: no request is
 * answered with INTERNAL or not at all, and every refusal has its reason, in the form of its protocol. Method: seeded
 * requests to every path of the real listener, valid ones and ones with damaged content types, codings, lengths,
 * bytes and headers. EDGE_SEED repeats a run, EDGE_CALLS sets their number (800, or 3,000 in CI).
 */
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { setTimeout } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type DescMethod, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { sweep } from "../support/sweep.ts";
import { dechunked, errorIn, type Told } from "../support/told.ts";
import { Random } from "../support/world/random.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { transferId, walletA, walletB } from "./ledger-double.ts";

const SEED = Number(process.env["EDGE_SEED"] ?? Date.now() % 1_000_000);
const CALLS = Number(process.env["EDGE_CALLS"] ?? sweep({ all: "3000", share: "800" }));
const AT_ONCE = 16;
const ANSWER_MS = 15_000;

let gateway: Gateway;
let session: ClientHttp2Session;

beforeAll(async () => {
  console.log(`EDGE_SEED=${SEED} EDGE_CALLS=${CALLS}`);
  gateway = await openGateway({ bodyTimeoutMs: 400 });
  session = connectHttp2(gateway.url, { ca: gateway.ca });
  session.on("error", () => undefined);
});

afterAll(async () => {
  session.destroy();
  await gateway.close();
});

interface Sample {
  readonly path: string;
  readonly binary: Buffer;
  readonly json: string;
}

/** A message that the call accepts. */
function sampleOf({ parent, name, input }: DescMethod, json: JsonValue): Sample {
  const message = fromJson(input, json);
  return {
    path: `/${parent.typeName}/${name}`,
    binary: Buffer.from(toBinary(input, message)),
    json: JSON.stringify(json),
  };
}

const transfer = { from: walletA, to: walletB, amount: "25", id: transferId };
const base64 = (length: number) => Buffer.alloc(length, 1).toString("base64");
const registration = {
  ...{ networkId: base64(32), nodeId: "node2", address: "127.0.0.1:7102" },
  ...{ clientAddress: "127.0.0.1:7002", journalId: base64(16), starts: "3", startId: base64(16) },
};
const statement = { networkId: base64(32), sender: 1, commitment: { epoch: "1" } };
const signature = base64(64);
const SAMPLES: readonly Sample[] = [
  sampleOf(LedgerService.method.transaction, { transaction: transfer, wait: "WAIT_FINAL" }),
  sampleOf(LedgerService.method.submitTransactions, {
    transfers: [{ number: 7, operation: base64(200) }],
    wait: "WAIT_FINAL",
  }),
  sampleOf(LedgerService.method.cancelTransaction, {
    cancellation: { from: walletA, id: transferId, validUntil: "7" },
    signature,
  }),
  sampleOf(LedgerService.method.walletCreation, { initialBalance: "1000", asset: "EUR" }),
  sampleOf(LedgerService.method.getWallet, { id: walletA }),
  sampleOf(LedgerService.method.getReceipt, { from: walletA, id: transferId }),
  sampleOf(LedgerService.method.listEntries, { walletId: walletA, cursor: "AAAA", pageSize: 3 }),
  sampleOf(LedgerService.method.listBlocks, { cursor: "AAAA", pageSize: 3, fromHeight: "7" }),
  sampleOf(LedgerService.method.getBlock, { height: "7", cursor: "AAAA" }),
  sampleOf(LedgerService.method.listTransactions, { cursor: "AAAA", order: 2, toTime: "9" }),
  sampleOf(LedgerService.method.listWallets, { all: true, cursor: "AAAA", pageSize: 3 }),
  sampleOf(LedgerService.method.subscribe, { walletId: walletA, fromHeight: "7" }),
  sampleOf(LedgerService.method.listPeers, {}),
  sampleOf(LedgerService.method.getNetwork, {}),
  sampleOf(LedgerService.method.getStatus, {}),
  sampleOf(PeerService.method.register, { registration, signature }),
  sampleOf(PeerService.method.verification, { statement, signature }),
  sampleOf(PeerService.method.fetchBlocks, {}),
  sampleOf(Health.method.check, { service: "" }),
  sampleOf(Health.method.list, {}),
  sampleOf(Health.method.watch, { service: "" }),
  sampleOf(ServerReflection.method.serverReflectionInfo, { listServices: "" }),
];
const PLAIN: readonly Sample[] = [
  {
    ...sampleOf(LedgerService.method.transaction, { transaction: transfer }),
    path: "/transaction",
  },
  { ...sampleOf(LedgerService.method.walletCreation, {}), path: "/wallet_creation" },
  {
    ...sampleOf(PeerService.method.register, { registration, signature }),
    path: "/register",
  },
  {
    ...sampleOf(PeerService.method.verification, { statement, signature }),
    path: "/verification",
  },
  { ...sampleOf(LedgerService.method.listPeers, {}), path: "/peers" },
];
/** Calls whose answers go on until their callers leave. */
const LASTING = /\/Watch|\/Subscribe/;
const TYPES = [
  ...["application/json", "application/json; charset=utf-8", "application/proto"],
  ...[
    "application/grpc",
    "application/grpc+proto",
    "application/grpc-web",
    "application/grpc-web+proto",
  ],
  ...["application/connect+proto", "application/connect+json", "application/grpc+json"],
  ...["application/grpc-web-text", "text/plain", "application/json;charset", "", "/", '";'],
];
const CODINGS = [
  "gzip",
  "br",
  "identity",
  "deflate",
  "snappy",
  "gzip, br",
  "x-gzip",
  "",
  ";",
  "gzip;q=1",
];

interface Request {
  readonly verb: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** True to end the body, false to abandon it. */
  readonly ends: boolean;
}

/** Mostly right, so that the faulty part is reached. */
function draw(random: Random): Request {
  const sample = random.pick(random.chance(0.2) ? PLAIN : SAMPLES);
  return random.chance(0.25) ? drawGet(random, sample) : drawPost(random, sample);
}

function drawPost(random: Random, sample: Sample): Request {
  const type = random.pick(random.chance(0.8) ? TYPES.slice(0, 8) : TYPES);
  const isJson = type.includes("json");
  const hasEnvelope = /grpc|connect/.test(type);
  const coding = random.chance(0.6) ? "identity" : random.pick(CODINGS);
  const isPacked = random.chance(0.85) ? /gzip|br/.test(coding) : random.chance(0.5);
  const plain = damaged(random, isJson ? Buffer.from(sample.json) : sample.binary);
  const message = damaged(random, isPacked ? pack(coding, plain) : plain);
  const whole = hasEnvelope ? envelope(random, message, isPacked) : message;
  const body = damaged(random, whole);
  const codingHeader = hasEnvelope
    ? `${/grpc/.test(type) ? "grpc" : "connect-content"}-encoding`
    : "content-encoding";
  const headers: Record<string, string> = { ...drawHeaders(random) };
  if (type !== "") headers["content-type"] = type;
  if (random.chance(0.9) && coding !== "identity") headers[codingHeader] = coding;
  const target = random.chance(0.05) ? `${sample.path}?x=${random.below(9)}` : sample.path;
  return { verb: "POST", target, headers, body, ends: random.chance(0.99) };
}

function drawGet(random: Random, sample: Sample): Request {
  const isJson = random.chance(0.7);
  const coding = random.chance(0.7) ? "identity" : random.pick(CODINGS);
  const plain = damaged(random, isJson ? Buffer.from(sample.json) : sample.binary);
  const message = damaged(random, random.chance(0.8) ? pack(coding, plain) : plain);
  const isBase64 = random.chance(0.7);
  const query: string[] = [];
  const add = (text: string) => {
    if (random.chance(0.95)) query.push(text);
    if (random.chance(0.03)) query.push(text);
  };
  const encoding = isJson ? "json" : "proto";
  add(`encoding=${random.chance(0.95) ? encoding : "yaml"}`);
  if (isBase64) add(`base64=${random.chance(0.95) ? "1" : "2"}`);
  if (coding !== "identity") add(`compression=${encodeURIComponent(coding)}`);
  const spelled = random.chance(0.9)
    ? message.toString("base64url")
    : message.toString("base64") + random.pick(["", "=", "*", "%", "%zz"]);
  add(`message=${isBase64 ? spelled : encodeURIComponent(message.toString("latin1"))}`);
  const target = `${sample.path}${random.chance(0.95) ? "?" : ""}${query.join("&")}`;
  return { verb: "GET", target, headers: drawHeaders(random), body: Buffer.alloc(0), ends: true };
}

function drawHeaders(random: Random): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const maybe = (name: string, values: readonly string[]) => {
    if (random.chance(0.1)) headers[name] = random.pick(values);
  };
  maybe("connect-timeout-ms", ["5000", "2147483648", "99999999999", "-1", "x", ""]);
  maybe("grpc-timeout", ["5S", "99999999H", "1", "S", "", "0n"]);
  maybe("accept", ["*/*", "application/json", "text/html", ";", '"', "*"]);
  for (const name of ["accept-encoding", "grpc-accept-encoding", "connect-accept-encoding"]) {
    maybe(name, ["gzip", "br;q=0.5, gzip", "identity;q=0", "*", ",,", '"', "gzip;q=9"]);
  }
  maybe("te", ["trailers"]);
  maybe("connect-protocol-version", ["1", "2", "x"]);
  maybe("grpc-status-details-bin", ["AAAA", "***"]);
  return headers;
}

function pack(coding: string, message: Buffer): Buffer {
  if (coding.includes("gzip")) return gzipSync(message);
  return coding.includes("br") ? brotliCompressSync(message) : message;
}

function envelope(random: Random, message: Buffer, isPacked: boolean): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(random.chance(0.95) ? Number(isPacked) : random.below(256));
  const claimed = random.chance(0.93)
    ? message.length
    : random.pick([0, 1, message.length + 1, 2 ** 18 + 1, 2 ** 32 - 1]);
  head.writeUInt32BE(claimed, 1);
  const one = Buffer.concat([head, message]);
  return random.chance(0.97) ? one : Buffer.concat([one, one]);
}

function damaged(random: Random, whole: Buffer): Buffer {
  if (random.chance(0.8)) return whole;
  const at = random.below(whole.length + 1);
  switch (random.below(5)) {
    case 0:
      return whole.subarray(0, at);
    case 1:
      return Buffer.concat([whole.subarray(0, at), whole.subarray(random.below(whole.length + 1))]);
    case 2:
      return Buffer.from(whole.map((byte, i) => (i === at ? byte ^ (1 << random.below(8)) : byte)));
    case 3:
      return Buffer.concat([whole, Buffer.from([random.below(256)])]);
    default:
      return Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
  }
}

async function askHttp2(request: Request): Promise<Told> {
  const { verb, target, headers, body, ends } = request;
  const stream = session.request(
    { ":method": verb, ":path": target, ...headers },
    { endStream: verb === "GET" },
  );
  const [head, trailer] = [new Headers(), new Headers()];
  const collect = (into: Headers) => (got: object) => {
    for (const [name, value] of Object.entries(got)) into.set(name.replace(":", ""), String(value));
  };
  stream.on("response", collect(head)).on("trailers", collect(trailer));
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    // A watch lasts until its watcher leaves.
    if (LASTING.test(target)) stream.close();
  });
  stream.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  if (verb !== "GET" && ends) stream.end(body);
  else if (verb !== "GET") stream.write(body);
  // Only its client ends a stream of questions.
  if (!ends && /ReflectionInfo|SubmitTransactions/.test(target)) stream.end();
  await inTime(closed, request);
  return { status: Number(head.get("status")), head, trailer, body: Buffer.concat(chunks) };
}

async function askHttp1(request: Request): Promise<Told> {
  const { verb, target, headers, body, ends } = request;
  const { ca, listener } = gateway;
  const socket = connectTls({ port: listener.port, host: "localhost", ca });
  socket.on("error", () => undefined);
  const length = ends ? body.length : body.length + 10;
  const lines = Object.entries({ ...headers, "content-length": `${length}` });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`${verb} ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${head}\r\n`);
  socket.write(body);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (LASTING.test(target)) socket.destroy();
  });
  await inTime(new Promise<void>((resolve) => socket.once("close", () => resolve())), request);
  const text = Buffer.concat(chunks).toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...fields] = text.slice(0, end).split("\r\n");
  const read = new Headers(
    fields.map((field) => field.split(/: ?(.*)/).slice(0, 2)) as [string, string][],
  );
  const raw = Buffer.from(text.slice(end + 4), "latin1");
  const told = read.get("transfer-encoding") === "chunked" ? dechunked(raw) : raw;
  return { status: Number(first.split(" ")[1]), head: read, trailer: new Headers(), body: told };
}

async function inTime(over: Promise<void>, request: Request): Promise<void> {
  const cancel = new AbortController();
  const late = setTimeout(ANSWER_MS, "late", { signal: cancel.signal }).catch(() => "in time");
  const outcome = await Promise.race([over, late]);
  cancel.abort();
  if (outcome === "late") throw new Error(`neither answered nor ended: ${JSON.stringify(request)}`);
}

function problemOf(told: Told): string | undefined {
  // Node itself refuses text that is not HTTP/1.1; the other side abandoned a stream.
  if (told.status === 0 || Number.isNaN(told.status)) return undefined;
  const error = errorIn(told);
  if (error === undefined) return told.status === 200 ? undefined : `${told.status} without error`;
  const reason = readRefusal(error)?.reason;
  if (error.code === Code.Internal || error.code === Code.Unknown) return `${error.message}`;
  return reason === undefined || reason === "INTERNAL" ? `no reason: ${error.message}` : undefined;
}

test.each([
  ["HTTP/2", CALLS, askHttp2],
  ["HTTP/1.1", Math.ceil(CALLS / 10), askHttp1],
] as const)(
  "over %s, %i requests are answered or refused for a reason",
  async (name, calls, ask) => {
    const random = new Random(SEED, name.length);
    const codes = new Map<string, number>();
    const problems: string[] = [];
    for (let done = 0; done < calls; done += AT_ONCE) {
      const requests = Array.from({ length: AT_ONCE }, () => draw(random));
      await Promise.all(
        requests.map(async (request) => {
          const told = await ask(request);
          const reason = readRefusal(errorIn(told))?.reason ?? String(told.status);
          codes.set(reason, (codes.get(reason) ?? 0) + 1);
          const problem = problemOf(told);
          if (problem !== undefined) problems.push(`${problem} to ${JSON.stringify(request)}`);
        }),
      );
    }
    console.log(name, Object.fromEntries([...codes].sort()));
    expect(problems).toEqual([]);
    expect(gateway.failures).toEqual([]);
    // The damage is found where it is read, and does not keep valid requests from being answered.
    expect(codes.get("200")).toBeGreaterThan(calls / 40);
    expect(codes.get("MALFORMED")).toBeGreaterThan(calls / 100);
    const peers = await gateway.curl("/peers");
    expect(peers.status).toBe(200);
  },
  120_000,
);
