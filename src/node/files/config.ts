/**
 * A node's configuration file: read strictly; every error names the file, the key and the remedy. None shows a value that does not
 * have its form: it may be a secret in the wrong place.
 */
import { dirname, resolve } from "node:path";
import { JsonProblem } from "../../primitives/json.ts";
import { type JsonField, readFields } from "../../primitives/json-fields.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { LOG_LEVELS, type LogLevel } from "../../primitives/log-level.ts";
import {
  ADDRESS_FORM,
  isLoopback,
  isNetworkAddress,
  LISTEN_FORM,
  type NetworkAddress,
  parseNetworkAddress,
} from "../../primitives/network-address.ts";
import { readTextBounded } from "../../storage/bounded-file.ts";
import { isPassphraseFile, PASSPHRASE_FORM } from "../../storage/passphrase-source.ts";
import { StorageError } from "../../storage/storage-errors.ts";
import {
  DEFAULT_STORE_ENGINE,
  STORE_ENGINES,
  type StoreEngineName,
} from "../../storage/store-engine.ts";
import { ACCESS_MEANING, type AccessConfig, type AccessFile, readAccess } from "./access-config.ts";
import { serversAsJson } from "./authorization-config.ts";
import { ORIGINS_MEANING, readOrigins } from "./origins-config.ts";
import { readSinks, SINKS_MEANING, type SinkConfig, type SinkFile } from "./sinks-config.ts";
import { readTraces, TRACES_MEANING, type TracesConfig, type TracesFile } from "./traces-config.ts";

/** The places at which the operator's calls are served. */
export interface OperatorPlaces {
  /** `isDefault`: the configuration does not name it. */
  readonly socket: { readonly path: string; readonly isDefault: boolean } | undefined;
  /** Served by TLS, to callers with a credential. */
  readonly address: NetworkAddress | undefined;
}

export interface NodeConfig {
  /** The configuration file as the user named it, for errors found later. */
  readonly file: string;
  /** The validator's id in the genesis. */
  readonly node: string;
  /** Absolute paths; in the file they are relative to it. */
  readonly genesisFile: string;
  readonly dataFolder: string;
  /** A path, or another source of a passphrase (src/storage/passphrase-source.ts). */
  readonly passphraseFile: string;
  readonly clientListen: NetworkAddress;
  readonly clientCertificateFile: string;
  readonly clientKeyFile: string;
  readonly peerListen: NetworkAddress;
  readonly operatorListen: OperatorPlaces;
  /** By node id: the host:port at which to dial it, in place of the address in the genesis. */
  readonly peerAddresses: ReadonlyMap<string, string>;
  readonly logLevel: LogLevel;
  /** A start takes a snapshot only if that saves executing at least this many blocks. */
  readonly snapshotBlocksMin: number;
  /** The newest blocks that keep their contents; undefined: all do. */
  readonly keepBlocks?: number | undefined;
  /** The engine of the data folder's store. */
  readonly storeEngine: StoreEngineName;
  /** Web pages of these origins may call. */
  readonly corsOrigins: readonly string[];
  /** The client listener serves the explorer at `/`. */
  readonly explorer: boolean;
  /** Undefined: every caller may do everything. */
  readonly access?: AccessConfig | undefined;
  readonly sinks: readonly SinkConfig[];
  /** Undefined: no payment is traced. */
  readonly traces?: TracesConfig | undefined;
}

/** The fields of the file. */
interface ConfigFile {
  readonly node: string;
  readonly genesis: string;
  readonly data: string;
  readonly passphraseFile: string;
  readonly clientListen: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  readonly peerListen: string;
  readonly operatorListen?: string | readonly string[];
  readonly logLevel: string;
  readonly peers?: Readonly<Record<string, string>>;
  readonly snapshotBlocksMin?: number;
  readonly keepBlocks?: number;
  readonly store?: { readonly engine?: string };
  readonly corsOrigins?: readonly string[];
  readonly explorer?: boolean;
  readonly access?: AccessFile;
  readonly sinks?: Readonly<Record<string, SinkFile>>;
  readonly traces?: TracesFile;
}

/** Beside the configuration. */
const OPERATOR_SOCKET = "operator.sock";

/** A snapshot leaves a hole in the history, which is not worth it for blocks that are executed in about half a minute. */
const SNAPSHOT_BLOCKS_MIN = 20_000;

/** Fewer would leave a peer that was away with neither blocks to execute nor a snapshot that is worth it. */
const KEEP_BLOCKS_MIN = 2 * SNAPSHOT_BLOCKS_MIN;

