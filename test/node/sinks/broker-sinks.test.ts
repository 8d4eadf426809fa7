/**
 * Goal: NATS JetStream and PostgreSQL get every event exactly once and in order, however server and node die. Method: the real servers
 * over TLS, killed at random instants, 200 times each (5 in a share; of PostgreSQL mostly the processes that serve the sinks); a
 * node loses its place as often, and a second one is beside it. Skipped, with a line, where a server is not installed. SINK_SEED repeats the draws.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import pg from "pg";
import { expect, it } from "vitest";
import { realSystem } from "../../../src/node/base/system.ts";
import { ConfiguredSinks } from "../../../src/node/sinks/configured-sinks.ts";
import { Delivery, type Sink } from "../../../src/node/sinks/delivery.ts";
import { MessageReader } from "../../../src/node/sinks/message-reader.ts";
import { NatsSink } from "../../../src/node/sinks/nats-sink.ts";
import { PostgresSink } from "../../../src/node/sinks/postgres-sink.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { transfer } from "../../ledger/fixture.ts";
import { sweep } from "../../support/sweep.ts";
import { Random } from "../../support/world/random.ts";
import { network } from "../clients/list-rig.ts";
import { isMissing, NatsServer, PostgresServer, type RealServer } from "./real-server.ts";
import { READER, SinkRig } from "./sink-rig.ts";

const SEED = Number(process.env["SINK_SEED"] ?? Date.now() % 1_000_000);
const KILLS = sweep({ share: 5, all: 200 });
const SUBJECT = "ledger.events";
/** Ends what hangs; a start of PostgreSQL takes seconds. */
const ALL_MS = 60_000 + KILLS * 10_000;
const REST = { timeout: 120_000, interval: 200 };
const log = { info: () => undefined, warn: () => undefined };

const eventsOf = ({ rig }: SinkRig) =>
  rig.chain.executed.flatMap(({ block, operations }) =>
    operations.map((_, index) => `${block.header.height}.${index}`),
  );

/** A delivery of the whole ledger by a node that knows of no place. */
function open({ feed, rig }: SinkRig, sink: Sink): Delivery {
  const delivery = new Delivery({
    name: "nats.test",
    sink,
    reader: (place) => new MessageReader({ feed, walletId: undefined, place, reader: READER }),
    progress: { place: feed.before(height(0)) },
    deadLetters: 0,
    givesUp: false,
    records: rig.store.webhooks,
    system: realSystem,
    log,
  });
  delivery.start((error) => expect.fail(String(error)));
  return delivery;
}

interface Tried {
  /** Kills the server, or what serves the sinks; settles when it serves again. */
  readonly strike: (random: Random) => Promise<void>;
  readonly sink: () => Sink;
  /** Places of the events that it has, in its order. */
  readonly events: () => Promise<string[]>;
}

async function restart(server: RealServer): Promise<void> {
  await server.kill();
  await server.start();
}

async function tryKills({ strike, sink, events }: Tried): Promise<void> {
  const random = new Random(SEED);
  const rig = await SinkRig.start(random);
  // The second node is far behind, or goes on where the first one is.
  const nodes = [sink(), sink()].map((own) => ({ sink: own, delivery: open(rig, own) }));
  for (let kill = 0; kill < KILLS; kill++) {
    for (let block = random.between(1, 5); block > 0; block--) await rig.grow(1);
    await pause(random.between(0, 40));
    await strike(random);
    const reborn = random.below(nodes.length);
    const old = nodes[reborn] ?? expect.fail();
    await old.delivery.stop();
    old.sink.close();
    const fresh = sink();
    nodes[reborn] = { sink: fresh, delivery: open(rig, fresh) };
    for (const { delivery } of nodes) delivery.hurry();
  }
  const wanted = eventsOf(rig);
  const hurried = async () => {
    for (const { delivery } of nodes) delivery.hurry();
    return (await events()).length;
  };
  await expect.poll(hurried, REST).toBeGreaterThanOrEqual(wanted.length);
  for (const { delivery, sink: own } of nodes) {
    await delivery.stop();
    own.close();
  }
  expect(await events()).toEqual(wanted);
  console.log(`${KILLS} kills, ${wanted.length} events`);
}

