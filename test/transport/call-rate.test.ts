/**
 * Goal: a member's calls begin at its rate, and no other member's calls wait for them. Method: the real peer listener
 * over TLS.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { verify } from "../../src/node/base/crypto.ts";
import { equalBytes } from "../../src/primitives/bytes.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient, PeerFailure } from "../../src/transport/peer-client.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { openPeerSession } from "../../src/transport/peer-session.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import type { Listener } from "../../src/transport/tls-listener.ts";
import { connectAs, open } from "../hostile/raw-calls.ts";
import { certificateCheck, identityOf, networkId } from "./identities.ts";
import { createPeerDouble } from "./peer-double.ts";
import { createTestLog } from "./test-log.ts";

const MEMBERS = [0, 1, 2, 3];
const [FLOODER, OTHER] = [1, 2];
const { burst, perSecond } = LIMITS.callsOfPeer;

const certificates: CertificateAndKey[] = [];
const log = createTestLog();
let listener: Listener;

function memberOf(number: number) {
  const session = openPeerSession({
    address: `127.0.0.1:${listener.port}`,
    identityKey: identityOf(0).publicKey,
    certificate: certificates[number] ?? expect.fail(),
    check: { networkId, verify },
    log: createTestLog(),
  });
  return { session, client: createPeerClient(createPeerTransport(session)) };
}

beforeAll(async () => {
  for (const number of MEMBERS) {
    certificates.push(await createPeerCertificate({ networkId, ...identityOf(number) }));
  }
  const [certificate = expect.fail()] = certificates;
  listener = await openPeerListener({
    members: MEMBERS.length,
    host: "127.0.0.1",
    port: 0,
    certificate,
    check: certificateCheck,
    memberOf: (publicKey) => {
      const number = MEMBERS.find((one) => equalBytes(identityOf(one).publicKey, publicKey));
      return number === undefined ? undefined : validatorIndex(number);
    },
    api: createPeerDouble(),
    log,
    // No token is returned.
    now: () => 0,
    onFailure: (error) => expect.fail(String(error)),
  });
});

afterAll(() => listener.close(100));

test("T6: a member's calls begin at its rate, and no other's wait for them", async () => {
  const { session, client } = memberOf(FLOODER);
  for (let call = 0; call < burst; call++) await client.readClock();
  const [more, floodSize] = [20, 2_000];
  const began = performance.now();
  let answered = 0;
  const soon = Promise.withResolvers<void>();
  const flood = Array.from({ length: floodSize }, async () => {
    const answer = await client.readClock({ timeoutMs: 60_000 });
    if (answer instanceof PeerFailure) return;
    answered += 1;
    if (answered === more) soon.resolve();
  });
  const other = memberOf(OTHER);
  expect(await other.client.readClock()).not.toBeInstanceOf(PeerFailure);
  expect(answered, "it waited for none of them").toBeLessThan(floodSize);
  await soon.promise;
  expect(performance.now() - began).toBeGreaterThan((more * 1000) / perSecond - 20);
  session.close();
  other.session.close();
  await Promise.all(flood);
});

test("T6: a call that would wait for long is refused at once, and costs no further wait", async () => {
  const { session, client } = memberOf(0);
  for (let call = 0; call < burst; call++) await client.readClock();
  const waiting = (LIMITS.callWaitMsMax * perSecond) / 1000;
  const ask = async () => !((await client.readClock({ timeoutMs: 20_000 })) instanceof PeerFailure);
  const answered = await Promise.all(Array.from({ length: 3 * waiting }, ask));
  expect(answered.filter((isAnswered) => isAnswered).length).toBeLessThanOrEqual(waiting + 1);
  session.close();
});

test("T6: a member that calls on and on though it is refused loses its connection, and no other does", async () => {
  const member = 3;
  const raw = connectAs(certificates[member] ?? expect.fail(), listener.port);
  const other = memberOf(OTHER);
  await other.client.readClock();
  const closed = new Promise((resolve) => raw.once("close", resolve));
  let opened = 0;
  // As many at a time as a connection has streams: Node's own bound on rejected streams is not what ends it.
  await Promise.all(
    Array.from({ length: LIMITS.callsPerMemberMax }, async () => {
      while (!raw.closed && !raw.destroyed && opened < 2 * LIMITS.refusedCallsOfPeer.burst) {
        opened += 1;
        const stream = open(raw, "ReadClock");
        stream.end();
        stream.resume();
        await new Promise((resolve) => stream.once("close", resolve));
      }
    }),
  );
  await closed;
  // Its GOAWAY may be lost: a socket that is closed with unread bytes resets the connection.
  expect(log.lines).toContainEqual({
    level: "warn",
    message: expect.stringContaining("its connection is closed"),
    fields: { caller: member },
  });
  expect(opened).toBeGreaterThan(LIMITS.refusedCallsOfPeer.burst);
  expect(await other.client.readClock()).not.toBeInstanceOf(PeerFailure);
  other.session.close();
});
