// The receipt of a cancellation at a node that lacks blocks: more than f nodes that show one without a payment before it are believed
// (client/void-payments.ts), so it must not stand for blocks that the node does not hold.
import { expect, it } from "vitest";
import { scopeSet } from "../../../src/access/scope.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { Reads } from "../../../src/node/clients/reads.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import type { Store } from "../../../src/storage/contracts.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { cancellation } from "../../ledger/fixture.ts";
import { Random } from "../../support/world/random.ts";
import { CALL, ListRig, network } from "./list-rig.ts";

const { context } = network;

function readsOf({ finalizer }: ListRig, store: Store): Reads {
  return new Reads({
    context,
    custody: { custodianOf: () => undefined },
    ownership: { mayRead: async () => true, isCreator: async () => false },
    view: { isLagging: false },
    receipts: new Receipts({ context, store, finalizer }),
    seals: { unsealed: () => undefined },
    proofs: { prove: () => expect.fail("no proof is asked for") },
    waiters: { isFull: false, height: async () => "reached" },
    store,
    system: realSystem,
    finalizer,
  });
}

it("is shown by a node with all blocks, and not by one that fills in its history", async () => {
  const rig = await ListRig.start(new Random(1));
  await rig.grow(7);
  const cancelled = cancellation(network, { from: "alice", id: "lost" });
  await rig.commit([cancelled]);
  const { operation } = cancelled;
  if (operation.kind !== "cancellation") return expect.fail("it is one");
  const query = { kind: "transfer", from: operation.from, id: operation.id } as const;
  const caller = { ...CALL.caller, scopes: scopeSet(["read:all"]) };
  expect(await readsOf(rig, rig.store).receipt(query, caller)).toMatchObject({
    operation: { kind: "cancellation" },
  });
  const store = await openMemoryStore({ identity: context });
  await store.chain.commit(rig.commitOf(1, 2));
  await store.chain.startFrom(rig.commitOf(9, 9));
  expect(await readsOf(rig, store).receipt(query, caller)).toMatchObject({
    reason: "HISTORY_INCOMPLETE",
  });
});
