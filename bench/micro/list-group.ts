/**
 * Pages of lists from a store on disk: the first and the ten-thousandth of a wallet with a million entries, and of
 * transactions, blocks and wallets. As a node reads them, without the conversion to messages.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OPEN_CALLER } from "../../src/access/principal.ts";
import { encodeEntryRecord } from "../../src/ledger/entry-record.ts";
import { genesisHeader } from "../../src/ledger/header.ts";
import type { State } from "../../src/ledger/state.ts";
import { BlockList } from "../../src/node/clients/block-list.ts";
import { ListCursors } from "../../src/node/clients/list-cursor.ts";
import { ListReads } from "../../src/node/clients/list-reads.ts";
import { Receipts } from "../../src/node/clients/receipts.ts";
import { Statements } from "../../src/node/clients/statements.ts";
import { TransactionList } from "../../src/node/clients/transaction-list.ts";
import { encodeResults } from "../../src/node/execution/commit.ts";
import { amount } from "../../src/primitives/amount.ts";
import { assert } from "../../src/primitives/assert.ts";
import { encodeHeader, type Header } from "../../src/primitives/block.ts";
import { uuidFromBytes, type WalletId } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { Result } from "../../src/primitives/result.ts";
import type { FinalizedBlock, Store } from "../../src/storage/contracts.ts";
import { createStore } from "../../src/storage/store-factory.ts";
import { writePlace } from "../../src/transport/cursor-place.ts";
import type { CallContext } from "../../src/transport/ledger-api.ts";
import type { PageAnswer } from "../../src/transport/ledger-lists.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { walletIdOf } from "../../test/ledger/fixture.ts";
import type { MicroBench } from "./open-group.ts";
import { type SmallLedger, smallLedger } from "./small-ledger.ts";

/** Each block of the first kind has one entry of the busy wallet for each of these places, and no operation. */
const ENTRIES_PER_BLOCK = 10_000;
const ENTRY_BLOCKS = 100;
/** Then come blocks of 50 transfers, and one of all of them. */
const TRANSFERS = 10_000;
const PER_BLOCK = 50;
const BLOCKS = ENTRY_BLOCKS + TRANSFERS / PER_BLOCK;
const WHOLE = BLOCKS + 1;
const PAGE = 100;
const DEEP_PAGE = 10_000;

const CALL: CallContext = {
  caller: OPEN_CALLER,
  countedAs: "bench",
  signal: new AbortController().signal,
  timeLeftMs: undefined,
};

