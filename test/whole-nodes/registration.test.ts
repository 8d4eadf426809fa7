/**
 * Goal: no peer knows of a journal that a crash can still undo. Method: one node of whole ones, on a disk that is slow to
 * sync, loses its power at each moment of its first start, before its identity is synced, at that sync, and after it; the
 * world holds every registration that leaves against the disk (test/whole-nodes/member.ts).
 */
import { expect, it } from "vitest";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { decodeSignedRegistration } from "../../src/transport/registration.ts";
import { isJournalOn } from "./journal-on-disk.ts";
import type { Plan } from "./plan.ts";
import { World } from "./world.ts";

const NODE = 3;
const STEP_MS = 8;
const CUTS = 30;
const PATIENCE_MS = 20_000;

const slowDisk = (plan: Plan): Plan => ({
  ...plan,
  delayMaxMs: 2,
  syncMaxMs: 60,
  hostilities: new Map(),
});

/** The registration of the node that a peer holds; undefined if it holds none. */
async function heldBy(world: World, peer: number) {
  const held = await world.members[peer]?.listening?.store?.registrations.load();
  const bytes = held?.get(validatorIndex(NODE));
  if (bytes === undefined) return undefined;
  const signed = decodeSignedRegistration(bytes);
  if (signed instanceof EncodingError) throw signed;
  return signed.registration;
}

async function cutAt(seed: number, afterMs: number): Promise<"unknown" | "known"> {
  const world = new World({ seed, adjust: slowDisk });
  const node = world.members[NODE];
  if (node === undefined) throw new Error("the world has it");
  const peers = world.members.filter((member) => member !== node);
  for (const peer of peers) void peer.bringUp();
  while (peers.some(({ listening }) => listening === undefined)) await world.clock.runFor(1);
  void node.bringUp();
  await world.clock.runFor(afterMs);
  node.powerCut();
  await world.clock.runFor(10);
  const held = await heldBy(world, 0);
  if (held !== undefined) expect(isJournalOn(node.disk, held)).toBe(true);
  void node.bringUp();
  const until = world.clock.now + PATIENCE_MS;
  for (;;) {
    await world.clock.runFor(STEP_MS);
    expect(world.failures).toEqual([]);
    const now = await heldBy(world, 0);
    // The peer takes the next start of the journal that it heard of, or the first start that it hears of.
    if (now !== undefined && now.starts > (held?.starts ?? 0)) break;
    expect(world.clock.now, "registered again").toBeLessThan(until);
  }
  return held === undefined ? "unknown" : "known";
}

it("A1: a journal's id is synced before the first registration that names it leaves", async () => {
  const seen = new Set<string>();
  for (let cut = 0; cut < CUTS; cut++) seen.add(await cutAt(1 + cut, 1 + cut * STEP_MS));
  expect([...seen].sort()).toEqual(["known", "unknown"]);
});
