/**
 * A process that was held up itself does not treat its peers as frozen: it first reads the messages that arrived
 * meanwhile.
 */
import { createSecureServer, type Http2Session } from "node:http2";
import { afterEach, expect, it } from "vitest";
import { createGatewayClient } from "../../src/client/gateway-client.ts";
import { verify } from "../../src/node/base/crypto.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient } from "../../src/transport/peer-client.ts";
import { openPeerSession } from "../../src/transport/peer-session.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import { identityOf, networkId } from "./identities.ts";
import { registrationOf } from "./peer-double.ts";
import { createTestLog } from "./test-log.ts";

const PINGS = { pingMs: 50, pingTimeoutMs: 200 };
const STALL_MS = 500;

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** A server that holds up the whole process at each connection's first ping, and refuses a call after the third. */
async function listen(secret: { readonly cert: string; readonly key: string }): Promise<number> {
  const server = createSecureServer(secret);
  const heard = new WeakMap<Http2Session, number>();
  server.on("session", (session) => {
    session.on("error", () => undefined);
    cleanups.push(() => session.destroy());
    session.on("ping", () => {
      const count = (heard.get(session) ?? 0) + 1;
      heard.set(session, count);
      if (count === 1) stall();
    });
  });
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    const look = setInterval(() => {
      if (stream.session === undefined || (heard.get(stream.session) ?? 0) < 3) return;
      clearInterval(look);
      stream.respond({ ":status": 503 });
      stream.end();
    }, 5);
    stream.on("close", () => clearInterval(look));
  });
  cleanups.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** The answer to the ping is not written yet, and its time is over when this ends. */
function stall(): void {
  const end = performance.now() + STALL_MS;
  while (performance.now() < end);
}

it("a node keeps the link to a peer that answered while it was held up", async () => {
  const [own, its] = await Promise.all(
    [1, 0].map((number) => createPeerCertificate({ networkId, ...identityOf(number) })),
  );
  if (own === undefined || its === undefined) expect.fail("no certificates");
  const session = openPeerSession({
    address: `127.0.0.1:${await listen({ cert: its.certificate, key: its.key })}`,
    identityKey: identityOf(0).publicKey,
    certificate: own,
    check: { networkId, verify },
    log: createTestLog(),
    timings: { ...PINGS, connectMs: 10_000 },
  });
  cleanups.push(() => session.close());
  const answer = await createPeerClient(createPeerTransport(session)).register(registrationOf(1));
  expect(answer).toMatchObject({ message: expect.stringContaining("503") });
});

it("a client keeps its connection to a node that answered while it was held up", async () => {
  const validity = { now: Date.now(), days: 2 };
  const authority = await createDevelopmentAuthority(validity);
  const { certificate: cert, key } = await createListenerCertificate(
    authority,
    LOOPBACK_HOSTS,
    validity,
  );
  const client = createGatewayClient({
    baseUrl: `https://127.0.0.1:${await listen({ cert, key })}`,
    ca: authority.certificate,
    timings: PINGS,
  });
  cleanups.push(client.close);
  await expect(client.calls.getStatus({})).rejects.toThrow("503");
});
