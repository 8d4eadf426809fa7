/** Receipts from the store: as long as a proof may be, and what is said when it would be longer. */
import { describe, expect, it } from "vitest";
import { commitOf } from "../../src/node/commit.ts";
import { Receipts } from "../../src/node/receipts.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import { height } from "../../src/primitives/numbers.ts";
import { openMemoryStore } from "../../src/storage/memory-store.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { createNetwork, creation } from "../ledger/fixture.ts";
import { Chain } from "./chain.ts";

const network = createNetwork();

/** A store whose first block holds a creation, and all of whose blocks became final with the last one. */
async function finalAllAtOnce(blocks: number) {
  const { context } = network;
  const chain = new Chain(network);
  chain.add(creation(network, { name: "alice", balance: 100n }));
  chain.extend(blocks - 1);
  const store = await openMemoryStore({ identity: { networkId: context.networkId } });
  const finalization = chain.finalization(blocks);
  const rest = { finalization, pruneJournalBelow: undefined, ceremonyChanged: false };
  await store.chain.commit(commitOf(context, chain.executed, rest));
  const parts = {
    context,
    chain: store.chain,
    seals: store.seals,
    keyCertificate: () => undefined,
  };
  return new Receipts(parts);
}

describe("a result far below the finalization that covers it", () => {
  it("has a receipt as long as a receipt may be", async () => {
    const receipts = await finalAllAtOnce(LIMITS.fetchedBlocksMax + 1);
    const ordered = await receipts.load({ height: height(1), index: 0 });
    expect(ordered).toMatchObject({ height: 1, receipt: { proof: { kind: "finalized" } } });
  });

  it("has none above that until it is sealed, and the node says so and goes on", async () => {
    const receipts = await finalAllAtOnce(LIMITS.fetchedBlocksMax + 2);
    const refusal = await receipts.load({ height: height(1), index: 0 });
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ reason: "NOT_READY" });
    expect(await receipts.operationAt({ height: height(1), index: 0 })).toMatchObject({
      operation: { kind: "walletCreation" },
    });
  });
});
