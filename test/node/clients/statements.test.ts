// Pages of statements against a model, while the chain grows; forged cursors; the bounds of a call.

import { describe, expect, it } from "vitest";
import { encodeEntryRecord } from "../../../src/ledger/entry-record.ts";
import { ListCursors } from "../../../src/node/clients/list-cursor.ts";
import { ListReads, READS_PER_CALL_MAX } from "../../../src/node/clients/list-reads.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import { Statements, type StatementsParts } from "../../../src/node/clients/statements.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { Encoder } from "../../../src/primitives/encoding.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { EntriesQuery, EntryInfo } from "../../../src/transport/ledger-lists.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { CREATED_AT, idOf, walletIdOf } from "../../ledger/fixture.ts";
import { Random } from "../../support/world/random.ts";
import { answered, CALL, forgeCursor, ListRig, network, REFERENCES, WALLETS } from "./list-rig.ts";

const { context } = network;
const SEED = Number(process.env["LIST_SEED"] ?? Date.now() % 1_000_000);

function statementsOf(
  rig: ListRig,
  mayRead = true,
  now = () => 0,
  store: StatementsParts["store"] = rig.store,
) {
  return new Statements({
    context,
    ownership: { mayRead: async () => mayRead },
    view: { isLagging: false },
    store,
    receipts: new Receipts({ context, store: rig.store, finalizer: rig.finalizer }),
    finalizer: rig.finalizer,
    cursors: new ListCursors(context),
    reads: new ListReads(now),
  });
}

/** With at most some of the filters. */
function drawQuery(random: Random, rig: ListRig): EntriesQuery {
  const top = rig.chain.height;
  const near = () => height(random.between(0, top + 3));
  const time = () => CREATED_AT + random.between(0, top + 3);
  return {
    walletId: random.pick(WALLETS),
    newestFirst: random.chance(0.5),
    pageSize: random.between(1, 7),
    ...(random.chance(0.2) && { fromHeight: near() }),
    ...(random.chance(0.2) && { toHeight: near() }),
    ...(random.chance(0.2) && { fromTime: time() }),
    ...(random.chance(0.2) && { toTime: time() }),
    ...(random.chance(0.3) && { counterparty: random.pick(WALLETS) }),
    ...(random.chance(0.3) && { referencePrefix: random.pick(REFERENCES.filter((r) => r !== "")) }),
  };
}

function expectedOf(rig: ListRig, query: EntriesQuery, seenAt: number): EntryInfo[] {
  const {
    fromHeight = 0,
    toHeight = seenAt,
    fromTime = 0,
    toTime = Number.POSITIVE_INFINITY,
  } = query;
  const found = (rig.model.get(query.walletId) ?? []).filter(
    (entry) =>
      entry.height >= fromHeight &&
      entry.height <= Math.min(toHeight, seenAt) &&
      entry.time >= fromTime &&
      entry.time <= toTime &&
      (query.counterparty === undefined || entry.counterparty === query.counterparty) &&
      (query.referencePrefix === undefined ||
        entry.reference?.startsWith(query.referencePrefix) === true),
  );
  return query.newestFirst ? found.toReversed() : found;
}

/** A reader of one list. */
class Walk {
  readonly query: EntriesQuery;
  readonly found: EntryInfo[] = [];
  #cursor: string | undefined;
  firstHeight: number | undefined;
  lastHeight = 0;
  isDone = false;

  constructor(query: EntriesQuery) {
    this.query = query;
  }

