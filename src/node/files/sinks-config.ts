/** The key `sinks` of a configuration: message brokers and databases to which the node brings events. Its secrets are in files. */
import { parseUuid, type WalletId } from "../../primitives/ids.ts";
import type { JsonField } from "../../primitives/json-fields.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { isLoopback, parseNetworkAddress } from "../../primitives/network-address.ts";
import { type Height, height } from "../../primitives/numbers.ts";

interface SinkTerms {
  readonly name: string;
  /** Undefined: the transactions of the whole ledger. */
  readonly walletId?: WalletId | undefined;
  /** Where a sink begins that has no place yet; undefined: with what becomes final from then on. */
  readonly fromHeight?: Height | undefined;
  /** Path of the authorities (PEM) of its server; undefined: the public ones, or none on loopback. */
  readonly authorityFile?: string | undefined;
}

export interface NatsConfig extends SinkTerms {
  readonly kind: "nats";
  /** host:port. */
  readonly servers: readonly string[];
  readonly subject: string;
  readonly credentialsFile?: string | undefined;
}

export interface PostgresConfig extends SinkTerms {
  readonly kind: "postgres";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly passwordFile?: string | undefined;
}

export type SinkConfig = NatsConfig | PostgresConfig;

/** The form of one sink in the file. */
export interface SinkFile {
  readonly kind: string;
  readonly walletId?: string;
  readonly fromHeight?: number;
  readonly authority?: string;
  readonly servers?: readonly string[];
  readonly subject?: string;
  readonly credentials?: string;
  readonly server?: string;
  readonly user?: string;
  readonly database?: string;
  readonly password?: string;
}

export const SINKS_MEANING =
  "optional: by name, the message brokers and databases to which the node brings events (docs/sinks.md)";

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** No wildcards, and no subjects of the server itself. */
const SUBJECT = /^(?!\$)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,15}$/;
const SERVERS_MAX = 8;
const SHARED = ["walletId", "fromHeight", "authority"] as const;

/** `path` resolves a path of the file. */
export function readSinks(
  field: JsonField | undefined,
  path: (field: JsonField) => string,
): readonly SinkConfig[] {
  if (field === undefined) return [];
  const entries = Object.entries(
    field.entries('an object such as {"books": {"kind": "postgres"}}'),
  );
  if (entries.length > LIMITS.sinksMax) {
    field.fail("has too many sinks", `name ${LIMITS.sinksMax} at most`);
  }
  return entries.map(([name, sink]) => {
    if (!NAME.test(name)) {
      sink.fail("has a name that no sink may have", "use 1 to 32 of a-z, 0-9 and hyphens");
    }
    const { kind } = sink.entries("an object with its kind");
    const isNats = (kind ?? sink).oneOf(["nats", "postgres"]) === "nats";
    return isNats ? readNats(name, sink, path) : readPostgres(name, sink, path);
  });
}

function readNats(name: string, sink: JsonField, path: (field: JsonField) => string): NatsConfig {
  const fields = sink.record(["kind", "servers", "subject"], [...SHARED, "credentials"]);
  const servers = fields.servers.list({ min: 1, max: SERVERS_MAX }).map((server) => {
    const { text } = readServer(server);
    return text;
  });
  const subject = fields.subject.string() ?? "";
  if (!SUBJECT.test(subject)) {
    fields.subject.fail("is no subject", "write one without wildcards, such as ledger.payments");
  }
  const credentialsFile = fields.credentials && path(fields.credentials);
  return { kind: "nats", name, servers, subject, credentialsFile, ...readShared(fields, path) };
}

function readPostgres(
  name: string,
  sink: JsonField,
  path: (field: JsonField) => string,
): PostgresConfig {
  const names = ["kind", "server", "user", "database"] as const;
  const fields = sink.record(names, [...SHARED, "password"]);
  const { host, port } = readServer(fields.server);
  return {
    kind: "postgres",
    name,
    host,
    port,
    user: readName(fields.user),
    database: readName(fields.database),
    passwordFile: fields.password && path(fields.password),
    ...readShared(fields, path),
  };
}

function readShared(
  fields: Partial<Record<(typeof SHARED)[number], JsonField>>,
  path: (field: JsonField) => string,
): Omit<SinkTerms, "name"> {
  const { walletId, fromHeight, authority } = fields;
  return {
    walletId: walletId && readWallet(walletId),
    fromHeight: fromHeight && height(fromHeight.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
    authorityFile: authority && path(authority),
  };
}

function readWallet(field: JsonField): WalletId {
  const id = parseUuid(field.string() ?? "");
  return id ?? field.fail("is no id of a wallet", "write a UUID in lower case");
}

function readServer(field: JsonField) {
  const text = field.string() ?? "";
  const address = parseNetworkAddress(text);
  if (address === undefined) return field.fail("is no address", "write host:port");
  return { ...address, text };
}

function readName(field: JsonField): string {
  const text = field.string() ?? "";
  const isName = /^[A-Za-z0-9_-]{1,63}$/.test(text);
  return isName ? text : field.fail("is no name", "use 1 to 63 letters, digits, _ and -");
}

/** True if all servers are on this machine, where no network reads along. */
export function isLocal(config: SinkConfig): boolean {
  if (config.kind === "postgres") return isLoopback(config.host);
  return config.servers.every((server) => isLoopback(parseNetworkAddress(server)?.host ?? ""));
}
