/** Bad answers of a peer neither hold up the node that asked nor fill its memory. */
import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { verify } from "../../src/node/base/crypto.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient } from "../../src/transport/peer-client.ts";
import { openPeerSession } from "../../src/transport/peer-session.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import { identityOf, networkId } from "./identities.ts";
import { createTestLog } from "./test-log.ts";

const ASKER = 1;
const PEER = 0;
const TIMEOUT_MS = 500;
const MEBIBYTE = 1024 * 1024;
const QUERY = {
  start: { kind: "height", height: height(1) },
  count: 64,
  headersOnly: false,
} as const;

let certificates: CertificateAndKey[];
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  certificates = await Promise.all(
    [PEER, ASKER].map((number) => createPeerCertificate({ networkId, ...identityOf(number) })),
  );
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A member's client of a peer that handles every call by `answer`. */
async function clientOf(answer: (stream: ServerHttp2Stream) => void) {
  const [own, its] = [certificates[ASKER], certificates[PEER]];
  if (own === undefined || its === undefined) throw new Error("no certificates");
  const server = createSecureServer({ cert: its.certificate, key: its.key });
  server.on("session", (session) => {
    session.on("error", () => undefined);
    cleanups.push(() => session.destroy());
  });
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.respond({ ":status": 200, "content-type": "application/proto" });
    answer(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const session = openPeerSession({
    address: `127.0.0.1:${address.port}`,
    identityKey: identityOf(PEER).publicKey,
    certificate: own,
    check: { networkId, verify },
    log: createTestLog(),
  });
  cleanups.push(() => session.close());
  return createPeerClient(createPeerTransport(session));
}

describe("an answer", () => {
  it("that trickles in for ever ends with the time for the call", async () => {
    const client = await clientOf((stream) => {
      const timer = setInterval(() => stream.write(Buffer.alloc(1)), 20);
      stream.on("close", () => clearInterval(timer));
    });
    // Without an end, it would be read until the test times out.
    const answer = await client.fetchBlocks(QUERY, { timeoutMs: TIMEOUT_MS });
    expect(answer).toMatchObject({ kind: "unreachable" });
  });

  it("that never begins ends with the time for the call", async () => {
    const client = await clientOf(() => undefined);
    const answer = await client.fetchBlocks(QUERY, { timeoutMs: TIMEOUT_MS });
    expect(answer).toMatchObject({ kind: "unreachable" });
  });

  it("without end is read no further than a message may be long", async () => {
    let sent = 0;
    const client = await clientOf((stream) => {
      const more = () => {
        while (!stream.destroyed && stream.write(Buffer.alloc(MEBIBYTE))) sent += MEBIBYTE;
        sent += MEBIBYTE;
      };
      stream.on("drain", more);
      // Field 2, bytes, of four gigabytes: no other field for a while.
      stream.write(Buffer.from([(2 << 3) | 2, 0xff, 0xff, 0xff, 0xff, 0x0f]));
      more();
    });
    const answer = await client.fetchBlocks(QUERY);
    expect(answer).toMatchObject({ kind: "unreachable" });
    // Besides the bytes that were read: those in flow-control windows and in the sender's buffers.
    expect(sent).toBeLessThan(LIMITS.peerMessageBytesMax + 8 * MEBIBYTE);
  });

  it("of more fields than a node sends is not decoded", async () => {
    // An empty unknown field, of number 15: two bytes.
    const fields = Buffer.alloc(2 * (LIMITS.peerAnswerFieldsMax + 1));
    for (let at = 0; at < fields.length; at += 2) fields[at] = (15 << 3) | 2;
    const client = await clientOf((stream) => stream.end(fields));
    const answer = await client.fetchBlocks(QUERY);
    const message = expect.stringMatching(/fields/);
    expect(answer).toMatchObject({ kind: "unreachable", message });
  });

  it.each([
    ["is cut off", (stream: ServerHttp2Stream) => stream.end(Buffer.from([0x0a, 0x7f, 1, 2]))],
    ["is no message at all", (stream: ServerHttp2Stream) => stream.end(Buffer.alloc(999, 0xff))],
    ["ends with a reset", (stream: ServerHttp2Stream) => stream.destroy(new Error("reset"))],
    ["ends with its connection", (stream: ServerHttp2Stream) => stream.session?.destroy()],
  ])("that %s is no answer, and nothing is thrown", async (_, act) => {
    const client = await clientOf(act);
    const answer = await client.fetchBlocks(QUERY, { timeoutMs: 10 * TIMEOUT_MS });
    expect(answer).toMatchObject({ kind: expect.stringMatching(/unreachable|malformed/) });
  });
});
