/** Goal: a client that asks and never reads has its answers cut, over HTTP/1.1 and HTTP/2, and others are served. */
import { connect } from "node:http2";
import { connect as connectTls } from "node:tls";
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

test("over HTTP/2, by a window of zero", async () => {
  const session = connect(gateway.url, { ca: gateway.ca, settings: { initialWindowSize: 0 } });
  const ended = Array.from({ length: 20 }, () => {
    const stream = session.request({
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/json",
    });
    stream.on("error", () => undefined).end(BODY);
    return new Promise<number>((resolve) => stream.once("close", () => resolve(stream.rstCode)));
  });
  expect(new Set(await Promise.all(ended))).toEqual(new Set([8]));
  session.destroy();
  expect(await gateway.post(PATH, BODY)).toMatchObject({ status: 200 });
});

test("over HTTP/1.1, by questions in a row whose answers fill the line", async () => {
  const socket = connectTls({
    port: gateway.listener.port,
    host: "127.0.0.1",
    ca: gateway.ca,
    ALPNProtocols: ["http/1.1"],
  });
  socket.pause();
  const head = `POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n`;
  const question = `${head}content-length: ${BODY.length}\r\n\r\n${BODY}`;
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => undefined).write(question.repeat(30_000));
  await closed;
  expect(await gateway.post(PATH, BODY)).toMatchObject({ status: 200 });
});
