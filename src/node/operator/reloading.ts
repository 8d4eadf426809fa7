/**
 * Reads the configuration, the TLS certificate and its key again, on SIGHUP or by the operator's call. All is checked before
 * anything is taken; what does not fit leaves the node as it was. No call ends: new connections get the new certificate.
 */

import { chainEndsAt } from "../../transport/certificate-chain.ts";
import type { CertificateAndKey } from "../../transport/certificate-keys.ts";
import { formatTime } from "../../transport/iso-time.ts";
import type { NodeStatusInfo, ReloadInfo } from "../../transport/operator-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Log, LogLevels } from "../base/log.ts";
import type { System } from "../base/system.ts";
import { readClientTls } from "../files/client-tls.ts";
import { ConfigError, changedKeys, loadConfig, type NodeConfig } from "../files/config.ts";
import type { ShownCertificates } from "./shown-certificates.ts";

export interface ReloadParts {
  /** As it was read at the start. */
  readonly config: NodeConfig;
  readonly tls: CertificateAndKey;
  readonly certificates: ShownCertificates;
  readonly listeners: readonly RenewableListener[];
  readonly levels: LogLevels;
  readonly system: Pick<System, "wall">;
  readonly log: Log;
}

export interface RenewableListener {
  /** New connections are shown this certificate. */
  renew(tls: CertificateAndKey): void;
}

interface Fresh {
  readonly config: NodeConfig;
  readonly tls: CertificateAndKey;
}

export class Reloading {
  readonly #parts: ReloadParts;
  #now: Fresh;
  #last: NodeStatusInfo["lastReload"];

  constructor(parts: ReloadParts) {
    this.#parts = parts;
    this.#now = { config: parts.config, tls: parts.tls };
  }

  get last(): NodeStatusInfo["lastReload"] {
    return this.#last;
  }

  reload(): ReloadInfo | Refusal {
    const { log, system, certificates } = this.#parts;
    const fresh = this.#read();
    const at = system.wall();
    if (fresh instanceof ConfigError) {
      this.#last = { at, problem: fresh.message };
      log.warn({ problem: fresh.message }, "not reloaded: the node goes on with what it has");
      return new Refusal("NOT_RELOADED", { message: fresh.message });
    }
    const taken = this.#take(fresh);
    const atNextStart = changedKeys(this.#now.config, fresh.config);
    this.#last = { at, problem: "" };
    log.info({ taken, atNextStart }, "reloaded");
    return { taken, atNextStart, certificates: certificates.list() };
  }

  #read(): Fresh | ConfigError {
    try {
      const config = loadConfig(this.#now.config.file);
      const tls = readClientTls(config);
      const endsAt = chainEndsAt(tls.certificate);
      if (endsAt > this.#parts.system.wall()) return { config, tls };
      return new ConfigError(
        `${config.file}: "clientCertificate" is ${config.clientCertificateFile}, which expired at ${formatTime(endsAt)}; ` +
          "renew it, and reload again",
      );
    } catch (error) {
      if (error instanceof ConfigError) return error;
      throw error;
    }
  }

  /** The keys whose values have changed. */
  #take({ config, tls }: Fresh): string[] {
    const { listeners, levels, certificates } = this.#parts;
    const { config: old, tls: oldTls } = this.#now;
    const taken: string[] = [];
    const { clientCertificateFile, clientKeyFile, logLevel } = config;
    const isNewCertificate = tls.certificate !== oldTls.certificate;
    const isNewKey = tls.key !== oldTls.key;
    if (isNewCertificate || isNewKey) {
      for (const listener of listeners) listener.renew(tls);
      certificates.replace([shownCertificate(config, tls)]);
      if (isNewCertificate) taken.push("clientCertificate");
      if (isNewKey) taken.push("clientKey");
    }
    if (levels.current !== logLevel) {
      levels.set(logLevel);
      taken.push("logLevel");
    }
    this.#now = { config: { ...old, clientCertificateFile, clientKeyFile, logLevel }, tls };
    return taken;
  }
}

export function shownCertificate(
  { clientCertificateFile: file }: NodeConfig,
  { certificate: pem }: CertificateAndKey,
) {
  return { configKey: "clientCertificate", file, pem };
}
