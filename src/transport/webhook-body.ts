/**
 * The body of a message to a webhook or to NATS: the envelope of Standard Webhooks, and in it the events as `Subscribe` has them, in
 * JSON. PostgreSQL gets the events alone.
 */
import { create, type JsonValue, toJson } from "@bufbuild/protobuf";
import { EventSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { assert } from "../primitives/assert.ts";
import { type Bytes, utf8 } from "../primitives/bytes.ts";
import type { WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Height } from "../primitives/numbers.ts";
import { eventToMessage } from "./convert-events.ts";
import { formatTime } from "./iso-time.ts";
import type { LedgerEvent } from "./ledger-events.ts";

export interface WebhookContent {
  /** Absent: the events are of the whole ledger. */
  readonly walletId: WalletId | undefined;
  /** All events are of this block. */
  readonly height: Height;
  readonly blockTime: number;
  readonly events: readonly LedgerEvent[];
}

/** The same bytes for the same content. */
export function webhookBody({ walletId, height, blockTime, events }: WebhookContent): Bytes {
  const body = utf8(
    JSON.stringify({
      type: walletId === undefined ? "ledger.transactions" : "wallet.entries",
      timestamp: formatTime(blockTime),
      data: {
        ...(walletId !== undefined && { walletId }),
        height: String(height),
        events: eventsAsJson(events),
      },
    }),
  );
  assert(body.length <= LIMITS.webhooks.bodyBytesMax, "the largest message has its room");
  return body;
}

export function eventsAsJson(events: readonly LedgerEvent[]): JsonValue[] {
  return events.map((event) => toJson(EventSchema, create(EventSchema, eventToMessage(event))));
}
