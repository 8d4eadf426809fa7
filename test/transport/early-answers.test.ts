/** A stream must end if its answer is complete before its request: an open stream counts as a call under way. */
import { type ClientHttp2Session, connect } from "node:http2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import type { Listener } from "../../src/transport/tls-listener.ts";
import { answerOf, enveloped, open, verdictOf } from "../hostile/raw-calls.ts";
import { certificateCheck, identityOf, networkId } from "./identities.ts";
import { createPeerDouble } from "./peer-double.ts";
import { createTestLog } from "./test-log.ts";

const LINK = PeerService.method.link.name;
const peer = createPeerDouble();
let listener: Listener;
let session: ClientHttp2Session;

beforeAll(async () => {
  const certificate = await createPeerCertificate({ networkId, ...identityOf(1) });
  listener = await openPeerListener({
    members: 4,
    host: "127.0.0.1",
    port: 0,
    certificate,
    check: certificateCheck,
    memberOf: () => validatorIndex(1),
    api: peer,
    log: createTestLog(),
    now: () => performance.now(),
    onFailure: (error) => expect.fail(String(error)),
  });
  const { certificate: cert, key } = certificate;
  session = connect(`https://127.0.0.1:${listener.port}`, { cert, key, rejectUnauthorized: false });
});

afterAll(async () => {
  session.destroy();
  await listener.close(100);
});

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
