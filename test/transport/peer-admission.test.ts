/** Strangers at the peer port: what they may hold, for how long, and that members get in beside them. */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verify } from "../../src/node/base/crypto.ts";
import { createLog } from "../../src/node/base/log.ts";
import { realSystem } from "../../src/node/base/system.ts";
import { PeerDialing } from "../../src/node/peers/peer-dialing.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { MemberAddresses } from "../../src/transport/member-addresses.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient } from "../../src/transport/peer-client.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { openPeerSession } from "../../src/transport/peer-session.ts";
import { peerSockets } from "../../src/transport/peer-sockets.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import type { Listener } from "../../src/transport/tls-listener.ts";
import { certificateCheck, identityOf, networkId } from "./identities.ts";
import { createPeerDouble, registrationOf } from "./peer-double.ts";
import { createTestLog, type TestLog } from "./test-log.ts";

const MEMBERS = 4;
const { strangers: STRANGERS } = peerSockets(MEMBERS);
const [OWN, ITS] = await Promise.all(
  [1, 0].map((number) => createPeerCertificate({ networkId, ...identityOf(number) })),
);

let nowMs: number;
let log: TestLog;
let addresses: MemberAddresses;
let listener: Listener;
let cleanups: (() => unknown)[];

beforeEach(() => open());

afterEach(async () => {
  for (const cleanup of cleanups) cleanup();
  await listener.close(100);
});

async function open(proofMs = 30_000): Promise<void> {
  nowMs = 0;
  cleanups = [];
  log = createTestLog();
  addresses = new MemberAddresses();
  if (ITS === undefined) throw new Error("no certificate");
  listener = await openPeerListener({
    members: MEMBERS,
    host: "127.0.0.1",
    port: 0,
    certificate: ITS,
    check: certificateCheck,
    memberOf: () => validatorIndex(1),
    addresses,
    api: createPeerDouble(),
    log,
    now: () => nowMs,
    proofMs,
    onFailure: (error) => expect.fail(String(error)),
  });
}

/** A stranger that says nothing; `from` is an address of loopback. Settles when it was let in or refused. */
async function stranger(from: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: listener.port, localAddress: from });
  cleanups.push(() => socket.destroy());
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    socket.once("connect", () => resolve());
    socket.once("close", () => resolve());
  });
  return socket;
}

/** The member's call over a connection of its own. */
async function callOfMember(): Promise<unknown> {
  if (OWN === undefined) throw new Error("no certificate");
  const session = openPeerSession({
    address: `127.0.0.1:${listener.port}`,
    identityKey: identityOf(0).publicKey,
    certificate: OWN,
    check: { networkId, verify },
    log,
  });
  const answer = await createPeerClient(createPeerTransport(session)).register(registrationOf(1));
  session.close();
  return answer;
}

const isOpen = (socket: Socket) => !socket.destroyed;
const place = (i: number) => `127.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`;