  async next(statements: Statements, pageSize = this.query.pageSize): Promise<void> {
    const query = { ...this.query, pageSize, cursor: this.#cursor };
    const page = answered(await statements.entries(query, CALL));
    expect(page.entries.length).toBeLessThanOrEqual(pageSize);
    this.found.push(...page.entries);
    this.firstHeight ??= page.height;
    this.lastHeight = page.height;
    this.#cursor = page.nextCursor;
    this.isDone = page.nextCursor === undefined;
  }
}

describe(`pages of statements while the chain grows (LIST_SEED=${SEED})`, () => {
  it("miss nothing and repeat nothing, with any filters, in both directions", async () => {
    const random = new Random(SEED);
    for (let round = 0; round < 12; round++) {
      const rig = await ListRig.start(random);
      const statements = statementsOf(rig);
      await rig.grow(random.between(1, 25));
      const walks: Walk[] = [];
      while (walks.length < 25 || walks.some(({ isDone }) => !isDone)) {
        if (walks.length < 25) walks.push(new Walk(drawQuery(random, rig)));
        const open = walks.filter(({ isDone }) => !isDone);
        if (open.length > 0) await random.pick(open).next(statements, random.between(1, 9));
        // The commit is under way while the next page is read.
        const growing = random.chance(0.2) && rig.chain.height < 60 ? rig.grow(2) : undefined;
        if (open.length > 1) await random.pick(open.filter((w) => !w.isDone)).next(statements);
        await growing;
      }
      expect(rig.agrees()).toBe(true);
      for (const { query, found, firstHeight, lastHeight } of walks) {
        // Downwards, a list has what was final when it began; upwards, what was final when it ended.
        const seenAt = query.newestFirst ? (firstHeight ?? 0) : lastHeight;
        expect(found, JSON.stringify(query)).toEqual(expectedOf(rig, query, seenAt));
      }
    }
  });
});

describe("a page", () => {
  it("of a wallet that is not the caller's own is refused like one of a wallet that does not exist", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const [walletId = idOf("none")] = WALLETS;
    const absent = idOf("absent");
    const foreign = await statementsOf(rig, false).entries(base(walletId), CALL);
    const missing = await statementsOf(rig).entries(base(absent), CALL);
    const shown = (answer: unknown, id: string) => JSON.stringify(answer).replaceAll(id, "ID");
    expect(foreign).toMatchObject({ reason: "UNKNOWN_WALLET", field: "walletId" });
    expect(shown(foreign, walletId)).toBe(shown(missing, absent));
  });

  it("reads a bounded number of entries, and says where to go on", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const [walletId = idOf("none")] = WALLETS;
    const many = READS_PER_CALL_MAX + 100;
    await addEntries(rig, many);
    const query = { ...base(walletId), newestFirst: false, referencePrefix: "the last" };
    const first = answered(await statementsOf(rig).entries(query, CALL));
    expect(first.entries).toEqual([]);
    const cursor = first.nextCursor ?? expect.fail("there are more");
    const second = answered(await statementsOf(rig).entries({ ...query, cursor }, CALL));
    expect(second.entries.map(({ number }) => number)).toEqual([many + 1]);
    expect(second.nextCursor).toBeUndefined();
  });

  it("is refused to a caller that reads too fast, until its time has come", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const [walletId = idOf("none")] = WALLETS;
    await addEntries(rig, READS_PER_CALL_MAX);
    let now = 0;
    const statements = statementsOf(rig, true, () => now);
    const query = { ...base(walletId), referencePrefix: "never" };
    let refusal: Refusal | undefined;
    for (let call = 0; call < 20 && refusal === undefined; call++) {
      const answer = await statements.entries(query, CALL);
      if (answer instanceof Refusal) refusal = answer;
    }
    expect(refusal).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    const other = { ...CALL, countedAs: "another client" };
    answered(await statements.entries({ ...query, pageSize: 1 }, other));
    now += Number(refusal?.metadata["retryAfterMs"]);
    answered(await statements.entries(query, CALL));
  });
});

it("page 10,000 of a busy wallet reads as many records as page 1, and no other ones, in both directions", async () => {
  const rig = await ListRig.start(new Random(SEED));
  const [walletId = idOf("none")] = WALLETS;
  const [perBlock, blocks, pageSize] = [10_000, 2, 2];
  for (let block = 0; block < blocks; block++) await addEntries(rig, perBlock);
  let read = 0;
  const { statements: index, blocks: held } = rig.store;
  const counting: StatementsParts["store"] = {
    blocks: {
      history: held.history,
      loadHeader: (at) => {
        read += 1;
        return held.loadHeader(at);
      },
    },
    statements: {
      entries: async function* (wallet, range) {
        for await (const entry of index.entries(wallet, range)) {
          read += 1;
          yield entry;
        }
      },
    },
  };
  const statements = statementsOf(rig, true, () => 0, counting);
  const cursorAfter = (before: number, newestFirst: boolean) => {
    const filters = [walletId, ...new Array<undefined>(6).fill(undefined)];
    // The wallet's creation in the first block comes first.
    const last = newestFirst ? perBlock * blocks - before : before - 2;
    const at = 2 + Math.floor(last / perBlock);
    const place = new Encoder()
      .u64(at)
      .u32(last % perBlock)
      .finish();
    return forgeCursor({ name: "entries", newestFirst, filters }, place);
  };
  /** The page that follows this many entries. */
  const readAfter = async (before: number, newestFirst: boolean) => {
    read = 0;
    const query = { walletId, newestFirst, pageSize };
    const cursor = before === 0 ? undefined : cursorAfter(before, newestFirst);
    const page = answered(await statements.entries({ ...query, cursor }, CALL));
    const places = page.entries.map((entry) => (entry.height - 2) * perBlock + entry.index);
    return { read, places };
  };
  for (const newestFirst of [true, false]) {
    const first = await readAfter(0, newestFirst);
    const deep = await readAfter(9_999 * pageSize, newestFirst);
    expect(first.read).toBe(pageSize + 1);
    expect(deep.read).toBe(first.read);
    const step = newestFirst ? -1 : 1;
    const begin = newestFirst ? perBlock * blocks - 1 - 9_999 * pageSize : 9_999 * pageSize - 1;
    expect(deep.places).toEqual(Array.from({ length: pageSize }, (_, i) => begin + i * step));
  }
});

