// The lists of the whole ledger of a client, against a node that lies in them, and one that tells the truth.
import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  type Block,
  BlockSchema,
  type ListBlocksRequest,
  ListBlocksResponseSchema,
  ListOrder,
  type ListTransactionsRequest,
  ListTransactionsResponseSchema,
  type ListWalletsRequest,
  ListWalletsResponseSchema,
  type OrderedTransaction,
  OrderedTransactionSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ResultStatus, WalletSchema } from "../../gen/countersign/v1/types_pb.ts";
import { type ChainTerms, ListFault } from "../../src/client/lists.ts";
import { blocks, history, wallets } from "../../src/client/whole-ledger.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { encodeHeader, type Header } from "../../src/primitives/block.ts";
import { height } from "../../src/primitives/numbers.ts";
import { headerToMessage } from "../../src/transport/convert-header.ts";
import { header as HEADER } from "../transport/ledger-double.ts";

const ALICE = "00000000-0000-8000-8000-00000000000a";
const BOB = "00000000-0000-8000-8000-00000000000b";
const STATE = { height: 20n, blockTime: 2_000n, completeFrom: 1n };

interface Asked {
  readonly order?: ListOrder;
  readonly cursor: string;
  readonly pageSize: number;
}

/** A page of these items, the last one given first if the newest are asked for first. */
function pageOf<T>(all: readonly T[], { order, cursor, pageSize }: Asked) {
  const ordered = order === ListOrder.NEWEST_FIRST ? all.toReversed() : all;
  const from = Number(cursor);
  const to = from + pageSize;
  return { items: ordered.slice(from, to), nextCursor: to < all.length ? `${to}` : "" };
}

/** Payments at heights 5, 5, 6, 6, …; the first transaction creates a wallet. */
const TRANSACTIONS: readonly OrderedTransaction[] = Array.from({ length: 8 }, (_, place) =>
  create(OrderedTransactionSchema, {
    height: BigInt(5 + Math.floor(place / 2)),
    index: place % 2,
    time: BigInt(1_000 + Math.floor(place / 2)),
    operation:
      place === 0
        ? { case: "creation", value: { walletId: ALICE } }
        : { case: "transaction", value: { from: ALICE, to: BOB, id: `payment ${place}` } },
    result: { status: ResultStatus.APPLIED },
    receipt: place === 0 ? { walletId: ALICE } : { from: ALICE, id: `payment ${place}` },
  }),
);

function withTransactions(all: readonly OrderedTransaction[]) {
  return {
    listTransactions: async (request: object) => {
      const { items, nextCursor } = pageOf(all, request as ListTransactionsRequest);
      return create(ListTransactionsResponseSchema, { ...STATE, transactions: items, nextCursor });
    },
  };
}

async function read<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of list) found.push(item);
  return found;
}

describe("the history of the ledger", () => {
  const readHistory = (all: readonly OrderedTransaction[], terms: ChainTerms = {}) =>
    read(history(withTransactions(all), { pageSize: 3, ...terms }));
  const changed = (place: number, fields: Partial<OrderedTransaction>) =>
    TRANSACTIONS.map((one, at) => (at === place ? { ...one, ...fields } : one));

  it("has all transactions of all pages, in both directions", async () => {
    const states: bigint[] = [];
    const onPage = (page: { readonly height: bigint }) => states.push(page.height);
    const oldestFirst = { oldestFirst: true, onPage };
    expect(await readHistory(TRANSACTIONS, oldestFirst)).toEqual(TRANSACTIONS);
    expect(await readHistory(TRANSACTIONS)).toEqual(TRANSACTIONS.toReversed());
    expect(states).toEqual([20n, 20n, 20n]);
  });

  it.each<readonly [string, readonly OrderedTransaction[], ChainTerms]>([
    ["gives a transaction twice", [...TRANSACTIONS.slice(0, 4), ...TRANSACTIONS.slice(3)], {}],
    ["gives the other order", TRANSACTIONS.toReversed(), { oldestFirst: true }],
    ["gives the transactions of one block different times", changed(3, { time: 1_002n }), {}],
    ["has a time that goes back", changed(4, { time: 1_000n }), {}],
    ["has one above its own height", changed(7, { height: 21n }), {}],
    ["has one below the heights asked for", TRANSACTIONS, { fromHeight: 6n }],
    ["has one after the times asked for", TRANSACTIONS, { toTime: 1_002n }],
    ["has one without an operation", changed(3, { operation: { case: undefined } }), {}],
  ])("ends with a fault if the node %s", async (_, all, terms) => {
    await expect(readHistory(all, terms)).rejects.toThrow(ListFault);
  });

  it("ends with a fault if a receipt is that of another operation", async () => {
    const [creation, payment] = [TRANSACTIONS[0]?.receipt, TRANSACTIONS[1]?.receipt];
    if (creation === undefined || payment === undefined) expect.fail("they have receipts");
    await expect(readHistory(changed(3, { receipt: payment }))).rejects.toThrow(ListFault);
    await expect(readHistory(changed(0, { receipt: payment }))).rejects.toThrow(ListFault);
    await expect(readHistory(changed(3, { receipt: creation }))).rejects.toThrow(ListFault);
  });
});

