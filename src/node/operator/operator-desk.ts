/** Answers the operator's calls, and logs each change with its caller. */
import { getHeapStatistics } from "node:v8";
import type { Bytes } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import type { LogLevel } from "../../primitives/log-level.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import type {
  ApprovedInfo,
  BackupInfo,
  BackupPlace,
  DrainCommand,
  DrainInfo,
  EvidenceQuery,
  MadeToken,
  MadeWebhook,
  NewApproval,
  NewToken,
  NewWebhook,
  NodeStatusInfo,
  OperatorApi,
  ProcessInfo,
  RedeliverCommand,
  RedeliveredInfo,
  TokenInfo,
  UpgradeInfo,
  WebhookInfo,
} from "../../transport/operator-api.ts";
import type { Refusal } from "../../transport/refusal.ts";
import type { Log, LogLevels } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { NodeConfig } from "../files/config.ts";
import type { BackupDesk } from "./backup-desk.ts";
import type { NodeInsight } from "./node-insight.ts";
import type { OwnCertificates } from "./own-certificates.ts";
import type { Reloading } from "./reloading.ts";
import type { TokenDesk } from "./token-desk.ts";
import type { WebhookDesk } from "./webhook-desk.ts";

export interface OperatorDeskParts {
  readonly config: Pick<NodeConfig, "file" | "dataFolder">;
  readonly insight: NodeInsight;
  readonly reloading: Reloading;
  readonly certificates: OwnCertificates;
  readonly levels: LogLevels;
  readonly tokens: TokenDesk;
  readonly webhooks: WebhookDesk;
  readonly backups: BackupDesk;
  readonly listeners: NodeStatusInfo["listeners"];
  readonly system: Pick<System, "monotonic">;
  readonly log: Log;
}

export class OperatorDesk implements OperatorApi {
  readonly #parts: OperatorDeskParts;
  readonly #startedAt: number;

  constructor(parts: OperatorDeskParts) {
    this.#parts = parts;
    this.#startedAt = parts.system.monotonic();
  }

  async getNodeStatus(): Promise<NodeStatusInfo> {
    const { insight, reloading, certificates, levels, listeners } = this.#parts;
    return {
      status: insight.status(),
      logLevel: levels.current,
      draining: insight.draining.isOn,
      ordersUnderWay: insight.draining.underWay,
      certificates: certificates.list(),
      process: this.#process(),
      listeners,
      evidenceRecords: await insight.evidence.count(),
      lastReload: reloading.last,
    };
  }

  setLogLevel(level: LogLevel, { caller }: CallContext): LogLevel {
    const { levels, log } = this.#parts;
    const previous = levels.current;
    // Logged by the old level or the new one, whichever admits the line.
    log.warn({ principal: caller.principal, level, previous }, "the operator sets the log level");
    levels.set(level);
    return previous;
  }

  reload({ caller }: CallContext) {
    this.#parts.log.info({ principal: caller.principal }, "the operator reloads");
    return this.#parts.reloading.reload();
  }

  async drain({ resume, waitMs }: DrainCommand, call: CallContext): Promise<DrainInfo> {
    const { insight, log } = this.#parts;
    const { draining } = insight;
    if (draining.isOn === resume) {
      const what = resume ? "puts the node back into service" : "takes the node out of service";
      log.warn({ principal: call.caller.principal }, `the operator ${what}`);
    }
    if (resume) draining.resume();
    else draining.begin();
    await draining.untilIdle(waitMs, call.signal);
    return { draining: draining.isOn, ordersUnderWay: draining.underWay };
  }

  listPeers() {
    return this.#parts.insight.peers();
  }

  listEvidence(query: EvidenceQuery) {
    return this.#parts.insight.evidence.list(query);
  }

  getEvidence(id: Digest) {
    return this.#parts.insight.evidence.get(id);
  }

  createToken(asked: NewToken, { caller }: CallContext): Promise<MadeToken | Refusal> {
    return this.#parts.tokens.create(asked, caller);
  }

  listTokens() {
    return this.#parts.tokens.list();
  }

  revokeToken(idOrName: string, { caller }: CallContext): Promise<readonly TokenInfo[] | Refusal> {
    return this.#parts.tokens.revoke(idOrName, caller);
  }

  addWebhook(asked: NewWebhook, { caller }: CallContext): Promise<MadeWebhook | Refusal> {
    return this.#parts.webhooks.add(asked, caller);
  }

  listWebhooks(): readonly WebhookInfo[] {
    return this.#parts.webhooks.list();
  }

  removeWebhook(name: string, { caller }: CallContext): Promise<WebhookInfo | Refusal> {
    return this.#parts.webhooks.remove(name, caller);
  }

  getUpgrade(): UpgradeInfo {
    return this.#parts.insight.upgrade.show();
  }

  approveRuleset(asked: NewApproval, { caller }: CallContext): Promise<ApprovedInfo | Refusal> {
    return this.#parts.insight.upgrade.approve(asked, caller);
  }

  redeliverWebhook(
    command: RedeliverCommand,
    call: CallContext,
  ): Promise<RedeliveredInfo | Refusal> {
    return this.#parts.webhooks.redeliver(command, call);
  }

  beginBackup({ caller }: CallContext): BackupInfo | Refusal {
    return this.#parts.backups.begin(caller);
  }

  readBackup(place: BackupPlace): Promise<Bytes | Refusal> {
    return this.#parts.backups.read(place);
  }

  endBackup(id: Bytes): Refusal | undefined {
    return this.#parts.backups.end(id);
  }

  #process(): ProcessInfo {
    const { config, system } = this.#parts;
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    return {
      pid: process.pid,
      uptimeMs: system.monotonic() - this.#startedAt,
      runtime: process.version,
      residentBytes: process.memoryUsage.rss(),
      heapUsedBytes: used_heap_size,
      heapLimitBytes: heap_size_limit,
      configFile: config.file,
      dataFolder: config.dataFolder,
    };
  }
}
