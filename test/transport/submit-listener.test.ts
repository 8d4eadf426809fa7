// Streams of transfers at the real listener: gRPC and Connect over TLS, the bounds of callers, and callers that do not read.
import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { afterEach, describe, expect, it } from "vitest";
import {
  LedgerService,
  type SubmitTransactionsRequest,
  SubmitTransactionsRequestSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { scopeSet } from "../../src/access/scope.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import type { Authenticator } from "../../src/transport/authenticator.ts";
import { CallBounds } from "../../src/transport/call-bounds.ts";
import { type CallerBounds, openBounds } from "../../src/transport/caller-bounds.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { type Gateway, openGateway, refusalWith } from "./gateway.ts";

const PATH = "/countersign.v1.LedgerService/SubmitTransactions";
const { perMessageMax } = LIMITS.submitStreams;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function open(options: Parameters<typeof openGateway>[0] = {}): Promise<Gateway> {
  const gateway = await openGateway(options);
  closing.push(() => gateway.close());
  return gateway;
}

function clientOf({ url, ca }: Gateway, make: typeof createGrpcTransport, headers = {}) {
  const transport = make({
    baseUrl: url,
    nodeOptions: { ca },
    interceptors: [
      (next) => (request) => {
        for (const [name, value] of Object.entries(headers)) request.header.set(name, `${value}`);
        return next(request);
      },
    ],
  });
  return createClient(LedgerService, transport);
}

const overConnect: typeof createGrpcTransport = (options) =>
  createConnectTransport({ ...options, httpVersion: "2" });

function messageOf(count: number, first = 0): SubmitTransactionsRequest {
  const operation = new Uint8Array(200);
  const transfers = Array.from({ length: count }, (_, i) => ({ number: first + i, operation }));
  return create(SubmitTransactionsRequestSchema, { transfers });
}

async function* messagesOf(...messages: readonly SubmitTransactionsRequest[]) {
  yield* messages;
}

/** Yields, and then waits until the test ends. */
async function* held(...messages: readonly SubmitTransactionsRequest[]) {
  yield* messages;
  await new Promise<void>((resolve) => closing.push(resolve));
}

async function numbersOf(
  answers: AsyncIterable<{ readonly results: readonly { readonly number: number }[] }>,
): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { results } of answers) numbers.push(...results.map(({ number }) => number));
  return numbers;
}

async function reasonOf(answers: AsyncIterable<unknown>): Promise<string | undefined> {
  try {
    for await (const _ of answers);
  } catch (error) {
    return readRefusal(error)?.reason;
  }
  return "answered";
}

describe.each([
  ["gRPC", createGrpcTransport],
  ["Connect", overConnect],
])("over %s", (_, make) => {
  it("each operation has its answer, and its call context", async () => {
    const gateway = await open();
    const answers = clientOf(gateway, make).submitTransactions(
      messagesOf(messageOf(perMessageMax), messageOf(5, perMessageMax)),
    );
    const numbers = await numbersOf(answers);
    expect(numbers.toSorted((a, b) => a - b)).toEqual([...new Array(perMessageMax + 5).keys()]);
    expect(gateway.ledger.asked).toHaveLength(perMessageMax + 5);
    const [{ call } = expect.fail()] = gateway.ledger.asked;
    expect(call).toMatchObject({ caller: { principal: "open" } });
    expect(gateway.failures).toEqual([]);
  });

  it("a message that cannot be read ends the stream with a reason", async () => {
    const gateway = await open();
    const client = clientOf(gateway, make);
    const many = messageOf(perMessageMax + 1);
    expect(await reasonOf(client.submitTransactions(messagesOf(many)))).toBe("LIMIT");
    const large = messageOf(1);
    large.transfers[0] = { ...large.transfers[0], operation: new Uint8Array(300_000) } as never;
    expect(await reasonOf(client.submitTransactions(messagesOf(large)))).toBe("TOO_LARGE");
    expect(gateway.failures).toEqual([]);
  });

  it("a closing listener says so", async () => {
    const gateway = await open();
    gateway.ledger.answer = () => new Promise(() => undefined);
    const answers = reasonOf(clientOf(gateway, make).submitTransactions(held(messageOf(1))));
    await expect.poll(() => gateway.ledger.asked.length).toBe(1);
    await gateway.listener.close(5_000);
    expect(await answers).toBe("SHUTTING_DOWN");
  });
});

it("needs HTTP/2", async () => {
  const gateway = await open();
  const answer = await gateway.curl(
    PATH,
    ...["--http1.1", "-H", "content-type: application/connect+proto", "--data-binary", ""],
  );
  expect(answer).toMatchObject({
    status: 505,
    json: refusalWith("unimplemented", { reason: "METHOD_NOT_ALLOWED" }),
  });
});

