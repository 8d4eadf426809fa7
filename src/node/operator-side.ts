/** The side of a node process that faces its operator: reloads, the operator's calls, and the listeners for them. */
import type { AuditTrail } from "../storage/audit-trail.ts";
import type { Authenticator } from "../transport/authenticator.ts";
import { operatorBounds } from "../transport/caller-bounds.ts";
import type { CertificateAndKey } from "../transport/certificate-keys.ts";
import { formatHostPort } from "../transport/http-grammar.ts";
import {
  type OperatorListener,
  type OperatorListenerOptions,
  type OperatorTlsListener,
  openOperatorListener,
  openOperatorTlsListener,
} from "../transport/operator-listener.ts";
import { SocketProblem } from "../transport/unix-socket.ts";
import type { NodeAccess } from "./access/node-access.ts";
import type { Log, LogLevels } from "./base/log.ts";
import { logRefusal } from "./base/refusal-log.ts";
import { realSystem } from "./base/system.ts";
import { ConfigError, type NodeConfig } from "./files/config.ts";
import type { NodeFiles } from "./files/node-files.ts";
import { openedPort } from "./files/opened-port.ts";
import type { CallFigures } from "./metrics/call-figures.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { Node } from "./node.ts";
import { BackupDesk } from "./operator/backup-desk.ts";
import { OperatorDesk } from "./operator/operator-desk.ts";
import type { OwnCertificates } from "./operator/own-certificates.ts";
import { Reloading, type RenewableListener } from "./operator/reloading.ts";
import { TokenDesk } from "./operator/token-desk.ts";
import { WebhookDesk } from "./operator/webhook-desk.ts";
import type { Webhooks } from "./sinks/webhooks.ts";

export interface OperatorSide {
  /** As SIGHUP asks for it. */
  reload(): void;
  close(drainMs: number): Promise<void>;
}

export interface OperatorSideParts extends Pick<OperatorListenerOptions, "onFailure"> {
  readonly config: NodeConfig;
  readonly clientTls: CertificateAndKey;
  readonly clients: RenewableListener;
  readonly node: Node;
  readonly files: Pick<NodeFiles, "store" | "networkId" | "self">;
  readonly access: NodeAccess;
  readonly webhooks: Webhooks;
  readonly authenticator: Authenticator;
  readonly certificates: OwnCertificates;
  readonly levels: LogLevels;
  readonly calls: CallFigures;
  readonly metrics: Metrics;
  readonly audit: AuditTrail;
  readonly log: Log;
}

/** Throws ConfigError if a configured address or path cannot be used. */
export async function openOperatorSide(parts: OperatorSideParts): Promise<OperatorSide> {
  const { config, clientTls, access, clients, certificates, levels, log } = parts;
  const tls = { ...clientTls, ...access.authority };
  const renewed: RenewableListener[] = [clients];
  const reloading = new Reloading({
    config,
    tls,
    servers: access.servers,
    access,
    certificates,
    listeners: renewed,
    levels,
    system: realSystem,
    log,
  });
  const backups = createBackups(parts);
  const api = createDesk(parts, { reloading, backups });
  const address = await openAddress(parts, api);
  if (address !== undefined) renewed.push(address);
  const socket = await openSocket(parts, api);
  certificates.start();
  return {
    reload: () => {
      reloading.reload();
    },
    close: async (drainMs) => {
      certificates.stop();
      backups.stop();
      await Promise.all([socket?.close(drainMs), address?.close(drainMs)]);
    },
  };
}

function createDesk(
  { config, node, access, webhooks, certificates, levels, audit, log }: OperatorSideParts,
  { reloading, backups }: { readonly reloading: Reloading; readonly backups: BackupDesk },
): OperatorDesk {
  const { socket, address } = config.operatorListen;
  const operatorListen = [
    ...(socket === undefined ? [] : [`unix:${socket.path}`]),
    ...(address === undefined ? [] : [formatHostPort(address)]),
  ];
  return new OperatorDesk({
    config,
    insight: node.insight,
    reloading,
    certificates,
    levels,
    tokens: new TokenDesk({ tokens: access.tokens, audit, log }),
    webhooks: new WebhookDesk({ webhooks, audit, log }),
    backups,
    listeners: [
      { configKey: "clientListen", address: formatHostPort(config.clientListen) },
      { configKey: "peerListen", address: formatHostPort(config.peerListen) },
      ...operatorListen.map((place) => ({ configKey: "operatorListen", address: place })),
    ],
    system: realSystem,
    log,
  });
}

function createBackups({ files, log }: OperatorSideParts): BackupDesk {
  const { store, networkId, self } = files;
  return new BackupDesk({ store, networkId, nodeId: self.id, system: realSystem, log });
}

async function openSocket(
  parts: OperatorSideParts,
  api: OperatorDesk,
): Promise<OperatorListener | undefined> {
  const { config, log } = parts;
  const { socket } = config.operatorListen;
  if (socket === undefined) return undefined;
  const { path, isDefault } = socket;
  try {
    return await openOperatorListener({ path, ...servedBy(parts, api) });
  } catch (error) {
    if (!(error instanceof SocketProblem)) throw error;
    const problem = `"operatorListen" is unix:${path}, which ${error.message}`;
    if (!isDefault || error.isInUse) throw new ConfigError(`${config.file}: ${problem}`);
    // Before there was this socket, a read-only folder or a long path was no problem.
    log.warn({ problem }, "the node has no listener for its operator");
    return undefined;
  }
}

/** The configuration may name an address only if callers have to show a credential. */
async function openAddress(
  parts: OperatorSideParts,
  api: OperatorDesk,
): Promise<OperatorTlsListener | undefined> {
  const { config, clientTls, access, authenticator } = parts;
  const { address } = config.operatorListen;
  if (address === undefined) return undefined;
  const caller = { ...clientTls, ...access.authority, authenticator };
  return await openedPort(config.file, "operatorListen", address, () =>
    openOperatorTlsListener({ ...address, ...caller, ...servedBy(parts, api) }),
  );
}

/** Each listener has bounds of its own, so that callers of the address cannot hold up the socket. */
function servedBy(
  { node, calls, metrics, audit, log, onFailure }: OperatorSideParts,
  api: OperatorDesk,
): OperatorListenerOptions {
  return {
    api,
    metrics,
    audit: {
      called: (call, principal) => audit.record({ act: "operator", principal, call, subject: "" }),
    },
    observer: calls.observer("operator", (call) => logRefusal(log, call)),
    notReadyBecause: () => node.insight.status().notReadyBecause,
    bounds: operatorBounds(realSystem.monotonic),
    log,
    onFailure,
  };
}