export async function open(): Promise<MicroBench> {
  const ledger = smallLedger(1_000, TRANSFERS);
  const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  const { context } = ledger.network;
  const location = join(folder, "store");
  const store = await createStore({ engine: "level", location, identity: context });
  const busy = walletIdOf(ledger.network, "wallet 0");
  for (let at = 1; at <= ENTRY_BLOCKS; at++) await commit(store, entryBlock(ledger, at, busy));
  for (let at = ENTRY_BLOCKS + 1; at <= BLOCKS; at++) {
    const from = (at - ENTRY_BLOCKS - 1) * PER_BLOCK;
    await commit(store, transferBlock(ledger, at, [from, from + PER_BLOCK]));
  }
  await commit(store, transferBlock(ledger, WHOLE, [0, TRANSFERS]));
  return {
    benchmarks: benchmarksOn(store, ledger, busy),
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function benchmarksOn(store: Store, ledger: SmallLedger, busy: WalletId) {
  const { context } = ledger.network;
  const cursors = new ListCursors(context);
  // A second passes between two calls, so that no rate is reached.
  let now = 0;
  const state: State = { ...ledger.state, height: height(WHOLE) };
  const parts = {
    context,
    ownership: { mayRead: async () => true },
    view: { isLagging: false },
    store,
    finalizer: {
      committed: { state, header: headerOf(ledger, WHOLE, 0), hash: new Uint8Array(32) },
      keyCertificate: undefined,
    },
    cursors,
    reads: new ListReads(() => (now += 1_000)),
  };
  const receipts = new Receipts(parts);
  const statements = new Statements({ ...parts, receipts });
  const blockList = new BlockList(parts);
  const transactions = new TransactionList({ ...parts, receipts });
  const entries = (newestFirst: boolean, page: number) => async () => {
    const filters = [busy, ...new Array<undefined>(6).fill(undefined)];
    const before = (page - 1) * PAGE - 1;
    const last = newestFirst ? ENTRY_BLOCKS * ENTRIES_PER_BLOCK - 1 - before : before;
    const place = {
      height: height(1 + Math.floor(last / ENTRIES_PER_BLOCK)),
      index: last % ENTRIES_PER_BLOCK,
    };
    const cursor =
      page === 1
        ? undefined
        : cursors.write({ name: "entries", newestFirst, filters }, writePlace(place));
    const query = { walletId: busy, newestFirst, pageSize: PAGE, cursor };
    assert(given(await statements.entries(query, CALL)).entries.length === PAGE, "a whole page");
  };
  const transactionsIn = (from: number, to: number, pageSize: number) => async () => {
    const range = { fromHeight: height(from), toHeight: height(to) };
    const query = { newestFirst: false, pageSize, ...range };
    const page = given(await transactions.transactions(query, CALL));
    assert(page.transactions.length === pageSize, "a whole page");
  };
  const blocksFrom = (from: number) => async () => {
    const query = { newestFirst: false, pageSize: PAGE, fromHeight: height(from) };
    assert(given(await blockList.blocks(query, CALL)).blocks.length === PAGE, "a whole page");
  };
  return [
    ...[true, false].flatMap((newestFirst) =>
      [1, DEEP_PAGE].map((page) => ({
        name: `page ${page} of ${PAGE} entries, the ${newestFirst ? "newest" : "oldest"} first`,
        run: entries(newestFirst, page),
      })),
    ),
    {
      name: `${PAGE} transactions of the first blocks of ${PER_BLOCK}`,
      run: transactionsIn(ENTRY_BLOCKS + 1, BLOCKS, PAGE),
    },
    {
      name: `${PAGE} transactions of the last blocks of ${PER_BLOCK}`,
      run: transactionsIn(BLOCKS - 1, BLOCKS, PAGE),
    },
    ...[1, PAGE, 1_000].map((size) => ({
      name: `${size} transactions of a block of ${TRANSFERS}`,
      run: transactionsIn(WHOLE, WHOLE, size),
    })),
    { name: `${PAGE} blocks from the first`, run: blocksFrom(1) },
    { name: `${PAGE} blocks at the end`, run: blocksFrom(BLOCKS - PAGE) },
  ];
}

function given<T extends PageAnswer>(answer: T | Refusal): T {
  if (answer instanceof Refusal) throw new Error(answer.message);
  return answer;
}

function headerOf({ network }: SmallLedger, at: number, operationCount: number): Header {
  const genesis = genesisHeader(network.context);
  return { ...genesis, height: height(at), time: genesis.time + at, operationCount };
}

function emptyBlock(ledger: SmallLedger, at: number, operations: FinalizedBlock["operations"]) {
  const results = operations.map((): Result => ({ status: "applied" }));
  return {
    height: height(at),
    hash: randomBytes(32),
    header: encodeHeader(headerOf(ledger, at, operations.length)),
    operations,
    results: encodeResults(results),
    operationKeys: operations.map(() => `${randomId()}/${randomId()}`),
    creations: [],
    entries: [],
    declines: [],
  };
}

function transferBlock(
  ledger: SmallLedger,
  at: number,
  [from, to]: readonly [number, number],
): FinalizedBlock {
  return emptyBlock(
    ledger,
    at,
    ledger.transfers.slice(from, to).map(({ bytes }) => bytes),
  );
}

function entryBlock(ledger: SmallLedger, at: number, wallet: WalletId): FinalizedBlock {
  const counterparty = randomId();
  const entries = Array.from({ length: ENTRIES_PER_BLOCK }, (_, index) => ({
    wallet,
    index,
    record: encodeEntryRecord({
      kind: "received",
      number: (at - 1) * ENTRIES_PER_BLOCK + index + 1,
      time: ledger.network.context.genesis.createdAt + at,
      amount: amount(1n),
      balance: amount(1_000n),
      id: randomId(),
      counterparty,
      reference: "rent 12/26",
    }),
  }));
  return { ...emptyBlock(ledger, at, []), entries };
}

async function commit(store: Store, block: FinalizedBlock): Promise<void> {
  await store.chain.commit({ blocks: [block], finalization: randomBytes(400), wallets: [] });
}

function randomId() {
  return uuidFromBytes(randomBytes(16));
}
