/** R5: a member that votes in every view but proposes in none or few, beside a dead one. */
import { expect, it } from "vitest";
import { at, calmWorld, paymentsIn } from "./calm-world.ts";
import { TIMEOUT_BASE_MS as T } from "./plan.ts";
import type { RoleName } from "./roles.ts";
import type { World } from "./world.ts";

const BAD = 1;
/** Number of views after which the bad member has led ten times. */
const WARM_UP_VIEWS = 4 * 10;
const MEASURED_MS = 60 * T;

async function warmUp(world: World): Promise<void> {
  while ((at(world, 2).core?.status().view ?? 0) < WARM_UP_VIEWS) await paymentsIn(world, T);
}

it.each<RoleName>(["idleLeader", "sparingLeader"])(
  "%s: costs at most a fifth of the payments that a dead member leaves, after ten of its turns",
  async (role) => {
    const idle = await calmWorld(4, new Map<number, RoleName>([[BAD, role]]));
    const dead = await calmWorld(4);
    at(dead, BAD).crash();
    await warmUp(idle);
    await warmUp(dead);
    const [paidIdle, paidDead] = [
      await paymentsIn(idle, MEASURED_MS),
      await paymentsIn(dead, MEASURED_MS),
    ];
    expect(paidDead).toBeGreaterThan(200);
    expect(paidIdle / paidDead).toBeGreaterThan(0.8);
  },
);

it("is led again soon after it proposes like the others", async () => {
  const roles = new Map<number, RoleName>([[BAD, "idleLeader"]]);
  const world = await calmWorld(4, roles);
  await warmUp(world);
  world.reform(BAD);
  await paymentsIn(world, 200 * T);
  const proposers = at(world, 2)
    .disk.chain.slice(-40)
    .map(({ block }) => block.header.proposer);
  expect(proposers).toContain(BAD);
});

it("is skipped by all in the end, although each saw other turns of it fail", async () => {
  const world = await calmWorld(4);
  const [turns, firstShownTo] = [new Set<number>(), [0, 2, 2]];
  world.network.loses = (from, to, packet) => {
    if (from !== BAD || packet.kind !== "consensus" || packet.message.kind !== "proposal")
      return false;
    turns.add(packet.message.proposal.vote.view);
    const shownTo = firstShownTo[turns.size - 1];
    return shownTo === undefined || shownTo !== to;
  };
  const dead = await calmWorld(4);
  at(dead, BAD).crash();
  await paymentsIn(world, 5 * MEASURED_MS);
  await paymentsIn(dead, MEASURED_MS);
  const [paid, paidDead] = [
    await paymentsIn(world, MEASURED_MS),
    await paymentsIn(dead, MEASURED_MS),
  ];
  expect(paid / paidDead).toBeGreaterThan(0.8);
});
