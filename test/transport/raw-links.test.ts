/** A link as another implementation, or an attacker, may send it: cut anywhere, in another protocol, without an end, too fast. */
import type { ClientHttp2Session } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LinkRequestSchema, PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { batchToMessage } from "../../src/transport/convert-peer.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { answerOf, enveloped, open, verdictOf } from "../hostile/raw-calls.ts";
import { createPeerDouble, type PeerDouble } from "./peer-double.ts";
import { openRawPeer, type RawPeer } from "./raw-peer.ts";

const LINK = PeerService.method.link.name;
const failures: unknown[] = [];
let peer: PeerDouble;
let raw: RawPeer;
let session: ClientHttp2Session;

beforeAll(async () => {
  const api = {
    ...createPeerDouble(),
    receive: (...call) => peer.receive(...call),
  } satisfies PeerApi;
  raw = await openRawPeer(api, (error) => failures.push(error));
  session = raw.session;
});

beforeEach(() => {
  peer = createPeerDouble();
  failures.length = 0;
});

afterEach(() => {
  expect(failures).toEqual([]);
});

afterAll(() => raw.close());

function batchOf(...operations: string[]): Buffer {
  const batch = { operations: operations.map(utf8), consensusMessages: [], seals: [] };
  return enveloped(toBinary(LinkRequestSchema, batchToMessage(batch)));
}

describe("a link", () => {
  test("is read wherever its bytes are cut", async () => {
    const link = open(session, LINK);
    for (const byte of Buffer.concat([batchOf("one"), batchOf("two", "three")])) {
      link.write(Uint8Array.of(byte));
    }
    link.end();
    expect(verdictOf(LINK, await answerOf(link))).toMatchObject({ verdict: "answered" });
    const read = peer.batches.map(({ batch }) => batch.operations.map((one) => utf8Of(one)));
    expect(read).toEqual([["one"], ["two", "three"]]);
  });

  test("is read in gRPC, too", async () => {
    const link = open(session, LINK, { "content-type": "application/grpc+proto" });
    let status: unknown;
    link.on("trailers", (trailers) => {
      status = trailers["grpc-status"];
    });
    link.end(batchOf("one"));
    const { body } = await answerOf(link);
    expect({ status, body }).toEqual({ status: "0", body: enveloped(new Uint8Array()) });
    expect(peer.received.operations).toBe(1);
  });

  test("that packs its messages is refused by its header", async () => {
    const link = open(session, LINK, { "connect-content-encoding": "gzip" });
    expect(verdictOf(LINK, await answerOf(link))).toMatchObject({ code: "unimplemented" });
  });

  test.each([
    ["a packed message", Buffer.from([1, 0, 0, 0, 1, 0])],
    ["an end of its own", Buffer.from([2, 0, 0, 0, 0])],
    ["half a head", Buffer.from([0, 0, 0])],
    ["half a message", batchOf("one").subarray(0, -1)],
  ])("with %s is refused", async (_name, bytes) => {
    const link = open(session, LINK);
    link.write(batchOf("before"));
    link.end(bytes);
    expect(verdictOf(LINK, await answerOf(link))).toMatchObject({ code: "invalid_argument" });
    expect(peer.received.operations).toBe(1);
  });

  test("whose batch is refused ends with that refusal, and nothing more is read", async () => {
    peer.onReceive = async () => new Refusal("TOO_MANY_REQUESTS", { message: "slow down" });
    const link = open(session, LINK);
    link.write(Buffer.concat([batchOf("one"), batchOf("two")]));
    expect(verdictOf(LINK, await answerOf(link))).toMatchObject({ code: "resource_exhausted" });
    expect(peer.batches).toHaveLength(1);
  });

  test("is read no further than the last batch was taken", async () => {
    const taken = Promise.withResolvers<undefined>();
    peer.onReceive = () => taken.promise;
    const link = open(session, LINK);
    const batch = batchOf("x".repeat(50_000));
    const count = Math.ceil((8 * LIMITS.peerWindowBytes) / batch.length);
    for (let i = 0; i < count; i++) link.write(batch);
    link.end();
    await expect.poll(() => peer.batches.length).toBe(1);
    // A node that read on would have read all of it by the time it has answered so many pings.
    for (let i = 0; i < 200; i++) await new Promise<void>((pong) => session.ping(() => pong()));
    expect(peer.batches).toHaveLength(1);
    const unsent = link.writableLength;
    expect(unsent).toBeGreaterThan(count * batch.length - 2 * LIMITS.peerWindowBytes);
    taken.resolve(undefined);
    expect(verdictOf(LINK, await answerOf(link))).toMatchObject({ verdict: "answered" });
    expect(peer.batches).toHaveLength(count);
  });

  test("that its peer leaves is over for the node, too", async () => {
    let signal: AbortSignal | undefined;
    const receive = peer.receive.bind(peer);
    peer.receive = (caller, batch, over) => {
      signal = over;
      return receive(caller, batch, over);
    };
    const link = open(session, LINK);
    link.write(batchOf("one"));
    await expect.poll(() => peer.batches.length).toBe(1);
    expect(signal?.aborted).toBe(false);
    link.destroy();
    await expect.poll(() => signal?.aborted).toBe(true);
  });
});

function utf8Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
