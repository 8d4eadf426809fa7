/** The calls of a node's operator, in the protocol's own types: values in, an answer or a refusal out. */
import type { Scope } from "../access/scope.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import type { NetworkId, WalletId } from "../primitives/ids.ts";
import type { LogLevel } from "../primitives/log-level.ts";
import type { Height } from "../primitives/numbers.ts";
import type { RulesetPlan } from "../primitives/ruleset-plan.ts";
import type { CallContext, PeerInfo, PeerSoftwareInfo, StatusInfo } from "./ledger-api.ts";
import type { Refusal } from "./refusal.ts";

export interface OperatorApi {
  getNodeStatus(call: CallContext): Promise<NodeStatusInfo>;
  /** Gives the level before the change. */
  setLogLevel(level: LogLevel, call: CallContext): LogLevel;
  reload(call: CallContext): ReloadInfo | Refusal;
  drain(command: DrainCommand, call: CallContext): Promise<DrainInfo>;
  listPeers(call: CallContext): readonly PeerDetailInfo[];
  listEvidence(query: EvidenceQuery, call: CallContext): Promise<EvidencePage>;
  getEvidence(id: Digest, call: CallContext): Promise<EvidenceInfo | Refusal>;
  createToken(asked: NewToken, call: CallContext): Promise<MadeToken | Refusal>;
  listTokens(call: CallContext): readonly TokenInfo[];
  /** Of this id, or all of this name. */
  revokeToken(idOrName: string, call: CallContext): Promise<readonly TokenInfo[] | Refusal>;
  addWebhook(asked: NewWebhook, call: CallContext): Promise<MadeWebhook | Refusal>;
  listWebhooks(call: CallContext): readonly WebhookInfo[];
  removeWebhook(name: string, call: CallContext): Promise<WebhookInfo | Refusal>;
  getUpgrade(call: CallContext): UpgradeInfo;
  approveRuleset(asked: NewApproval, call: CallContext): Promise<ApprovedInfo | Refusal>;
  redeliverWebhook(
    command: RedeliverCommand,
    call: CallContext,
  ): Promise<RedeliveredInfo | Refusal>;
  beginBackup(call: CallContext): BackupInfo | Refusal;
  /** Empty at the end. */
  readBackup(asked: BackupPlace, call: CallContext): Promise<Bytes | Refusal>;
  endBackup(id: Bytes, call: CallContext): Refusal | undefined;
}

/** A backup that has begun. */
export interface BackupInfo {
  readonly id: Bytes;
  readonly nodeId: string;
  readonly networkId: NetworkId;
}

export interface BackupPlace {
  readonly id: Bytes;
  /** Bytes that were read before. */
  readonly offset: number;
}

/** The fields are those of GetUpgradeResponse. */
export interface UpgradeInfo {
  readonly height: Height;
  readonly ruleset: number;
  readonly rulesetMax: number;
  readonly members: readonly MemberUpgradeInfo[];
}

export interface MemberUpgradeInfo {
  readonly nodeId: string;
  /** Undefined if it has not registered with this process. */
  readonly software: PeerSoftwareInfo | undefined;
  /** The newest plan that it has approved; it may be over. */
  readonly approved: RulesetPlan | undefined;
}

export interface NewApproval {
  readonly ruleset: number;
  readonly from: number;
  readonly until: number;
}

export interface ApprovedInfo {
  readonly plan: RulesetPlan;
  /** Names of the members that have not approved this plan, as far as this node knows. */
  readonly missing: readonly string[];
}

/** The fields are those of GetNodeStatusResponse. */
export interface NodeStatusInfo {
  readonly status: StatusInfo;
  readonly logLevel: LogLevel;
  readonly draining: boolean;
  readonly ordersUnderWay: number;
  readonly certificates: readonly CertificateInfo[];
  readonly process: ProcessInfo;
  readonly listeners: readonly { readonly configKey: string; readonly address: string }[];
  readonly evidenceRecords: number;
  /** `problem` is empty if it succeeded. */
  readonly lastReload?: { readonly at: number; readonly problem: string } | undefined;
}

