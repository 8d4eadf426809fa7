import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { verify } from "../../src/node/base/crypto.ts";
import { equalBytes, utf8 } from "../../src/primitives/bytes.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient, type PeerClient, PeerFailure } from "../../src/transport/peer-client.ts";
import { type Peer, PeerLinks } from "../../src/transport/peer-links.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { openPeerSession } from "../../src/transport/peer-session.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import type { Listener } from "../../src/transport/tls-listener.ts";
import { certificateCheck, identityOf, networkId } from "./identities.ts";
import { createPeerDouble, type PeerDouble, registrationOf, transportTo } from "./peer-double.ts";
import { createTestLog, type TestLog } from "./test-log.ts";

const cleanups: (() => unknown)[] = [];
const one = validatorIndex(1);
const realTimers = {
  after: (delayMs: number, action: () => void) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Timers that run when a test says so. */
function createManualTimers() {
  const waiting = new Map<() => void, number>();
  return {
    waiting,
    after(delayMs: number, action: () => void) {
      waiting.set(action, delayMs);
      return () => waiting.delete(action);
    },
    /** Runs the timers of exactly this delay; false if there are none. */
    run(delayMs: number): boolean {
      const found = [...waiting].find(([, ms]) => ms === delayMs);
      if (found === undefined) return false;
      waiting.delete(found[0]);
      found[0]();
      return true;
    },
  };
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Links {
  readonly links: PeerLinks;
  readonly log: TestLog;
  readonly events: string[];
}

function openLinks(
  clients: readonly PeerClient[],
  options: {
    timers?: typeof realTimers;
    greet?: (peer: Peer, signal: AbortSignal) => Promise<PeerFailure | undefined>;
    onConnected?: () => void;
  } = {},
): Links {
  const log = createTestLog();
  const events: string[] = [];
  const links: PeerLinks = new PeerLinks({
    peers: clients.map((client, i) => ({
      index: validatorIndex(i + 1),
      nodeId: `node${i + 2}`,
      client,
    })),
    greet:
      options.greet ??
      (async ({ client }) => {
        const answer = await client.register(registrationOf(0));
        return answer instanceof PeerFailure ? answer : undefined;
      }),
    onConnected: (peer) => {
      events.push(`connected ${peer}`);
      options.onConnected?.();
    },
    onDisconnected: (peer) => events.push(`disconnected ${peer}`),
    timers: options.timers ?? realTimers,
    log,
    backoff: { minMs: 10, maxMs: 80 },
  });
  cleanups.push(() => links.close());
  links.open();
  return { links, log, events };
}

function vote(number: number): Uint8Array {
  return utf8(`vote ${number}`);
}

describe("links in one process", () => {
  test("greet, connect, and carry to one or to all", async () => {
    const peers = [createPeerDouble(), createPeerDouble()];
    const clients = peers.map((peer) => createPeerClient(transportTo(peer, 0)));
    const { links, events } = openLinks(clients);
    await expect.poll(() => links.connectedCount).toBe(2);
    expect(events).toEqual(["connected 1", "connected 2"]);
    expect(peers[0]?.asked).toMatchObject([{ what: "register", caller: 0 }]);
    links.send("all", { consensusMessages: [vote(1)] });
    links.send(one, { operations: [utf8("operation")] });
    await expect.poll(() => peers[0]?.received.operations).toBe(1);
    await expect.poll(() => peers[1]?.received.consensusMessages).toBe(1);
    // Everything queued in one turn is one batch.
    expect(peers[0]?.batches).toMatchObject([
      { caller: 0, batch: { consensusMessages: [vote(1)], operations: [utf8("operation")] } },
    ]);
    expect(peers[1]?.received.operations).toBe(0);
    expect(links.dropped).toBe(0);
  });

  test("hears at the connection what the node has to say then", async () => {
    const peer = createPeerDouble();
    let tell = (): void => undefined;
    const { links } = openLinks([createPeerClient(transportTo(peer, 0))], {
      onConnected: () => tell(),
    });
    tell = () => links.send(one, { consensusMessages: [vote(7)] });
    await expect.poll(() => peer.batches.length).toBe(1);
    expect(peer.batches[0]?.batch.consensusMessages).toEqual([vote(7)]);
  });

  test("lose what is said while they are down, and count it", async () => {
    const peer = createPeerDouble();
    const greet = async () => new PeerFailure("unreachable", "not yet");
    const { links } = openLinks([createPeerClient(transportTo(peer, 0))], { greet });
    links.send("all", { consensusMessages: [vote(1), vote(2)], operations: [vote(3)] });
    links.send(validatorIndex(9), { operations: [vote(3)] });
    expect(links.dropped).toBe(3);
    expect(links.isConnected(one)).toBe(false);
  });

  test("try again with growing pauses, and say each new reason once", async () => {
    const timers = createManualTimers();
    const reasons = ["closed", "closed", "closed", "closed", "closed", "frozen", "frozen"];
    let tries = 0;
    const greet = async () => new PeerFailure("unreachable", reasons[tries++] ?? "late");
    const client = createPeerClient(transportTo(createPeerDouble(), 0));
    const { log } = openLinks([client], { timers, greet });
    for (const [i, pause] of [10, 20, 40, 80, 80, 80].entries()) {
      await expect.poll(() => [...timers.waiting.values()]).toEqual([pause]);
      expect(tries).toBe(i + 1);
      timers.run(pause);
    }
    await expect.poll(() => tries).toBe(7);
    expect(log.lines).toMatchObject([
      { level: "info", fields: { peer: "node2", why: "unreachable: closed" } },
      { level: "info", fields: { peer: "node2", why: "unreachable: frozen" } },
    ]);
  });

  test("warn of a peer that stays away, once, and at once of one that refuses this node", async () => {
    const timers = createManualTimers();
    let failure = new PeerFailure("unreachable", "closed");
    const client = createPeerClient(transportTo(createPeerDouble(), 0));
    const { log } = openLinks([client], { timers, greet: async () => failure });
    const next = async () => {
      await expect.poll(() => timers.waiting.size).toBe(1);
      for (const pause of timers.waiting.values()) timers.run(pause);
    };
    for (let i = 0; i < 30; i++) await next();
    failure = new PeerFailure("refused", "no member", new Refusal("NOT_A_MEMBER", { message: "" }));
    await next();
    await next();
    expect(log.lines.map(({ level, fields }) => [level, fields])).toEqual([
      ["info", { peer: "node2", why: "unreachable: closed" }],
      ["warn", { peer: "node2", why: "unreachable: closed" }],
      ["warn", { peer: "node2", why: "refused: no member" }],
    ]);
  });

  test("come back when a stream ends, faster after one that lasted", async () => {
    const timers = createManualTimers();
    const peer = createPeerDouble();
    peer.onReceive = async () => new Refusal("TOO_MANY_REQUESTS", { message: "slow down" });
    const client = createPeerClient(transportTo(peer, 0));
    const { links, events } = openLinks([client], { timers });
    const endStream = async (count: number) => {
      await expect.poll(() => links.isConnected(one)).toBe(true);
      links.send(one, { consensusMessages: [vote(1)] });
      await expect.poll(() => peer.batches.length).toBe(count);
      await expect.poll(() => links.isConnected(one)).toBe(false);
    };
    await endStream(1);
    await expect.poll(() => [...timers.waiting.values()]).toEqual([10]);
    timers.run(10);
    await endStream(2);
    await expect.poll(() => [...timers.waiting.values()]).toEqual([20]);
    timers.run(20);
    await expect.poll(() => links.isConnected(one)).toBe(true);
    // This one lasts as long as the longest pause.
    expect(timers.run(80)).toBe(true);
    await endStream(3);
    await expect.poll(() => [...timers.waiting.values()]).toEqual([10]);
    expect(events.slice(0, 4)).toEqual([
      "connected 1",
      "disconnected 1",
      "connected 1",
      "disconnected 1",
    ]);
  });

  test("dial a peer at once when it was heard from, and no other", async () => {
    const timers = createManualTimers();
    const greeted: string[] = [];
    const greet = async ({ nodeId }: Peer) => {
      greeted.push(nodeId);
      return new PeerFailure("unreachable", "down");
    };
    const client = createPeerClient(transportTo(createPeerDouble(), 0));
    const { links } = openLinks([client, client], { timers, greet });
    await expect.poll(() => [...timers.waiting.values()]).toEqual([10, 10]);
    links.heard(one);
    await expect.poll(() => greeted).toEqual(["node2", "node3", "node2"]);
  });

  test("close at once, in a pause or with a stream open", async () => {
    const peer = createPeerDouble();
    const open = openLinks([createPeerClient(transportTo(peer, 0))]);
    await expect.poll(() => open.links.connectedCount).toBe(1);
    await open.links.close();
    expect(open.links.connectedCount).toBe(0);
    const timers = createManualTimers();
    const greet = async () => new PeerFailure("unreachable", "no");
    const paused = openLinks([createPeerClient(transportTo(peer, 0))], { timers, greet });
    await expect.poll(() => timers.waiting.size).toBe(1);
    await paused.links.close();
    expect(timers.waiting.size).toBe(0);
  });
});

describe("links over TLS", () => {
  async function openPeer(port = 0): Promise<{ peer: PeerDouble; listener: Listener }> {
    const peer = createPeerDouble();
    const listener = await openPeerListener({
      members: 4,
      host: "127.0.0.1",
      port,
      certificate: await createPeerCertificate({ networkId, ...identityOf(1) }),
      check: certificateCheck,
      memberOf: (key) => (equalBytes(key, identityOf(0).publicKey) ? validatorIndex(0) : undefined),
      api: peer,
      log: createTestLog(),
      now: () => performance.now(),
      onFailure: (error) => {
        throw error;
      },
    });
    cleanups.push(() => listener.close(50));
    return { peer, listener };
  }

  async function clientTo(port: number, onAnswer = (): void => undefined): Promise<PeerClient> {
    const session = openPeerSession({
      address: `127.0.0.1:${port}`,
      identityKey: identityOf(1).publicKey,
      certificate: await createPeerCertificate({ networkId, ...identityOf(0) }),
      check: { networkId, verify },
      log: createTestLog(),
      onAnswer,
      timings: { connectMs: 500, pingMs: 50, pingTimeoutMs: 150 },
    });
    cleanups.push(() => session.close());
    return createPeerClient(createPeerTransport(session));
  }

  test("carry a hundred thousand items in order and in batches", async () => {
    const { peer, listener } = await openPeer();
    const { links } = openLinks([await clientTo(listener.port)]);
    await expect.poll(() => links.connectedCount).toBe(1);
    // All of it fits into the outbox, so that nothing is dropped, however slowly it drains.
    const operation = new Uint8Array(150);
    expect(100_000 * operation.length).toBeLessThan(LIMITS.linkOutboxBytesMax / 2);
    for (let i = 0; i < 100; i++) {
      links.send("all", { operations: Array.from({ length: 1000 }, () => operation) });
      links.send("all", { consensusMessages: [vote(i)] });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => peer.received.operations).toBe(100_000 - links.dropped);
    expect(links.dropped).toBe(0);
    const votes = peer.batches.flatMap(({ batch }) => batch.consensusMessages);
    expect(votes).toEqual(Array.from({ length: 100 }, (_, i) => new Uint8Array(vote(i))));
    expect(peer.batches.length).toBeLessThan(500);
  });

  test("hear from a peer that has nothing to say", async () => {
    const { peer, listener } = await openPeer();
    let answers = 0;
    const { links } = openLinks([await clientTo(listener.port, () => answers++)]);
    await expect.poll(() => links.connectedCount).toBe(1);
    await expect.poll(() => answers).toBeGreaterThan(2);
    expect(peer.batches).toEqual([]);
  });

  test("share their connection with calls", async () => {
    const { peer, listener } = await openPeer();
    const client = await clientTo(listener.port);
    const { links } = openLinks([client]);
    await expect.poll(() => links.connectedCount).toBe(1);
    expect(await client.fetchOperations([])).toEqual([utf8("one")]);
    expect(peer.asked.map(({ what }) => what)).toEqual(["register", "fetchOperations"]);
  });

  test("come back to a peer that stopped and started again", async () => {
    const first = await openPeer();
    const { links, events } = openLinks([await clientTo(first.listener.port)]);
    await expect.poll(() => links.connectedCount).toBe(1);
    await first.listener.close(50);
    await expect.poll(() => links.connectedCount).toBe(0);
    const second = await openPeer(first.listener.port);
    await expect.poll(() => links.connectedCount).toBe(1);
    links.send("all", { consensusMessages: [vote(1)] });
    await expect.poll(() => second.peer.received.consensusMessages).toBe(1);
    expect(events).toEqual(["connected 1", "disconnected 1", "connected 1"]);
  });

  test("notice a peer that freezes with the stream open", async () => {
    const { listener } = await openPeer();
    // A wire between the two that can be stopped silently.
    const sockets: Socket[] = [];
    const wire = createServer((near) => {
      const far = connect(listener.port, "127.0.0.1");
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) {
        sockets.push(socket);
        socket.on("error", () => undefined);
      }
    });
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      wire.close();
    });
    await new Promise<void>((resolve) => wire.listen(0, "127.0.0.1", resolve));
    const address = wire.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { links, events } = openLinks([await clientTo(port)]);
    await expect.poll(() => links.connectedCount).toBe(1);
    for (const socket of sockets) socket.unpipe().pause();
    // A new connection works again and is soon up.
    await expect.poll(() => events.length).toBe(3);
    expect(events).toEqual(["connected 1", "disconnected 1", "connected 1"]);
  });
});
