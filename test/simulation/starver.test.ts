/** R5, R32: a leader that hides its proposals from the next leader does not make that leader fail. */
import { expect, it } from "vitest";
import { at, calmWorld, paymentsIn } from "./calm-world.ts";
import { TIMEOUT_BASE_MS as T } from "./plan.ts";
import type { RoleName } from "./roles.ts";

const STARVER = 3;
/** The number of blocks of each proposer if all have an equal share. */
const BLOCKS_EACH = 40;

/** Blocks of each proposer among the newest `count` of node 2. */
async function blocksByProposer(
  nodes: number,
  roles: ReadonlyMap<number, RoleName>,
  dead?: number,
) {
  const world = await calmWorld(nodes, roles);
  if (dead !== undefined) at(world, dead).crash();
  await paymentsIn(world, 60 * T);
  const chain = at(world, 2).disk.chain.slice(-BLOCKS_EACH * nodes);
  expect(chain.length).toBe(BLOCKS_EACH * nodes);
  const blocks = new Array<number>(nodes).fill(0);
  for (const { block } of chain)
    blocks[block.header.proposer] = (blocks[block.header.proposer] ?? 0) + 1;
  return blocks;
}

it.each([4, 7])(
  "R32: of %i nodes, the leader after the one that hides its proposals has its share of blocks",
  async (nodes) => {
    const roles = new Map<number, RoleName>([[STARVER, "starver"]]);
    const blocks = await blocksByProposer(nodes, roles);
    const starved = blocks[(STARVER + 1) % nodes] ?? 0;
    expect(starved).toBeGreaterThan(0.8 * BLOCKS_EACH);
  },
);

it("R32: it has its share beside a dead member, too", async () => {
  const blocks = await blocksByProposer(7, new Map<number, RoleName>([[STARVER, "starver"]]), 6);
  expect(blocks[STARVER + 1]).toBeGreaterThan(0.8 * BLOCKS_EACH);
});
