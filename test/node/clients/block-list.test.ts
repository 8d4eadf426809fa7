// Pages of blocks against the chain itself, while it grows; what certifies each; forged cursors.
import { expect, it } from "vitest";
import { BlockList } from "../../../src/node/clients/block-list.ts";
import { ListCursors } from "../../../src/node/clients/list-cursor.ts";
import { ListReads } from "../../../src/node/clients/list-reads.ts";
import { Encoder } from "../../../src/primitives/encoding.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { BlockInfo, BlockListQuery } from "../../../src/transport/ledger-lists.ts";
import { CREATED_AT } from "../../ledger/fixture.ts";
import { Random } from "../../support/world/random.ts";
import { answered, CALL, forgeCursor, ListRig, network } from "./list-rig.ts";

const { context } = network;
const SEED = Number(process.env["LIST_SEED"] ?? Date.now() % 1_000_000);

function listOf(rig: ListRig): BlockList {
  const { store, finalizer } = rig;
  const cursors = new ListCursors(context);
  const reads = new ListReads(() => 0);
  return new BlockList({ context, view: { isLagging: true }, store, finalizer, cursors, reads });
}

function drawQuery(random: Random, rig: ListRig): BlockListQuery {
  const top = rig.chain.height;
  const near = () => height(random.between(0, top + 3));
  const time = () => CREATED_AT + random.between(0, top + 3);
  return {
    newestFirst: random.chance(0.5),
    pageSize: 1,
    ...(random.chance(0.3) && { fromHeight: near() }),
    ...(random.chance(0.3) && { toHeight: near() }),
    ...(random.chance(0.3) && { fromTime: time() }),
    ...(random.chance(0.3) && { toTime: time() }),
  };
}

it(`pages of blocks miss nothing and repeat nothing while the chain grows (LIST_SEED=${SEED})`, async () => {
  const random = new Random(SEED);
  for (let round = 0; round < 15; round++) {
    const rig = await ListRig.start(random);
    await rig.grow(random.between(1, 25));
    const query = drawQuery(random, rig);
    const found: BlockInfo[] = [];
    let cursor: string | undefined;
    let [first, last] = [0, 0];
    do {
      const growing = random.chance(0.3) && rig.chain.height < 60 ? rig.grow(2) : undefined;
      const pageSize = random.between(1, 9);
      const page = answered(await listOf(rig).blocks({ ...query, pageSize, cursor }, CALL));
      await growing;
      expect(page.blocks.length).toBeLessThanOrEqual(pageSize);
      // Only the last page may be short.
      if (page.nextCursor !== undefined) expect(page.blocks).toHaveLength(pageSize);
      expect(page).toMatchObject({ lagging: true, completeFrom: 1 });
      found.push(...page.blocks);
      first ||= page.height;
      last = page.height;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const seenAt = query.newestFirst ? first : last;
    const {
      fromHeight = 0,
      toHeight = seenAt,
      fromTime = 0,
      toTime = Number.POSITIVE_INFINITY,
    } = query;
    const expected = rig.chain.blocks
      .filter(({ header: { height: at, time } }) => {
        const isIn = at >= fromHeight && at <= Math.min(toHeight, seenAt);
        return isIn && time >= fromTime && time <= toTime;
      })
      .map(({ header, hash }) => ({ header, hash }));
    const shown = found.map(({ header, hash }) => ({ header, hash }));
    const ordered = query.newestFirst ? expected.toReversed() : expected;
    expect(shown, JSON.stringify(query)).toEqual(ordered);
  }
});

it("each block names the finalization and the seal that cover it, in both directions", async () => {
  const rig = await ListRig.start(new Random(SEED));
  for (const blocks of [3, 1, 60, 64]) await rig.grow(blocks);
  // Finalizations of blocks 1, 4, 5, 65 and 129. A seal covers the blocks below it down to the last multiple of 64.
  const seal = new Uint8Array(64);
  for (const at of [2, 100, 129]) await rig.store.seals.save(height(at), seal);
  const finalizationOf = (at: number) => [1, 4, 5, 65, 129].find((each) => each >= at);
  const sealOf = (at: number) => {
    if (at <= 64) return at <= 2 ? 2 : undefined;
    if (at <= 128) return at <= 100 ? 100 : undefined;
    return 129;
  };
  for (const newestFirst of [true, false]) {
    const page = answered(await listOf(rig).blocks({ newestFirst, pageSize: 1_000 }, CALL));
    expect(page.blocks).toHaveLength(129);
    for (const { header, finalizationHeight, sealHeight } of page.blocks) {
      expect(finalizationHeight, `${header.height}`).toBe(finalizationOf(header.height));
      expect(sealHeight, `${header.height}`).toBe(sealOf(header.height));
    }
  }
});

it("a cursor of blocks that was changed, or is of another list, is refused; at a place that cannot be it reads nothing", async () => {
  const rig = await ListRig.start(new Random(SEED));
  await rig.grow(5);
  const query = { newestFirst: true, pageSize: 1 };
  const { nextCursor = "" } = answered(await listOf(rig).blocks(query, CALL));
  const changes: Partial<BlockListQuery>[] = [
    { newestFirst: false },
    { fromHeight: height(0) },
    { toTime: 3 },
    { cursor: "A" },
    { cursor: `${nextCursor}A` },
  ];
  for (const changed of changes) {
    const answer = await listOf(rig).blocks({ ...query, cursor: nextCursor, ...changed }, CALL);
    expect(answer, JSON.stringify(changed)).toMatchObject({ reason: "MALFORMED", field: "cursor" });
  }
  for (const newestFirst of [true, false]) {
    const ask = (at: bigint) => {
      const identity = { name: "blocks", newestFirst, filters: new Array(4).fill(undefined) };
      const cursor = forgeCursor(identity, new Encoder().u64(at).finish());
      return listOf(rig).blocks({ newestFirst, pageSize: 10, cursor }, CALL);
    };
    expect(await ask(1n << 53n)).toMatchObject({ reason: "MALFORMED", field: "cursor" });
    expect(answered(await ask(0n)).blocks).toHaveLength(newestFirst ? 0 : 6);
    expect(answered(await ask((1n << 53n) - 1n)).blocks).toHaveLength(newestFirst ? 6 : 0);
  }
});

it("T9: pages of blocks count as what they read", async () => {
  const rig = await ListRig.start(new Random(SEED));
  const list = listOf(rig);
  const query = { newestFirst: true, pageSize: 1_000 };
  const answers = await Promise.all(Array.from({ length: 30 }, () => list.blocks(query, CALL)));
  const refused = answers.filter((answer) => "reason" in answer);
  expect(refused.length).toBeGreaterThan(10);
  expect(refused[0]).toMatchObject({ reason: "TOO_MANY_REQUESTS" });
});
