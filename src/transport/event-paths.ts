/**
 * `GET /events`: the stream of Subscribe as Server-Sent Events (WHATWG HTML, section 9.2), for browsers and `curl -N`. The id of each
 * event is its cursor, which a browser sends back as Last-Event-ID when it connects again.
 */
import { create, type Message, toJson } from "@bufbuild/protobuf";
import {
  EntrySchema,
  type Event,
  LedgerService,
  OrderedTransactionSchema,
  SubscribeRequestSchema,
  type SubscribeResponse,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { utf8 } from "../primitives/bytes.ts";
import type { HttpRequest } from "./http-adapter.ts";
import { Refusal } from "./refusal.ts";
import { refusalText } from "./refusal-answer.ts";
import type { EventPath } from "./stream-service.ts";

const PARAMETERS: readonly string[] = ["wallet", "cursor", "fromHeight"];
/** As the numbers of JSON are written: no sign, no leading zero. */
const WHOLE = /^(?:0|[1-9][0-9]{0,15})$/;
/** The time after which a browser connects again, milliseconds. */
const RETRY = "retry: 1000\n";
const JSON_FORM = { alwaysEmitImplicit: true } as const;

export const EVENT_PATHS: ReadonlyMap<string, EventPath> = new Map([
  [
    "/events",
    {
      rpc: LedgerService.method.subscribe,
      question: readEventQuery,
      bytes: (message: Message) => utf8(textOf(message as SubscribeResponse)),
      end: (refusal: Refusal) => utf8(`event: end\ndata: ${refusalText(refusal)}\n\n`),
    },
  ],
]);

/** Last-Event-ID is newer than what the query says: a browser repeats the query as it was. */
function readEventQuery(
  query: string,
  { headers }: Pick<HttpRequest, "headers">,
): Message | Refusal {
  // A link ends when it is followed (host-rule.ts); a stream would last, and a page can open many.
  const { "sec-fetch-site": site = "none", "sec-fetch-mode": mode } = headers;
  if (mode === "navigate" && site !== "none" && site !== "same-origin") {
    const message = "a web page of another site may not open a stream";
    return new Refusal("FOREIGN_ORIGIN", { message, field: "sec-fetch-site" });
  }
  const parameters = new URLSearchParams(query);
  for (const [name] of parameters) {
    const shown = JSON.stringify(name);
    if (!PARAMETERS.includes(name)) {
      return malformed("query", `has ${shown}; it takes ${PARAMETERS.join(", ")}`);
    }
    if (parameters.getAll(name).length > 1) return malformed(name, "is given twice");
  }
  const fromHeight = parameters.get("fromHeight");
  if (fromHeight !== null && !WHOLE.test(fromHeight)) {
    return malformed("fromHeight", "must be a whole number of at most 2^53 - 1");
  }
  const last = headers["last-event-id"];
  const cursor = (Array.isArray(last) ? last.join(", ") : last) ?? "";
  const walletId = parameters.get("wallet") ?? "";
  if (cursor !== "") return create(SubscribeRequestSchema, { walletId, cursor });
  return create(SubscribeRequestSchema, {
    walletId,
    cursor: parameters.get("cursor") ?? "",
    ...(fromHeight === null ? {} : { fromHeight: BigInt(fromHeight) }),
  });
}

/** A message without events is a heartbeat, whose id moves the cursor on. */
function textOf({ events, cursor, height, blockTime, lagging }: SubscribeResponse): string {
  if (events.length > 0) return events.map(eventText).join("");
  const state = { height: String(height), blockTime: String(blockTime), lagging };
  return `${RETRY}id: ${cursor}\nevent: heartbeat\ndata: ${JSON.stringify(state)}\n\n`;
}

/** JSON has no line feed outside texts, and escapes those inside. */
function eventText({ cursor, event }: Event): string {
  const { case: kind } = event;
  const data =
    kind === "transaction"
      ? toJson(OrderedTransactionSchema, event.value, JSON_FORM)
      : toJson(EntrySchema, event.value ?? create(EntrySchema), JSON_FORM);
  return `id: ${cursor}\nevent: ${kind ?? "entry"}\ndata: ${JSON.stringify(data)}\n\n`;
}

function malformed(field: string, problem: string): Refusal {
  return new Refusal("MALFORMED", { message: `${field}: ${problem}`, field });
}