/** A certificate that the node shows to its callers. */
export interface CertificateInfo {
  readonly configKey: string;
  readonly file: string;
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** Negative once it has expired. */
  readonly daysLeft: number;
  readonly sha256: Digest;
}

export interface ProcessInfo {
  readonly pid: number;
  readonly uptimeMs: number;
  readonly runtime: string;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly heapLimitBytes: number;
  readonly configFile: string;
  readonly dataFolder: string;
}

/** Keys of the configuration. */
export interface ReloadInfo {
  readonly taken: readonly string[];
  readonly atNextStart: readonly string[];
  readonly certificates: readonly CertificateInfo[];
}

export interface DrainCommand {
  readonly resume: boolean;
  readonly waitMs: number;
}

export interface DrainInfo {
  readonly draining: boolean;
  readonly ordersUnderWay: number;
}

/** The fields are those of PeerDetail. */
export interface PeerDetailInfo {
  readonly peer: PeerInfo;
  readonly holdsSealShare: boolean;
  readonly blamed: boolean;
  readonly clockAheadMs: number | undefined;
  readonly droppedItems: number;
  readonly calledMs: number | undefined;
}

export interface EvidenceQuery {
  readonly skip: number;
  readonly count: number;
}

export interface EvidencePage {
  readonly records: readonly EvidenceSummaryInfo[];
  readonly total: number;
}

/** The fields are those of EvidenceSummary. */
export interface EvidenceSummaryInfo {
  readonly id: Digest;
  /** Empty, and so is the kind, if it shows no fault. */
  readonly member: string;
  readonly kind: string;
  readonly proven: boolean;
  readonly what: string;
}

export interface EvidenceInfo {
  readonly record: Bytes;
  /** For a signed result: the final block that it contradicts, if this node holds it. */
  readonly block?: { readonly headers: readonly Bytes[]; readonly finalization: Bytes } | undefined;
  readonly summary: EvidenceSummaryInfo;
}

/** A bearer token without its text. Times are milliseconds since 1970. */
export interface TokenInfo {
  /** The first 12 digits of its hash. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  /** Undefined: it does not expire. */
  readonly expiresAt?: number | undefined;
  readonly lastUsedAt?: number | undefined;
  readonly revokedAt?: number | undefined;
}

export interface NewToken {
  /** Its principal is `token:NAME`. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Undefined: never. */
  readonly expiresAt?: number | undefined;
  /** True for one more token of a principal that has one or had one, whose wallets it shares. */
  readonly further: boolean;
}

export interface MadeToken {
  /** A secret. */
  readonly text: string;
  readonly token: TokenInfo;
}

export interface NewWebhook {
  readonly name: string;
  readonly url: string;
  /** Undefined: the transactions of the whole ledger. */
  readonly walletId?: WalletId | undefined;
  /** PEM of the authorities of its TLS certificate; undefined: the public ones. */
  readonly authority?: string | undefined;
  /** It may have a loopback or private address. */
  readonly isPrivate: boolean;
  /** The lowest height of an event; undefined: what becomes final from now on. */
  readonly fromHeight?: Height | undefined;
}

export interface MadeWebhook {
  readonly webhook: WebhookInfo;
  /** A secret. */
  readonly secret: string;
}

/** A webhook endpoint without its secret. The fields are those of Webhook; times are milliseconds since 1970. */
export interface WebhookInfo {
  readonly name: string;
  readonly url: string;
  readonly walletId?: WalletId | undefined;
  readonly isPrivate: boolean;
  readonly createdAt: number;
  readonly height: number;
  readonly failingSince?: number | undefined;
  readonly pendingSince?: number | undefined;
  readonly problem: string;
  readonly deadLetters: number;
  readonly delivered: number;
  readonly failed: number;
}

export interface RedeliverCommand {
  readonly name: string;
  /** Everything from this height on; undefined: the dead letters. */
  readonly fromHeight?: Height | undefined;
}

export interface RedeliveredInfo {
  readonly delivered: number;
  /** Dead letters that are left. */
  readonly left: number;
  /** Of the first that failed; empty if none did. */
  readonly problem: string;
  readonly webhook: WebhookInfo;
}
