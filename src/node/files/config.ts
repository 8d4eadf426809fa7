/** A node's configuration file: read strictly; every error names the file, the key and the remedy. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  fieldPath,
  isRecord,
  type Json,
  JsonProblem,
  type JsonRecord,
  readJson,
  readWholeNumber,
} from "../../primitives/json.ts";
import { printable } from "../../primitives/printable.ts";
import {
  DEFAULT_STORE_ENGINE,
  engineNamed,
  STORE_ENGINES,
  type StoreEngineName,
} from "../../storage/store-engine.ts";
import { LOG_LEVELS, type LogLevel } from "../base/log-level.ts";

/** host:port to listen on. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface NodeConfig {
  /** The configuration file itself, as it was named: for errors found later. */
  readonly file: string;
  /** The validator's id in the genesis. */
  readonly node: string;
  /** Absolute paths from here on; in the file they are relative to it. */
  readonly genesisFile: string;
  readonly dataFolder: string;
  readonly passphraseFile: string;
  readonly clientListen: ListenAddress;
  readonly clientCertificateFile: string;
  readonly clientKeyFile: string;
  readonly peerListen: ListenAddress;
  /** host:port at which to dial a node, by its id, instead of the address in the genesis. */
  readonly peerAddresses: ReadonlyMap<string, string>;
  readonly logLevel: LogLevel;
  /** A start takes a snapshot if that saves the execution of at least so many blocks. */
  readonly snapshotBlocksMin: number;
  /** What the data folder's store is kept with. */
  readonly storeEngine: StoreEngineName;
}

/** The file as it is typed. */
interface ConfigFile {
  readonly node: string;
  readonly genesis: string;
  readonly data: string;
  readonly passphraseFile: string;
  readonly clientListen: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  readonly peerListen: string;
  readonly logLevel: string;
  readonly peers?: Readonly<Record<string, string>>;
  readonly snapshotBlocksMin?: number;
  readonly store?: { readonly engine?: string };
}

type TextKey = Exclude<keyof ConfigFile, "peers" | "snapshotBlocksMin" | "store">;

/** A snapshot is not worth its hole for blocks that are executed in some half a minute. */
const SNAPSHOT_BLOCKS_MIN = 20_000;

/** Every key of the file, and what it holds. */
export const KEYS: Readonly<Record<keyof ConfigFile, string>> = {
  node: "this node's id in the genesis",
  genesis: "path of the genesis file",
  data: "path of this node's data folder",
  passphraseFile: "path of the file that holds the passphrase of the key files",
  clientListen: "host:port for clients, on loopback",
  clientCertificate: "path of the client listener's TLS certificate (PEM)",
  clientKey: "path of the client listener's TLS key (PEM)",
  peerListen: "host:port for the other nodes, on loopback",
  logLevel: `one of ${LOG_LEVELS.join(", ")}`,
  peers: "optional: node id to the host:port, on loopback, at which it is dialled from here",
  store: `optional: {"engine": ...}, how the data folder's store is kept: ${STORE_ENGINES.join(", ")}`,
  snapshotBlocksMin: `optional: how many blocks a start must be spared to take a snapshot; the default is ${SNAPSHOT_BLOCKS_MIN}`,
};

const KEY_NAMES = Object.keys(KEYS).join(", ");