/** Every key of the file, with its meaning. */
export const KEYS: Readonly<Record<keyof ConfigFile, string>> = {
  node: "this node's id in the genesis",
  genesis: "path of the genesis file",
  data: "path of this node's data folder",
  passphraseFile: `source of the passphrase of the key files: ${PASSPHRASE_FORM}`,
  clientListen: "host:port to listen on for clients; beyond loopback only with access",
  clientCertificate: "path of the client listener's TLS certificate (PEM)",
  clientKey: "path of the client listener's TLS key (PEM)",
  peerListen: "host:port to listen on for the other nodes; beyond loopback only with access",
  operatorListen:
    `optional: unix: and the path of a socket for the operator, or host:port, or a list of one of each; the default is ` +
    `unix:${OPERATOR_SOCKET}`,
  logLevel: `one of ${LOG_LEVELS.join(", ")}`,
  peers: "optional: by node id, the host:port at which to dial that node",
  store: `optional: {"engine": ...}, how the data folder's store is kept: ${STORE_ENGINES.join(", ")}`,
  snapshotBlocksMin: `optional: how many blocks a start must be spared to take a snapshot; the default is ${SNAPSHOT_BLOCKS_MIN}`,
  keepBlocks: `optional: how many of the newest blocks keep their operations and results, ${KEEP_BLOCKS_MIN} at least; the default is all`,
  corsOrigins: ORIGINS_MEANING,
  explorer:
    "optional: true or false, whether the client listener shows the network to browsers at /; the default is true",
  access: ACCESS_MEANING,
  sinks: SINKS_MEANING,
  traces: TRACES_MEANING,
};

const REQUIRED = [
  "node",
  "genesis",
  "data",
  "passphraseFile",
  "clientListen",
  "clientCertificate",
  "clientKey",
  "peerListen",
  "logLevel",
] as const;
const OPTIONAL = [
  "operatorListen",
  "peers",
  "store",
  "snapshotBlocksMin",
  "keepBlocks",
  "corsOrigins",
  "explorer",
  "access",
  "sinks",
  "traces",
] as const;

/** A fault in the configuration; its message is complete. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export function loadConfig(file: string): NodeConfig {
  const read = readFields(readText(file), (root) => readConfig(file, root));
  if (!(read instanceof JsonProblem)) return read;
  const { field, message, remedy } = read;
  if (field === "") {
    throw new ConfigError(
      `${file}: ${message}; it must hold one JSON object with the keys ${Object.keys(KEYS).join(", ")}`,
    );
  }
  const meaning = message === "is missing" ? meaningOf(field) : undefined;
  throw new ConfigError(`${file}: "${field}" ${message}: ${meaning ?? remedy}`);
}

function readConfig(file: string, root: JsonField): NodeConfig {
  const keys = root.record(REQUIRED, OPTIONAL);
  const folder = dirname(resolve(file));
  const path = (field: JsonField) => resolve(folder, text(field));
  return {
    file,
    node: text(keys.node),
    genesisFile: path(keys.genesis),
    dataFolder: path(keys.data),
    passphraseFile: passphraseSource(keys.passphraseFile, path),
    clientListen: listenAddress(keys.clientListen, keys.access),
    clientCertificateFile: path(keys.clientCertificate),
    clientKeyFile: path(keys.clientKey),
    peerListen: listenAddress(keys.peerListen, keys.access),
    operatorListen: operatorPlaces(folder, keys.operatorListen, keys.access !== undefined),
    peerAddresses: peerAddresses(keys.peers),
    logLevel: logLevel(keys.logLevel),
    snapshotBlocksMin: blocks(keys.snapshotBlocksMin) ?? SNAPSHOT_BLOCKS_MIN,
    keepBlocks: keys.keepBlocks?.integer({ min: KEEP_BLOCKS_MIN, max: Number.MAX_SAFE_INTEGER }),
    storeEngine: storeEngine(keys.store) ?? DEFAULT_STORE_ENGINE,
    corsOrigins: readOrigins(keys.corsOrigins, keys.access !== undefined),
    explorer: keys.explorer?.boolean() ?? true,
    access: keys.access && readAccess(keys.access, path),
    sinks: readSinks(keys.sinks, path),
    traces: readTraces(keys.traces, path),
  };
}

/** The value of each key, as far as a change of it can be told. */
const VALUES: Readonly<Record<keyof ConfigFile, (config: NodeConfig) => unknown>> = {
  node: ({ node }) => node,
  genesis: ({ genesisFile }) => genesisFile,
  data: ({ dataFolder }) => dataFolder,
  passphraseFile: ({ passphraseFile }) => passphraseFile,
  clientListen: ({ clientListen }) => clientListen,
  clientCertificate: ({ clientCertificateFile }) => clientCertificateFile,
  clientKey: ({ clientKeyFile }) => clientKeyFile,
  peerListen: ({ peerListen }) => peerListen,
  operatorListen: ({ operatorListen }) => operatorListen,
  logLevel: (config) => config.logLevel,
  peers: ({ peerAddresses }) => [...peerAddresses],
  store: ({ storeEngine }) => storeEngine,
  snapshotBlocksMin: ({ snapshotBlocksMin }) => snapshotBlocksMin,
  keepBlocks: ({ keepBlocks }) => keepBlocks,
  corsOrigins: ({ corsOrigins }) => corsOrigins,
  explorer: ({ explorer }) => explorer,
  access: ({ access }) =>
    access && {
      ...access,
      clientScopes: [...access.clientScopes],
      authorizationServers: serversAsJson(access.authorizationServers),
    },
  sinks: ({ sinks }) => sinks,
  traces: ({ traces }) => traces,
};

