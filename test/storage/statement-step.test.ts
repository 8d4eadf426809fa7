// The statements of a store that was written without them: what the upgrade writes is what commits, a snapshot and the fill of
// its past write, wherever the upgrade was interrupted.
import { describe, expect, it } from "vitest";
import { draftStatements } from "../../src/ledger/statement.ts";
import { encodeWalletRecord } from "../../src/ledger/wallet-record.ts";
import type { ExecutedBlock } from "../../src/node/execution/application.ts";
import { commitOf, storedBlock } from "../../src/node/execution/commit.ts";
import type { PastBlock } from "../../src/node/sync/history-reader.ts";
import { PastStatements, withStatements } from "../../src/node/sync/past-statements.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { Store } from "../../src/storage/contracts.ts";
import { LAYOUTS, type Layouts } from "../../src/storage/layouts.ts";
import { MemoryDisk, openMemoryStore } from "../../src/storage/memory-store.ts";
import { putLayout } from "../../src/storage/schema.ts";
import { readEntry } from "../../src/storage/statement-standing.ts";
import { statementStep } from "../../src/storage/statement-step.ts";
import { ListRig, network, WALLETS } from "../node/clients/list-rig.ts";
import { Random } from "../support/world/random.ts";
import { collect } from "./store-checks.ts";

const { context } = network;
const SEED = Number(process.env["STEP_SEED"] ?? Date.now() % 1_000_000);
const WHOLE = {
  from: { height: height(0), index: 0 },
  to: { height: height(1_000), index: 0 },
  newestFirst: false,
};
/** The layout that had no statements. */
const BEFORE = 6;
/** The layouts of this version, with steps of few blocks. */
const layouts: Layouts = {
  oldest: LAYOUTS.oldest,
  steps: LAYOUTS.steps.map((step, place) =>
    place === BEFORE - LAYOUTS.oldest ? statementStep(3) : step,
  ),
};

/** A chain of 40 blocks, and the disk on which its rig keeps it. */
async function grownRig() {
  const rig = await ListRig.start(new Random(SEED));
  while (rig.chain.height < 40) await rig.grow(3);
  return rig;
}

/** The same chain as a node holds it that had blocks 1 to 10, took a snapshot of block 30, and filled its past down to 20. */
async function holed({ chain }: ListRig, disk: MemoryDisk): Promise<void> {
  const store = await openMemoryStore({ identity: context, disk });
  const rest = { pruneJournalBelow: undefined, ceremonyChanged: false };
  const commit = (from: number, to: number) =>
    commitOf(context, chain.executed.slice(from - 1, to), {
      ...rest,
      finalization: chain.finalization(to),
    });
  await store.chain.commit(commit(1, 10));
  const snapshot = chain.executed[29] ?? expect.fail("there are more blocks");
  const wallets = [...snapshot.execution.state.wallets.entries()].map(([, wallet]) => ({
    id: wallet.id,
    record: encodeWalletRecord(context.networkId, wallet),
  }));
  const block = withStatements(context.networkId, pastOf(snapshot), wallets);
  await store.chain.startFrom({ ...commit(30, 30), blocks: [block], wallets });
  await store.chain.commit(commit(31, 33));
  const past = new PastStatements({ networkId: context.networkId, ...store });
  for (const [from, to, next] of [
    [24, 29, 34],
    [20, 23, 37],
  ] as const) {
    const blocks = chain.executed
      .slice(from - 1, to)
      .reverse()
      .map(pastOf);
    const filled = { blocks: await past.complete(blocks), finalizations: [], seals: [] };
    await store.chain.fill(filled);
    await store.chain.commit(commit(next, next + 2));
  }
  await store.close();
}

function pastOf(executed: ExecutedBlock): PastBlock {
  const { entries: _, ...block } = storedBlock(context, executed);
  const operations = executed.operations.map(({ operation }) => operation);
  const drafts = draftStatements(context, operations, executed.execution.results).entries;
  return { ...block, time: executed.block.header.time, drafts };
}

/** The disk as a version before wrote it, where a principal had claimed some wallets. */
function withoutStatements(disk: MemoryDisk): MemoryDisk {
  const before = new FailingDisk();
  for (const [key, value] of disk.entries) {
    if (!/^[ldq]/.test(key)) before.entries.set(key, value);
  }
  before.apply([putLayout(BEFORE, context.networkId)]);
  return before;
}

