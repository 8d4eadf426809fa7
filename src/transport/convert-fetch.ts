/** Converts snapshots, and peers' records of this node, between messages and values, for a node that starts. */
import { create } from "@bufbuild/protobuf";
import {
  type FetchSnapshotRequest,
  FetchSnapshotRequestSchema,
  type FetchSnapshotResponse,
  FetchSnapshotResponseSchema,
  type RecallResponse,
  RecallResponseSchema,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  type Certificate,
  decodeCertificate,
  decodeVote,
  encodeCertificate,
  encodeVote,
} from "../primitives/vote.ts";
import {
  CERTIFICATE_BYTES_MAX,
  convert,
  decoded,
  fail,
  readBytes,
  readHeight,
  readList,
  readUuid,
  readView,
} from "./convert-fields.ts";
import { readRegistration, registrationToMessage } from "./convert-peer.ts";
import type { FetchedSnapshot, Recollection, SnapshotQuery } from "./peer-api.ts";
import type { Refusal } from "./refusal.ts";

export function snapshotQueryFromMessage(request: FetchSnapshotRequest): SnapshotQuery | Refusal {
  return convert(() => {
    const { height, afterWalletId } = request;
    if (height === undefined) {
      if (afterWalletId !== "")
        fail("MISSING_FIELD", "height", "is missing; give it with the wallet");
      return { height: undefined, after: undefined };
    }
    const after = afterWalletId === "" ? undefined : readUuid(afterWalletId, "afterWalletId");
    return { height: readHeight(height, "height"), after };
  });
}

export function snapshotQueryToMessage({ height, after }: SnapshotQuery): FetchSnapshotRequest {
  return create(FetchSnapshotRequestSchema, {
    ...(height === undefined ? {} : { height: BigInt(height) }),
    ...(after === undefined ? {} : { afterWalletId: after }),
  });
}

export function snapshotFromMessage(message: FetchSnapshotResponse): FetchedSnapshot | Refusal {
  return convert(() => {
    const { header, finalization, ceremony, wallets } = message;
    return {
      header: readBytes(header, LIMITS.headerBytesMax, "header"),
      finalization: readBytes(finalization, CERTIFICATE_BYTES_MAX, "finalization"),
      ceremony: ceremony && readBytes(ceremony, LIMITS.peerMessageBytesMax, "ceremony"),
      wallets: readList(wallets, LIMITS.snapshotAnswerBytesMax / LIMITS.walletRecordBytesMin, {
        field: "wallets",
        read: (item, field) => readBytes(item, LIMITS.walletRecordBytesMax, field),
      }),
    };
  });
}

export function snapshotToMessage(snapshot: FetchedSnapshot): FetchSnapshotResponse {
  const { header, finalization, ceremony, wallets } = snapshot;
  return create(FetchSnapshotResponseSchema, {
    header,
    finalization,
    wallets: [...wallets],
    ...(ceremony === undefined ? {} : { ceremony }),
  });
}

export function recollectionFromMessage(message: RecallResponse): Recollection | Refusal {
  return convert(() => {
    const { registration, vote, entryCertificate, finalization } = message;
    return {
      registration: registration && readRegistration(message),
      vote: vote && decoded(decodeVote(readBytes(vote, LIMITS.voteBytesMax, "vote")), "vote"),
      view: readView(message.view, "view"),
      entry: entryCertificate && readCertificate(entryCertificate, "entryCertificate"),
      finalization: finalization && readCertificate(finalization, "finalization"),
    };
  });
}

function readCertificate(bytes: Bytes, field: string): Certificate {
  return decoded(decodeCertificate(readBytes(bytes, CERTIFICATE_BYTES_MAX, field)), field);
}

export function recollectionToMessage(recollection: Recollection): RecallResponse {
  const { registration, vote, view, entry, finalization } = recollection;
  return create(RecallResponseSchema, {
    ...(registration === undefined ? {} : registrationToMessage(registration)),
    ...(vote === undefined ? {} : { vote: encodeVote(vote) }),
    view: BigInt(view),
    ...(entry === undefined ? {} : { entryCertificate: encodeCertificate(entry) }),
    ...(finalization === undefined ? {} : { finalization: encodeCertificate(finalization) }),
  });
}
