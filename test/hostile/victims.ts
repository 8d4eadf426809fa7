/**
 * The process under attack: the honest nodes of a network of four behind real listeners; the test is the fourth
 * member. Performs the orders in its messages, answers each, and ends with its parent.
 */

import { setTimeout } from "node:timers/promises";
import { type DescMethod, type Message, toBinary } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { openAuthenticator } from "../../src/node/access/open.ts";
import { sha256, verify } from "../../src/node/base/crypto.ts";
import { equalBytes, toHex } from "../../src/primitives/bytes.ts";
import { callerOf } from "../../src/transport/caller.ts";
import { openBounds } from "../../src/transport/caller-bounds.ts";
import { openClientListener } from "../../src/transport/client-listener.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { Cluster } from "../support/cluster.ts";
import { namedSigningKey } from "../support/operations.ts";
import { HONEST, HOSTILE, type Places, type VictimState } from "./contract.ts";

const PATIENCE_MS = 30_000;
/** The number of valid messages kept of each method for mutation. */
const SEEN_MAX = 200;

const problems: string[] = [];
const seen = new Map<string, readonly string[]>();
const log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (_fields: object, message: string) => problems.push(message),
};

const cluster = await Cluster.start({ peerInterceptor: remember });
const networkId = networkIdOf(sha256, cluster.genesis);
await until(async () =>
  (await statuses()).every(({ keyFinal, sealedHeight }) => keyFinal && sealedHeight > 0n),
);
const wallet = await cluster.client(0).walletCreation({ initialBalance: 1_000_000n });
// Messages of a member that comes back, and its questions about the blocks that it missed.
await cluster.stopNode(HOSTILE);
await pay();
await cluster.startNode(HOSTILE);
await pay();
await until(async () => new Set((await statuses()).map(({ height }) => height)).size === 1);
await cluster.stopNode(HOSTILE);

async function statuses() {
  const running = [0, 1, 2, 3].filter((index) => cluster.isRunning(index));
  return await Promise.all(running.map((index) => cluster.client(index).getStatus({})));
}

async function until(look: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await look())) {
    if (Date.now() > end) throw new Error(`waited in vain for: ${look}`);
    await setTimeout(10);
  }
}

/** A payment that is sealed; rejects if the network does not settle it. */
async function pay(): Promise<void> {
  const { wallet: payee } = await cluster.client(0).walletCreation({});
  const transaction = { from: wallet.wallet?.id ?? "", to: payee?.id ?? "", amount: 1n };
  await cluster
    .client(0)
    .transaction({ transaction, wait: Wait.SEALED }, { timeoutMs: PATIENCE_MS });
}

/** Keeps the messages of the member that will be hostile. */
function remember(next: Parameters<Interceptor>[0]): ReturnType<Interceptor> {
  return (request) => {
    if (callerOf({ values: request.contextValues }) !== HOSTILE) return next(request);
    if (!request.stream) {
      keep(request.method, request.message);
      return next(request);
    }
    return next({ ...request, message: kept(request.method, request.message) });
  };
}

async function* kept<T extends Message>(method: DescMethod, messages: AsyncIterable<T>) {
  for await (const message of messages) {
    keep(method, message);
    yield message;
  }
}

function keep({ name, input }: DescMethod, message: Message): void {
  const held = seen.get(name) ?? [];
  if (held.length >= SEEN_MAX) return;
  seen.set(name, [...held, Buffer.from(toBinary(input, message)).toString("base64")]);
}

async function openPlaces(): Promise<Places> {
  const validity = { now: Date.now(), days: 2 };
  const authority = await createDevelopmentAuthority(validity);
  const leaf = await createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
  const peerPorts: number[] = [];
  const clientPorts: number[] = [];
  const onFailure = (error: unknown) => problems.push(describe(error));
  const place = { host: "127.0.0.1", port: 0, log, onFailure };
  for (const index of HONEST) {
    const certificate = await createPeerCertificate({
      networkId,
      ...namedSigningKey(`identity ${index}`),
    });
    const peers = await openPeerListener({
      members: 4,
      ...place,
      certificate,
      check: { networkId, verify },
      memberOf: (key) =>
        cluster.genesis.validators.find(({ identityKey }) => equalBytes(identityKey, key))?.index,
      api: apiOf(index),
      now: () => performance.now(),
      bodyTimeoutMs: 2_000,
    });
    const clients = await openClientListener({
      ...place,
      ...leaf,
      ledger: cluster.node(index).ledger,
      peers: cluster.node(index).peers,
      authenticator: openAuthenticator,
      bounds: openBounds(() => performance.now(), 600),
      bodyTimeoutMs: 2_000,
    });
    peerPorts.push(peers.port);
    clientPorts.push(clients.port);
  }
  return {
    networkId: toHex(networkId),
    peerPorts,
    clientPorts,
    seen: Object.fromEntries(seen),
    height: Number((await statuses())[0]?.height),
  };
}

/** Calls the node that runs at that moment. */
function apiOf(index: number): Parameters<typeof openPeerListener>[0]["api"] {
  const api = () => cluster.node(index).peers;
  return {
    register: (...call) => api().register(...call),
    recall: (...call) => api().recall(...call),
    verification: (...call) => api().verification(...call),
    receive: (...call) => api().receive(...call),
    fetchBlocks: (...call) => api().fetchBlocks(...call),
    fetchOperations: (...call) => api().fetchOperations(...call),
    fetchCertificates: (...call) => api().fetchCertificates(...call),
    fetchSnapshot: (...call) => api().fetchSnapshot(...call),
    readClock: (...call) => api().readClock(...call),
  };
}

async function state(): Promise<VictimState> {
  await until(async () =>
    (await statuses()).every(({ pendingOperations }) => pendingOperations === 0),
  );
  await until(async () => new Set((await statuses()).map(({ height }) => height)).size === 1);
  const roots = (await statuses()).map(({ stateRoot }) => toHex(stateRoot));
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await setTimeout(50);
  }
  const evidence = await Promise.all(
    HONEST.map(async (index) => (await cluster.store(index).evidence.load()).length),
  );
  return {
    heapBytes: process.memoryUsage().heapUsed + process.memoryUsage().external,
    roots,
    evidence,
    problems: [...problems, ...cluster.failures.map(describe)],
  };
}

/** Each honest node in turn loses everything that it had not synced, and starts again from its disk. */
async function crashEach(): Promise<void> {
  for (const index of HONEST) {
    await cluster.stopNode(index, true);
    await cluster.startNode(index);
    await until(async () => (await cluster.client(index).getStatus({})).ready);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const orders: Readonly<Record<string, () => Promise<unknown>>> = {
  open: openPlaces,
  pay,
  state,
  crashEach,
};

process.on("uncaughtException", (error) => problems.push(`uncaught: ${describe(error)}`));
process.on("message", ({ id, order }: { id: number; order: string }) => {
  const act = orders[order];
  act?.().then(
    (answer) => process.send?.({ id, answer: answer ?? null }),
    (error: unknown) => process.send?.({ id, error: describe(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ id: 0, answer: null });
