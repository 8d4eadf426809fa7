// Pages of transactions, and of one block, against the chain itself, while it grows; bounds, forged cursors, damage.
import { describe, expect, it } from "vitest";
import { ListCursors } from "../../../src/node/clients/list-cursor.ts";
import { ListReads } from "../../../src/node/clients/list-reads.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import { SingleBlock } from "../../../src/node/clients/single-block.ts";
import { TransactionList } from "../../../src/node/clients/transaction-list.ts";
import { transactionReads } from "../../../src/node/clients/transaction-reader.ts";
import { encodeResults } from "../../../src/node/execution/commit.ts";
import { encodeHeader } from "../../../src/primitives/block.ts";
import { Encoder } from "../../../src/primitives/encoding.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { encodeCertificate } from "../../../src/primitives/vote.ts";
import type { Store } from "../../../src/storage/contracts.ts";
import { numberedKey } from "../../../src/storage/keys.ts";
import { MemoryDisk, openMemoryStore } from "../../../src/storage/memory-store.ts";
import { del, put } from "../../../src/storage/records.ts";
import { StorageCorruption } from "../../../src/storage/storage-errors.ts";
import type {
  BlockQuery,
  TransactionInfo,
  TransactionsQuery,
} from "../../../src/transport/ledger-lists.ts";
import { orderedOf, receiptQueryOf } from "../../../src/transport/ordered-operation.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { openBody, step } from "../../ledger/ceremony-fixture.ts";
import { CREATED_AT, creation } from "../../ledger/fixture.ts";
import { Random } from "../../support/world/random.ts";
import { answered, CALL, forgeCursor, ListRig, network, WALLETS } from "./list-rig.ts";

const { context } = network;
const SEED = Number(process.env["LIST_SEED"] ?? Date.now() % 1_000_000);

function partsOf(rig: ListRig, store: Store = rig.store) {
  const { finalizer } = rig;
  return {
    context,
    view: { isLagging: false },
    store,
    receipts: new Receipts({ context, store, finalizer }),
    finalizer,
    cursors: new ListCursors(context),
    reads: new ListReads(() => 0),
  };
}

/** The transactions of the whole chain, the oldest first, from the blocks as they were executed. */
function modelOf(rig: ListRig): TransactionInfo[] {
  return rig.chain.executed.flatMap(({ block, operations, execution }) => {
    const { height: at, time } = block.header;
    return operations.flatMap(({ operation }, index): TransactionInfo[] => {
      const ordered = orderedOf(context, operation);
      const result = execution.results[index] ?? expect.fail("a result");
      if (ordered === undefined) return [];
      // `orderedOf` and `receiptQueryOf` are the view of clients that receipts use, too.
      const isKnown = ordered.kind === "transfer" || result.status === "applied";
      const receipt = isKnown ? receiptQueryOf(context, operation) : undefined;
      return [{ height: at, index, time, operation: ordered, result, receipt }];
    });
  });
}

function drawQuery(random: Random, rig: ListRig): TransactionsQuery {
  const top = rig.chain.height;
  const near = () => height(random.between(0, top + 3));
  const time = () => CREATED_AT + random.between(0, top + 3);
  return {
    newestFirst: random.chance(0.5),
    pageSize: random.between(1, 7),
    ...(random.chance(0.3) && { fromHeight: near() }),
    ...(random.chance(0.3) && { toHeight: near() }),
    ...(random.chance(0.3) && { fromTime: time() }),
    ...(random.chance(0.3) && { toTime: time() }),
  };
}

