// Comparing clocks with peers over ways of different length: the known error of the own clock, and its report.
import { beforeEach, expect, it } from "vitest";
import { PeerClocks } from "../../../src/node/peers/peer-clocks.ts";
import { validatorIndex } from "../../../src/primitives/numbers.ts";
import { Clock } from "../../whole-nodes/clock.ts";

const D = 10_000;
const WALL = 1_700_000_000_000;
const peers = [1, 2, 3].map(validatorIndex);

let world: Clock;
/** The lead of each node's clock over the right time, by node. */
let ahead: number[];
/** The round trip of an answer, by node. */
let wayMs: [number, number][];
let isDown: Set<number>;
let said: string[];
let clocks: PeerClocks;

beforeEach(() => {
  world = new Clock(0);
  ahead = [0, 0, 0, 0];
  wayMs = [];
  isDown = new Set();
  said = [];
  const note = (level: string) => (_: unknown, text?: string) => void said.push(`${level} ${text}`);
  clocks = new PeerClocks({
    contacts: {
      others: peers,
      links: { isConnected: (peer) => !isDown.has(peer) },
      readClock: async (peer) => {
        const [there, back] = wayMs[peer] ?? [1, 1];
        await world.sleep(there);
        const theirs = WALL + world.now + (ahead[peer] ?? 0);
        await world.sleep(back);
        return isDown.has(peer) ? undefined : theirs;
      },
    },
    faults: 1,
    clockSkewMs: D,
    system: {
      monotonic: () => world.now,
      wall: () => WALL + world.now + (ahead[0] ?? 0),
      after: (delayMs, action) => world.after(delayMs, action),
      entropy: () => new Uint8Array(),
    },
    log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
  });
  clocks.start();
});

it("knows nothing before more than f peers have told", async () => {
  ahead[0] = 60_000;
  void clocks.ask(validatorIndex(1));
  await world.runFor(100);
  expect([clocks.offsetMs, clocks.errorMs]).toEqual([undefined, undefined]);
  void clocks.ask(validatorIndex(2));
  await world.runFor(100);
  expect([clocks.offsetMs, clocks.errorMs]).toEqual([60_000, 60_000]);
});

it("takes half of the way for the way back, and is off by no more than that", async () => {
  ahead[0] = 300;
  wayMs[1] = [400, 0];
  wayMs[2] = [0, 400];
  wayMs[3] = [200, 200];
  clocks.askAll();
  await world.runFor(1_000);
  expect(clocks.offsetMs).toBeGreaterThanOrEqual(100);
  expect(clocks.offsetMs).toBeLessThanOrEqual(500);
});

it("knows at once when the own clock is set, and says so at the next look", async () => {
  clocks.askAll();
  await world.runFor(100);
  expect(clocks.errorMs).toBeUndefined();
  ahead[0] = -600_000;
  expect(clocks.errorMs).toBe(-600_000);
  clocks.askAll();
  ahead[0] = 0;
  expect(clocks.errorMs).toBeUndefined();
  clocks.askAll();
  expect(said).toEqual([
    "error this node's clock is wrong: the node is not ready until the clock is set",
    "info this node's clock agrees with its peers'",
  ]);
});

it("warns beyond half of what is tolerated, and is not wrong yet", async () => {
  ahead[0] = D * 0.6;
  await world.runFor(10_100);
  expect(said).toEqual([
    "warn this node's clock differs from its peers' by more than half of the tolerance",
  ]);
  expect([clocks.offsetMs, clocks.errorMs]).toEqual([D * 0.6, undefined]);
  ahead[0] = D * 1.1;
  await world.runFor(10_000);
  expect(said).toHaveLength(2);
  expect(clocks.errorMs).toBe(D * 1.1);
});

it("is neither accused nor confused by one peer that lies", async () => {
  for (const lie of [600_000, -600_000, -WALL, 1e15]) {
    ahead[1] = lie;
    await world.runFor(10_100);
    expect(clocks.errorMs).toBeUndefined();
    expect(clocks.offsetMs).toBe(0);
  }
  expect(said).toEqual([]);
});

it("learns that a peer's clock was set, by asking again", async () => {
  [ahead[1], ahead[2]] = [600_000, 600_000];
  await world.runFor(10_100);
  expect(clocks.errorMs).toBe(-600_000);
  [ahead[1], ahead[2]] = [0, 0];
  await world.runFor(10_100);
  expect(clocks.errorMs).toBeUndefined();
});

it("forgets what peers said that have gone since", async () => {
  await world.runFor(10_100);
  expect(clocks.offsetMs).toBe(0);
  isDown = new Set([1, 2, 3]);
  await world.runFor(36_000);
  expect(clocks.offsetMs).toBeUndefined();
});

it("makes nothing of an answer that was under way too long", async () => {
  wayMs = [[0, 0], ...peers.map((): [number, number] => [1_500, 1_500])];
  ahead[0] = 600_000;
  await world.runFor(60_000);
  expect(clocks.offsetMs).toBeUndefined();
});

it("asks no peer after it was stopped", async () => {
  clocks.stop();
  clocks.askAll();
  await world.runFor(60_000);
  expect(clocks.offsetMs).toBeUndefined();
});
