/**
 * Goal: an answer that is complete, its end included, before it is read is read like any other. A busy process often
 * has one.
 */
import { connect, createServer, type Http2Server } from "node:http2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClientSession } from "../../src/transport/client-session.ts";

let server: Http2Server;
let session: ClientSession;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().once("end", () => response.end("answer ".repeat(1_000)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (typeof address !== "object" || address === null) expect.fail();
  const url = new URL(`http://127.0.0.1:${address.port}`);
  session = new ClientSession(url, {
    dial: () => connect(url.origin),
    endError: ({ message }) => new Error(message),
    timings: { pingMs: 10_000, pingTimeoutMs: 10_000 },
    pings: "duringCalls",
  });
});

afterAll(() => {
  session.close();
  server.close();
});

async function read(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

test.each(["before it is read", "while it is read"])(
  "an answer that has ended %s",
  async (when) => {
    const stream = await session.request("GET", "/", {}, {});
    stream.end();
    if (when === "before it is read") await expect.poll(() => stream.closed).toBe(true);
    expect(await read(stream)).toBe("answer ".repeat(1_000));
    await expect.poll(() => stream.destroyed).toBe(true);
  },
);

test("an answer that is cut off is none", async () => {
  const stream = await session.request("GET", "/", {}, {});
  stream.destroy();
  await expect(read(stream)).rejects.toThrow("the answer was cut off");
  const failing = await session.request("GET", "/", {}, {});
  failing.destroy(new Error("the line broke"));
  await expect(read(failing)).rejects.toThrow("the line broke");
});

test("a reader that leaves ends the stream", async () => {
  const stream = await session.request("GET", "/", {}, {});
  stream.end();
  for await (const chunk of stream) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  await expect.poll(() => stream.destroyed).toBe(true);
});