it.skipIf(isMissing("postgres", "postgresql"))(
  `PostgreSQL has every event once and in order after ${KILLS} kills (SINK_SEED=${SEED})`,
  async () => {
    const server = await PostgresServer.open();
    const { port, authority } = server;
    const { user, password } = PostgresServer;
    const connection = { host: "127.0.0.1", port, user, password, database: "postgres" };
    const sink = () => new PostgresSink({ name: "books", connection, tls: { ca: authority } });
    const query = async (text: string) => {
      const client = new pg.Client({ ...connection, ssl: { ca: authority } });
      await client.connect();
      const { rows } = await client.query<{ place: string }>(text);
      await client.end();
      return rows;
    };
    const cut = async () => {
      await query(
        "SELECT pg_terminate_backend(pid)::text AS place FROM pg_stat_activity WHERE application_name = 'countersign'",
      );
    };
    const events = async () => {
      const rows = await query(
        "SELECT height || '.' || index AS place FROM countersign_events WHERE sink = 'books' ORDER BY height, index",
      );
      return rows.map(({ place }) => place);
    };
    try {
      const strike = (random: Random) => (random.chance(0.2) ? restart(server) : cut());
      await tryKills({ strike, sink, events });
      const rig = await SinkRig.start(new Random(SEED));
      const hostile = {
        from: "alice",
        to: "bob",
        asset: "EUR",
        amount: 1n,
        id: "hostile",
      } as const;
      await rig.commit([transfer(network, { ...hostile, reference: "rent\0 \\u0000" })]);
      const books = new PostgresSink({ name: "hostile", connection, tls: { ca: authority } });
      const delivery = open(rig, books);
      const references = () =>
        query(
          "SELECT jsonb_path_query(event, '$.**.reference') #>> '{}' AS place FROM countersign_events WHERE sink = 'hostile'",
        );
      await expect.poll(references, REST).toEqual([{ place: "rent\uFFFD \\u0000" }]);
      await delivery.stop();
      books.close();
      const impostor = new PostgresSink({ name: "books", connection, tls: {} });
      const untrusted = await impostor.place(new AbortController().signal);
      expect(untrusted).toMatchObject({ problem: expect.stringMatching(/certificate/) });
      impostor.close();
    } finally {
      await server.close();
    }
  },
  ALL_MS,
);

it.skipIf(isMissing("nats-server", "nats-server"))(
  `NATS JetStream has every event once and in order after ${KILLS} kills (SINK_SEED=${SEED})`,
  async () => {
    const server = await NatsServer.open();
    const { port, authority } = server;
    const servers = [`127.0.0.1:${port}`];
    const dial = () => connect({ servers, tls: { ca: authority } });
    const made = await dial();
    // The window of ids is over at once: nothing relies on it.
    const stream = { name: "LEDGER", subjects: ["ledger.>"], duplicate_window: 100_000_000 };
    await (await jetstreamManager(made)).streams.add(stream);
    await made.close();
    const sink = () => new NatsSink({ servers, subject: SUBJECT, tls: { ca: authority } });
    const events = async () => {
      const connection = await dial();
      const manager = await jetstreamManager(connection);
      const { state } = await manager.streams.info("LEDGER");
      const places: string[] = [];
      const consumer = await jetstream(connection).consumers.get("LEDGER");
      if (state.messages > 0) {
        for await (const message of await consumer.fetch({
          max_messages: state.messages,
          expires: 30_000,
        })) {
          const { data } = message.json<{ data: { events: Record<string, Placed>[] } }>();
          for (const { transaction } of data.events) {
            places.push(`${transaction?.height ?? "0"}.${transaction?.index ?? 0}`);
          }
        }
      }
      await connection.close();
      return places;
    };
    try {
      await tryKills({ strike: () => restart(server), sink, events });
      await tryConfiguration(server, async () => (await events()).length);
    } finally {
      await server.close();
    }
  },
  ALL_MS,
);

/** Begins with what becomes final after its first start, also after a second one, and tells metrics how it does. */
async function tryConfiguration(server: NatsServer, eventsSoFar: () => Promise<number>) {
  const rig = await SinkRig.start(new Random(SEED));
  const authorityFile = join(server.folder, "ca.pem");
  writeFileSync(authorityFile, server.authority);
  const config = { kind: "nats", servers: [`127.0.0.1:${server.port}`], authorityFile } as const;
  const failures: unknown[] = [];
  const start = async () => {
    const sinks = await ConfiguredSinks.open({
      file: "config.json",
      configs: [{ ...config, name: "other", subject: "ledger.other" }],
      records: rig.rig.store.webhooks,
      feed: rig.feed,
      system: realSystem,
      log,
      fail: (error) => failures.push(error),
    });
    sinks.start();
    return sinks;
  };
  const before = await eventsSoFar();
  const old = eventsOf(rig).length;
  await (await start()).stop();
  await rig.grow(5);
  const sinks = await start();
  const fresh = eventsOf(rig).length - old;
  await expect.poll(eventsSoFar, REST).toBe(before + fresh);
  expect(sinks.list()).toMatchObject([{ kind: "nats", name: "other", failed: 0, deadLetters: 0 }]);
  await sinks.stop();
  expect(failures).toEqual([]);
}

interface Placed {
  readonly height?: string;
  readonly index?: number;
}
