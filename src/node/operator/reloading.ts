/**
 * Reloads the configuration, the TLS certificate, its key, the authority of client certificates with its revocations, and the
 * rights of callers, on SIGHUP or by the operator's call. Everything is checked before anything changes; if a part is wrong,
 * the node stays as it was. New connections get the new certificate. A new `access.clientAuthority` ends the connections whose
 * clients showed a certificate, within two seconds, and new `access.clientRevocations` those whose certificates they name; no
 * other call ends.
 */

import type { LogLevel } from "../../primitives/log-level.ts";
import { chainEndsAt } from "../../transport/certificate-chain.ts";
import { formatTime } from "../../transport/iso-time.ts";
import type { CallerTls } from "../../transport/listener-tls.ts";
import type { NodeStatusInfo, ReloadInfo } from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { type ReadServer, readServers, textOfKeys } from "../access/authorization-servers.ts";
import type { RenewableAccess } from "../access/node-access.ts";
import type { Log, LogLevels } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { AccessConfig } from "../files/access-config.ts";
import { serversAsJson } from "../files/authorization-config.ts";
import { readClientAuthority, readClientTls } from "../files/client-tls.ts";
import { ConfigError, changedKeys, loadConfig, type NodeConfig } from "../files/config.ts";
import { certificateFileOf, type OwnCertificates } from "./own-certificates.ts";

export interface ReloadParts {
  /** The configuration as read at the start. */
  readonly config: NodeConfig;
  readonly tls: CallerTls;
  /** The authorization servers with the content of their files. */
  readonly servers: readonly ReadServer[];
  readonly access: RenewableAccess;
  readonly certificates: OwnCertificates;
  readonly listeners: readonly RenewableListener[];
  readonly levels: LogLevels;
  readonly system: Pick<System, "wall">;
  readonly log: Log;
}

export interface RenewableListener {
  /** New connections get this certificate, and are asked for one of this authority. */
  renew(tls: CallerTls): void;
}

interface Fresh {
  readonly config: NodeConfig;
  readonly tls: CallerTls;
  readonly servers: readonly ReadServer[];
}

export class Reloading {
  readonly #parts: ReloadParts;
  #now: Fresh;
  #last: NodeStatusInfo["lastReload"];

  constructor(parts: ReloadParts) {
    this.#parts = parts;
    this.#now = { config: parts.config, tls: parts.tls, servers: parts.servers };
  }

  get last(): NodeStatusInfo["lastReload"] {
    return this.#last;
  }

  reload(): ReloadInfo | Refusal {
    const at = this.#parts.system.wall();
    try {
      return this.#reload(at);
    } catch (error) {
      // A signal reloads too, and an exception would end the node.
      return this.#notReloaded(at, `an unexpected fault: ${error}`);
    }
  }

  #reload(at: number): ReloadInfo | Refusal {
    const { log, certificates } = this.#parts;
    const fresh = this.#read();
    if (fresh instanceof ConfigError) return this.#notReloaded(at, fresh.message);
    const taken = this.#use(fresh);
    const atNextStart = changedKeys(this.#now.config, fresh.config);
    this.#last = { at, problem: "" };
    log.info({ taken, atNextStart }, "reloaded");
    return { taken, atNextStart, certificates: certificates.list() };
  }

  #notReloaded(at: number, problem: string): Refusal {
    this.#last = { at, problem };
    this.#parts.log.warn({ problem }, "not reloaded: the node goes on with what it has");
    return new Refusal("NOT_RELOADED", { message: problem });
  }

  #read(): Fresh | ConfigError {
    try {
      const config = loadConfig(this.#now.config.file);
      const now = this.#parts.system.wall();
      const tls = { ...readClientTls(config), ...readClientAuthority(config, now) };
      const endsAt = chainEndsAt(tls.certificate);
      if (endsAt > now) return { config, tls, servers: readServers(config) };
      return new ConfigError(
        `${config.file}: "clientCertificate" is ${config.clientCertificateFile}, which expired at ${formatTime(endsAt)}; ` +
          "renew it, and reload again",
      );
    } catch (error) {
      if (error instanceof ConfigError) return error;
      throw error;
    }
  }

  /** Uses what was read, and returns the keys whose values have changed. */
  #use(fresh: Fresh): string[] {
    const { config, servers } = fresh;
    const { config: old } = this.#now;
    // A start decides if an authority is used, and which file; a reload may bring a new content of that file, and its lists.
    const isSame = config.access?.clientAuthorityFile === old.access?.clientAuthorityFile;
    const { clientAuthority, clientRevocations } = this.#now.tls;
    const tls = isSame ? fresh.tls : { ...fresh.tls, clientAuthority, clientRevocations };
    const { clientCertificateFile, clientKeyFile, logLevel } = config;
    const changedTls = this.#renew(config, tls);
    const { access, taken } = this.#takeRights(config.access, servers, isSame);
    const used = [...changedTls, ...taken, ...this.#setLevel(logLevel)];
    this.#now = {
      config: { ...old, clientCertificateFile, clientKeyFile, logLevel, access },
      tls,
      servers,
    };
    return used;
  }

  #renew(config: NodeConfig, tls: CallerTls): string[] {
    const { listeners, certificates } = this.#parts;
    const oldTls = this.#now.tls;
    const changed = TLS_KEYS.filter(([, part]) => tls[part] !== oldTls[part]);
    if (changed.length > 0) {
      for (const listener of listeners) listener.renew(tls);
      certificates.replace([certificateFileOf(config, tls)]);
    }
    return changed.map(([key]) => key);
  }

  #setLevel(level: LogLevel): string[] {
    const { levels } = this.#parts;
    if (levels.current === level) return [];
    levels.set(level);
    return ["logLevel"];
  }

  /** A start decides if the node asks for credentials at all, and whose names `clientScopes` means. */
  #takeRights(
    fresh: AccessConfig | undefined,
    servers: readonly ReadServer[],
    isSameAuthority: boolean,
  ): { readonly access: AccessConfig | undefined; readonly taken: readonly string[] } {
    const old = this.#now.config.access;
    if (fresh === undefined || old === undefined) return { access: old, taken: [] };
    const { authorizationServers } = fresh;
    const { clientScopes, clientRevocationsFile } = isSameAuthority ? fresh : old;
    this.#parts.access.renew({ clientScopes, authorizationServers: servers });
    const taken = [
      ...(isEqual([...clientScopes], [...old.clientScopes]) ? [] : ["access.clientScopes"]),
      ...(isEqual(asText(servers), asText(this.#now.servers))
        ? []
        : ["access.authorizationServers"]),
    ];
    const access = { ...old, clientScopes, clientRevocationsFile, authorizationServers };
    return { access, taken };
  }
}

function asText(servers: readonly ReadServer[]): unknown {
  return [serversAsJson(servers.map(({ config }) => config)), servers.map(textOfKeys)];
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The keys of the configuration that name a file of TLS. */
const TLS_KEYS = [
  ["clientCertificate", "certificate"],
  ["clientKey", "key"],
  ["access.clientAuthority", "clientAuthority"],
  ["access.clientRevocations", "clientRevocations"],
] as const satisfies readonly (readonly [string, keyof CallerTls])[];
