import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createSecureServer,
  type ServerHttp2Session,
} from "node:http2";
import { createServer, type Server } from "node:net";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { create } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  FetchOperationsRequestSchema,
  LinkRequestSchema,
  PeerService,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import { verify } from "../../src/node/base/crypto.ts";
import { equalBytes } from "../../src/primitives/bytes.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { height, validatorIndex } from "../../src/primitives/numbers.ts";
import type { PublicKey } from "../../src/primitives/signature.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import type { ClientSession } from "../../src/transport/client-session.ts";
import { toConnectError } from "../../src/transport/errors.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { createPeerClient } from "../../src/transport/peer-client.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { openPeerSession, type PeerSessionTimings } from "../../src/transport/peer-session.ts";
import { createPeerTransport } from "../../src/transport/peer-transport.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import type { Listener } from "../../src/transport/tls-listener.ts";
import { certificateCheck, identityOf, networkId, otherNetworkId } from "./identities.ts";
import { createPeerDouble, type PeerDouble, registrationOf } from "./peer-double.ts";
import { createTestLog, type TestLog } from "./test-log.ts";

/** Members are 0 to 3; 100 is a stranger. */
const certificates = new Map<number, CertificateAndKey>();
const failures: unknown[] = [];
const cleanups: (() => unknown)[] = [];
let peer: PeerDouble;
let log: TestLog;
let listener: Listener;

function certificateOf(number: number): CertificateAndKey {
  const certificate = certificates.get(number);
  if (certificate === undefined) throw new Error(`no certificate for ${number}`);
  return certificate;
}

function memberOf(publicKey: PublicKey) {
  const number = [0, 1, 2, 3].find((one) => equalBytes(identityOf(one).publicKey, publicKey));
  return number === undefined ? undefined : validatorIndex(number);
}

beforeAll(async () => {
  for (const number of [0, 1, 2, 3, 100]) {
    certificates.set(number, await createPeerCertificate({ networkId, ...identityOf(number) }));
  }
});

beforeEach(async () => {
  peer = createPeerDouble();
  log = createTestLog();
  failures.length = 0;
  listener = await openPeerListener({
    members: 4,
    host: "127.0.0.1",
    port: 0,
    certificate: certificateOf(0),
    check: certificateCheck,
    memberOf,
    api: peer,
    log,
    now: () => performance.now(),
    onFailure: (error) => failures.push(error),
  });
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await listener.close(100);
  expect(failures).toEqual([]);
});

interface Caller {
  readonly from?: number;
  readonly to?: number;
  readonly port?: number;
  readonly timings?: PeerSessionTimings;
}

function sessionOf({ from = 1, to = 0, port = listener.port, timings }: Caller): ClientSession {
  const session = openPeerSession({
    address: `127.0.0.1:${port}`,
    identityKey: identityOf(to).publicKey,
    certificate: certificateOf(from),
    check: { networkId, verify },
    log,
    ...(timings === undefined ? {} : { timings }),
  });
  cleanups.push(() => session.close());
  return session;
}

function clientOf(caller: Caller) {
  return createPeerClient(createPeerTransport(sessionOf(caller)));
}

const fromStart = {
  start: { kind: "height", height: height(1) },
  count: 1,
  headersOnly: false,
} as const;

