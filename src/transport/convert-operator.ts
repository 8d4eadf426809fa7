/** The calls of a node's operator: requests become commands and queries, answers become generated messages. */
import { create } from "@bufbuild/protobuf";
import {
  type BeginBackupResponse,
  BeginBackupResponseSchema,
  type DrainRequest,
  type DrainResponse,
  DrainResponseSchema,
  type GetEvidenceRequest,
  type GetEvidenceResponse,
  GetEvidenceResponseSchema,
  type GetNodeStatusResponse,
  GetNodeStatusResponseSchema,
  LogLevel as Level,
  type ListEvidenceRequest,
  type ListEvidenceResponse,
  ListEvidenceResponseSchema,
  type OperatorServiceListPeersResponse,
  OperatorServiceListPeersResponseSchema,
  type ReadBackupRequest,
  type ReloadResponse,
  ReloadResponseSchema,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import type { Digest } from "../primitives/hash.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { LogLevel } from "../primitives/log-level.ts";
import { convert, fail, readCounter, readFixed } from "./convert-fields.ts";
import { peersToMessage, statusToMessage } from "./convert-node.ts";
import type {
  BackupInfo,
  BackupPlace,
  CertificateInfo,
  DrainCommand,
  DrainInfo,
  EvidenceInfo,
  EvidencePage,
  EvidenceQuery,
  NodeStatusInfo,
  PeerDetailInfo,
  ReloadInfo,
} from "./operator-api.ts";
import type { Refusal } from "./refusal.ts";

export const LEVELS: Readonly<Record<LogLevel, Level>> = {
  debug: Level.DEBUG,
  info: Level.INFO,
  warn: Level.WARN,
  error: Level.ERROR,
  silent: Level.SILENT,
};

export function levelFromMessage(level: Level): LogLevel | Refusal {
  return convert(() => {
    const names = Object.keys(LEVELS) as LogLevel[];
    const name = names.find((one) => LEVELS[one] === level);
    if (level === Level.UNSPECIFIED) fail("MISSING_FIELD", "level", "is missing");
    return name ?? fail("MALFORMED", "level", `must be one of ${names.join(", ")}`);
  });
}

export function drainFromMessage({ resume, waitMs }: DrainRequest): DrainCommand | Refusal {
  return convert(() => {
    const wait = readCounter(waitMs, "waitMs");
    if (wait > LIMITS.drainWaitMsMax) {
      fail("LIMIT", "waitMs", `must be at most ${LIMITS.drainWaitMsMax}`);
    }
    return { resume, waitMs: wait };
  });
}

export function evidenceQueryFromMessage(request: ListEvidenceRequest): EvidenceQuery | Refusal {
  return convert(() => {
    const { skip, count } = request;
    if (count > LIMITS.evidenceAnswerMax) {
      fail("LIMIT", "count", `must be at most ${LIMITS.evidenceAnswerMax}`);
    }
    return { skip, count: count === 0 ? LIMITS.evidenceAnswerMax : count };
  });
}

export function backupPlaceFromMessage(request: ReadBackupRequest): BackupPlace | Refusal {
  return convert(() => ({ id: request.id, offset: readCounter(request.offset, "offset") }));
}

export function backupToMessage(info: BackupInfo): BeginBackupResponse {
  return create(BeginBackupResponseSchema, { ...info });
}

export function evidenceIdFromMessage({ id }: GetEvidenceRequest): Digest | Refusal {
  return convert(() => readFixed(id, DIGEST_LENGTH, "id"));
}

export function nodeStatusToMessage(info: NodeStatusInfo): GetNodeStatusResponse {
  const { process, lastReload } = info;
  return create(GetNodeStatusResponseSchema, {
    status: statusToMessage(info.status),
    logLevel: LEVELS[info.logLevel],
    draining: info.draining,
    ordersUnderWay: info.ordersUnderWay,
    certificates: info.certificates.map(certificateToMessage),
    process: {
      ...process,
      uptimeMs: BigInt(process.uptimeMs),
      residentBytes: BigInt(process.residentBytes),
      heapUsedBytes: BigInt(process.heapUsedBytes),
      heapLimitBytes: BigInt(process.heapLimitBytes),
    },
    listeners: info.listeners.map((listener) => ({ ...listener })),
    evidenceRecords: info.evidenceRecords,
    ...(lastReload === undefined
      ? {}
      : { lastReload: { at: BigInt(lastReload.at), problem: lastReload.problem } }),
  });
}

export function reloadToMessage({ taken, atNextStart, certificates }: ReloadInfo): ReloadResponse {
  return create(ReloadResponseSchema, {
    taken: [...taken],
    atNextStart: [...atNextStart],
    certificates: certificates.map(certificateToMessage),
  });
}

export function drainToMessage(info: DrainInfo): DrainResponse {
  return create(DrainResponseSchema, info);
}

export function peerDetailsToMessage(
  details: readonly PeerDetailInfo[],
): OperatorServiceListPeersResponse {
  const { peers } = peersToMessage(details.map(({ peer }) => peer));
  return create(OperatorServiceListPeersResponseSchema, {
    peers: details.map(
      ({ holdsSealShare, blamed, clockAheadMs, droppedItems, calledMs }, place) => {
        const peer = peers[place];
        return {
          ...(peer === undefined ? {} : { peer }),
          holdsSealShare,
          blamed,
          ...(clockAheadMs === undefined ? {} : { clockAheadMs: BigInt(clockAheadMs) }),
          droppedItems: BigInt(droppedItems),
          ...(calledMs === undefined ? {} : { calledMs: BigInt(Math.round(calledMs)) }),
        };
      },
    ),
  });
}

export function evidencePageToMessage({ records, total }: EvidencePage): ListEvidenceResponse {
  return create(ListEvidenceResponseSchema, {
    records: records.map((record) => ({ ...record })),
    total,
  });
}

export function evidenceToMessage({ record, block, summary }: EvidenceInfo): GetEvidenceResponse {
  return create(GetEvidenceResponseSchema, {
    record,
    ...(block && { headers: [...block.headers], finalization: block.finalization }),
    summary: { ...summary },
  });
}

function certificateToMessage({ names, notAfter, ...info }: CertificateInfo) {
  return { ...info, names: [...names], notAfter: BigInt(notAfter) };
}
