/**
 * Goal: a node may lose its power at any sync, before or after it, from its first start through the key ceremony to
 * payments and seals. It comes back, contradicts nothing, and has everything that it acknowledged. Method: the disk
 * or key folder of one of four nodes fails at its Nth write; the network goes on; the node starts again from the
 * synced data. By default the test tries each write to the key folder (every step of the ceremony makes one) with a
 * random node, before or after the write, and CRASH_POINTS random writes to the store (3; 5 in CI; 10 in a whole sweep,
 * which tries both sides of each write to the key folder); "all" tries all of them, those of the key folder with
 * every node. CRASH_SEED repeats a choice.
 */
import { afterEach, describe, expect, it } from "vitest";
import { StorageError } from "../../src/storage/storage-errors.ts";
import { Cluster } from "../support/cluster.ts";
import { sweep } from "../support/sweep.ts";
import { Random } from "../support/world/random.ts";
import { FailingDisk, FailingKeys, type Point } from "./failing-disk.ts";
import {
  balanceOf,
  expectAgreement,
  issue,
  SETUP_MS,
  signedTransfer,
  until,
  untilKey,
} from "./network.ts";

const PAYMENTS = 4;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
const WANTED = process.env["CRASH_POINTS"] ?? sweep({ whole: "10", all: "5", share: "3" });
/** The writes: secret of round 1, secret with the shares, own share, destruction of the secret. */
const KEY_WRITES = 4;

interface Crash {
  readonly victim: number;
  readonly point: Point;
}

let cluster: Cluster | undefined;
/** Of the node in the cluster that may lose its power. */
let failing: FailingDisk | undefined;
afterEach(end);

async function end(): Promise<void> {
  const [ending, disk] = [cluster, failing];
  [cluster, failing] = [undefined, undefined];
  const hadFailed = disk?.failed;
  await ending?.stop();
  // A stop writes the newest seals: the power may be lost there.
  const isLostNow = hadFailed === false && disk?.failed === true;
  const failures = ending?.failures.splice(0) ?? [];
  if (isLostNow) for (const failure of failures) expect(failure).toBeInstanceOf(StorageError);
  else expect(failures).toEqual([]);
}

/** The victim's disk after a whole short history, in which it may have failed once. */
async function live(victim: number, point: Point | undefined): Promise<FailingDisk> {
  const disk = new FailingDisk(point);
  const started = await Cluster.prepare({
    // Only the first attempt at a key counts here, so it has a long timeout for slow machines.
    timings: { viewTimeoutMs: 300, sealTimeoutMs: 100, ceremonyTimeoutMs: SETUP_MS },
    diskOf: (index) => (index === victim ? disk : new FailingDisk(undefined)),
    keysOf: (index, ring) => (index === victim ? new FailingKeys(ring, disk) : ring),
  });
  [cluster, failing] = [started, disk];
  const over = new AbortController();
  const watching = attend(started, victim, disk, over.signal);
  try {
    for (let i = 0; i < started.size; i++) if (i !== victim) await started.startNode(i);
    await bringUp(started, victim);
    await spend(started, victim);
  } finally {
    over.abort();
    await watching;
  }
  return disk;
}

/**
 * Payments through the other nodes, and at the end one through the node that may have failed. Then all nodes must
 * agree.
 */
async function spend(network: Cluster, victim: number): Promise<void> {
  await untilKey(network);
  const others = [0, 1, 2, 3].filter((index) => index !== victim);
  const gateway = (i: number) => network.client(others[i % others.length] ?? 0);
  const alice = await issue(network, others[0] ?? 0, { balance: 100n });
  const bob = await issue(network, others[1] ?? 0);
  for (let i = 0; i < PAYMENTS; i++) {
    await gateway(i).transaction(signedTransfer(network, { from: alice, to: bob.id, amount: 1n }));
  }
  const last = signedTransfer(network, { from: alice, to: bob.id, amount: 1n });
  await until("a payment through the node that failed", async () => {
    const { receipt } = await network.client(victim).transaction(last);
    return receipt?.sealedHeader !== undefined;
  });
  await expectAgreement(network);
  const { ceremony } = await network.client(victim).getNetwork({});
  expect(ceremony).toMatchObject({ attempt: 1, excluded: [] });
  for (let node = 0; node < network.size; node++) {
    expect(await balanceOf(network, node, bob.id)).toBe(BigInt(PAYMENTS + 2));
    expect(await network.store(node).evidence.load()).toEqual([]);
  }
}

