/** T14: a receipt that is pruned is told of to those who may see it, and looks like none to all others. */
import { expect, it } from "vitest";
import type { Caller } from "../../../src/access/principal.ts";
import { scopeSet } from "../../../src/access/scope.ts";
import { Reads } from "../../../src/node/clients/reads.ts";
import { Receipts } from "../../../src/node/clients/receipts.ts";
import { commitOf } from "../../../src/node/execution/commit.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { createNetwork, creation, transfer, walletIdOf } from "../../ledger/fixture.ts";
import { Chain } from "../chain.ts";

const network = createNetwork();
const { context } = network;

/** Owns the wallet of its name. */
const caller = (name: string): Caller => ({ principal: name, scopes: scopeSet(["read"]) });

async function prunedNode() {
  const chain = new Chain(network);
  const names = ["alice", "bob", "carol"];
  chain.add(...names.map((name) => creation(network, { name, balance: 100n })));
  const payment = transfer(network, { from: "alice", to: "bob", amount: 1n, id: "rent" });
  chain.add(payment);
  chain.extend(2);
  const store = await openMemoryStore({ identity: { networkId: context.networkId } });
  const rest = { pruneJournalBelow: undefined, ceremonyChanged: false };
  const finalization = chain.finalization(chain.height);
  await store.chain.commit(commitOf(context, chain.executed, { ...rest, finalization }));
  const last = chain.executed.at(-1) ?? expect.fail("an empty chain");
  const { header, hash } = last.block;
  const finalizer = {
    committed: { state: last.execution.state, header, hash },
    keyCertificate: undefined,
  };
  const parts: Partial<ConstructorParameters<typeof Reads>[0]> = {
    context,
    store,
    finalizer,
    receipts: new Receipts({ context, store, finalizer }),
    ownership: {
      mayRead: async ({ id }, { principal }) => id === walletIdOf(network, principal),
      isCreator: async () => false,
    },
    seals: { unsealed: () => undefined },
  };
  const reads = new Reads(parts as never);
  const ask = async (name: string) => {
    const query = { kind: "transfer", from: walletIdOf(network, "alice") } as const;
    const answer = await reads.receipt({ ...query, id: payment.operation.id }, caller(name));
    return "reason" in answer ? answer.reason : "shown";
  };
  const askAll = async () =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await ask(name)])));
  return { store, askAll };
}

it("T14: payer and payee learn that a receipt is pruned, and a stranger learns nothing", async () => {
  const { store, askAll } = await prunedNode();
  expect(await askAll()).toEqual({ alice: "shown", bob: "shown", carol: "NOT_FOUND" });
  await store.chain.prune(height(3), new Set());
  expect(await askAll()).toEqual({ alice: "PRUNED", bob: "PRUNED", carol: "NOT_FOUND" });
});