/** What is wrong with a configuration; the message is complete as it stands. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export function loadConfig(file: string): NodeConfig {
  const keys = readKeys(file);
  const folder = dirname(resolve(file));
  const path = (key: TextKey) => resolve(folder, keys[key]);
  return {
    file,
    node: keys.node,
    genesisFile: path("genesis"),
    dataFolder: path("data"),
    passphraseFile: path("passphraseFile"),
    clientListen: loopback(file, "clientListen", keys.clientListen),
    clientCertificateFile: path("clientCertificate"),
    clientKeyFile: path("clientKey"),
    peerListen: loopback(file, "peerListen", keys.peerListen),
    peerAddresses: peerAddresses(file, keys.peers ?? {}),
    logLevel: logLevel(file, keys.logLevel),
    snapshotBlocksMin: keys.snapshotBlocksMin ?? SNAPSHOT_BLOCKS_MIN,
    storeEngine: storeEngine(file, keys.store?.engine),
  };
}

/** Text of a configuration file, so that whoever writes one and whoever reads it agree. */
export function encodeConfig(config: ConfigFile): string {
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

function readKeys(file: string): ConfigFile {
  const parsed = readObject(file);
  for (const key of Object.keys(parsed)) {
    if (!Object.hasOwn(KEYS, key)) {
      throw new ConfigError(
        `${file}: unknown key "${fieldPath("", key)}"; the keys are ${KEY_NAMES}`,
      );
    }
  }
  const found = new Map<string, Json>(Object.entries(parsed));
  const text = (key: TextKey): string => {
    const value = found.get(key);
    if (typeof value === "string" && value !== "") return value;
    const problem = found.has(key) ? "must be a text" : "is missing";
    throw new ConfigError(`${file}: "${key}" ${problem}: ${KEYS[key]}`);
  };
  return {
    node: text("node"),
    genesis: text("genesis"),
    data: text("data"),
    passphraseFile: text("passphraseFile"),
    clientListen: text("clientListen"),
    clientCertificate: text("clientCertificate"),
    clientKey: text("clientKey"),
    peerListen: text("peerListen"),
    logLevel: text("logLevel"),
    ...(found.has("peers") ? { peers: readPeers(file, found.get("peers")) } : {}),
    ...(found.has("snapshotBlocksMin")
      ? { snapshotBlocksMin: readBlocks(file, found.get("snapshotBlocksMin")) }
      : {}),
    ...(found.has("store") ? { store: readStore(file, found.get("store")) } : {}),
  };
}

function readObject(file: string): JsonRecord {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const remedy = "name the node's file, or make one by countersign init";
    throw new ConfigError(`${file}: cannot be read (${textOf(error)}); ${remedy}`);
  }
  const remedy = `it must hold one JSON object with the keys ${KEY_NAMES}`;
  const parsed = readJson(text);
  if (parsed instanceof JsonProblem) {
    const { field, message } = parsed;
    throw new ConfigError(
      field === ""
        ? `${file}: ${message}; ${remedy}`
        : `${file}: "${field}" ${message}; keep one of them`,
    );
  }
  if (isRecord(parsed)) return parsed;
  throw new ConfigError(`${file}: is not a JSON object; ${remedy}`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function readPeers(file: string, value: Json | undefined): Record<string, string> {
  const wrong = `${file}: "peers" must be an object such as {"node2": "127.0.0.1:7102"}`;
  if (!isRecord(value)) throw new ConfigError(wrong);
  const peers: Record<string, string> = {};
  for (const [node, address] of Object.entries(value)) {
    if (typeof address !== "string") throw new ConfigError(wrong);
    peers[node] = address;
  }
  return peers;
}

function readBlocks(file: string, value: Json | undefined): number {
  const blocks = readWholeNumber(value);
  if (blocks !== undefined && blocks >= 1) return blocks;
  throw new ConfigError(
    `${file}: "snapshotBlocksMin" must be a whole number of blocks from 1 to ${Number.MAX_SAFE_INTEGER}, ` +
      "which stands for never; leave it out for the default",
  );
}

function readStore(file: string, value: Json | undefined): { readonly engine?: string } {
  const remedy = `write {"engine": "${DEFAULT_STORE_ENGINE}"}, or leave it out`;
  if (!isRecord(value)) throw new ConfigError(`${file}: "store" must be an object; ${remedy}`);
  const unknown = Object.keys(value).find((name) => name !== "engine");
  if (unknown !== undefined) {
    throw new ConfigError(
      `${file}: unknown key "${fieldPath("store", unknown)}"; the key there is engine`,
    );
  }
  const { engine } = value;
  if (engine === undefined) return {};
  if (typeof engine === "string") return { engine };
  throw new ConfigError(`${file}: "store.engine" must be a text; ${remedy}`);
}

function storeEngine(file: string, name: string | undefined): StoreEngineName {
  const engine = name === undefined ? DEFAULT_STORE_ENGINE : engineNamed(name);
  if (engine !== undefined) return engine;
  throw new ConfigError(
    `${file}: "store.engine" is "${printable(name ?? "")}", but must be one of ${STORE_ENGINES.join(", ")}`,
  );
}

function peerAddresses(file: string, peers: Readonly<Record<string, string>>): Map<string, string> {
  const entries = Object.entries(peers);
  for (const [node, address] of entries) loopback(file, `peers.${node}`, address);
  return new Map(entries);
}

/** host:port on loopback, ports from 1; undefined if it is anything else (T14). */
export function parseLoopback(text: string): ListenAddress | undefined {
  const match = /^(127(?:\.\d{1,3}){3}|localhost|\[::1\]):(\d{1,5})$/.exec(text);
  const [, host, digits] = match ?? [];
  const port = Number(digits);
  const isAddress = host?.split(".").every((part) => !(Number(part) > 255));
  if (host === undefined || !isAddress || port < 1 || port > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ""), port };
}

/** What stands behind the name of whatever was to be on loopback and is not. */
export const LOOPBACK_ONLY =
  "must be a loopback host:port such as 127.0.0.1:7001; " +
  "this version has no authorisation and does not listen beyond loopback";

function loopback(file: string, key: string, text: string): ListenAddress {
  const address = parseLoopback(text);
  if (address !== undefined) return address;
  throw new ConfigError(`${file}: "${key}" is "${text}", but ${LOOPBACK_ONLY}`);
}

function logLevel(file: string, text: string): LogLevel {
  const level = LOG_LEVELS.find((one) => one === text);
  if (level === undefined) {
    throw new ConfigError(`${file}: "logLevel" is "${text}", but must be ${KEYS.logLevel}`);
  }
  return level;
}
