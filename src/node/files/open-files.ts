/**
 * Divides the limit of open files. A node without a free file can neither read its store nor accept a connection, so
 * the limit is read before the node listens; clients get the files that the store, the peers and the process leave.
 */
import { readFileSync } from "node:fs";
import { LIMITS } from "../../primitives/limits.ts";
import { STORE_OPEN_FILES_MAX } from "../../storage/store-engine.ts";
import { peerSockets } from "../../transport/peer-sockets.ts";
import { ConfigError } from "./config.ts";

/** Files of the process itself: listeners, threads, log, keys, what a command opens for a moment, and its operator's connections. */
const OWN_FILES = 64 + 2 * LIMITS.operatorConnectionsMax;
/** With room for fewer clients, a node is of no use. */
const CLIENTS_MIN = 64;
/** Less than the store's whole cache of tables: the engine then reopens files. */
const STORE_FILES_MIN = 128;

export interface OpenFiles {
  /** Connections that the client listener may take. */
  readonly clientConnectionsMax: number;
  /** Files that the store may hold open. */
  readonly storeFilesMax: number;
  /** The remedy, if the limit leaves fewer files than a node can use. */
  readonly warning?: string;
}

/**
 * Divides `limit`, the number of files that this process may have open; undefined if it is not known. `validators` is
 * the number of members: this node connects to each, and its peer listener has sockets for all of them and for some
 * strangers. Throws ConfigError if a node cannot run with the limit.
 */
export function shareOpenFiles(limit: number | undefined, validators: number): OpenFiles {
  const whole = {
    clientConnectionsMax: LIMITS.clientConnectionsMax,
    storeFilesMax: STORE_OPEN_FILES_MAX,
  };
  const reserved = OWN_FILES + validators + peerSockets(validators).all;
  const wanted = reserved + whole.clientConnectionsMax + whole.storeFilesMax;
  if (limit === undefined || limit >= wanted) return whole;
  const least = reserved + CLIENTS_MIN + STORE_FILES_MIN;
  const remedy = `raise the limit to ${wanted} (ulimit -n; LimitNOFILE of a systemd unit)`;
  if (limit < least) {
    throw new ConfigError(
      `this process may have only ${limit} files open, and a node of ${validators} members needs ${least} at least; ${remedy}`,
    );
  }
  const spare = limit - least;
  const storeFilesMax = Math.min(whole.storeFilesMax, STORE_FILES_MIN + Math.floor(spare / 2));
  const clientConnectionsMax = Math.min(
    whole.clientConnectionsMax,
    limit - reserved - storeFilesMax,
  );
  return {
    clientConnectionsMax,
    storeFilesMax,
    warning: `this process may have only ${limit} files open: it takes ${clientConnectionsMax} clients at once; ${remedy}`,
  };
}

/** The limit of open files of this process, or of the one with this id; undefined if the system does not report it. */
export function openFilesLimit(pid: number | "self" = "self"): number | undefined {
  try {
    const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