/** Reads one list to its end, and lets the chain grow between its pages, and during them. */
async function walk(rig: ListRig, query: TransactionsQuery, random: Random) {
  const list = new TransactionList(partsOf(rig));
  const found: TransactionInfo[] = [];
  let cursor: string | undefined;
  let [first, last] = [0, 0];
  do {
    const growing = random.chance(0.3) && rig.chain.height < 80 ? rig.grow(2) : undefined;
    const pageSize = random.between(1, 9);
    const page = answered(await list.transactions({ ...query, pageSize, cursor }, CALL));
    await growing;
    expect(page.transactions.length).toBeLessThanOrEqual(pageSize);
    found.push(...page.transactions);
    first ||= page.height;
    last = page.height;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return { found, seenAt: query.newestFirst ? first : last };
}

describe(`pages of transactions while the chain grows (LIST_SEED=${SEED})`, () => {
  it("miss nothing and repeat nothing, declined ones included, in both directions", async () => {
    const random = new Random(SEED);
    for (let round = 0; round < 20; round++) {
      const rig = await ListRig.start(random);
      await rig.grow(random.between(1, 25));
      const query = drawQuery(random, rig);
      const { found, seenAt } = await walk(rig, query, random);
      const {
        fromHeight = 0,
        toHeight = seenAt,
        fromTime = 0,
        toTime = Number.POSITIVE_INFINITY,
      } = query;
      const expected = modelOf(rig).filter(
        ({ height: at, time }) =>
          at >= fromHeight &&
          at <= Math.min(toHeight, seenAt) &&
          time >= fromTime &&
          time <= toTime,
      );
      expect(found, JSON.stringify(query)).toEqual(
        query.newestFirst ? expected.toReversed() : expected,
      );
    }
  });
});

describe("a page of transactions", () => {
  it("leaves steps of the ceremony out, and names no receipt of a declined creation", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const opening = step(network, rig.state, 0, openBody(network, rig.state));
    await rig.commit([opening, creation(network, { name: "alice" })]);
    const list = new TransactionList(partsOf(rig));
    const page = answered(await list.transactions({ newestFirst: true, pageSize: 1 }, CALL));
    expect(page.transactions).toMatchObject([
      {
        height: 2,
        operation: { kind: "creation", walletId: WALLETS[0] },
        result: { status: "declined", reason: "walletExists" },
      },
    ]);
    expect(page.transactions[0]?.receipt).toBeUndefined();
    expect(rig.chain.executed.at(-1)?.operations).toHaveLength(2);
  });

  it("passes over a bounded number of blocks, and says where to go on", async () => {
    const rig = await ListRig.start(new Random(SEED));
    await rig.commit(...Array.from({ length: 1_100 }, () => []));
    const list = new TransactionList(partsOf(rig));
    const query = { newestFirst: true, pageSize: 10 };
    const first = answered(await list.transactions(query, CALL));
    expect(first.transactions).toEqual([]);
    const cursor = first.nextCursor ?? expect.fail("there are more");
    const second = answered(await list.transactions({ ...query, cursor }, CALL));
    expect(second.transactions).toEqual(modelOf(rig).toReversed());
    expect(second.nextCursor).toBeUndefined();
  });

  it("costs what it reads: no more than it takes beforehand, the same at any depth", async () => {
    const rig = await ListRig.start(new Random(SEED));
    for (let i = 0; i < 40; i++) await rig.grow(5);
    const parts = partsOf(rig);
    const costs: number[] = [];
    const reads: Pick<ListReads, "metered"> = {
      metered: (reader, most, run) => {
        expect(most).toBe(transactionReads(5));
        return parts.reads.metered(reader, most, async (meter) => {
          const answer = await run(meter);
          costs.push(most - meter.left);
          return answer;
        });
      },
    };
    const list = new TransactionList({ ...parts, reads });
    let cursor: string | undefined;
    do {
      const query = { newestFirst: false, pageSize: 5, cursor };
      cursor = answered(await list.transactions(query, CALL)).nextCursor;
    } while (cursor !== undefined);
    expect(costs.length).toBeGreaterThan(50);
    const early = Math.max(...costs.slice(0, 10));
    expect(Math.max(...costs.slice(-10))).toBeLessThanOrEqual(2 * early);
  });

  it("is refused to a caller that reads too fast, and another caller reads on", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const list = new TransactionList(partsOf(rig));
    const query = { newestFirst: true, pageSize: 1_000 };
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => list.transactions(query, CALL)),
    );
    const refused = answers.filter((answer) => answer instanceof Refusal);
    expect(refused.length).toBeGreaterThan(15);
    expect(refused[0]).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    answered(await list.transactions(query, { ...CALL, countedAs: "another client" }));
  });

  it("ends with the damaged block's name if a body or its results are damaged", async () => {
    const disk = new MemoryDisk();
    const rig = await ListRig.start(new Random(SEED), disk);
    // A new reader each time, because one keeps blocks.
    const ask = () =>
      new TransactionList(partsOf(rig)).transactions({ newestFirst: true, pageSize: 10 }, CALL);
    answered(await ask());
    disk.apply([put(numberedKey("results", 1), encodeResults([]))]);
    await expect(ask()).rejects.toThrow(/results of block 1/);
    disk.apply([del(numberedKey("results", 1))]);
    await expect(ask()).rejects.toThrow(StorageCorruption);
    disk.apply([del(numberedKey("body", 1))]);
    await expect(ask()).rejects.toThrow(/block 1/);
  });
});

