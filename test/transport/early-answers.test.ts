/** A stream must end if its answer is complete before its request: an open stream counts as a call under way. */
import type { ClientHttp2Session } from "node:http2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { answerOf, enveloped, open, verdictOf } from "../hostile/raw-calls.ts";
import { createPeerDouble } from "./peer-double.ts";
import { openRawPeer, type RawPeer } from "./raw-peer.ts";

const LINK = PeerService.method.link.name;
const peer = createPeerDouble();
let raw: RawPeer;
let session: ClientHttp2Session;

beforeAll(async () => {
  raw = await openRawPeer(peer, (error) => expect.fail(String(error)));
  session = raw.session;
});

afterAll(() => raw.close());

test.each([0xffff_ffff, LIMITS.linkMessageBytesMax + 1])(
  "a link that claims a message of %i bytes is refused and ended",
  async (claimed) => {
    const link = open(session, LINK);
    link.write(enveloped(new Uint8Array(10), claimed));
    expect(verdictOf(LINK, await answerOf(link))).toMatchObject({ code: "resource_exhausted" });
  },
);

test("bytes that are no message are the sender's fault, not the node's", async () => {
  const link = open(session, LINK);
  link.end(enveloped(Uint8Array.of(0xff, 0xff)));
  expect(verdictOf(LINK, await answerOf(link))).toMatchObject({ code: "invalid_argument" });
});

test("a link ends when its peer opens another one, half a message sent or not", async () => {
  const before = peer.received.operations;
  const older = open(session, LINK);
  older.write(enveloped(Uint8Array.of(0x0a, 0x01, 0x07)));
  older.write(enveloped(new Uint8Array(10), 1_000));
  await expect.poll(() => peer.received.operations).toBe(before + 1);
  const newer = open(session, LINK);
  expect(verdictOf(LINK, await answerOf(older))).toMatchObject({ verdict: "answered" });
  newer.end();
  expect(verdictOf(LINK, await answerOf(newer))).toMatchObject({ verdict: "answered" });
});

test("HEAD is answered and ended, though its body does not end", async () => {
  const stream = session.request(
    { ":method": "HEAD", ":path": `/${PeerService.typeName}/${LINK}` },
    { endStream: false },
  );
  stream.on("error", () => undefined);
  stream.write(Buffer.alloc(10));
  expect((await answerOf(stream)).status).toBe(405);
});