it("T9: of a caller behind a window of zero, few operations are taken, and its stream is cut", async () => {
  const gateway = await open({ answerReadMs: 300 });
  const session = connect(gateway.url, { ca: gateway.ca, settings: { initialWindowSize: 0 } });
  closing.push(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": PATH,
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => undefined);
  const body = toBinary(SubmitTransactionsRequestSchema, messageOf(perMessageMax));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  for (let i = 0; i < 100; i++) stream.write(Buffer.concat([head, body]));
  const closed = new Promise<number>((resolve) => {
    stream.once("close", () => resolve(stream.rstCode));
  });
  expect(await closed).toBe(8);
  // What is under way, and what waits in the buffer of the stream: 100 messages would be 25,600.
  expect(gateway.ledger.asked.length).toBeLessThan(4 * LIMITS.submitStreams.underWayMax);
});

it("T9: a stream whose end is not read is cut", async () => {
  const gateway = await open({ answerReadMs: 300 });
  const session = connect(gateway.url, { ca: gateway.ca, settings: { initialWindowSize: 0 } });
  closing.push(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": PATH,
    "content-type": "application/connect+proto",
  });
  stream.on("error", () => undefined).end();
  const closed = new Promise<number>((resolve) => {
    stream.once("close", () => resolve(stream.rstCode));
  });
  expect(await closed).toBe(8);
});

/** Bounds with few calls under way. */
function boundsOf(underWayPerCallerMax: number): CallerBounds {
  const now = () => performance.now();
  const calls = new CallBounds<string>({
    rate: LIMITS.callsOfClient,
    underWayPerCallerMax,
    callersMax: 10,
    now,
  });
  return { ...openBounds(now, 600), calls, wallets: calls, anonymous: calls };
}

it("T9: an operation takes a place among its caller's calls, and waits for it", async () => {
  const gateway = await open({ bounds: boundsOf(4) });
  const settle: (() => void)[] = [];
  const refusal = new Refusal("POOL_FULL", { message: "full" });
  gateway.ledger.answer = () => new Promise((resolve) => settle.push(() => resolve(refusal)));
  const client = clientOf(gateway, createGrpcTransport);
  const answers = client.submitTransactions(messagesOf(messageOf(9)));
  const refused: number[] = [];
  const reading = (async () => {
    for await (const { refusals } of answers) refused.push(...refusals.map(({ number }) => number));
  })();
  // The stream is a call, too.
  await expect.poll(() => settle.length).toBe(3);
  expect(await client.getWallet({ id: "" }).catch((error) => readRefusal(error)?.reason)).toBe(
    "TOO_MANY_REQUESTS",
  );
  for (let done = 0; done < 9; done++) {
    await expect.poll(() => settle.length, { timeout: 30_000 }).toBeGreaterThan(done);
    settle[done]?.();
  }
  await reading;
  expect(refused.toSorted()).toEqual([...new Array(9).keys()]);
}, 60_000);

it("T9: a caller has few streams", async () => {
  const gateway = await open();
  const client = clientOf(gateway, createGrpcTransport);
  const refusal = new Refusal("POOL_FULL", { message: "full" });
  gateway.ledger.answer = async () => refusal;
  const { ofOneMax } = LIMITS.submitStreams;
  const ends: AbortController[] = [];
  const streams = Array.from({ length: ofOneMax }, () => {
    const end = new AbortController();
    ends.push(end);
    const { signal } = end;
    return client.submitTransactions(held(messageOf(1)), { signal })[Symbol.asyncIterator]();
  });
  for (const stream of streams) expect(await stream.next()).toMatchObject({ done: false });
  expect(await reasonOf(client.submitTransactions(messagesOf(messageOf(1))))).toBe(
    "TOO_MANY_REQUESTS",
  );
  ends[0]?.abort();
  await expect
    .poll(() => reasonOf(client.submitTransactions(messagesOf(messageOf(1)))), { timeout: 30_000 })
    .toBe("answered");
});

it("ends the stream of a credential that no longer holds, and orders no more of it", async () => {
  let isValid = true;
  const authenticator: Authenticator = {
    authenticate: async () =>
      isValid
        ? { principal: "token:payments", scopes: scopeSet(["submit"]) }
        : new Refusal("UNAUTHENTICATED", { message: "the token is revoked" }),
  };
  const gateway = await open({ authenticator });
  const client = clientOf(gateway, createGrpcTransport);
  async function* untilRefused() {
    for (let number = 0; ; number++) {
      yield messageOf(1, number);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const answers = client.submitTransactions(untilRefused())[Symbol.asyncIterator]();
  expect(await answers.next()).toMatchObject({ done: false });
  isValid = false;
  expect(await reasonOf({ [Symbol.asyncIterator]: () => answers })).toBe("UNAUTHENTICATED");
});
