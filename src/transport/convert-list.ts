/** Converts requests for pages of statements and wallets to queries, and the pages to generated messages. */
import { create } from "@bufbuild/protobuf";
import {
  type Entry,
  EntryKind,
  EntrySchema,
  type ListEntriesRequest,
  type ListEntriesResponse,
  ListEntriesResponseSchema,
  type ListWalletsRequest,
  type ListWalletsResponse,
  ListWalletsResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import { convert, fail, given, readText, readUuid } from "./convert-fields.ts";
import { walletToMessage } from "./convert-ledger.ts";
import {
  map,
  pageToMessage,
  readPage,
  readRange,
  readSizeAndCursor,
  receiptQueryToMessage,
} from "./convert-page.ts";
import type {
  EntriesAnswer,
  EntriesQuery,
  EntryInfo,
  WalletsAnswer,
  WalletsQuery,
} from "./ledger-lists.ts";
import type { Refusal } from "./refusal.ts";

export function entriesQueryFromMessage(request: ListEntriesRequest): EntriesQuery | Refusal {
  return convert(() => {
    const { walletId, counterparty, referencePrefix } = request;
    return {
      walletId: readUuid(walletId, "walletId"),
      ...readPage(request),
      ...readRange(request),
      counterparty: counterparty === "" ? undefined : readUuid(counterparty, "counterparty"),
      referencePrefix: readPrefix(referencePrefix),
      withOperations: request.withOperations,
    };
  });
}

export function entriesToMessage({ entries, ...page }: EntriesAnswer): ListEntriesResponse {
  return create(ListEntriesResponseSchema, {
    entries: entries.map(entryToMessage),
    ...pageToMessage(page),
  });
}

export function walletsQueryFromMessage(request: ListWalletsRequest): WalletsQuery | Refusal {
  return convert(() => ({ all: request.all, ...readSizeAndCursor(request) }));
}

export function walletsToMessage({ wallets, ...page }: WalletsAnswer): ListWalletsResponse {
  return create(ListWalletsResponseSchema, {
    wallets: wallets.map(walletToMessage),
    ...pageToMessage(page),
  });
}

const KINDS: Readonly<Record<EntryInfo["kind"], EntryKind>> = {
  created: EntryKind.CREATED,
  received: EntryKind.RECEIVED,
  paid: EntryKind.PAID,
};

export function entryToMessage(entry: EntryInfo): Entry {
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
    ...(entry.operation === undefined ? {} : { operation: entry.operation }),
  });
}

function readPrefix(text: string): string | undefined {
  if (!text.isWellFormed()) fail("MALFORMED", "referencePrefix", "holds a lone surrogate");
  return map(given(text), (prefix) =>
    readText(prefix, LIMITS.referenceLengthMax, "referencePrefix"),
  );
}
