/**
 * Goal: a node that was away counts as soon as it listens, not when the pauses of the links to it have passed.
 * Method: whole nodes on virtual time, which measures their waits and not the machine.
 */

import { expect, it } from "vitest";
import { openCall } from "../support/open-call.ts";
import type { Plan } from "./plan.ts";
import { World } from "./world.ts";

const RETURNS = 6;
const ALL = [0, 1, 2, 3];
/** Until the pauses of links are at their longest, and at another point of a pause each time. */
const AWAY_MS = 10_000;
const AWAY_STEP_MS = 370;
/** A few calls there and back, and a few syncs. */
const SOON_MS = 150;
const PATIENCE_MS = 20_000;

const calm = (plan: Plan): Plan => ({
  ...plan,
  delayMaxMs: 4,
  syncMaxMs: 2,
  hostilities: new Map(),
});

/** The virtual milliseconds until `look` is true. */
async function until(world: World, look: () => boolean): Promise<number> {
  const { clock } = world;
  const start = clock.now;
  while (!look()) {
    if (clock.now - start > PATIENCE_MS) throw new Error(world.trace.join("\n"));
    await clock.runFor(5);
  }
  return clock.now - start;
}

const areReady = (world: World, nodes: readonly number[]) =>
  nodes.every((index) => {
    const status = world.members[index]?.listening?.ledger?.getStatus(openCall());
    return status?.connectedPeers === nodes.length - 1 && status.notReadyBecause === undefined;
  });

/** A world in which all are ready. */
async function startWorld(): Promise<World> {
  const world = new World({ seed: 1, adjust: calm });
  for (const member of world.members) void member.bringUp();
  await until(world, () => areReady(world, ALL));
  return world;
}

/** Starts a node; gives the milliseconds from the moment it listens until all nodes that are up are ready. */
async function bringBack(world: World, index: number, up: readonly number[]): Promise<number> {
  const member = world.members[index];
  void member?.bringUp();
  await until(world, () => member?.listening !== undefined);
  return await until(world, () => areReady(world, up));
}

function expectSoon(world: World, gaps: readonly number[]): void {
  expect(world.failures).toEqual([]);
  expect(Math.max(...gaps), `after each return: ${gaps.join(", ")} ms`).toBeLessThan(SOON_MS);
}

it("a node that returns completes the quorum as soon as it has been heard from", async () => {
  const world = await startWorld();
  const gaps: number[] = [];
  for (let round = 0; round < RETURNS; round++) {
    for (const away of [1, 3]) world.members[away]?.powerCut();
    await world.clock.runFor(AWAY_MS + round * AWAY_STEP_MS);
    gaps.push(await bringBack(world, 3, [0, 2, 3]));
    await bringBack(world, 1, ALL);
  }
  expectSoon(world, gaps);
});

it("nodes that wait to be told what others remember of them ask a node as soon as it has come", async () => {
  const world = await startWorld();
  const gaps: number[] = [];
  for (let round = 0; round < RETURNS; round++) {
    for (const member of world.members) member.powerCut();
    await world.clock.runFor(AWAY_MS);
    for (const first of [0, 2]) void world.members[first]?.bringUp();
    await world.clock.runFor(AWAY_MS + round * AWAY_STEP_MS);
    gaps.push(await bringBack(world, 3, [0, 2, 3]));
    await bringBack(world, 1, ALL);
  }
  expectSoon(world, gaps);
});
