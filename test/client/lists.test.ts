// The statement of a client against a node that lies in it, and one that tells the truth.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import {
  type Entry,
  EntryKind,
  EntrySchema,
  type ListEntriesRequest,
  type ListEntriesResponse,
  ListEntriesResponseSchema,
  ListOrder,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ListFault, type StatementTerms, statement } from "../../src/client/lists.ts";

const WALLET = "00000000-0000-8000-8000-00000000000a";
const OTHER = "00000000-0000-8000-8000-00000000000b";

/** Created with 100, then seven payments of 1, 2, … in turns from and to the wallet. */
const ENTRIES: readonly Entry[] = Array.from({ length: 8 }, (_, place) => {
  const moved = place % 2 === 0 ? EntryKind.RECEIVED : EntryKind.PAID;
  const sum = Array.from({ length: place }, (_, i) => (i % 2 === 0 ? -(i + 1) : i + 1));
  return create(EntrySchema, {
    number: BigInt(place + 1),
    kind: place === 0 ? EntryKind.CREATED : moved,
    amount: place === 0 ? 100n : BigInt(place),
    balance: BigInt(sum.reduce((a, b) => a + b, 100)),
    counterparty: place === 0 ? "" : OTHER,
    ...(place === 3 ? { reference: "rent" } : {}),
    height: BigInt(5 + place),
    index: 0,
    time: BigInt(1_000 + place),
  });
});

/** A node that gives these entries, the newest last, in the order asked for, in pages. */
function node(
  entries: readonly Entry[],
  change: (
    page: MessageInitShape<typeof ListEntriesResponseSchema>,
    asked: ListEntriesRequest,
  ) => MessageInitShape<typeof ListEntriesResponseSchema> = (page) => page,
) {
  const cursors: string[] = [];
  return {
    cursors,
    listEntries: async (request: object): Promise<ListEntriesResponse> => {
      const asked = request as ListEntriesRequest;
      cursors.push(asked.cursor);
      const all = asked.order === ListOrder.OLDEST_FIRST ? entries : entries.toReversed();
      const from = Number(asked.cursor);
      const to = from + (asked.pageSize ?? 3);
      const page = { entries: all.slice(from, to), nextCursor: to < all.length ? `${to}` : "" };
      const state = { height: 20n, blockTime: 2_000n, completeFrom: 1n };
      return create(ListEntriesResponseSchema, change({ ...state, ...page }, asked));
    },
  };
}

async function read(calls: ReturnType<typeof node>, terms: Partial<StatementTerms> = {}) {
  const found: bigint[] = [];
  const asked = { walletId: WALLET, pageSize: 3, ...terms };
  for await (const { number } of statement(calls, asked)) found.push(number);
  return found;
}

const changed = (number: number, fields: Partial<Entry>) =>
  ENTRIES.map((entry) => (entry.number === BigInt(number) ? { ...entry, ...fields } : entry));

it("gives all entries of all pages, in both directions, and the state of each page", async () => {
  const calls = node(ENTRIES);
  const heights: bigint[] = [];
  const found = await read(calls, {
    oldestFirst: true,
    onPage: ({ height }) => heights.push(height),
  });
  expect(found).toEqual(ENTRIES.map(({ number }) => number));
  expect(calls.cursors).toEqual(["", "3", "6"]);
  expect(heights).toEqual([20n, 20n, 20n]);
  expect(await read(node(ENTRIES))).toEqual(found.toReversed());
});

it("asks for no page that is not wanted", async () => {
  const calls = node(ENTRIES);
  for await (const { number } of statement(calls, { walletId: WALLET, pageSize: 3 })) {
    if (number === 6n) break;
  }
  expect(calls.cursors).toEqual([""]);
});

it("goes on over pages that are empty", async () => {
  const sound = node(ENTRIES.slice(1), (page, { cursor }) =>
    cursor === "" ? { ...page, entries: [], nextCursor: "0" } : page,
  );
  expect(await read(sound, { counterparty: OTHER })).toHaveLength(7);
});

it.each<readonly [string, ReturnType<typeof node>, Partial<StatementTerms>]>([
  ["leaves an entry out", node(ENTRIES.filter(({ number }) => number !== 4n)), {}],
  ["gives an entry twice", node([...ENTRIES.slice(0, 4), ...ENTRIES.slice(3)]), {}],
  ["gives the other order", node(ENTRIES.toReversed()), { oldestFirst: true }],
  ["has another balance", node(changed(5, { balance: 7n })), {}],
  ["has another amount", node(changed(5, { amount: 7n })), {}],
  ["turns a payment round", node(changed(5, { kind: EntryKind.PAID })), {}],
  ["begins with a balance that is not created", node(changed(1, { amount: 1n })), {}],
  ["calls a payment a creation", node(changed(5, { kind: EntryKind.CREATED })), {}],
  ["has a time that goes back", node(changed(5, { time: 3n })), {}],
  ["has an entry above its own height", node(changed(8, { height: 21n })), {}],
  ["has an entry below the heights asked for", node(ENTRIES), { fromHeight: 6n }],
  ["has an entry after the times asked for", node(ENTRIES), { toTime: 1_005n }],
  ["has an entry of another counterparty", node(ENTRIES), { counterparty: WALLET }],
  ["has an entry of another reference", node(ENTRIES.slice(3)), { referencePrefix: "re" }],
  ["gives the same page again", node(ENTRIES, (page) => ({ ...page, nextCursor: "3" })), {}],
])("ends with a fault if the node %s", async (_, calls, terms) => {
  await expect(read(calls, terms)).rejects.toThrow(ListFault);
});