/** The keys whose values differ. */
export function changedKeys(one: NodeConfig, other: NodeConfig): string[] {
  return Object.entries(VALUES).flatMap(([key, read]) =>
    JSON.stringify(read(one)) === JSON.stringify(read(other)) ? [] : key,
  );
}

/** The text of a configuration file that `loadConfig` reads. */
export function encodeConfig(config: ConfigFile): string {
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

function readText(file: string): string {
  try {
    return readTextBounded(file, LIMITS.files.configBytesMax);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = "name the node's file, or make one by countersign init";
    throw new ConfigError(`${file}: cannot be read (${reason}); ${remedy}`);
  }
}

function text(field: JsonField): string {
  const value = field.string();
  if (value !== undefined && value !== "") return value;
  return field.fail("must be a text", meaningOf(field.path) ?? "write it in quotes");
}

function meaningOf(field: string): string | undefined {
  return Object.entries(KEYS).find(([key]) => key === field)?.[1];
}

function peerAddresses(field: JsonField | undefined): Map<string, string> {
  const example = 'an object such as {"node2": "127.0.0.1:7102"}';
  const entries = Object.entries(field?.entries(example) ?? {});
  return new Map(entries.map(([node, address]) => [node, dialAddress(address)]));
}

function operatorPlaces(
  folder: string,
  field: JsonField | undefined,
  hasAccess: boolean,
): OperatorPlaces {
  if (field === undefined) {
    const socket = { path: resolve(folder, OPERATOR_SOCKET), isDefault: true };
    return { socket, address: undefined };
  }
  const entries = field.string() === undefined ? field.list({ min: 1, max: 2 }) : [field];
  const read = entries.map((entry) => operatorPlace(folder, entry, hasAccess));
  const [first, second] = read;
  if (second !== undefined && typeof first === typeof second) {
    field.fail("has two places of one kind", "name one socket and one host:port at most");
  }
  const path = read.find((place) => typeof place === "string");
  const address = read.find((place) => typeof place !== "string");
  return { socket: path === undefined ? undefined : { path, isDefault: false }, address };
}

/** The path of a socket, or an address. */
function operatorPlace(
  folder: string,
  field: JsonField,
  hasAccess: boolean,
): string | NetworkAddress {
  const [, path] = /^unix:(.+)$/.exec(text(field)) ?? [];
  if (path !== undefined) return resolve(folder, path);
  const address = parseNetworkAddress(text(field));
  if (address === undefined) {
    return field.fail(
      "is neither a socket nor an address",
      `write unix: and a path, such as unix:${OPERATOR_SOCKET}, or ${LISTEN_FORM}`,
    );
  }
  if (hasAccess) return address;
  return field.fail(
    "is an address, at which every caller has to show a credential, and this node takes none",
    `set "access" (docs/access.md), or name a socket such as unix:${OPERATOR_SOCKET}`,
  );
}

function passphraseSource(field: JsonField, path: (field: JsonField) => string): string {
  try {
    const source = text(field);
    return isPassphraseFile(source) ? path(field) : source;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return field.fail("is no source of a passphrase", `write ${PASSPHRASE_FORM}`);
  }
}

function blocks(field: JsonField | undefined): number | undefined {
  return field?.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
}

function storeEngine(field: JsonField | undefined): StoreEngineName | undefined {
  return field?.record([], ["engine"]).engine?.oneOf(STORE_ENGINES);
}

/** An address to dial; names are looked up at every dial. */
function dialAddress(field: JsonField): string {
  const value = text(field);
  if (isNetworkAddress(value)) return value;
  return field.fail("is no address that can be dialled", `write ${ADDRESS_FORM}`);
}

/** Beyond loopback only if the file says who may call (T16). */
function listenAddress(field: JsonField, access: JsonField | undefined): NetworkAddress {
  const value = text(field);
  const address = parseNetworkAddress(value);
  if (address === undefined) {
    return field.fail("is no address that can be listened on", `write ${LISTEN_FORM}`);
  }
  if (isLoopback(address.host) || access !== undefined) return address;
  return field.fail(
    `is "${value}", which other machines reach, but no key says who may call`,
    'set "access", such as {"tokens": true} (docs/access.md), or listen on loopback',
  );
}

function logLevel(field: JsonField): LogLevel {
  const value = text(field);
  const level = LOG_LEVELS.find((one) => one === value);
  return level ?? field.fail("is no level", `write ${KEYS.logLevel}`);
}
