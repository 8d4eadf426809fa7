/**
 * Goal: answers to a client that never reads are cut off, and other clients are served. Over HTTP/1.1 there is
 * nothing to test: Node reads no further request of a connection whose answers are not read.
 */
import { connect } from "node:http2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, openGateway } from "./gateway.ts";
import { walletA } from "./ledger-double.ts";

const PATH = "/countersign.v1.LedgerService/GetWallet";
const BODY = JSON.stringify({ id: walletA });
let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway({ answerReadMs: 300 });
});
afterAll(() => gateway.close());

test.each([
  ["answers", BODY],
  ["refusals", `{"id": 7`],
])("%s behind a window of zero are cut", async (_, body) => {
  const session = connect(gateway.url, { ca: gateway.ca, settings: { initialWindowSize: 0 } });
  const ended = Array.from({ length: 20 }, () => {
    const stream = session.request({
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/json",
    });
    stream.on("error", () => undefined).end(body);
    return new Promise<number>((resolve) => stream.once("close", () => resolve(stream.rstCode)));
  });
  expect(new Set(await Promise.all(ended))).toEqual(new Set([8]));
  session.destroy();
  expect(await gateway.post(PATH, BODY)).toMatchObject({ status: 200 });
});