it("T9: calls that come together read no more than calls one after another", async () => {
  const rig = await ListRig.start(new Random(SEED));
  const [walletId = idOf("none")] = WALLETS;
  await addEntries(rig, READS_PER_CALL_MAX);
  const statements = statementsOf(rig);
  const query = { ...base(walletId), referencePrefix: "never" };
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => statements.entries(query, CALL)),
  );
  const read = answers.filter((answer) => !(answer instanceof Refusal));
  expect(read.length).toBeGreaterThan(0);
  expect(read.length).toBeLessThan(40_000 / READS_PER_CALL_MAX);
});

describe("a cursor", () => {
  it("that was changed, or is of another list, is refused", async () => {
    const random = new Random(SEED);
    const rig = await ListRig.start(random);
    await rig.grow(20);
    const statements = statementsOf(rig);
    const [walletId = idOf("none"), other = idOf("none")] = WALLETS;
    const query = { ...base(walletId), pageSize: 1 };
    const { nextCursor = "" } = answered(await statements.entries(query, CALL));
    const refused = async (changed: Partial<EntriesQuery>) => {
      const answer = await statements.entries({ ...query, cursor: nextCursor, ...changed }, CALL);
      expect(answer, JSON.stringify(changed)).toMatchObject({
        reason: "MALFORMED",
        field: "cursor",
      });
    };
    answered(await statements.entries({ ...query, cursor: nextCursor, pageSize: 5 }, CALL));
    await refused({ walletId: other });
    await refused({ newestFirst: false });
    await refused({ fromHeight: height(0) });
    await refused({ toHeight: height(3) });
    await refused({ fromTime: 3 });
    await refused({ toTime: 3 });
    await refused({ counterparty: other });
    await refused({ referencePrefix: "r" });
    for (const cursor of ["A", "=", `${nextCursor}A`, `${nextCursor}=`, nextCursor.slice(1)]) {
      await refused({ cursor });
    }
    for (let at = 0; at < nextCursor.length; at++) {
      const digit = nextCursor[at] === "A" ? "B" : "A";
      await refused({ cursor: nextCursor.slice(0, at) + digit + nextCursor.slice(at + 1) });
    }
  });

  it("with a good check at a place that cannot be is refused too, and does not end the node", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const [walletId = idOf("none")] = WALLETS;
    const forge = (at: bigint, index: number, newestFirst: boolean) => {
      const place = new Encoder().u64(at).u32(index).finish();
      const filters = [walletId, ...new Array<undefined>(6).fill(undefined)];
      const cursor = forgeCursor({ name: "entries", newestFirst, filters }, place);
      return { ...base(walletId), newestFirst, cursor };
    };
    for (const newestFirst of [true, false]) {
      const ask = (at: bigint, index: number) =>
        statementsOf(rig).entries(forge(at, index, newestFirst), CALL);
      const there = answered(await ask(1n, 0));
      expect(there.entries.length).toBe(0);
      for (const [at, index] of [
        [0n, 0],
        [1n, 0xffff_ffff],
        [1n << 53n, 0],
        [(1n << 64n) - 1n, 1],
      ] as const) {
        expect(await ask(at, index)).toMatchObject({ reason: "MALFORMED", field: "cursor" });
      }
      answered(await ask((1n << 53n) - 1n, 9_999));
    }
  });
});

function base(walletId: EntriesQuery["walletId"]): EntriesQuery {
  return { walletId, newestFirst: true, pageSize: 10 };
}

/** Writes entries of the first wallet as one block made them; the last one has a reference of its own. */
async function addEntries(rig: ListRig, count: number): Promise<void> {
  const [wallet = idOf("none"), counterparty] = WALLETS;
  const { committed } = rig.finalizer;
  const at = height(committed.state.height + 1);
  const { header, hash } = committed;
  await rig.store.chain.commit({
    blocks: [
      {
        height: at,
        hash: hash.map((byte) => byte ^ 1),
        header: new Uint8Array(),
        operations: [],
        results: new Uint8Array(),
        operationKeys: [],
        creations: [],
        entries: Array.from({ length: count }, (_, index) => ({
          wallet,
          index,
          record: encodeEntryRecord({
            kind: "received",
            number: index + 2,
            time: header.time,
            amount: amount(1n),
            balance: amount(BigInt(index + 1)),
            id: idOf("payment"),
            counterparty,
            reference: index === count - 1 ? "the last" : undefined,
          }),
        })),
        declines: [],
      },
    ],
    finalization: new Uint8Array(),
    wallets: [],
  });
  rig.finalizer.committed = { ...committed, state: { ...committed.state, height: at } };
}

it("a page that was interrupted is a refusal, because it would look like the last page", async () => {
  const rig = await ListRig.start(new Random(SEED));
  const stopped = { ...CALL, signal: AbortSignal.abort() };
  const query = { walletId: walletIdOf(network, "alice"), newestFirst: true, pageSize: 5 };
  expect(await statementsOf(rig).entries(query, stopped)).toMatchObject({
    reason: "DEADLINE_EXCEEDED",
  });
});
