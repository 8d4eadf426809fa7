import { describe, expect, it } from "vitest";
import { assembleHeader } from "../../src/ledger/header.ts";
import { assertConservation, restoreState, type State, stateRoot } from "../../src/ledger/state.ts";
import { amount } from "../../src/primitives/amount.ts";
import { zeroDigest } from "../../src/primitives/hash.ts";
import { validatorIndex, view } from "../../src/primitives/numbers.ts";
import { play } from "./ceremony-fixture.ts";
import {
  block,
  createNetwork,
  creation,
  GRACE_MS,
  start,
  statuses,
  transfer,
  tryBlock,
} from "./fixture.ts";

const network = createNetwork();
const { context } = network;
const { state } = block(network, start(network), [
  creation(network, { name: "alice", balance: 400n }),
  creation(network, { name: "bob" }),
]);

describe("A6: a restored state", () => {
  const restore = (from: State, usedIds: { key: string; validUntil: number }[]) => {
    const execution = block(network, from, [], from.time);
    const parts = { parentHash: zeroDigest, view: view(1), proposer: validatorIndex(0) };
    const restored = restoreState(context, {
      header: assembleHeader(context, { ...parts, execution }),
      wallets: from.wallets,
      sponsored: [...from.wallets.entries()].map(([, record]) => record),
      record: from,
      usedIds,
    });
    return { restored, expected: execution.state };
  };

  it("has the state root of the original, in the middle of a ceremony too", () => {
    for (const from of [state, play(network, state, "confirm"), play(network, state, "final")]) {
      const { restored, expected } = restore(from, []);
      expect(stateRoot(context, restored)).toEqual(stateRoot(context, expected));
      expect(restored).toMatchObject({
        epoch: 1,
        height: expected.height,
        time: expected.time,
        supply: expected.supply,
        unfunded: [1, 0, 0, 0],
      });
    }
  });

  it("knows used ids up to the very end of their window, and keeps none that has ended", () => {
    const validUntil = state.time + 10;
    const late = transfer(network, { from: "alice", to: "bob", amount: 1n, validUntil });
    const execution = block(network, state, [late], validUntil + GRACE_MS);
    expect(statuses(execution)).toEqual(["expired"]);
    const ids = [
      { key: late.key, validUntil },
      { key: "ended", validUntil: validUntil - 1 },
    ];
    const { restored } = restore(execution.state, ids);
    expect(tryBlock(network, restored, [late], restored.time)).toMatchObject({ reason: "idUsed" });
    expect(restored.usedIds.size).toBe(1);
  });
});

describe("L15: assertConservation", () => {
  it("holds, and stops at a supply that the balances do not reach", () => {
    expect(() => assertConservation(state)).not.toThrow();
    const supply = [amount(401n), amount(0n)];
    expect(() => assertConservation({ ...state, supply })).toThrow("asset 0");
    expect(() => assertConservation({ ...state, supply: [] })).toThrow("not in the genesis");
  });
});
