/**
 * Goal: a client that never acknowledges the node's settings cannot make it hold larger heads and trailers than any other client. Node
 * applies its bound from the acknowledgement on.
 */
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LIMITS } from "../../src/primitives/limits.ts";
import { BEGINNING, FLAG, FRAME, fields, frame } from "../hostile/clients/frames.ts";
import { type Gateway, openGateway } from "./gateway.ts";

const CALM = 11;
const PIECE = 16_384;
const LARGE = [["x-large", "a".repeat(2 * LIMITS.requestHeadBytesMax)]] as const;
let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(() => gateway.close());

test("large heads end their streams, and so do large trailers; small ones are served", async () => {
  const socket = connect({
    port: gateway.listener.port,
    servername: "localhost",
    ca: gateway.ca,
    ALPNProtocols: ["h2"],
  });
  socket.write(BEGINNING);
  const post: readonly (readonly [string, string])[] = [
    [":method", "POST"],
    [":scheme", "https"],
    [":authority", `localhost:${gateway.listener.port}`],
    [":path", "/countersign.v1.LedgerService/GetNetwork"],
    ["content-type", "application/json"],
  ];
  for (const piece of head(1, [...post, ...LARGE], FLAG.none)) socket.write(piece);
  expect(await firstOf(socket, 1)).toEqual({ reset: CALM });
  for (const piece of head(3, post, FLAG.none)) socket.write(piece);
  for (const piece of head(3, LARGE, FLAG.endStream)) socket.write(piece);
  expect(await firstOf(socket, 3)).toEqual({ reset: CALM });
  for (const piece of head(5, post, FLAG.none)) socket.write(piece);
  socket.write(
    frame({ type: FRAME.data, flags: FLAG.endStream, stream: 5, payload: Buffer.from("{}") }),
  );
  expect(await firstOf(socket, 5)).toBe("answered");
  socket.destroy();
});

/** HEADERS and as many CONTINUATION as they need. */
function head(
  stream: number,
  list: readonly (readonly [name: string, value: string])[],
  end: number,
): Buffer[] {
  const block = fields(list);
  const frames: Buffer[] = [];
  for (let at = 0; at < block.length; at += PIECE) {
    const type = at === 0 ? FRAME.headers : FRAME.continuation;
    const last = at + PIECE >= block.length ? FLAG.endHeaders : FLAG.none;
    const flags = last | (at === 0 ? end : FLAG.none);
    frames.push(frame({ type, flags, stream, payload: block.subarray(at, at + PIECE) }));
  }
  return frames;
}

/** The first word of the node about a stream. */
async function firstOf(
  socket: TLSSocket,
  stream: number,
): Promise<"answered" | { readonly reset: number }> {
  let held = Buffer.alloc(0);
  const { promise, resolve, reject } = Promise.withResolvers<
    "answered" | { readonly reset: number }
  >();
  const read = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 9 && held.length >= 9 + held.readUIntBE(0, 3)) {
      const [length, type, of] = [held.readUIntBE(0, 3), held[3], held.readUInt32BE(5)];
      if (of === stream && type === FRAME.reset) resolve({ reset: held.readUInt32BE(9) });
      if (of === stream && type === FRAME.headers) resolve("answered");
      held = held.subarray(9 + length);
    }
  };
  socket
    .on("data", read)
    .once("error", reject)
    .once("close", () => reject(new Error("closed")));
  return await promise.finally(() => socket.off("data", read));
}
