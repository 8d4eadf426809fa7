/** Converts the parts that all lists have: order, size, cursor and range of a page, and the state that it was read from. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type GetReceiptRequestSchema,
  ListOrder,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { unreachable } from "../primitives/assert.ts";
import { fail, given, readCounter, readHeight, readText } from "./convert-fields.ts";
import type { ReceiptQuery } from "./ledger-api.ts";
import type { ChainRange, PageAnswer, PageQuery } from "./ledger-lists.ts";

/** Items of a page, if the request names no number. */
const PAGE_SIZE = 100;
const PAGE_SIZE_MAX = 1_000;
export const CURSOR_LENGTH_MAX = 128;

export function receiptQueryToMessage(
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

export function pageToMessage(page: PageAnswer) {
  return {
    nextCursor: page.nextCursor ?? "",
    height: BigInt(page.height),
    blockTime: BigInt(page.blockTime),
    lagging: page.lagging,
    completeFrom: BigInt(page.completeFrom),
  };
}

export function readPage(request: {
  readonly order: ListOrder;
  readonly pageSize: number;
  readonly cursor: string;
}): PageQuery {
  return { newestFirst: readOrder(request.order), ...readSizeAndCursor(request) };
}

/** The size of the page, and the cursor where it begins. */
export function readSizeAndCursor({
  pageSize,
  cursor,
}: {
  readonly pageSize: number;
  readonly cursor: string;
}): Omit<PageQuery, "newestFirst"> {
  if (pageSize > PAGE_SIZE_MAX) {
    fail("LIMIT", "pageSize", `must be at most ${PAGE_SIZE_MAX}`);
  }
  return {
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

export function readRange(request: {
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

export function map<T, U>(value: T | undefined, read: (value: T) => U): U | undefined {
  return value === undefined ? undefined : read(value);
}