function listen(server: Server): Promise<number> {
  cleanups.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

describe("the peer listener", () => {
  test("knows each member by its certificate", async () => {
    for (const from of [1, 2, 3]) {
      expect(await clientOf({ from }).register(registrationOf(from))).toEqual(registrationOf(0));
    }
    expect(peer.asked.map(({ caller }) => caller)).toEqual([1, 2, 3]);
    expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  test("T2: turns away a stranger that proves an identity, with a line in the log", async () => {
    expect(await clientOf({ from: 100 }).register(registrationOf(1))).toMatchObject({
      kind: "refused",
      refusal: { reason: "NOT_A_MEMBER" },
    });
    expect(peer.asked).toEqual([]);
    expect(log.lines).toContainEqual({
      level: "warn",
      message: "a stranger on the peer port",
      fields: { from: "127.0.0.1", problem: "the identity is not a member's" },
    });
  });

  test.each([
    ["no certificate", {}, "it showed no certificate"],
    ["a certificate of another network", { network: otherNetworkId }, "did not sign"],
  ])(
    "turns away a caller with %s",
    async (_name, { network }: { network?: Uint8Array }, problem) => {
      const certificate =
        network === undefined
          ? {}
          : await createPeerCertificate({ networkId: network, ...identityOf(1) }).then(
              ({ certificate: cert, key }) => ({ cert, key }),
            );
      const client = createClient(
        PeerService,
        createConnectTransport({
          baseUrl: `https://127.0.0.1:${listener.port}`,
          httpVersion: "2",
          nodeOptions: { rejectUnauthorized: false, ...certificate },
        }),
      );
      const call = client.fetchBlocks({ start: { case: "fromHeight", value: 0n }, count: 1 });
      await expect(call).rejects.toMatchObject({ code: Code.PermissionDenied });
      await expect(client.register({})).rejects.toMatchObject({ code: Code.PermissionDenied });
      expect(peer.asked).toEqual([]);
      expect(log.lines.find(({ level }) => level === "warn")).toMatchObject({
        fields: { problem: expect.stringContaining(problem) },
      });
    },
  );

  test("cuts a stranger off that stays", async () => {
    const session = connectHttp2(`https://127.0.0.1:${listener.port}`, {
      rejectUnauthorized: false,
    });
    await new Promise((resolve) => session.once("close", resolve));
    expect(session.destroyed).toBe(true);
  });

  test("keeps few connections of one member, its newest, and takes no other's for them", async () => {
    const opened: ClientHttp2Session[] = [];
    for (let i = 0; i < 10; i++) {
      const { certificate: cert, key } = certificateOf(1);
      const url = `https://127.0.0.1:${listener.port}`;
      const session = connectHttp2(url, { rejectUnauthorized: false, cert, key });
      session.on("error", () => undefined);
      cleanups.push(() => session.destroy());
      await new Promise((resolve) => session.once("remoteSettings", resolve));
      opened.push(session);
    }
    await Promise.all(
      opened
        .slice(0, 2)
        .map((one) => one.destroyed || new Promise((end) => one.once("close", end))),
    );
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([
      ...[true, true],
      ...Array.from({ length: 8 }, () => false),
    ]);
    expect(await clientOf({ from: 2 }).register(registrationOf(2))).toEqual(registrationOf(0));
  });

  test("T6: answers no more calls of one member at a time than it can hold the answers of", async () => {
    const answers = Promise.withResolvers<never>();
    peer.fetchBlocks = () => answers.promise;
    const ask = (from: number) => clientOf({ from }).fetchBlocks(fromStart);
    const pending = Array.from({ length: 5 }, () => sessionOf({})).flatMap((session) => {
      const client = createPeerClient(createPeerTransport(session));
      return Array.from({ length: 10 }, () => client.fetchBlocks(fromStart));
    });
    let refused = 0;
    for (const call of pending) {
      call.then(() => {
        refused += 1;
      });
    }
    await expect.poll(() => refused).toBe(50 - 32);
    const other = ask(2);
    answers.reject(toConnectError(new Refusal("LAGGING", { message: "enough" })));
    expect(await other).toMatchObject({ message: "enough" });
    await Promise.all(pending);
    expect(await ask(1)).toMatchObject({ message: "enough" });
  });

  test("reads large messages from links only", async () => {
    const operations = [new Uint8Array(LIMITS.operationBytesMax)];
    const question = { leafHashes: Array.from({ length: 20_000 }, () => new Uint8Array(32)) };
    const client = createClient(PeerService, createPeerTransport(sessionOf({})));
    const refused = client.fetchOperations(question);
    await expect(refused).rejects.toMatchObject({ code: Code.ResourceExhausted });
    const batch = { operations: Array.from({ length: 20 }, () => operations).flat() };
    await client.link(
      (async function* () {
        yield batch;
      })(),
    );
    expect(peer.asked).toEqual([]);
    expect(peer.received.operations).toBe(20);
  });

  test("decodes no message of more fields than a node sends", async () => {
    const client = createClient(PeerService, createPeerTransport(sessionOf({})));
    // Unknown fields cost as much, and are otherwise harmless.
    const $unknown = Array.from({ length: LIMITS.peerMessageFieldsMax + 1 }, () => ({
      no: 1000,
      wireType: WireType.LengthDelimited,
      data: new Uint8Array([0]),
    }));
    const refused = { code: Code.InvalidArgument, rawMessage: expect.stringMatching(/fields/) };
    const link = client.link(
      (async function* () {
        yield Object.assign(create(LinkRequestSchema), { $unknown });
      })(),
    );
    await expect(link).rejects.toMatchObject(refused);
    const question = Object.assign(create(FetchOperationsRequestSchema), { $unknown });
    await expect(client.fetchOperations(question)).rejects.toMatchObject(refused);
    expect(peer.asked).toEqual([]);
  });

  test("takes the largest batch and the largest question that a node sends", async () => {
    const count = LIMITS.linkBatchItemsMax;
    const client = createClient(PeerService, createPeerTransport(sessionOf({})));
    const seal = { target: { epoch: 1n, height: 1n }, seal: new Uint8Array(64) };
    const batch = create(LinkRequestSchema, {
      operations: Array.from({ length: count }, () => new Uint8Array(16)),
      consensusMessages: Array.from({ length: count }, () => new Uint8Array(16)),
      seals: Array.from({ length: count }, () => seal),
    });
    await client.link(
      (async function* () {
        yield batch;
        yield batch;
      })(),
    );
    expect(peer.received.operations).toBe(2 * count);
    const leafHashes = Array.from({ length: LIMITS.blockOperationsMax }, () => new Uint8Array(32));
    await client.fetchOperations({ leafHashes });
    expect(peer.asked).toHaveLength(1);
  });

  test("reads no JSON and speaks no HTTP/1.1 and no TLS 1.2", async () => {
    const { certificate: cert, key } = certificateOf(1);
    const session = connectHttp2(`https://127.0.0.1:${listener.port}`, {
      rejectUnauthorized: false,
      cert,
      key,
    });
    const stream = session.request({
      ":method": "POST",
      ":path": "/countersign.v1.PeerService/Register",
      "content-type": "application/json",
    });
    stream.end("{}");
    const status = await new Promise((resolve) => {
      stream.once("response", (headers) => resolve(headers[":status"]));
    });
    expect(status).toBe(415);
    session.destroy();
    for (const options of [{ ALPNProtocols: ["http/1.1"] }, { maxVersion: "TLSv1.2" as const }]) {
      const socket = connectTls({
        port: listener.port,
        host: "127.0.0.1",
        rejectUnauthorized: false,
        cert,
        key,
        ...options,
      });
      const outcome = await new Promise((resolve) => {
        socket.once("secureConnect", () => resolve("connected"));
        socket.once("error", () => resolve("refused"));
      });
      expect(outcome).toBe("refused");
    }
  });

  test("T2: asks at every call whether the caller is still a member", async () => {
    await listener.close(100);
    let members = true;
    listener = await openPeerListener({
      members: 4,
      host: "127.0.0.1",
      port: 0,
      certificate: certificateOf(0),
      check: certificateCheck,
      memberOf: (key) => (members ? memberOf(key) : undefined),
      api: peer,
      log,
      now: () => performance.now(),
      onFailure: (error) => failures.push(error),
    });
    const client = clientOf({});
    expect(await client.register(registrationOf(1))).toEqual(registrationOf(0));
    members = false;
    expect(await client.register(registrationOf(1))).toMatchObject({ kind: "refused" });
  });
});

describe("a session to a peer", () => {
  /** A TLS server that counts the bytes it gets after the handshake. */
  async function openImpostor(
    number: number | "stranger",
  ): Promise<{ port: number; heard: () => number }> {
    let heard = 0;
    const sockets = new Set<TLSSocket>();
    const { certificate: cert, key } = certificateOf(number === "stranger" ? 100 : number);
    const server = createTlsServer(
      { cert, key, ALPNProtocols: ["h2"], requestCert: true, rejectUnauthorized: false },
      (socket) => {
        sockets.add(socket);
        socket.on("data", (bytes) => {
          heard += bytes.length;
        });
        socket.on("error", () => undefined);
      },
    );
    const port = await listen(server);
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
    });
    return { port, heard: () => heard };
  }

  test.each([
    ["another member", 2],
    ["a stranger", 100],
  ])("tells %s at the peer's address not one byte", async (_name, number) => {
    const impostor = await openImpostor(number);
    const answer = await clientOf({ port: impostor.port }).register(registrationOf(1));
    expect(answer).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("it has another node's identity"),
    });
    expect(log.lines).toContainEqual({
      level: "warn",
      message: "an impostor at a peer's address",
      fields: { peer: `127.0.0.1:${impostor.port}`, problem: "it has another node's identity" },
    });
    // Anything on its way would arrive before the data of a second, honest connection.
    await clientOf({ port: impostor.port }).register(registrationOf(1));
    expect(impostor.heard()).toBe(0);
  });

  test("would have been heard by the impostor, had it spoken", async () => {
    const impostor = await openImpostor(0);
    void clientOf({ port: impostor.port }).register(registrationOf(1));
    await expect.poll(impostor.heard).toBeGreaterThan(0);
  });

  test("is one connection for all calls, and a new one after an end", async () => {
    const sessions: ServerHttp2Session[] = [];
    await listener.close(100);
    const { certificate: cert, key } = certificateOf(0);
    const server = createSecureServer({ cert, key });
    server.on("session", (session) => sessions.push(session));
    server.on("stream", (stream) => {
      stream.respond({ ":status": 503 });
      stream.end();
    });
    const port = await listen(server);
    const client = clientOf({ port });
    await Promise.all([1, 2, 3].map(() => client.register(registrationOf(1))));
    expect(sessions.length).toBe(1);
    sessions[0]?.destroy();
    const calls = async () => {
      await client.register(registrationOf(1));
      return sessions.length;
    };
    await expect.poll(calls).toBe(2);
  });

  test("survives a peer that says GOAWAY just when a call begins (connect-es 1768)", {
    timeout: 180_000,
  }, async () => {
    const { certificate: cert, key } = certificateOf(0);
    const server = createSecureServer({ cert, key });
    let count = 0;
    server.on("session", (session) => session.on("error", () => undefined));
    server.on("stream", (stream) => {
      const { session } = stream;
      stream.on("error", () => undefined);
      stream.on("close", () => {
        const goaway = () => {
          if (session?.destroyed === false) session.goaway();
        };
        count += 1;
        if (count % 3 === 0) goaway();
        else if (count % 3 === 1) setImmediate(goaway);
        else setTimeout(goaway, 1);
      });
      stream.respond({ ":status": 503 });
      stream.end();
    });
    const port = await listen(server);
    const client = clientOf({ port });
    // Vitest fails the run on any uncaught exception; connect-node's own manager has dozens of them here.
    for (let round = 0; round < 800; round++) {
      expect(await client.register(registrationOf(1))).toMatchObject({ kind: "unreachable" });
      if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (round % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(count).toBeGreaterThan(100);
  });

  test("ends when the peer freezes, calls and all", async () => {
    const frozen = createServer((raw) => {
      raw.on("error", () => undefined);
    });
    const silentPort = await listen(frozen);
    const timings = { connectMs: 150, pingMs: 50, pingTimeoutMs: 100 };
    expect(await clientOf({ port: silentPort, timings }).register(registrationOf(1))).toMatchObject(
      { kind: "unreachable", message: expect.stringContaining("no answer in time") },
    );
    const impostor = await openImpostor(0);
    const proven = { ...timings, connectMs: 5_000 };
    const call = clientOf({ port: impostor.port, timings: proven }).register(registrationOf(1));
    expect(await call).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("no answer to a ping"),
    });
  });

  test("says plainly that no program listens there", async () => {
    await listener.close(0);
    expect(await clientOf({}).register(registrationOf(1))).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("carries messages of many megabytes both ways", async () => {
    const large = new Uint8Array(8 * 1024 * 1024).fill(7);
    peer.fetchBlocks = async () => ({
      blocks: Array.from({ length: 2 }, () => ({
        header: new Uint8Array(1),
        operations: Array.from({ length: 110 }, (_, i) => large.subarray(i, i + 64 * 1024)),
      })),
      finalHeight: height(1),
    });
    const answer = await clientOf({}).fetchBlocks({ ...fromStart, count: 2 });
    expect(answer).toMatchObject({ finalHeight: 1 });
  });

  test("closes for good", async () => {
    const session = sessionOf({});
    const client = createPeerClient(createPeerTransport(session));
    expect(await client.register(registrationOf(1))).toEqual(registrationOf(0));
    session.close();
    expect(await client.register(registrationOf(1))).toMatchObject({ kind: "unreachable" });
  });
});

afterAll(() => certificates.clear());