describe("a cursor of transactions", () => {
  it("that was changed, or is of another list, is refused", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const list = new TransactionList(partsOf(rig));
    const query = { newestFirst: true, pageSize: 1 };
    const { nextCursor = "" } = answered(await list.transactions(query, CALL));
    const ask = (changed: Partial<TransactionsQuery>) =>
      list.transactions({ ...query, cursor: nextCursor, ...changed }, CALL);
    answered(await ask({ pageSize: 9 }));
    const changes: Partial<TransactionsQuery>[] = [
      { newestFirst: false },
      { fromHeight: height(0) },
      { toHeight: height(3) },
      { fromTime: 3 },
      { toTime: 3 },
      ...["A", "=", `${nextCursor}A`, nextCursor.slice(1)].map((cursor) => ({ cursor })),
    ];
    for (const changed of changes) {
      expect(await ask(changed), JSON.stringify(changed)).toMatchObject({
        reason: "MALFORMED",
        field: "cursor",
      });
    }
  });

  it("with a good check at a place that cannot be is refused, or gives an empty page", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const list = new TransactionList(partsOf(rig));
    for (const newestFirst of [true, false]) {
      const ask = (at: bigint, index: number) => {
        const identity = {
          name: "transactions",
          newestFirst,
          filters: new Array(4).fill(undefined),
        };
        const cursor = forgeCursor(identity, new Encoder().u64(at).u32(index).finish());
        return list.transactions({ newestFirst, pageSize: 10, cursor }, CALL);
      };
      for (const [at, index] of [
        [0n, 0],
        [1n, 10_000],
        [1n, 0xffff_ffff],
        [1n << 53n, 0],
        [(1n << 64n) - 1n, 1],
      ] as const) {
        expect(await ask(at, index)).toMatchObject({ reason: "MALFORMED", field: "cursor" });
      }
      const far = answered(await ask((1n << 53n) - 1n, 9_999));
      expect(far.transactions).toHaveLength(newestFirst ? 5 : 0);
      expect(answered(await ask(1n, 9_999)).transactions).toHaveLength(newestFirst ? 5 : 0);
    }
  });
});

describe("one block", () => {
  const by = (at: number): BlockQuery["block"] => ({ by: "height", height: height(at) });

  it("is found by height and by hash, with all its transactions over its pages", async () => {
    const rig = await ListRig.start(new Random(SEED));
    await rig.grow(8);
    const { header, hash } = rig.chain.blocks[0] ?? expect.fail("a block");
    await rig.store.seals.save(height(3), new Uint8Array(64).fill(3));
    const single = new SingleBlock(partsOf(rig));
    const found: TransactionInfo[] = [];
    let cursor: string | undefined;
    do {
      const name = cursor === undefined ? by(1) : ({ by: "hash", hash } as const);
      const answer = answered(await single.block({ block: name, pageSize: 2, cursor }, CALL));
      expect(answer.block).toEqual({ hash, header, finalizationHeight: 1, sealHeight: 3 });
      expect(answer.headerBytes).toEqual(encodeHeader(header));
      expect(answer.finalization).toEqual(encodeCertificate(rig.chain.finalization(1)));
      expect(answer.seal).toBeUndefined();
      expect(answer.height).toBe(9);
      found.push(...answer.transactions);
      cursor = answer.nextCursor;
    } while (cursor !== undefined);
    expect(found).toEqual(modelOf(rig).filter(({ height: at }) => at === 1));
    const third = answered(await single.block({ block: by(3), pageSize: 1 }, CALL));
    expect(third.seal).toEqual(new Uint8Array(64).fill(3));
    // The eight blocks above became final in one commit.
    expect(third.block.finalizationHeight).toBe(9);
    expect(third.finalization).toBeUndefined();
  });

  it("that is not there is refused: the genesis, above the tip, an unknown hash, in the hole", async () => {
    const rig = await ListRig.start(new Random(SEED));
    const ask = (parts: ReturnType<typeof partsOf>, block: BlockQuery["block"], cursor?: string) =>
      new SingleBlock(parts).block({ block, pageSize: 1, cursor }, CALL);
    const whole = partsOf(rig);
    const unknown = { by: "hash", hash: new Uint8Array(32) } as const;
    expect(await ask(whole, by(0))).toMatchObject({ reason: "NOT_FOUND", field: "height" });
    expect(await ask(whole, by(2))).toMatchObject({ reason: "NOT_FOUND", field: "height" });
    expect(await ask(whole, unknown)).toMatchObject({ reason: "NOT_FOUND", field: "hash" });
    const { nextCursor = "" } = answered(await ask(whole, by(1)));
    await rig.grow(1);
    expect(await ask(whole, by(2), nextCursor)).toMatchObject({
      reason: "MALFORMED",
      field: "cursor",
    });

    const store = await openMemoryStore({ identity: context });
    await rig.grow(7);
    await store.chain.commit(rig.commitOf(1, 2));
    await store.chain.startFrom(rig.commitOf(9, 9));
    const holed = partsOf(rig, store);
    expect(await ask(holed, by(5))).toMatchObject({
      reason: "HISTORY_INCOMPLETE",
      field: "height",
    });
    expect(await ask(holed, unknown)).toMatchObject({
      reason: "HISTORY_INCOMPLETE",
      field: "hash",
    });
    expect(answered(await ask(holed, by(2))).block.header.height).toBe(2);
    expect(answered(await ask(holed, by(9))).block.header.height).toBe(9);
    const list = new TransactionList(holed);
    const page = answered(await list.transactions({ newestFirst: false, pageSize: 1_000 }, CALL));
    expect(page.completeFrom).toBe(9);
    expect(page.transactions).toEqual(modelOf(rig).filter(({ height: at }) => at === 9));
  });
});
