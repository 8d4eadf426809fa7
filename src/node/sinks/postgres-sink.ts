/**
 * A sink that writes events into PostgreSQL. The events of a message and the place behind them are one transaction, so the
 * database itself knows how far it has come: an answer that was lost, a restored backup and a second node lead to no gap and
 * to no repetition.
 */
import type { Client, ClientConfig } from "pg";
import { height } from "../../primitives/numbers.ts";
import type { OperationLocation } from "../../storage/contracts.ts";
import { connectProblem } from "../../transport/connect-problem.ts";
import { isBefore } from "../../transport/cursor-place.ts";
import { eventsAsJson } from "../../transport/webhook-body.ts";
import { type Sink, type SinkProblem, setBack } from "./delivery.ts";
import type { SinkMessage } from "./message-reader.ts";

export interface PostgresSinkParts {
  /** Its name in the database, too. */
  readonly name: string;
  readonly connection: Pick<ClientConfig, "host" | "port" | "user" | "password" | "database">;
  /** `ca`: PEM of its authorities; absent: the public ones. Undefined: no TLS, on loopback. */
  readonly tls: { readonly ca?: string } | undefined;
}

/** For a connection, and for each statement. */
const CONNECT_MS = 10_000;
const STATEMENT_MS = 15_000;

const TABLES = `
  CREATE TABLE countersign_sinks (sink text PRIMARY KEY, height bigint NOT NULL, index integer NOT NULL);
  CREATE TABLE countersign_events (
    sink text NOT NULL, height bigint NOT NULL, index integer NOT NULL, block_time timestamptz NOT NULL,
    event jsonb NOT NULL, PRIMARY KEY (sink, height, index));`;
const HAS_TABLES =
  "SELECT to_regclass('countersign_sinks') IS NOT NULL AND to_regclass('countersign_events') IS NOT NULL AS held";
const PLACE = "SELECT height::text, index FROM countersign_sinks WHERE sink = $1";
const FIRST_PLACE = `INSERT INTO countersign_sinks (sink, height, index) VALUES ($1, $2, $3)
  ON CONFLICT (sink) DO NOTHING`;
const ADD_EVENTS = `INSERT INTO countersign_events (sink, height, index, block_time, event)
  SELECT $1, $2, index, to_timestamp($3::bigint / 1000.0), event FROM unnest($4::integer[], $5::jsonb[]) AS of_block (index, event)`;
const MOVE = "UPDATE countersign_sinks SET height = $2, index = $3 WHERE sink = $1";

export class PostgresSink implements Sink {
  readonly #parts: PostgresSinkParts;
  #client: Client | undefined;

  constructor(parts: PostgresSinkParts) {
    this.#parts = parts;
  }

  async place(signal: AbortSignal): Promise<OperationLocation | SinkProblem | undefined> {
    return await this.#using(signal, (client) => this.#placeIn(client, PLACE));
  }

  async deliver(message: SinkMessage, signal: AbortSignal): Promise<SinkProblem | undefined> {
    return await this.#using(signal, async (client) => {
      await client.query("BEGIN");
      const problem = await this.#write(client, message);
      await client.query(problem === undefined ? "COMMIT" : "ROLLBACK");
      return problem;
    });
  }

  close(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.end().catch(() => undefined);
  }

  /** In a transaction, whose first statement lets no other writer of this sink in. */
  async #write(
    client: Client,
    { behind, end, height: at, blockTime, events }: SinkMessage,
  ): Promise<SinkProblem | undefined> {
    const { name } = this.#parts;
    await client.query(FIRST_PLACE, [name, behind.height, behind.index]);
    const held = await this.#placeIn(client, `${PLACE} FOR UPDATE`);
    // Before the answer to an attempt was lost, or by another node.
    if (held !== undefined && !isBefore(held, end)) return undefined;
    if (held === undefined || isBefore(held, behind)) return setBack();
    const indexes = events.map((event) =>
      event.kind === "entry" ? event.entry.index : event.transaction.index,
    );
    const json = eventsAsJson(events).map((event) => JSON.stringify(event, withoutNul));
    await client.query(ADD_EVENTS, [name, at, blockTime, indexes, json]);
    await client.query(MOVE, [name, end.height, end.index]);
    return undefined;
  }

  async #placeIn(client: Client, query: string): Promise<OperationLocation | undefined> {
    const { rows } = await client.query<{ height: string; index: number }>(query, [
      this.#parts.name,
    ]);
    const [row] = rows;
    return row && { height: height(Number(row.height)), index: row.index };
  }

  /** A connection after a failure is not used again: what it has done is not known. */
  async #using<T>(
    signal: AbortSignal,
    act: (client: Client) => Promise<T>,
  ): Promise<T | SinkProblem> {
    const stop = () => this.close();
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await act(this.#client ?? (await this.#connect()));
    } catch (error) {
      this.close();
      return { problem: error instanceof Error ? connectProblem(error) : String(error) };
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #connect(): Promise<Client> {
    // Only a node with such a sink loads the library.
    const { default: pg } = await import("pg");
    const { connection, tls } = this.#parts;
    const { host, port, user, password, database } = connection;
    const client = new pg.Client({
      host,
      port,
      user,
      password,
      database,
      ssl: tls === undefined ? false : { ...tls, minVersion: "TLSv1.2" },
      application_name: "countersign",
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS,
      statement_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: STATEMENT_MS,
      keepAlive: true,
    });
    client.on("error", () => {
      if (this.#client === client) this.#client = undefined;
    });
    this.#client = client;
    await client.connect();
    const { rows } = await client.query<{ held: boolean }>(HAS_TABLES);
    if (rows[0]?.held !== true) await client.query(TABLES);
    return client;
  }
}

/** No text of PostgreSQL holds U+0000, but a payer may write it: without this, one payment would stop the sink for ever. */
function withoutNul(_name: string, value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value;
}