/** Starts the victim again once its power is off, as a supervisor does. */
async function attend(
  network: Cluster,
  victim: number,
  disk: FailingDisk,
  over: AbortSignal,
): Promise<void> {
  while (!disk.failed && !over.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  if (!disk.failed) return;
  await network.stopNode(victim, true);
  for (const failure of network.failures.splice(0)) expect(failure).toBeInstanceOf(StorageError);
  await bringUp(network, victim);
}

/** The start may itself lose the power. */
async function bringUp(network: Cluster, victim: number): Promise<void> {
  if (network.isRunning(victim)) return;
  await network.startNode(victim).catch((error: unknown) => {
    expect(error).toBeInstanceOf(StorageError);
  });
}

const bothSides = (place: Point["place"], writes: number): Point[] =>
  Array.from({ length: writes }, (_, i) => i + 1).flatMap((write) => [
    { place, write, when: "before" },
    { place, write, when: "after" },
  ]);

async function tryAll(crashes: readonly Crash[]): Promise<number> {
  const startedAt = performance.now();
  let reached = 0;
  for (const [done, { victim, point }] of crashes.entries()) {
    const what = `node ${victim + 1}, power lost ${point.when} write ${point.write} of its ${point.place}`;
    try {
      let disk = await live(victim, point);
      if (!disk.failed) {
        // A history can be shorter than the measured one; then the point lies beyond the end of this history.
        await end();
        const write = 1 + ((point.write - 1) % disk.writes[point.place]);
        disk = await live(victim, { ...point, write });
      }
      if (disk.failed) reached += 1;
    } catch (error) {
      throw new Error(what, { cause: error });
    }
    await end();
    if (done % 20 !== 19) continue;
    const left = ((performance.now() - startedAt) / (done + 1)) * (crashes.length - done - 1);
    console.log(`${done + 1} of ${crashes.length} points, ${Math.ceil(left / 1000)} s left`);
  }
  return reached;
}

describe("a node that loses its power at a sync", () => {
  const random = new Random(SEED);

  it(`of a ceremony step comes back, and the first attempt completes with it (seed ${SEED})`, {
    timeout: 600_000,
  }, async () => {
    const both = bothSides("keys", KEY_WRITES);
    // One of each pair: before the write or after it.
    const oneSide = () =>
      both.filter((_, i) => i % 2 === 0).map((_, i) => random.pick(both.slice(2 * i, 2 * i + 2)));
    const points = WANTED === "all" ? both : sweep({ all: both, share: oneSide() });
    const nodes = WANTED === "all" ? [0, 1, 2, 3] : [undefined];
    const crashes = nodes.flatMap((node) =>
      points.map((point) => ({ victim: node ?? random.below(4), point })),
    );
    expect(await tryAll(crashes)).toBe(crashes.length);
  });

  it(`of its store comes back and contradicts nothing (seed ${SEED})`, {
    timeout: 1_800_000,
  }, async () => {
    const victim = random.below(4);
    const { writes } = await live(victim, undefined);
    expect(writes.store).toBeGreaterThan(20);
    expect(writes.keys).toBe(KEY_WRITES);
    await end();
    const all = bothSides("store", writes.store);
    const points = random.sample(all, WANTED === "all" ? all.length : Number(WANTED));
    const reached = await tryAll(points.map((point) => ({ victim, point })));
    console.log(
      `power lost at ${reached} of ${points.length} points, of ${all.length} in a history`,
    );
    expect(reached).toBeGreaterThan(points.length / 2);
  });
});
