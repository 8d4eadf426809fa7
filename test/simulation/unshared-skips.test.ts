/** R5: honest members that took one another for failing leaders, when the fourth member helps none of them. */
import { expect, it } from "vitest";
import { at, calmWorld, paymentsIn } from "./calm-world.ts";
import type { Packet } from "./packet.ts";
import { TIMEOUT_BASE_MS as T } from "./plan.ts";
import type { RoleName } from "./roles.ts";
import type { World } from "./world.ts";

const FOURTH = 0;
/** By leader: the member that skips it. */
type Mistakes = ReadonlyMap<number, number>;
const EACH_SKIPS_ANOTHER: Mistakes = new Map([
  [1, 3],
  [2, 1],
  [3, 2],
]);
/** The fourth member leads after the one that is skipped. */
const ONE_SKIPS_THE_LEADER_BEFORE: Mistakes = new Map([[3, 1]]);
const MEASURED_MS = 60 * T;

/** Proposals of a leader come late to the member that is to skip it, and late votes keep views open until that shows. */
async function make(world: World, mistakes: Mistakes): Promise<void> {
  world.network.delays = (packet: Packet, from, to) => {
    if (packet.kind !== "consensus") return 0;
    if (packet.message.kind === "vote") return 0.75 * T;
    return packet.message.kind === "proposal" && mistakes.get(from) === to ? T : 0;
  };
  const skipped = () => [...mistakes.values()].map((node) => skippedBy(world, node));
  for (let i = 0; i < 100 && skipped().some((count) => count !== 1); i++) {
    await paymentsIn(world, T);
  }
  expect(skipped()).toEqual([...mistakes.values()].map(() => 1));
  world.network.delays = () => 0;
}

function skippedBy(world: World, node: number): number | undefined {
  return at(world, node).core?.status().skippedLeaders;
}

/** The payments that are ordered beside the fourth member. */
async function paid(fourth: "dead" | RoleName, mistakes: Mistakes = new Map()): Promise<number> {
  const roles = new Map<number, RoleName>(fourth === "dead" ? [] : [[FOURTH, fourth]]);
  const world = await calmWorld(4, roles);
  await make(world, mistakes);
  if (fourth === "dead") at(world, FOURTH).crash();
  return await paymentsIn(world, MEASURED_MS);
}

it.each([
  ["dead", "each skips another", EACH_SKIPS_ANOTHER, 0.8],
  ["naysayer", "each skips another", EACH_SKIPS_ANOTHER, 0.6],
  ["naysayer", "one skips the leader before it", ONE_SKIPS_THE_LEADER_BEFORE, 0.6],
] as const)(
  "the fourth: %s; of three honest members %s: they order at least so much of what they order without mistakes",
  async (fourth, _which, mistakes, least) => {
    const [right, mistaken] = [await paid(fourth), await paid(fourth, mistakes)];
    expect(right).toBeGreaterThan(100);
    expect(mistaken / right).toBeGreaterThan(least);
  },
);

it("one gets the proposals of another late, and a spoiler leads after that one: they order at least 0.6 of what they order without delays", async () => {
  const [late, spoiler, skipper] = [0, 1, 3];
  const paidWith = async (delayMs: number) => {
    const world = await calmWorld(4, new Map<number, RoleName>([[spoiler, "spoiler"]]));
    world.network.delays = (packet, from, to) => {
      if (packet.kind !== "consensus" || from !== late || to !== skipper) return 0;
      return packet.message.kind === "proposal" ? delayMs : 0;
    };
    await paymentsIn(world, MEASURED_MS);
    return await paymentsIn(world, 2 * MEASURED_MS);
  };
  const [right, delayed] = [await paidWith(0), await paidWith(0.6 * T)];
  expect(right).toBeGreaterThan(200);
  expect(delayed / right).toBeGreaterThan(0.6);
});
