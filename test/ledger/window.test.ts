import { describe, expect, it } from "vitest";
import {
  block,
  createNetwork,
  creation,
  GRACE_MS,
  LIFETIME_MS,
  start,
  statuses,
  transfer,
  tryBlock,
} from "./fixture.ts";

const network = createNetwork();
const state = block(network, start(network), [
  creation(network, { name: "alice", balance: 1_000n }),
  creation(network, { name: "bob", balance: 1n }),
]).state;
const TIME = state.time + 1;

describe("L7: ids", () => {
  it("twice in one block is invalid, with any bodies", () => {
    const one = transfer(network, { from: "alice", to: "bob", amount: 1n, id: "same" });
    const two = transfer(network, { from: "alice", to: "bob", amount: 2n, id: "same" });
    const reason = { kind: "invalid", reason: "idUsed", index: 1 };
    expect(tryBlock(network, state, [one, one])).toEqual(reason);
    expect(tryBlock(network, state, [one, two])).toEqual(reason);
  });

  it("are used by declined operations too", () => {
    const declined = transfer(network, { from: "alice", to: "absent", amount: 1n, id: "same" });
    const next = block(network, state, [declined]);
    expect(statuses(next)).toEqual(["unknownPayee"]);
    const again = transfer(network, { from: "alice", to: "bob", amount: 1n, id: "same" });
    expect(tryBlock(network, next.state, [again])).toMatchObject({ reason: "idUsed" });
  });

  it("L4: of another payer or author do not count", () => {
    const operations = [
      transfer(network, { from: "alice", to: "bob", amount: 1n, id: "same" }),
      transfer(network, { from: "bob", to: "alice", amount: 1n, id: "same" }),
    ];
    expect(statuses(block(network, state, operations))).toEqual(["applied", "applied"]);
  });

  it("are free again when their window has ended, and not a millisecond earlier", () => {
    const validUntil = TIME + 10_000;
    const first = transfer(network, { from: "alice", to: "bob", amount: 1n, id: "x", validUntil });
    const used = block(network, state, [first], TIME).state;
    const later = { from: "alice", to: "bob", amount: 1n, id: "x", validUntil: TIME + 60_000 };
    const again = transfer(network, later);
    const lastMoment = validUntil + GRACE_MS;
    expect(tryBlock(network, used, [again], lastMoment)).toMatchObject({ reason: "idUsed" });
    expect(statuses(block(network, used, [again], lastMoment + 1))).toEqual(["applied"]);
  });
});

describe("L6: the window, both ends included", () => {
  it.each([
    ["at block time - grace", TIME - GRACE_MS, "expired"],
    ["just before block time", TIME - 1, "expired"],
    ["at block time", TIME, "applied"],
    ["at block time + lifetime", TIME + LIFETIME_MS, "applied"],
  ])("a deadline %s", (_, validUntil, status) => {
    const payment = transfer(network, { from: "alice", to: "bob", amount: 1n, validUntil });
    expect(statuses(block(network, state, [payment], TIME))).toEqual([status]);
  });

  it.each([
    ["a millisecond before block time - grace", TIME - GRACE_MS - 1, "validUntilTooEarly"],
    ["a millisecond after block time + lifetime", TIME + LIFETIME_MS + 1, "validUntilTooLate"],
  ])("not a deadline %s", (_, validUntil, reason) => {
    const payment = transfer(network, { from: "alice", to: "bob", amount: 1n, validUntil });
    const refused = { kind: "invalid", reason, index: 0 };
    expect(tryBlock(network, state, [payment], TIME)).toEqual(refused);
  });
});
