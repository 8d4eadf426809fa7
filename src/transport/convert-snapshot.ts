/** Snapshots of the state: generated messages to values of the protocol and back. */
import { create } from "@bufbuild/protobuf";
import {
  type FetchSnapshotRequest,
  FetchSnapshotRequestSchema,
  type FetchSnapshotResponse,
  FetchSnapshotResponseSchema,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import { convert, fail, readBytes, readHeight, readList, readUuid } from "./convert-fields.ts";
import { CERTIFICATE_BYTES_MAX } from "./convert-peer.ts";
import type { FetchedSnapshot, SnapshotQuery } from "./peer-api.ts";
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
