/**
 * The sinks that the configuration names: they start with the node, and one that fails is tried again until it takes the message.
 * Their libraries are loaded for those that there are.
 */
import { scopeSet } from "../../access/scope.ts";
import { height } from "../../primitives/numbers.ts";
import type { WebhookProgress, WebhookRecords } from "../../storage/contracts.ts";
import { readPrivateFile } from "../../storage/private-file.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { readAuthority } from "../files/client-tls.ts";
import { refuseAbsent } from "../files/named-file.ts";
import { isLocal, type SinkConfig } from "../files/sinks-config.ts";
import { Delivery, type Sink } from "./delivery.ts";
import type { LedgerFeed } from "./ledger-feed.ts";
import { MessageReader } from "./message-reader.ts";
import type { SinkState } from "./sink-state.ts";

export interface ConfiguredSinksParts {
  /** The configuration, for errors. */
  readonly file: string;
  readonly configs: readonly SinkConfig[];
  readonly records: WebhookRecords;
  readonly feed: LedgerFeed;
  readonly system: System;
  readonly log: Pick<Log, "info" | "warn">;
  readonly fail: (error: unknown) => void;
}

interface Opened {
  readonly config: SinkConfig;
  readonly sink: Sink;
  readonly delivery: Delivery;
}

export class ConfiguredSinks {
  readonly #parts: ConfiguredSinksParts;
  readonly #opened: readonly Opened[];

  private constructor(parts: ConfiguredSinksParts, opened: readonly Opened[]) {
    this.#parts = parts;
    this.#opened = opened;
  }

  static async open(parts: ConfiguredSinksParts): Promise<ConfiguredSinks> {
    const opened: Opened[] = [];
    for (const config of parts.configs) opened.push(await openSink(parts, config));
    return new ConfiguredSinks(parts, opened);
  }

  start(): void {
    for (const { delivery } of this.#opened) delivery.start(this.#parts.fail);
  }

  /** Settles when nothing is under way. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#opened.map(async ({ delivery, sink }) => {
        await delivery.stop();
        sink.close();
      }),
    );
  }

  list(): readonly SinkState[] {
    return this.#opened.map(({ config, delivery }) => ({
      kind: config.kind,
      name: config.name,
      delivered: delivery.figures.delivered,
      failed: delivery.figures.failed,
      pendingSince: delivery.pendingSince,
      deadLetters: 0,
    }));
  }
}

async function openSink(parts: ConfiguredSinksParts, config: SinkConfig): Promise<Opened> {
  const { records, feed, system, log } = parts;
  const name = recordName(config);
  const progress = await startOf(parts, config);
  const sink = await createSink(parts.file, config);
  const principal = `sink:${config.name}`;
  const reader = { caller: { principal, scopes: scopeSet(["read:all"]) }, countedAs: principal };
  const { walletId } = config;
  const delivery = new Delivery({
    name,
    sink,
    reader: (place) => new MessageReader({ feed, walletId, place, reader }),
    progress,
    deadLetters: 0,
    givesUp: false,
    records,
    system,
    log,
  });
  return { config, sink, delivery };
}

/** The place that is kept; at the first start of a sink, the one where it begins, which is kept from then on. */
async function startOf(
  { records, feed }: ConfiguredSinksParts,
  config: SinkConfig,
): Promise<WebhookProgress> {
  const name = recordName(config);
  const held = await records.loadProgress(name);
  if (held !== undefined) return held;
  const place = feed.before(config.fromHeight ?? height(feed.tip + 1));
  await records.saveProgress(name, { place });
  return { place };
}

/** No name of a webhook endpoint has a dot. */
function recordName({ kind, name }: SinkConfig): string {
  return `${kind}.${name}`;
}

/** Throws ConfigError or StorageError if a file of the sink cannot be used. */
async function createSink(file: string, config: SinkConfig): Promise<Sink> {
  const tls = tlsOf(file, config);
  if (config.kind === "nats") {
    const { NatsSink } = await import("./nats-sink.ts");
    const { servers, subject, credentialsFile } = config;
    const credentials = credentialsFile && (await readPrivateFile(credentialsFile));
    return new NatsSink({ servers, subject, credentials: credentials || undefined, tls });
  }
  const { PostgresSink } = await import("./postgres-sink.ts");
  const { name, host, port, user, database, passwordFile } = config;
  const secret = passwordFile && (await readPrivateFile(passwordFile));
  const password = secret ? Buffer.from(secret).toString("utf8").trim() : undefined;
  return new PostgresSink({ name, connection: { host, port, user, database, password }, tls });
}

/** Always beyond loopback, and there too if an authority is named. */
function tlsOf(file: string, config: SinkConfig): { readonly ca?: string } | undefined {
  const { name, authorityFile } = config;
  if (authorityFile !== undefined) {
    const key = `sinks.${name}.authority`;
    refuseAbsent(file, key, authorityFile);
    return { ca: readAuthority(file, key, authorityFile) };
  }
  return isLocal(config) ? undefined : {};
}
