/**
 * Goal: every message of an authenticated member to its peers, or of a stranger to any port, is answered or refused.
 * No node applies half of it, throws or grows in memory, and the others go on settling payments. Method: the honest
 * nodes run in a process of their own behind their real listeners. Random tests print their seed: HOSTILE_SEED
 * repeats a run, HOSTILE_CALLS sets the mutations of each method (default 1,000; from 7,500 on, at least 50,000 calls
 * in all).
 */
import type { ClientHttp2Session } from "node:http2";
import { connect as connectTcp } from "node:net";
import { setTimeout } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  FetchBlocksRequestSchema,
  FetchCertificatesRequestSchema,
  FetchOperationsRequestSchema,
  FetchSnapshotRequestSchema,
  PeerService,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { type Bytes, utf8 } from "../../src/primitives/bytes.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { namedSigningKey } from "../support/operations.ts";
import { sweep } from "../support/sweep.ts";
import { Random } from "../support/world/random.ts";
import { HONEST, HOSTILE, type Places, type VictimState } from "./contract.ts";
import { contradictingVotes, mutate, type Stock } from "./mutations.ts";
import { answerOf, call, connectAs, enveloped, open, sayGoaway, verdictOf } from "./raw-calls.ts";
import { VictimProcess } from "./victim-process.ts";

const SEED = Number(process.env["HOSTILE_SEED"] ?? Date.now() % 1_000_000);
const CALLS = Number(
  process.env["HOSTILE_CALLS"] ?? sweep({ whole: "1000", all: "400", share: "100" }),
);
const MIB = 1024 * 1024;
const MEMORY_MAX = 20 * MIB;
/** Calls under way at a time on one connection. */
const AT_ONCE = 8;
/** Codes that a caller may get; any other one is a failure of the node. */
const CODES: ReadonlySet<string> = new Set([
  ...["invalid_argument", "resource_exhausted", "failed_precondition", "permission_denied"],
  ...["unauthenticated", "not_found", "out_of_range", "canceled", "unavailable", "already_exists"],
  ...["deadline_exceeded", "unimplemented"],
]);

let victim: VictimProcess;
let places: Places;
let certificate: CertificateAndKey;
let before: VictimState;

beforeAll(async () => {
  console.log(`HOSTILE_SEED=${SEED} HOSTILE_CALLS=${CALLS}`);
  victim = await VictimProcess.start();
  places = await victim.open();
  const networkId = Buffer.from(places.networkId, "hex");
  certificate = await createPeerCertificate({
    networkId,
    ...namedSigningKey(`identity ${HOSTILE}`),
  });
  // Everything that is made only once is made before the first reading: certificates, caches, code.
  for (const method of METHODS) await attack(method, new Random(SEED, 99), 100);
  before = await victim.state();
}, 180_000);

afterAll(async () => {
  await victim.stop();
});

const METHODS = PeerService.methods.map(({ name }) => name);

/** Valid messages of a method: those that the member sent while it was honest, or questions that any member may ask. */
function stockOf(method: string): Stock {
  const asked: Readonly<Record<string, readonly Bytes[]>> = {
    FetchBlocks: blocksQueries().map((query) => toBinary(FetchBlocksRequestSchema, query)),
    FetchOperations: [1, 40].map((count) => {
      const leafHashes = Array.from({ length: count }, (_, i) => sha256(utf8(`operation ${i}`)));
      return toBinary(
        FetchOperationsRequestSchema,
        create(FetchOperationsRequestSchema, { leafHashes }),
      );
    }),
    FetchCertificates: numbers().map((view) =>
      toBinary(
        FetchCertificatesRequestSchema,
        create(FetchCertificatesRequestSchema, { epoch: 1n, view }),
      ),
    ),
    FetchSnapshot: snapshotQueries().map((query) => toBinary(FetchSnapshotRequestSchema, query)),
  };
  const seen = (places.seen[method] ?? []).map(
    (text) => new Uint8Array(Buffer.from(text, "base64")),
  );
  const valid = [...seen, ...(asked[method] ?? [])];
  return { networkId: Buffer.from(places.networkId, "hex"), height: places.height, valid };
}

/** Heights and views at which a number may overflow, and some that exist. */
function numbers(): bigint[] {
  const last = BigInt(Number.MAX_SAFE_INTEGER);
  return [0n, 1n, BigInt(places.height), last - 1n, last, 2n ** 64n - 1n];
}

function blocksQueries() {
  const hash = sha256(utf8("no block"));
  return [
    ...numbers().map((value) => ({ case: "fromHeight" as const, value })),
    { case: "fromHash" as const, value: hash },
  ].flatMap((start) => [
    create(FetchBlocksRequestSchema, { start, count: 64 }),
    create(FetchBlocksRequestSchema, { start, count: 256, withResults: true }),
  ]);
}

function snapshotQueries() {
  const afterWalletId = "01234567-89ab-4def-8123-456789abcdef";
  return [
    create(FetchSnapshotRequestSchema),
    ...numbers().flatMap((height) => [
      create(FetchSnapshotRequestSchema, { height }),
      create(FetchSnapshotRequestSchema, { height, afterWalletId }),
    ]),
  ];
}

