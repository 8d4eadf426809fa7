/**
 * Goal: a connection lasts, however many streams on it were reset before all was sent. Node counts what each stream
 * has still to send, and gives nothing of that back when the stream is reset.
 */
import { connect as connectHttp2, createSecureServer } from "node:http2";
import { beforeAll, expect, test } from "vitest";
import { openGatewaySession } from "../../src/client/gateway-session.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";
import { openTlsListener, Shutdown } from "../../src/transport/tls-listener.ts";
import { createTestLog } from "./test-log.ts";

const LARGE = Buffer.alloc(1024 * 1024);
/** Together several times what Node allows a connection by itself: 10 MB. */
const RESETS = 40;
const WITHIN = { timeout: 60_000 };
let ca: string;
let leaf: CertificateAndKey;

beforeAll(async () => {
  const validity = { now: Date.now(), days: 2 };
  const authority = await createDevelopmentAuthority(validity);
  leaf = await createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
  ca = authority.certificate;
});

test(
  "a listener answers a connection on which many large answers were abandoned",
  WITHIN,
  async () => {
    const listener = await openTlsListener(
      {
        ...{ host: "127.0.0.1", port: 0, connectionsMax: 10, connectionsPerAddressMax: 10 },
        ...{ streamsPerConnectionMax: 10, windowBytes: 65_536, idleMs: 0, log: createTestLog() },
        tls: { cert: leaf.certificate, key: leaf.key },
      },
      new Shutdown(),
      (request, response) => response.end(request.url === "/large" ? LARGE : "small"),
    );
    const session = connectHttp2(`https://localhost:${listener.port}`, { ca });
    for (let i = 0; i < RESETS; i++) {
      const stream = session.request({ ":path": "/large" });
      await new Promise((resolve, reject) =>
        stream.once("response", resolve).once("error", reject),
      );
      await new Promise<void>((resolve) => stream.close(8, resolve));
    }
    const stream = session.request({ ":path": "/small" });
    expect(Buffer.concat(await stream.toArray()).toString()).toBe("small");
    session.destroy();
    await listener.close(0);
  },
);

test(
  "a caller goes on over a connection on which many large requests were not wanted",
  WITHIN,
  async () => {
    const sessions = new Set<unknown>();
    const server = createSecureServer({ cert: leaf.certificate, key: leaf.key });
    server.on("session", (session) => sessions.add(session));
    server.on("stream", (stream, { ":path": path }) => {
      stream.respond({ ":status": path === "/small" ? 200 : 429 });
      stream.end();
      // RFC 9113 section 8.1: no more of the request is wanted.
      if (path !== "/small") stream.close();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const caller = openGatewaySession({ baseUrl: `https://localhost:${port}`, ca });
    const statusOf = async (path: string, body: Buffer) => {
      const stream = await caller.request("POST", path, {}, {});
      const answered = new Promise((resolve) => {
        stream.once("response", (headers) => resolve(headers[":status"]));
        stream.once("close", () => resolve(`reset with ${stream.rstCode}`));
      });
      stream.end(body);
      const status = await answered;
      stream.destroy();
      return status;
    };
    for (let i = 0; i < RESETS; i++) await statusOf("/large", LARGE);
    expect(await statusOf("/small", Buffer.alloc(0))).toBe(200);
    expect(sessions.size).toBe(1);
    caller.close();
    server.close();
  },
);
