/** T9: a node with as many orders under way as there is room for refuses more of them, in every protocol, and answers all else. */
import { type ClientHttp2Session, connect, constants, type Settings } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TransactionRequestSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { SCOPES, scopeSet } from "../../src/access/scope.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import type { Authenticator } from "../../src/transport/authenticator.ts";
import { clientBounds } from "../../src/transport/caller-bounds.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { type Gateway, openGateway, payment, refusalWith } from "./gateway.ts";

const TRANSACTION = "/countersign.v1.LedgerService/Transaction";
const STATUS = "/countersign.v1.LedgerService/GetStatus";
const PER_SESSION = 200;
const ANSWER_READ_MS = 500;

let gateway: Gateway;
let sessions: ClientHttp2Session[];

/** Credentials that the node looked at. */
let looks: number;

const authenticator: Authenticator = {
  authenticate: async () => {
    looks += 1;
    return { principal: "token:shop", scopes: scopeSet(SCOPES) };
  },
};

beforeEach(async () => {
  looks = 0;
  const bounds = clientBounds(() => performance.now(), 600);
  gateway = await openGateway({ answerReadMs: ANSWER_READ_MS, authenticator, bounds });
  sessions = [];
});

afterEach(async () => {
  for (const session of sessions) session.destroy();
  await gateway.close();
});

interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The head ended the stream, as gRPC's answers do that have trailers only. */
  readonly isHeadAlone: boolean;
}

function call(
  session: ClientHttp2Session,
  path: string,
  { type = "application/json", body = Buffer.from("{}"), more = {} } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const head = { ":method": "POST", ":path": path, "content-type": type, ...more };
    const stream = session.request(head);
    const parts: Buffer[] = [];
    let headers: Record<string, unknown> = {};
    let isHeadAlone = false;
    stream.once("response", (given, flags) => {
      headers = given;
      isHeadAlone = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    });
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.once("end", () => {
      const [status, whole] = [Number(headers[":status"]), Buffer.concat(parts)];
      resolve({ status, body: whole, headers, isHeadAlone });
    });
    stream.once("error", reject);
    stream.end(body);
  });
}

const pay = (session: ClientHttp2Session) =>
  call(session, TRANSACTION, { body: Buffer.from(payment) });

/** As many orders as there is room for wait until `release`; gives a connection on which some came in, and all answers. */
async function fill(settings: Settings = {}) {
  const gate = Promise.withResolvers<Refusal>();
  gateway.ledger.answer = () => gate.promise;
  const answers: Promise<HttpAnswer>[] = [];
  for (let i = 0; i < LIMITS.ordersUnderWayMin.usual; i++) {
    if (i % PER_SESSION === 0) sessions.push(connect(gateway.url, { ca: gateway.ca, settings }));
    const session = sessions.at(-1) ?? expect.fail("a connection");
    answers.push(pay(session));
  }
  await expect.poll(() => gateway.ledger.asked.length).toBe(LIMITS.ordersUnderWayMin.usual);
  const release = () => {
    gateway.ledger.answer = undefined;
    gate.resolve(new Refusal("UNKNOWN_WALLET", { message: "released" }));
  };
  return { session: sessions[0] ?? expect.fail("a connection"), answers, release };
}

const refused = refusalWith("resource_exhausted", {
  reason: "TOO_MANY_REQUESTS",
  metadata: { retryAfterMs: "1000" },
});

it("T9: refuses orders on a connection that brought others, and on a new one, and answers other calls on both", async () => {
  const { session, answers, release } = await fill();
  const fresh = connect(gateway.url, { ca: gateway.ca });
  sessions.push(fresh);
  for (const [one, looked] of [
    [session, 0],
    [fresh, 1],
    [fresh, 0],
  ] as const) {
    looks = 0;
    const answer = await pay(one);
    expect(looks).toBe(looked);
    expect(answer.status).toBe(429);
    expect(JSON.parse(answer.body.toString())).toMatchObject(refused);
    expect((await call(one, STATUS)).status).toBe(200);
  }
  expect(gateway.ledger.asked.filter(({ what }) => what === "transfer").length).toBe(
    LIMITS.ordersUnderWayMin.usual,
  );
  release();
  const ended = await Promise.all(answers);
  expect(new Set(ended.map(({ status }) => status))).toEqual(new Set([404]));
  expect((await pay(session)).status).toBe(200);
  expect(gateway.failures).toEqual([]);
});

it("T9: refuses in each protocol as that protocol refuses", async () => {
  const { session, release, answers } = await fill();
  const message = Buffer.from(toBinary(TransactionRequestSchema, create(TransactionRequestSchema)));
  const proto = await call(session, TRANSACTION, { type: "application/proto", body: message });
  expect(proto.status).toBe(429);
  expect(JSON.parse(proto.body.toString())).toMatchObject(refused);
  const envelope = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
  const grpc = await call(session, TRANSACTION, {
    type: "application/grpc",
    body: envelope,
    more: { te: "trailers" },
  });
  expect(grpc.headers).toMatchObject({ ":status": 200, "grpc-status": "8" });
  expect(grpc.isHeadAlone).toBe(true);
  expect(decodeURIComponent(`${grpc.headers["grpc-message"]}`)).toContain("orders under way");
  release();
  await Promise.all(answers);
});

it("T9: ends no connection for its refusals, however they are told", async () => {
  await gateway.close();
  const now = () => performance.now();
  const none = { perSecond: 1, burst: 1 };
  const refused = { rates: { stranger: none, strangers: none, known: none }, now };
  gateway = await openGateway({ authenticator, bounds: { ...clientBounds(now, 600), refused } });
  const { session, answers, release } = await fill();
  for (const path of [TRANSACTION, `${TRANSACTION}?x=`]) {
    for (let i = 0; i < 5; i++) {
      const { status } = await call(session, path, { body: Buffer.from(payment) });
      expect(status, path).toBe(429);
    }
  }
  release();
  expect((await Promise.all(answers)).every(({ status }) => status === 404)).toBe(true);
});

it("T9: keeps no stream of a caller that neither reads its refusals nor ends its bodies", async () => {
  const { session } = await fill({ initialWindowSize: 0 });
  const closed = Array.from({ length: 50 }, () => {
    const head = { ":method": "POST", ":path": TRANSACTION, "content-type": "application/json" };
    const stream = session.request(head);
    stream.on("error", () => undefined);
    stream.write("{");
    return new Promise((resolve) => stream.once("close", resolve));
  });
  await Promise.all(closed);
  expect(gateway.failures).toEqual([]);
});