describe("T2: strangers at the peer port", () => {
  it("hold at most a tenth of its sockets, and half of that from one address", async () => {
    expect(STRANGERS * 10).toBeLessThanOrEqual(peerSockets(MEMBERS).all);
    const sockets: Socket[] = [];
    for (let i = 0; i < 5 * STRANGERS; i++) {
      nowMs += 1_000;
      sockets.push(await stranger(place(i)));
    }
    // The newest stay: each has had the time for a handshake.
    await expect.poll(() => sockets.filter(isOpen).length).toBe(STRANGERS);
    expect(sockets.slice(-STRANGERS).every(isOpen)).toBe(true);
    const alike: Socket[] = [];
    for (let i = 0; i < 2 * STRANGERS; i++) {
      nowMs += 1_000;
      alike.push(await stranger("127.0.9.9"));
    }
    await expect.poll(() => alike.filter(isOpen).length).toBe(STRANGERS / 2);
    expect(await callOfMember()).toEqual(registrationOf(0));
  });

  it("are let in at a rate, before TLS begins, and refused with one line a minute", async () => {
    const sockets: Socket[] = [];
    for (let i = 0; i < 200; i++) sockets.push(await stranger(place(i)));
    await expect.poll(() => sockets.filter(isOpen).length).toBe(STRANGERS);
    const refusals = () => log.lines.filter(({ message }) => message.includes("are refused"));
    expect(refusals()).toHaveLength(1);
    expect(refusals()).toMatchObject([{ level: "warn", fields: { refused: 1 } }]);
    nowMs += 60_000;
    for (let i = 0; i < 41; i++) await stranger(place(i));
    await expect.poll(() => refusals().length).toBe(2);
  });

  it("take nothing from a member that comes back to an address where it was", async () => {
    expect(await callOfMember()).toEqual(registrationOf(0));
    for (let i = 0; i < 200; i++) await stranger(place(i));
    // The rate of strangers is used up; the member's own is not.
    const late = await stranger("127.0.8.8");
    await expect.poll(() => isOpen(late)).toBe(false);
    for (let i = 0; i < 5; i++) expect(await callOfMember()).toEqual(registrationOf(0));
  });

  it("take nothing from a member that this node has dialled", async () => {
    addresses.add(validatorIndex(1), "127.0.0.1");
    for (let i = 0; i < 200; i++) await stranger(place(i));
    expect(await callOfMember()).toEqual(registrationOf(0));
  });

  it("are cut off when they prove nothing in time, before and after TLS", async () => {
    await listener.close(0);
    await open(200);
    const silent = await stranger("127.0.1.1");
    const half = await stranger("127.0.1.2");
    half.write(Buffer.from("16030102000100", "hex"));
    // Only the handshake is spoken over it.
    const raw = await stranger("127.0.1.3");
    const tls = connectTls({ socket: raw, rejectUnauthorized: false, ALPNProtocols: ["h2"] });
    await new Promise((resolve) => tls.once("secureConnect", resolve));
    tls.resume();
    tls.on("error", () => undefined);
    await expect.poll(() => [silent, half, tls].map(isOpen)).toEqual([false, false, false]);
    expect(await callOfMember()).toEqual(registrationOf(0));
  });
});

describe("the addresses of members", () => {
  it("that are announced count before any proof, and stay until they resolve otherwise", () => {
    const known = new MemberAddresses();
    const [one, two] = [validatorIndex(1), validatorIndex(2)];
    known.announce(one, ["192.0.2.1", "2001:db8::1"]);
    known.announce(two, ["192.0.2.1"]);
    known.add(two, "192.0.2.1");
    expect(known.membersAt("192.0.2.1")).toBe(2);
    expect(known.membersAt("2001:db8:0:0::/64")).toBe(1);
    for (let i = 2; i < 10; i++) known.add(one, `192.0.2.${i}`);
    expect(known.membersAt("2001:db8:0:0::/64")).toBe(1);
    known.announce(one, ["192.0.2.99"]);
    expect(known.membersAt("2001:db8:0:0::/64")).toBe(0);
    expect(known.membersAt("192.0.2.99")).toBe(1);
  });

  it("are those that a node dials, numeric at once and names as they resolve", async () => {
    const known = new MemberAddresses();
    const [numeric, named] = [1, 2].map((number) => ({
      index: validatorIndex(number),
      id: `node${number}`,
      peerAddress: number === 1 ? "127.0.6.6:1" : "localhost:1",
      clientAddress: "localhost:1",
      identityKey: identityOf(number).publicKey,
      custodyKey: identityOf(number).publicKey,
    }));
    if (OWN === undefined || numeric === undefined || named === undefined) expect.fail("no peer");
    const dialing = new PeerDialing({
      networkId,
      certificate: OWN,
      addresses: new Map(),
      known,
      system: realSystem,
      log: createLog("node0", "error", () => undefined),
    });
    cleanups.push(() => dialing.close());
    dialing.clientOf(numeric);
    expect(known.membersAt("127.0.6.6")).toBe(1);
    const client = dialing.clientOf(named);
    expect(known.membersAt("127.0.0.1")).toBe(0);
    expect(await client.register(registrationOf(1))).toMatchObject({ kind: "unreachable" });
    expect(known.membersAt("127.0.0.1")).toBe(1);
  });

  it("are the last few of each, an IPv6 network as a whole", () => {
    const known = new MemberAddresses();
    const [one, two] = [validatorIndex(1), validatorIndex(2)];
    known.add(one, "192.0.2.1");
    known.add(two, "::ffff:192.0.2.1");
    known.add(two, "2001:db8::1");
    expect(known.membersAt("192.0.2.1")).toBe(2);
    expect(known.membersAt("2001:db8:0:0::/64")).toBe(1);
    expect(known.membersAt("192.0.2.9")).toBe(0);
    known.add(two, "192.0.2.3");
    expect(known.membersAt("192.0.2.1")).toBe(1);
    expect(known.membersAt("192.0.2.3")).toBe(1);
  });
});
