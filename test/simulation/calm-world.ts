/** A world without trouble, for scenarios that add their own. */

import type { SimulatedNode } from "./node.ts";
import { TIMEOUT_BASE_MS as T } from "./plan.ts";
import type { RoleName } from "./roles.ts";
import { World } from "./world.ts";

/** All nodes are honest and up, and the network is quick and whole. */
export async function calmWorld(
  nodes: number,
  roles: ReadonlyMap<number, RoleName> = new Map(),
): Promise<World> {
  const world = new World({
    seed: 1,
    nodes,
    adjust: (plan) => ({
      ...plan,
      roles,
      weather: { lossProbability: 0, repeatProbability: 0, delayMinMs: 5, delayMaxMs: 15 },
      clocks: plan.clocks.map(() => ({ skewMs: 0, driftPpm: 0, pacePpm: 0 })),
      crashProbability: 0,
      syncMaxMs: 1,
      commitMaxMs: 5,
      applicationMaxMs: 2,
    }),
  });
  for (const node of world.nodes) world.start(node);
  await pass(world, T);
  return world;
}

export async function pass(world: World, durationMs: number): Promise<void> {
  await world.runFor(durationMs);
}

/** Submits a new operation with a long window at one node; gives its id. */
export function submit(world: World, node: number): string {
  const operation = world.ledger.makeOperation(world.random, world.events.now);
  new DataView(operation.buffer).setFloat64(8, world.events.now + 3_600_000);
  at(world, node).submit(operation);
  return world.ledger.idOf(operation);
}

export function at(world: World, node: number): SimulatedNode {
  const found = world.nodes[node];
  if (found === undefined) throw new Error(`no node ${node}`);
  return found;
}

/** The number of payments that become final in `durationMs`, each submitted at node 2 when the one before is final. */
export async function paymentsIn(world: World, durationMs: number): Promise<number> {
  const end = world.events.now + durationMs;
  let paid = 0;
  while (world.events.now < end) {
    const height = at(world, 2).disk.chain.length;
    submit(world, 2);
    while (at(world, 2).disk.chain.length === height && world.events.now < end)
      await pass(world, 5);
    paid += 1;
  }
  return paid;
}
