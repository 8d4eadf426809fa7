import { describe, expect, it } from "vitest";
import { assertConservation, type State } from "../../src/ledger/state.ts";
import { block, createNetwork, creation, start, statuses, transfer, wallet } from "./fixture.ts";

const small = createNetwork(4, undefined, { unfundedPerSponsorMax: 3, sponsoredPerBlockMax: 10 });

/** Executes a block and checks the counts of the state after it against its wallets; gives statuses and state. */
function run(state: State, ...operations: readonly Parameters<typeof block>[2][number][]) {
  const execution = block(small, state, operations);
  assertConservation(execution.state);
  return { got: statuses(execution), state: execution.state };
}

const empty = (name: string, sponsor = 0) => creation(small, { name, sponsor });
const pay = (from: string, to: string, amount: bigint) => transfer(small, { from, to, amount });

describe("L27: the quota of a sponsor", () => {
  const funded = block(small, start(small), [creation(small, { name: "rich", balance: 100n })]);
  const full = run(funded.state, empty("a"), empty("b"), empty("c"));

  it("is used up by so many wallets without money; the next is declined and leaves no wallet", () => {
    expect(full.got).toEqual(["applied", "applied", "applied"]);
    expect(full.state.unfunded).toEqual([3, 0, 0, 0]);
    const { got, state } = run(full.state, empty("d"));
    expect(got).toEqual(["sponsorQuotaUsed"]);
    expect(wallet(small, state, "d")).toBeUndefined();
  });

  it("is each sponsor's own, and none for wallets that an issuer funds", () => {
    const issued = Array.from({ length: 5 }, (_, i) =>
      creation(small, { name: `i${i}`, balance: 1n }),
    );
    const { got, state } = run(full.state, empty("d", 1), ...issued);
    expect(got).toEqual(["applied", ...issued.map(() => "applied")]);
    expect(state.unfunded).toEqual([3, 1, 0, 0]);
  });

  it("is reached within one block", () => {
    const { got } = run(funded.state, ...["a", "b", "c", "d", "e"].map((name) => empty(name)));
    expect(got).toEqual(["applied", "applied", "applied", "sponsorQuotaUsed", "sponsorQuotaUsed"]);
  });

  it("is given back by a payment, in the same block too", () => {
    const { got, state } = run(full.state, pay("rich", "a", 5n), empty("d"));
    expect(got).toEqual(["applied", "applied"]);
    expect(state.unfunded).toEqual([3, 0, 0, 0]);
  });

  it("counts a wallet again that has paid everything on: one unit funds no second wallet", () => {
    const paid = run(full.state, pay("rich", "a", 5n));
    expect(paid.state.unfunded).toEqual([2, 0, 0, 0]);
    const { got, state } = run(paid.state, pay("a", "b", 5n), empty("d"), empty("e"));
    expect(got).toEqual(["applied", "applied", "sponsorQuotaUsed"]);
    expect(state.unfunded).toEqual([3, 0, 0, 0]);
  });

  it("stops no payment: those who pay everything on may bring the sponsor above it", () => {
    const paid = run(full.state, pay("rich", "a", 5n), empty("d"));
    const { got, state } = run(paid.state, pay("a", "rich", 5n));
    expect(got).toEqual(["applied"]);
    expect(state.unfunded).toEqual([4, 0, 0, 0]);
    expect(run(state, empty("e")).got).toEqual(["sponsorQuotaUsed"]);
  });
});
