/** The ceremony's secrets on the disk of a member: stored before their step leaves, destroyed when they are of no more use. */
import { expect, it } from "vitest";
import { type CeremonyRecord, ceremonyBefore } from "../../../src/ledger/ceremony-record.ts";
import { CeremonyKeys, type SecretKeys } from "../../../src/node/sealing/ceremony-keys.ts";
import type { MemberStep } from "../../../src/seal/ceremony.ts";
import { begin, contextOf, index, seededEntropy, store } from "../../seal/fixture.ts";

const context = contextOf(4);
const { epoch, attempt } = context;
const idle = (of: number): CeremonyRecord => ({ ...ceremonyBefore(epoch), attempt: of });
const running: CeremonyRecord = {
  kind: "running",
  epoch,
  attempt,
  openedAt: 0,
  excluded: [],
  round1: [],
  ciphertexts: [],
  outcome: undefined,
  confirmations: [],
};

function keysOnDisk() {
  const held = new Map<string, Awaited<ReturnType<SecretKeys["load"]>>>();
  const keys = new CeremonyKeys({
    has: async (name) => held.has(name),
    load: async (name) => held.get(name) ?? expect.fail(`no ${name}`),
    save: async (entry, secret) => {
      held.set(entry.name, { ...entry, secret });
    },
    destroy: async (name) => {
      held.delete(name);
    },
  });
  return { keys, names: () => [...held.keys()] };
}

/** The first steps of a member, each with what it has to store. */
function steps(): { readonly round1: MemberStep; readonly confirm: MemberStep } {
  const { board, disks } = begin(context);
  const first = new Map<string, MemberStep>();
  for (const kind of ["round1", "shares", "confirm"]) {
    const due = context.members.map((member) => {
      const step = board.due(member, disks[member] ?? {}, seededEntropy(`${kind}/${member}`));
      if (member === index(0)) first.set(kind, step);
      store(disks[member] ?? {}, step);
      return { member, step };
    });
    for (const { member, step } of due) board.order(member, step);
  }
  const [round1, confirm] = [first.get("round1"), first.get("confirm")];
  return round1 && confirm ? { round1, confirm } : expect.fail("a whole ceremony");
}

it("K7: the secret of an attempt is destroyed once the attempt has closed, and not before", async () => {
  const { keys, names } = keysOnDisk();
  await keys.store(steps().round1);
  expect(names()).toEqual(["ceremony-secret"]);
  // Its first operation is still in the pool, then it runs.
  for (const record of [idle(attempt - 1), running]) await keys.destroyOutlived(record);
  expect(await keys.loadSecret()).toBeDefined();
  await keys.destroyOutlived(idle(attempt));
  expect(names()).toEqual([]);
});

it("K7: the secret of an attempt is destroyed once the share is synced", async () => {
  const { keys, names } = keysOnDisk();
  const { round1, confirm } = steps();
  await keys.store(round1);
  await keys.store(confirm);
  expect(names()).toEqual(["signing-share"]);
  expect(await keys.loadShare()).toBeDefined();
});
