/**
 * Opens the configured authorization servers. Files are read before anything changes. A server whose keys come from the same
 * URL under the same authority as before goes on with the keys that it has.
 */
import { fetchKeySet } from "../../transport/key-set-fetch.ts";
import { NameLookup } from "../../transport/name-lookup.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { AuthorizationServerConfig } from "../files/authorization-config.ts";
import { readAuthority } from "../files/client-tls.ts";
import { ConfigError, type NodeConfig } from "../files/config.ts";
import { readKeySetFile } from "../files/key-set-file.ts";
import type { AuthorizationServer } from "./access-tokens.ts";
import { type KeySet, readKeySet } from "./key-set.ts";
import { FetchedKeys, fixedKeys, type KeySource } from "./key-source.ts";

/** A server with the content of its files. */
export interface ReadServer {
  readonly config: AuthorizationServerConfig;
  readonly keys: KeySet | KeySetOnline;
}

interface KeySetOnline {
  readonly url: string;
  /** PEM; undefined for the public authorities. */
  readonly authority: string | undefined;
}

/** Throws ConfigError, which names the file, for one that cannot be used. */
export function readServers({
  file,
  access,
}: Pick<NodeConfig, "file" | "access">): readonly ReadServer[] {
  return (access?.authorizationServers ?? []).map((config, place) => {
    const { jwks } = config;
    const name = `access.authorizationServers[${place}]`;
    if ("url" in jwks) {
      const { url, authorityFile: path } = jwks;
      const authority =
        path === undefined ? undefined : readAuthority(file, `${name}.jwksAuthority`, path);
      return { config, keys: { url, authority } };
    }
    const keys = readKeySet(readKeySetFile(file, `${name}.jwks`, jwks.file));
    if (typeof keys !== "string") return { config, keys };
    throw new ConfigError(
      `${file}: "${name}.jwks" is ${jwks.file}, which ${keys}; name a file with the public keys of the server (a JWK Set)`,
    );
  });
}

/** The text of a key set, or of the place from which it comes: equal texts stand for equal keys. */
export function textOfKeys({ keys }: ReadServer): string {
  return "text" in keys ? keys.text : JSON.stringify([keys.url, keys.authority]);
}

export interface ServerSourcesParts {
  readonly system: System;
  readonly log: Log;
}

export class ServerSources {
  readonly #parts: ServerSourcesParts;
  readonly #names: NameLookup;
  /** By place. */
  #fetched: ReadonlyMap<string, KeySource> = new Map();

  constructor(parts: ServerSourcesParts) {
    this.#parts = parts;
    this.#names = new NameLookup({ now: parts.system.monotonic });
  }

  /** The servers with their keys; sources that none of them uses end. Keys of a URL are asked for now. */
  open(servers: readonly ReadServer[]): readonly AuthorizationServer[] {
    const before = this.#fetched;
    const fetched = new Map<string, KeySource>();
    const opened = servers.map(({ config, keys }) => {
      if ("text" in keys) return { config, source: fixedKeys(keys) };
      const place = JSON.stringify([config.issuer, keys.url, keys.authority]);
      const source = before.get(place) ?? this.#fetchedFrom(config.issuer, keys);
      fetched.set(place, source);
      return { config, source };
    });
    this.#fetched = fetched;
    for (const [place, source] of before) {
      if (!fetched.has(place)) source.stop();
    }
    for (const source of fetched.values()) source.ask();
    return opened;
  }

  close(): void {
    this.open([]);
  }

  #fetchedFrom(issuer: string, { url, authority }: KeySetOnline): KeySource {
    const { system, log } = this.#parts;
    const { lookup } = this.#names;
    const fetch = (signal: AbortSignal) => fetchKeySet({ url, authority, lookup, signal });
    return new FetchedKeys({ issuer, fetch, system, log });
  }
}