/** Fails at one write, once. */
class FailingDisk extends MemoryDisk {
  writes = 0;
  at = Number.POSITIVE_INFINITY;
  applied = false;

  override apply(changes: Parameters<MemoryDisk["apply"]>[0]): void {
    this.writes += 1;
    const fails = this.writes === this.at;
    if (!fails || this.applied) super.apply(changes);
    if (!fails) return;
    this.crash();
    throw new Error("the power is gone");
  }
}

function upgraded(disk: MemoryDisk): Promise<Store> {
  return openMemoryStore({
    identity: context,
    disk,
    layouts,
    upgrade: { report: () => undefined },
  });
}

/** All records but the numbers of batches. */
function recordsOf(disk: MemoryDisk): Map<string, string> {
  const kept = [...disk.entries].filter(([key]) => !key.startsWith("n"));
  return new Map(kept.sort().map(([key, value]) => [key, toHex(value)]));
}

async function expectStatements(store: Store, rig: ListRig, held: (at: number) => boolean) {
  for (const wallet of WALLETS) {
    const entries = await collect(store.statements.entries(wallet, WHOLE));
    const read = entries.map((entry) => {
      const { height: at, index } = entry;
      return { ...readEntry(wallet, entry), height: at, index };
    });
    const expected = (rig.model.get(wallet) ?? []).filter((entry) => held(entry.height));
    expect(read).toEqual(expected.map(({ asset: _, receipt: __, ...entry }) => entry));
  }
}

const KINDS = [
  ["whole", false],
  ["with a hole in its history", true],
] as const;

describe.each(KINDS)(`a store that is %s (STEP_SEED=${SEED})`, (_, hasHole) => {
  const held = (at: number) => !hasHole || at <= 10 || at >= 20;

  async function written() {
    const rig = await grownRig();
    const disk = new MemoryDisk();
    if (hasHole) await holed(rig, disk);
    else {
      const store = await openMemoryStore({ identity: context, disk });
      const rest = { pruneJournalBelow: undefined, ceremonyChanged: false };
      const finalization = rig.chain.finalization(rig.chain.height);
      await store.chain.commit(commitOf(context, rig.chain.executed, { ...rest, finalization }));
      await store.close();
    }
    const store = await openMemoryStore({ identity: context, disk });
    for (const wallet of WALLETS.slice(0, 3)) await store.walletOwners.claim(wallet, "token:a");
    await store.walletOwners.claim(WALLETS[3] ?? expect.fail("a wallet"), "token:ab");
    const tip = (await store.blocks.loadTip())?.height ?? 0;
    await expectStatements(store, rig, (at) => held(at) && at <= tip);
    await store.close();
    return { rig, disk, tip };
  }

  it("has the statements that the chain gives, and after an upgrade the same again", async () => {
    const { rig, disk, tip } = await written();
    const before = withoutStatements(disk);
    const store = await upgraded(before);
    await expectStatements(store, rig, (at) => held(at) && at <= tip);
    const [lowest = expect.fail("a wallet")] = WALLETS.toSorted();
    const claims = store.walletOwners.claimsOf("token:a", lowest);
    expect(await collect(claims)).toEqual(WALLETS.slice(0, 3).toSorted());
    await store.close();
    expect(recordsOf(before)).toEqual(recordsOf(disk));
  });

  it.each([false, true])("is upgraded past a crash at any write (applied: %s)", async (applied) => {
    const { disk } = await written();
    const whole = withoutStatements(disk) as FailingDisk;
    whole.writes = 0;
    await (await upgraded(whole)).close();
    expect(whole.writes).toBeGreaterThan(10);
    for (let at = 1; at <= whole.writes; at++) {
      const crashed = withoutStatements(disk) as FailingDisk;
      Object.assign(crashed, { writes: 0, at, applied });
      await expect(upgraded(crashed), `write ${at}`).rejects.toThrow();
      await (await upgraded(crashed)).close();
      expect(recordsOf(crashed), `write ${at}`).toEqual(recordsOf(disk));
    }
  });
});
