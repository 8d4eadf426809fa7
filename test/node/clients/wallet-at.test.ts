/** A wallet at a past height, against a model of all statements that was made forwards, payment by payment. */
import { describe, expect, it } from "vitest";
import { findWallet } from "../../../src/ledger/state.ts";
import { walletAt } from "../../../src/node/clients/wallet-at.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { Random } from "../../support/world/random.ts";
import { ListRig, network, WALLETS } from "./list-rig.ts";

const { context } = network;
const SEED = Number(process.env["LIST_SEED"] ?? Date.now() % 1_000_000);
const custody = { custodianOf: () => undefined };

function recordOf(rig: ListRig, wallet: (typeof WALLETS)[number]) {
  return findWallet(context, rig.state, wallet) ?? expect.fail("the wallet exists");
}

describe("a wallet at a height", () => {
  it(`has the balance and the entries of then, at every height (LIST_SEED=${SEED})`, async () => {
    const rig = await ListRig.start(new Random(SEED, 1));
    await rig.grow(30);
    for (let at = 1; at <= rig.chain.height; at++) {
      for (const wallet of WALLETS) {
        const record = recordOf(rig, wallet);
        const answer = await walletAt({ context, custody, store: rig.store }, record, height(at));
        const entries = (rig.model.get(wallet) ?? []).filter((entry) => entry.height <= at);
        const isNewest = entries.length === record.entries;
        expect(answer).toMatchObject({
          height: at,
          blockTime: rig.chain.executed[at - 1]?.block.header.time,
          wallet: {
            ...{ id: wallet, balance: entries.at(-1)?.balance, entries: entries.length },
            ...(isNewest && { statementHead: record.statementHead }),
          },
        });
        const { wallet: shown } = "wallet" in answer ? answer : expect.fail("it is shown");
        expect(shown !== undefined && "statementHead" in shown).toBe(isNewest);
      }
    }
  });

  it("is refused for a height at which the wallet did not exist", async () => {
    const rig = await ListRig.start(new Random(SEED, 2));
    const record = recordOf(rig, WALLETS[0] ?? expect.fail());
    const answer = await walletAt({ context, custody, store: rig.store }, record, height(0));
    expect(answer).toMatchObject({ reason: "UNKNOWN_WALLET", field: "atHeight" });
  });

  it("is refused for a height below the blocks that the node holds, with the lowest that it has", async () => {
    const rig = await ListRig.start(new Random(SEED, 3));
    await rig.grow(5);
    const record = recordOf(rig, WALLETS[0] ?? expect.fail());
    const { statements, state } = rig.store;
    const blocks = {
      loadHeader: (at: ReturnType<typeof height>) => rig.store.blocks.loadHeader(at),
      history: { ...rig.store.blocks.history, from: height(4) },
    };
    const parts = { context, custody, store: { blocks, statements, state } };
    const answer = await walletAt(parts, record, height(3));
    expect(answer).toMatchObject({ reason: "HISTORY_INCOMPLETE", field: "atHeight" });
    expect(answer).toMatchObject({ message: expect.stringContaining("from 4 on") });
    expect(await walletAt(parts, record, height(4))).toMatchObject({ height: 4 });
  });
});
