/** Converts requests for pages of the ledger to queries, and the pages to generated messages. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  EntryKind,
  EntrySchema,
  type GetReceiptRequestSchema,
  type ListEntriesRequest,
  type ListEntriesResponse,
  ListEntriesResponseSchema,
  ListOrder,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { unreachable } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  convert,
  fail,
  given,
  readCounter,
  readHeight,
  readText,
  readUuid,
} from "./convert-fields.ts";
import type { ReceiptQuery } from "./ledger-api.ts";
import type {
  ChainRange,
  EntriesAnswer,
  EntriesQuery,
  EntryInfo,
  PageAnswer,
  PageQuery,
} from "./ledger-lists.ts";
import type { Refusal } from "./refusal.ts";

/** Items of a page, if the request names no number. */
const PAGE_SIZE = 100;
const PAGE_SIZE_MAX = 1_000;
const CURSOR_LENGTH_MAX = 128;

export function entriesQueryFromMessage(request: ListEntriesRequest): EntriesQuery | Refusal {
  return convert(() => {
    const { walletId, counterparty, referencePrefix } = request;
    return {
      walletId: readUuid(walletId, "walletId"),
      ...readPage(request),
      ...readRange(request),
      counterparty: counterparty === "" ? undefined : readUuid(counterparty, "counterparty"),
      referencePrefix: readPrefix(referencePrefix),
    };
  });
}

export function entriesToMessage({ entries, ...page }: EntriesAnswer): ListEntriesResponse {
  return create(ListEntriesResponseSchema, {
    entries: entries.map(entryToMessage),
    ...pageToMessage(page),
  });
}

const KINDS: Readonly<Record<EntryInfo["kind"], EntryKind>> = {
  created: EntryKind.CREATED,
  received: EntryKind.RECEIVED,
  paid: EntryKind.PAID,
};

function entryToMessage(entry: EntryInfo) {
  const { amount, asset, balance, id, index } = entry;
  return create(EntrySchema, {
    number: BigInt(entry.number),
    kind: KINDS[entry.kind],
    amount,
    asset,
    balance,
    counterparty: entry.counterparty ?? "",
    ...(entry.reference === undefined ? {} : { reference: entry.reference }),
    id,
    height: BigInt(entry.height),
    index,
    time: BigInt(entry.time),
    receipt: receiptQueryToMessage(entry.receipt),
  });
}

function receiptQueryToMessage(
  query: ReceiptQuery,
): MessageInitShape<typeof GetReceiptRequestSchema> {
  switch (query.kind) {
    case "transfer":
      return { from: query.from, id: query.id };
    case "creation":
      return { walletId: query.walletId };
    default:
      return unreachable(query);
  }
}

function pageToMessage(page: PageAnswer) {
  return {
    nextCursor: page.nextCursor ?? "",
    height: BigInt(page.height),
    blockTime: BigInt(page.blockTime),
    lagging: page.lagging,
    completeFrom: BigInt(page.completeFrom),
  };
}

function readPage(request: {
  readonly order: ListOrder;
  readonly pageSize: number;
  readonly cursor: string;
}): PageQuery {
  const { pageSize, cursor } = request;
  if (pageSize > PAGE_SIZE_MAX) {
    fail("LIMIT", "pageSize", `must be at most ${PAGE_SIZE_MAX}`);
  }
  return {
    newestFirst: readOrder(request.order),
    pageSize: pageSize === 0 ? PAGE_SIZE : pageSize,
    cursor: map(given(cursor), (text) => readText(text, CURSOR_LENGTH_MAX, "cursor")),
  };
}

function readOrder(order: ListOrder): boolean {
  switch (order) {
    case ListOrder.UNSPECIFIED:
    case ListOrder.NEWEST_FIRST:
      return true;
    case ListOrder.OLDEST_FIRST:
      return false;
    default:
      return fail(
        "MALFORMED",
        "order",
        "must be LIST_ORDER_NEWEST_FIRST or LIST_ORDER_OLDEST_FIRST",
      );
  }
}

function readRange(request: {
  readonly fromHeight?: bigint | undefined;
  readonly toHeight?: bigint | undefined;
  readonly fromTime?: bigint | undefined;
  readonly toTime?: bigint | undefined;
}): ChainRange {
  return {
    fromHeight: map(request.fromHeight, (value) => readHeight(value, "fromHeight")),
    toHeight: map(request.toHeight, (value) => readHeight(value, "toHeight")),
    fromTime: map(request.fromTime, (value) => readCounter(value, "fromTime")),
    toTime: map(request.toTime, (value) => readCounter(value, "toTime")),
  };
}

function readPrefix(text: string): string | undefined {
  if (!text.isWellFormed()) fail("MALFORMED", "referencePrefix", "holds a lone surrogate");
  return map(given(text), (prefix) =>
    readText(prefix, LIMITS.referenceLengthMax, "referencePrefix"),
  );
}

function map<T, U>(value: T | undefined, read: (value: T) => U): U | undefined {
  return value === undefined ? undefined : read(value);
}
