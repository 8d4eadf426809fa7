/**
 * Goal: a node whose peers gave it no blocks for a while has them soon after they give blocks again (R25, R30).
 * Method: whole nodes on virtual time, which measures their waits and not the machine.
 */
import { expect, it } from "vitest";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { openCall } from "../support/open-call.ts";
import { sweep } from "../support/sweep.ts";
import { twistedApi } from "../support/twisted-api.ts";
import { Clients } from "./clients.ts";
import type { Plan } from "./plan.ts";
import { World } from "./world.ts";

const BEHIND = 3;
const GIVERS = [0, 1, 2];
/** Longer than every pause of a node that asks for blocks. */
const REFUSED_MS = 12_000;
/** Payments are this many times as rare while the node is refused: their blocks cost the test its time. */
const REFUSED_PACE = 20;
/** The pause before a core asks again (a quarter of `viewTimeoutMs`), and a few calls there and back. */
const SOON_MS = 300;

/** The longest virtual wait. */
const PATIENCE_MS = 20_000;
/** Ends a run that hangs; its waits are virtual. */
const CASE_MS = 240_000;

const refuse: PeerApi["fetchBlocks"] = async () => new Refusal("NOT_READY", { message: "not now" });

const calm = (plan: Plan): Plan => ({
  ...plan,
  delayMaxMs: 4,
  syncMaxMs: 2,
  paymentEveryMs: 25,
  hostilities: new Map(),
});

function heightOf(world: World, index: number): number {
  return world.members[index]?.listening?.ledger?.getStatus(openCall())?.height ?? 0;
}

async function until(world: World, what: string, look: () => boolean): Promise<number> {
  const { clock } = world;
  const start = clock.now;
  while (!look()) {
    if (clock.now - start > PATIENCE_MS) throw new Error(`no ${what}\n${world.trace.join("\n")}`);
    await clock.runFor(10);
  }
  return clock.now - start;
}

const CASES = [
  { blocks: 8, pays: false },
  { blocks: 50, pays: true },
];

it.each(sweep({ all: CASES, share: CASES.slice(0, 1) }))(
  "a node that is $blocks blocks behind and is refused has all of them soon after that (payments go on: $pays)",
  async ({ blocks, pays }) => {
    const world = new World({ seed: 1, adjust: calm });
    for (const member of world.members) void member.bringUp();
    const clients = new Clients(world);
    clients.begin();
    await until(world, "payments", () => heightOf(world, BEHIND) > 5);
    const member = world.members[BEHIND];
    member?.powerCut();
    const from = heightOf(world, 0);
    await until(world, "blocks", () => heightOf(world, 0) >= from + blocks);
    let isRefused = true;
    let asked = 0;
    const fetchBlocks: PeerApi["fetchBlocks"] = (...call) => {
      asked += 1;
      return refuse(...call);
    };
    for (const index of GIVERS) {
      const life = world.members[index]?.listening ?? expect.fail("a node is down");
      const honest = life.peers ?? expect.fail("a node does not listen");
      life.peers = twistedApi(honest, () => (isRefused ? { fetchBlocks } : {}));
    }
    world.pace = REFUSED_PACE;
    if (!pays) clients.end();
    void member?.bringUp();
    await world.clock.runFor(REFUSED_MS);
    expect(asked).toBeGreaterThan(0);
    expect(heightOf(world, BEHIND)).toBeLessThanOrEqual(from + 1);
    isRefused = false;
    const top = heightOf(world, 0);
    const waitedMs = await until(world, "catch-up", () => heightOf(world, BEHIND) >= top);
    expect(waitedMs).toBeLessThanOrEqual(SOON_MS);
    expect(world.failures).toEqual([]);
  },
  CASE_MS,
);