describe("the blocks of the ledger", () => {
  /** Heights 5 to 12, each the parent of the next. */
  const chain: Block[] = [];
  let parentHash = new Uint8Array(32);
  for (let at = 5; at <= 12; at++) {
    const header: Header = { ...HEADER, height: height(at), time: 1_000 + at, parentHash };
    parentHash = new Uint8Array(sha256(encodeHeader(header)));
    const view = headerToMessage(header);
    chain.push(create(BlockSchema, { hash: parentHash, header: view, finalizationHeight: 12n }));
  }
  const readBlocks = (all: readonly Block[], terms: ChainTerms = {}) => {
    const listBlocks = async (request: object) => {
      const { items, nextCursor } = pageOf(all, request as ListBlocksRequest);
      return create(ListBlocksResponseSchema, { ...STATE, blocks: items, nextCursor });
    };
    return read(blocks({ listBlocks }, { hash: sha256, pageSize: 3, ...terms }));
  };
  const changed = (place: number, change: (block: Block) => Partial<Block>) =>
    chain.map((one, at) => (at === place ? { ...one, ...change(one) } : one));
  const shown = (place: number, fields: object) =>
    changed(place, ({ header }) => ({ header: { ...header, ...fields } as never }));

  it("are all blocks of all pages, in both directions", async () => {
    expect(await readBlocks(chain, { oldestFirst: true })).toEqual(chain);
    expect(await readBlocks(chain)).toEqual(chain.toReversed());
  });

  it.each<readonly [string, readonly Block[], ChainTerms]>([
    ["leaves a block out", chain.filter((_, place) => place !== 3), {}],
    ["gives the other order", chain.toReversed(), { oldestFirst: true }],
    ["shows another state root", shown(3, { stateRoot: new Uint8Array(32) }), {}],
    ["shows more money", shown(7, { supply: [5n, 0n] }), {}],
    ["shows no header", changed(3, () => ({ header: undefined as never })), {}],
    ["shows a header of another version", shown(3, { version: 70_000 }), {}],
    ["shows a hash that is too short", shown(3, { parentHash: new Uint8Array(3) }), {}],
    ["shows another hash", changed(7, () => ({ hash: new Uint8Array(32) })), {}],
    ["certifies a block by one below it", changed(3, () => ({ finalizationHeight: 7n })), {}],
    ["seals a block by one below it", changed(3, () => ({ sealHeight: 7n })), {}],
    ["has a block above the heights asked for", chain, { toHeight: 11n }],
    ["has a block before the times asked for", chain, { fromTime: 1_006n }],
  ])("end with a fault if the node %s", async (_, all, terms) => {
    await expect(readBlocks(all, terms)).rejects.toThrow(ListFault);
  });

  it("end with a fault if a block, right by itself, is not on the one below", async () => {
    const header: Header = { ...HEADER, height: height(8), time: 1_008 };
    const other = create(BlockSchema, {
      hash: new Uint8Array(sha256(encodeHeader(header))),
      header: headerToMessage(header),
      finalizationHeight: 12n,
    });
    await expect(readBlocks(changed(3, () => other))).rejects.toThrow(
      /is not on the one before it/,
    );
  });
});

describe("the wallets of the ledger", () => {
  const LISTED = [ALICE, BOB].map((id) => create(WalletSchema, { id }));
  const asked: ListWalletsRequest[] = [];
  const readWallets = (all: typeof LISTED, request: { readonly all?: boolean }) => {
    const listWallets = async (given: object) => {
      asked.push(given as ListWalletsRequest);
      const { items, nextCursor } = pageOf(all, given as ListWalletsRequest);
      return create(ListWalletsResponseSchema, { ...STATE, wallets: items, nextCursor });
    };
    return read(wallets({ listWallets }, { pageSize: 1, ...request }));
  };

  it("are all of all pages", async () => {
    expect(await readWallets(LISTED, { all: true })).toEqual(LISTED);
    expect(asked.map(({ all, cursor }) => ({ all, cursor }))).toEqual([
      { all: true, cursor: "" },
      { all: true, cursor: "1" },
    ]);
  });

  it("end with a fault if the node gives one twice, or out of the order of ids", async () => {
    await expect(readWallets([...LISTED, ...LISTED], {})).rejects.toThrow(ListFault);
    await expect(readWallets(LISTED.toReversed(), {})).rejects.toThrow(ListFault);
  });
});
