/** The side of a node process that faces its operator: reloads, the calls of the operator, and the socket for them. */
import type { AuditTrail } from "../storage/audit-trail.ts";
import { operatorCallBounds } from "../transport/call-bounds.ts";
import type { CertificateAndKey } from "../transport/certificate-keys.ts";
import { formatAuthority } from "../transport/http-grammar.ts";
import {
  type OperatorListener,
  type OperatorListenerOptions,
  openOperatorListener,
} from "../transport/operator-listener.ts";
import { SocketProblem } from "../transport/unix-socket.ts";
import type { Log, LogLevels } from "./base/log.ts";
import { realSystem } from "./base/system.ts";
import { ConfigError, type NodeConfig } from "./files/config.ts";
import type { CallFigures } from "./metrics/call-figures.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { logRefusal } from "./metrics/refusal-log.ts";
import type { Node } from "./node.ts";
import { OperatorDesk } from "./operator/operator-desk.ts";
import { Reloading, type RenewableListener } from "./operator/reloading.ts";
import type { ShownCertificates } from "./operator/shown-certificates.ts";

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
  readonly certificates: ShownCertificates;
  readonly levels: LogLevels;
  readonly calls: CallFigures;
  readonly metrics: Metrics;
  readonly audit: AuditTrail;
  readonly log: Log;
}

/** Throws ConfigError if the socket that the configuration names cannot be had. */
export async function openOperatorSide(parts: OperatorSideParts): Promise<OperatorSide> {
  const { config, clientTls: tls, clients: listener, certificates, levels, log } = parts;
  const reloading = new Reloading({
    config,
    tls,
    certificates,
    listener,
    levels,
    system: realSystem,
    log,
  });
  const socket = await openSocket(parts, reloading);
  certificates.start();
  return {
    reload: () => {
      reloading.reload();
    },
    close: async (drainMs) => {
      certificates.stop();
      await socket?.close(drainMs);
    },
  };
}

async function openSocket(
  { config, node, certificates, levels, calls, metrics, audit, log, onFailure }: OperatorSideParts,
  reloading: Reloading,
): Promise<OperatorListener | undefined> {
  const { path, isDefault } = config.operatorListen;
  const { insight } = node;
  const api = new OperatorDesk({
    config,
    insight,
    reloading,
    certificates,
    levels,
    listeners: [
      { configKey: "clientListen", address: formatAuthority(config.clientListen) },
      { configKey: "peerListen", address: formatAuthority(config.peerListen) },
      { configKey: "operatorListen", address: `unix:${path}` },
    ],
    system: realSystem,
    log,
  });
  try {
    return await openOperatorListener({
      path,
      api,
      metrics,
      audit: {
        called: (call, principal) =>
          audit.record({ act: "operator", principal, call, subject: "" }),
      },
      observer: calls.observer("operator", (call) => logRefusal(log, call)),
      notReadyBecause: () => insight.status().notReadyBecause,
      bounds: operatorCallBounds(realSystem.monotonic),
      log,
      onFailure,
    });
  } catch (error) {
    if (!(error instanceof SocketProblem)) throw error;
    const problem = `"operatorListen" is unix:${path}, which ${error.message}`;
    if (!isDefault || error.isInUse) throw new ConfigError(`${config.file}: ${problem}`);
    // A folder that nothing may be written to, or a long path, was no obstacle before there was this socket.
    log.warn({ problem }, "the node has no listener for its operator");
    return undefined;
  }
}