/** Sends this many mutated calls of one method, spread over the honest nodes; gives the count of each verdict. */
async function attack(method: string, random: Random, calls: number): Promise<Map<string, number>> {
  const stock = stockOf(method);
  const counts = new Map<string, number>();
  const sessions = places.peerPorts.map((port) => connectAs(certificate, port));
  // A member has one link: a new one ends the older one.
  const lanes = method === PeerService.method.link.name ? 1 : AT_ONCE;
  let left = calls;
  const work = async (session: ClientHttp2Session) => {
    for (left -= 1; left >= 0; left -= 1) {
      const { verdict, code } = await settled(session, method, mutate(method, random, stock));
      const name = code === "" ? verdict : `${verdict}: ${code}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  };
  await Promise.all(
    sessions.flatMap((session) => Array.from({ length: lanes }, () => work(session))),
  );
  for (const session of sessions) session.destroy();
  return counts;
}

/** Repeats a call for as long as it is refused only for its rate. */
async function settled(session: ClientHttp2Session, method: string, message: Bytes) {
  for (;;) {
    const judged = verdictOf(method, await call(session, method, message));
    if (judged.againMs === 0) return judged;
    await setTimeout(judged.againMs);
  }
}

/** No message was applied, no node failed, and the network goes on. */
async function expectUnharmed(): Promise<void> {
  const after = await victim.state();
  expect(after.problems).toEqual([]);
  expect(new Set(after.roots).size).toBe(1);
  expect(after.roots).toEqual(before.roots);
}

describe("a hostile member", () => {
  it.each(METHODS)(
    `has ${CALLS} mutations of %s answered or refused`,
    { timeout: 600_000 },
    async (method) => {
      expect(
        stockOf(method).valid.length,
        "no valid message to mutate: add the method to stockOf",
      ).toBeGreaterThan(0);
      const counts = await attack(method, new Random(SEED, METHODS.indexOf(method)), CALLS);
      console.log(`${method}: ${JSON.stringify(Object.fromEntries(counts))}`);
      for (const name of counts.keys()) {
        const [verdict, code] = name.split(": ");
        expect(verdict === "answered" || CODES.has(code ?? ""), name).toBe(true);
      }
      await expectUnharmed();
    },
  );

  it("takes up no memory by all this, and its two votes of one view are kept as evidence", async () => {
    const [port = 0] = places.peerPorts;
    const session = connectAs(certificate, port);
    await settled(session, "Link", contradictingVotes(stockOf("Link")));
    session.destroy();
    const { heapBytes, evidence } = await victim.state();
    console.log(
      `memory: ${((heapBytes - before.heapBytes) / MIB).toFixed(1)} MiB more; evidence ${evidence}`,
    );
    expect(heapBytes - before.heapBytes).toBeLessThan(MEMORY_MAX);
    expect(evidence[0]).toBeGreaterThan(0);
  });

  it("stops no node by slow bodies, false lengths and half-closed streams", async () => {
    const slowly = async (port: number) => {
      const session = connectAs(certificate, port);
      const [slow, claimed, silent] = [
        open(session, "Register"),
        open(session, "FetchOperations", { "content-length": "400000" }),
        open(session, "Link"),
      ];
      slow.write(Buffer.alloc(10));
      claimed.write(Buffer.alloc(10));
      silent.write(enveloped(new Uint8Array(10), 0xffff_ffff));
      const halfClosed = open(session, "Link");
      halfClosed.end();
      // The listener cuts off bodies that do not arrive within its two seconds.
      await Promise.all([slow, claimed, silent, halfClosed].map(answerOf));
      session.destroy();
    };
    await Promise.all(places.peerPorts.map(slowly));
    await expectUnharmed();
  });

  it("stops no node by floods, resets, GOAWAY and lost connections at any moment", {
    timeout: 180_000,
  }, async () => {
    const random = new Random(SEED, 100);
    const stock = stockOf("Link");
    for (let round = 0; round < 60; round++) {
      const session = connectAs(certificate, random.pick(places.peerPorts));
      const streams = Array.from({ length: 40 }, () => {
        const stream = open(session, random.pick(METHODS));
        stream.on("response", () => stream.resume());
        stream.write(enveloped(random.pick(stock.valid)), () => undefined);
        return stream;
      });
      if (random.chance(0.7)) await setTimeout(random.below(15));
      random.pick([
        () => {
          for (const stream of streams) stream.close(random.pick([0, 1, 2, 8, 11]));
        },
        () => sayGoaway(session),
        () => {
          for (const stream of streams) stream.end();
        },
        () => undefined,
      ])();
      if (random.chance(0.5)) await setTimeout(random.below(10));
      session.destroy();
    }
    await expectUnharmed();
  });
});

describe("a stranger", () => {
  it("stops no node by random bytes on either port, in TCP, in TLS and after an HTTP/2 prelude", {
    timeout: 180_000,
  }, async () => {
    const random = new Random(SEED, 101);
    const noise = (length: number) => Buffer.from(Array.from({ length }, () => random.below(256)));
    const prelude = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const { certificate: cert, key } = certificate;
    for (const port of [...places.peerPorts, ...places.clientPorts]) {
      for (let round = 0; round < 20; round++) {
        const what = random.below(4);
        const secure = {
          port,
          host: "127.0.0.1",
          rejectUnauthorized: false,
          ALPNProtocols: ["h2"],
        };
        const socket =
          what === 0
            ? connectTcp(port, "127.0.0.1")
            : connectTls(what === 1 ? secure : { ...secure, cert, key });
        socket.on("error", () => undefined);
        const bytes = noise(random.between(1, 3_000));
        socket.write(what === 3 ? Buffer.concat([prelude, bytes]) : bytes);
        const closed = new Promise((resolve) => socket.once("close", resolve));
        socket.resume();
        await Promise.race([closed, setTimeout(30)]);
        socket.destroy();
      }
    }
    await expectUnharmed();
  });
});

describe("the network after all this", () => {
  it("settles payments, and each of its nodes starts again from what it has stored", {
    timeout: 120_000,
  }, async () => {
    await victim.pay();
    await victim.crashEach();
    await victim.pay();
    const { problems, roots } = await victim.state();
    expect(problems).toEqual([]);
    expect(new Set(roots).size).toBe(1);
    expect(roots).toHaveLength(HONEST.length);
  });
});
