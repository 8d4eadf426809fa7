/** A peer's connection may close at any moment, even while it is being made: no exception may result. */
import { createSecureServer } from "node:http2";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { verify } from "../../src/node/base/crypto.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient } from "../../src/transport/peer-client.ts";
import { openPeerSession } from "../../src/transport/peer-session.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import { identityOf, networkId } from "./identities.ts";
import { registrationOf } from "./peer-double.ts";
import { createTestLog } from "./test-log.ts";

it("ends its calls, and throws nothing, when it is closed in the middle of a handshake", async () => {
  const [own, its] = await Promise.all(
    [1, 0].map((number) => createPeerCertificate({ networkId, ...identityOf(number) })),
  );
  if (own === undefined || its === undefined) expect.fail("no certificates");
  const server = createSecureServer({ cert: its.certificate, key: its.key });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const session = openPeerSession({
    address: `127.0.0.1:${address.port}`,
    identityKey: identityOf(0).publicKey,
    certificate: own,
    check: { networkId, verify },
    log: createTestLog(),
  });
  server.once("connection", () => session.close());
  const answer = await createPeerClient(createPeerTransport(session)).register(registrationOf(1));
  expect(answer).toMatchObject({ message: expect.stringContaining("the client is closed") });
  // Any exception outside of a call arrives until then, and Vitest fails the run for it.
  await new Promise((resolve) => server.close(resolve));
});

it("says why each address of a name failed, though Node's error for all of them is empty", async () => {
  const own = await createPeerCertificate({ networkId, ...identityOf(1) });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  await new Promise((resolve) => server.close(resolve));
  const session = openPeerSession({
    address: `node2.example:${address.port}`,
    identityKey: identityOf(0).publicKey,
    certificate: own,
    check: { networkId, verify },
    lookup: (_name, _options, callback) => {
      callback(null, [
        { address: "127.0.0.1", family: 4 },
        { address: "127.0.0.2", family: 4 },
      ]);
    },
    log: createTestLog(),
  });
  const answer = await createPeerClient(createPeerTransport(session)).register(registrationOf(1));
  session.close();
  expect(answer).toMatchObject({
    kind: "unreachable",
    message: expect.stringMatching(
      /node2\.example:\d+: connect ECONNREFUSED 127\.0\.0\.1:\d+; connect ECONNREFUSED 127\.0\.0\.2:\d+/,
    ),
  });
});
