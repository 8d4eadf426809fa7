/**
 * Goal: a node may lose its power at any sync, before or after it, from its first start through the key ceremony to
 * payments and seals: it comes back, contradicts nothing, and everything acknowledged is there. Method: one node of four
 * on a disk that fails at its Nth write; the network goes on; the node starts again from what was synced. CRASH_POINTS
 * names how many of the points are tried (default 10, "all" for every one), CRASH_SEED which.
 */
import { afterEach, describe, expect, it } from "vitest";
import { StorageError } from "../../src/storage/errors.ts";
import type { Change } from "../../src/storage/key-value.ts";
import { MemoryDisk } from "../../src/storage/memory-store.ts";
import { Random } from "../simulation/random.ts";
import { Cluster } from "../support/cluster.ts";
import {
  balanceOf,
  expectAgreement,
  issue,
  signedTransfer,
  statuses,
  stopNetwork,
  until,
} from "./network.ts";

const VICTIM = 1;
const PAYMENTS = 4;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
const WANTED = process.env["CRASH_POINTS"] ?? "10";

interface Point {
  readonly write: number;
  readonly when: "before" | "after";
}

/** Loses its power once, at the write that is named. */
class FailingDisk extends MemoryDisk {
  readonly #point: Point | undefined;
  writes = 0;
  failed = false;

  constructor(point: Point | undefined) {
    super();
    this.#point = point;
  }

  override apply(changes: readonly Change[]): void {
    this.writes += 1;
    const isNow = !this.failed && this.writes === this.#point?.write;
    if (!isNow || this.#point?.when === "after") super.apply(changes);
    if (!isNow) return;
    this.failed = true;
    this.crash();
    throw new StorageError("closed", "the power is gone");
  }
}

let cluster: Cluster | undefined;
afterEach(async () => {
  if (cluster !== undefined) await stopNetwork(cluster);
  cluster = undefined;
});

/** The victim's disk after a whole short history, in which it may have failed once. */
async function live(point: Point | undefined): Promise<FailingDisk> {
  const disk = new FailingDisk(point);
  const timings = { viewTimeoutMs: 300, sealTimeoutMs: 100 };
  const diskOf = (index: number) => (index === VICTIM ? disk : new MemoryDisk());
  const started = await Cluster.prepare({ timings, diskOf });
  cluster = started;
  const end = new AbortController();
  const watching = attend(started, disk, end.signal);
  try {
    for (let i = 0; i < started.size; i++) if (i !== VICTIM) await started.startNode(i);
    await bringUp(started);
    await spend(started);
  } finally {
    end.abort();
    await watching;
  }
  return disk;
}

/** Payments through the others, and at last one through the node that may have failed; then all must be of one mind. */
async function spend(network: Cluster): Promise<void> {
  await until("the group key", async () => {
    const all = await statuses(network);
    return all.length === 4 && all.every((one) => one.keyFinal && one.sealedHeight > 0n);
  });
  const [alice, bob] = [await issue(network, 0, { balance: 100n }), await issue(network, 2)];
  for (let i = 0; i < PAYMENTS; i++) {
    const request = signedTransfer(network, { from: alice, to: bob.id, amount: 1n });
    await network.client((2 * i) % 4).transaction(request);
  }
  const last = signedTransfer(network, { from: alice, to: bob.id, amount: 1n });
  await until("a payment through the node that failed", async () => {
    const { receipt } = await network.client(VICTIM).transaction(last);
    return receipt?.sealedHeader !== undefined;
  });
  await expectAgreement(network);
  for (let node = 0; node < network.size; node++) {
    expect(await balanceOf(network, node, bob.id)).toBe(BigInt(PAYMENTS + 2));
    expect(await network.store(node).evidence.load()).toEqual([]);
  }
}

/** Starts the victim again once its power has gone, as a supervisor does. */
async function attend(network: Cluster, disk: FailingDisk, end: AbortSignal): Promise<void> {
  while (!disk.failed && !end.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  if (!disk.failed) return;
  await network.stopNode(VICTIM, true);
  for (const failure of network.failures.splice(0)) expect(failure).toBeInstanceOf(StorageError);
  await bringUp(network);
}

/** A start may itself end with the power. */
async function bringUp(network: Cluster): Promise<void> {
  if (network.isRunning(VICTIM)) return;
  await network.startNode(VICTIM).catch((error: unknown) => {
    expect(error).toBeInstanceOf(StorageError);
  });
}

describe("a node that loses its power at a sync", () => {
  it(`comes back and contradicts nothing (seed ${SEED})`, { timeout: 1_800_000 }, async () => {
    const { writes } = await live(undefined);
    expect(writes).toBeGreaterThan(20);
    if (cluster !== undefined) await stopNetwork(cluster);
    const all = Array.from({ length: writes }, (_, i): Point[] => [
      { write: i + 1, when: "before" },
      { write: i + 1, when: "after" },
    ]).flat();
    const count = WANTED === "all" ? all.length : Number(WANTED);
    const points = new Random(SEED).sample(all, count);
    let reached = 0;
    for (const point of points) {
      try {
        const disk = await live(point);
        if (disk.failed) reached += 1;
      } catch (error) {
        throw new Error(`power lost ${point.when} write ${point.write}`, { cause: error });
      }
      if (cluster !== undefined) await stopNetwork(cluster);
    }
    console.log(
      `power lost at ${reached} of ${points.length} points, of ${all.length} in a history`,
    );
    expect(reached).toBeGreaterThan(points.length / 2);
  });
});
