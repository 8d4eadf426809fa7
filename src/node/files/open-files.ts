/**
 * Shares out the limit of open files. A node that runs out of them can neither read its store nor take a connection, so
 * the limit is read before it listens, and clients get what the store, the peers and the process leave.
 */
import { readFileSync } from "node:fs";
import { LIMITS } from "../../primitives/limits.ts";
import { STORE_OPEN_FILES_MAX } from "../../storage/store-engine.ts";
import { ConfigError } from "./config.ts";

/** Files of the process itself: listeners, threads, log, keys and what a command opens for a moment. */
const OWN_FILES = 64;
/** Fewer clients than this are not worth a node. */
const CLIENTS_MIN = 64;
/** Not the store's whole cache of tables: with fewer, an engine opens files again. */
const STORE_FILES_MIN = 128;

export interface OpenFiles {
  /** Connections that the client listener may take. */
  readonly clientConnectionsMax: number;
  /** Files that the store may hold open. */
  readonly storeFilesMax: number;
  /** The remedy, if the limit leaves less than a node uses. */
  readonly warning?: string;
}

/**
 * Shares out `limit`, the number of files this process may have open; undefined if it is not known. `validators` is the
 * number of members, each of which may connect and is connected to. Throws ConfigError if a node cannot run with it.
 */
export function shareOpenFiles(limit: number | undefined, validators: number): OpenFiles {
  const whole = {
    clientConnectionsMax: LIMITS.clientConnectionsMax,
    storeFilesMax: STORE_OPEN_FILES_MAX,
  };
  const reserved = OWN_FILES + validators * (LIMITS.connectionsPerMemberMax + 1);
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

/** The limit of open files of this process; undefined where the system does not say. */
export function openFilesLimit(): number | undefined {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
