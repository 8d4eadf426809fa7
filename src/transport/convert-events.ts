/** Converts requests for streams of events to queries, and their answers to generated messages. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type EventSchema,
  type SubscribeRequest,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { transactionToMessage } from "./convert-block.ts";
import { convert, fail, given, readHeight, readText, readUuid } from "./convert-fields.ts";
import { entryToMessage } from "./convert-list.ts";
import { CURSOR_LENGTH_MAX, map } from "./convert-page.ts";
import type { EventsAnswer, EventsQuery, LedgerEvent } from "./ledger-events.ts";
import type { Refusal } from "./refusal.ts";

export function eventsQueryFromMessage(request: SubscribeRequest): EventsQuery | Refusal {
  return convert(() => {
    const { walletId, cursor, fromHeight } = request;
    if (cursor !== "" && fromHeight !== undefined) {
      fail("MALFORMED", "fromHeight", "is given beside cursor; give one of them");
    }
    return {
      walletId: map(given(walletId), (id) => readUuid(id, "walletId")),
      cursor: map(given(cursor), (text) => readText(text, CURSOR_LENGTH_MAX, "cursor")),
      fromHeight: map(fromHeight, (value) => readHeight(value, "fromHeight")),
    };
  });
}

export function eventsToMessage(answer: EventsAnswer): SubscribeResponse {
  return create(SubscribeResponseSchema, {
    events: answer.events.map(eventToMessage),
    cursor: answer.cursor,
    height: BigInt(answer.height),
    blockTime: BigInt(answer.blockTime),
    lagging: answer.lagging,
  });
}

export function eventToMessage(event: LedgerEvent): MessageInitShape<typeof EventSchema> {
  const { cursor } = event;
  return event.kind === "entry"
    ? { cursor, event: { case: "entry", value: entryToMessage(event.entry) } }
    : { cursor, event: { case: "transaction", value: transactionToMessage(event.transaction) } };
}
