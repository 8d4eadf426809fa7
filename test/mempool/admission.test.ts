import { describe, expect, it } from "vitest";
import type { State } from "../../src/ledger/state.ts";
import { admitShape, admitToState, type Source } from "../../src/mempool/admission.ts";
import { decodeSignedOperation, type SignedOperation } from "../../src/primitives/operation.ts";
import {
  block,
  CREATED_AT,
  cancellation,
  createNetwork,
  creation,
  GRACE_MS,
  LIFETIME_MS,
  start,
  transfer,
  walletIdOf,
} from "../ledger/fixture.ts";

const SKEW_MS = 1_000;
const NOW = CREATED_AT + 10_000;
const network = createNetwork();
const { context } = network;

/** Alice has 100 EUR, bob 5 EUR, carol 7 of another asset. */
const state = block(network, start(network), [
  creation(network, { name: "alice", balance: 100n }),
  creation(network, { name: "bob", balance: 5n }),
  creation(network, { name: "carol", balance: 7n, asset: "BTC" }),
]).state;

function pay(fields: Partial<Parameters<typeof transfer>[1]> = {}): SignedOperation {
  return transfer(network, { from: "alice", to: "bob", amount: 1n, ...fields });
}

/** No payment is under way. */
const nothing = () => 0n;

function shape(operation: SignedOperation, source: Source, now = NOW): string {
  const verdict = admitShape(context, operation, { source, now });
  return verdict.kind === "refused" ? verdict.reason : verdict.kind;
}

function place(operation: SignedOperation, source: Source, now = NOW, on: State = state): string {
  const verdict = admitToState(context, { state: on, underWay: nothing }, operation, {
    source,
    now,
  });
  return verdict.kind === "refused" ? verdict.reason : verdict.kind;
}

describe("an operation by itself", () => {
  it.each([
    { claim: "nothing to be paid", operation: pay({ amount: 0n }), reason: "zeroAmount" },
    { claim: "an asset that there is not", operation: pay({ asset: "X" }), reason: "unknownAsset" },
    { claim: "its own payee", operation: pay({ to: "alice" }), reason: "payerIsPayee" },
    {
      claim: "an unknown asset",
      operation: creation(network, { name: "x", balance: 1n, asset: "X" }),
      reason: "unknownAsset",
    },
  ])("is refused for $claim, from a client or a peer", ({ operation, reason }) => {
    expect(shape(operation, "client")).toBe(reason);
    expect(shape(operation, "peer")).toBe(reason);
  });

  it("does not even decode if it was signed for another network", () => {
    const foreign = new Uint8Array(32).fill(9);
    const decoded = decodeSignedOperation(context.hash, foreign, pay().bytes);
    expect(decoded).toMatchObject({ code: "wrongNetwork" });
  });
});

describe("L21: a client's deadline", () => {
  it("may be now, and not a millisecond ago", () => {
    expect(shape(pay({ validUntil: NOW }), "client")).toBe("ok");
    expect(shape(pay({ validUntil: NOW - 1 }), "client")).toBe("validUntilTooEarly");
  });

  it("may be the lifetime less the clock tolerance ahead, for peers' clocks may be behind", () => {
    const latest = NOW + LIFETIME_MS - SKEW_MS;
    expect(shape(pay({ validUntil: latest }), "client")).toBe("ok");
    expect(shape(pay({ validUntil: latest + 1 }), "client")).toBe("validUntilTooLate");
    expect(shape(pay({ validUntil: latest }), "peer", NOW - SKEW_MS)).toBe("ok");
    expect(place(pay({ validUntil: latest }), "peer", NOW - SKEW_MS)).toBe("admitted");
  });
});

describe("L22: a peer's deadline", () => {
  it("may be past by grace and the clock tolerance: at the leader its window may still be open", () => {
    const earliest = NOW - GRACE_MS - SKEW_MS;
    expect(shape(pay({ validUntil: earliest }), "peer")).toBe("ok");
    expect(shape(pay({ validUntil: earliest - 1 }), "peer")).toBe("validUntilTooEarly");
    expect(place(pay({ validUntil: earliest }), "peer")).toBe("admitted");
  });

  it("may not lie before the window that the final state has left", () => {
    const operation = pay({ validUntil: NOW - 10 });
    const later = block(network, state, [], NOW + GRACE_MS).state;
    expect(place(operation, "peer", NOW, later)).toBe("validUntilTooEarly");
  });
});

describe("an operation on the final state", () => {
  it.each([
    { claim: "too little money", operation: pay({ amount: 101n }), reason: "insufficientFunds" },
    { claim: "an unknown payee", operation: pay({ to: "absent" }), reason: "unknownPayee" },
    { claim: "a payee of another asset", operation: pay({ to: "carol" }), reason: "assetMismatch" },
    {
      claim: "money past 2^64 - 1",
      operation: creation(network, { name: "dora", balance: 2n ** 64n - 1n }),
      reason: "overflow",
    },
  ])("is refused to a client for $claim, and admitted from a peer, to be declined", (item) => {
    expect(place(item.operation, "client")).toBe(item.reason);
    expect(place(item.operation, "peer")).toBe("admitted");
  });

  it("is a payment if its wallet holds enough for it and for all that is under way, else uncovered", () => {
    const at = { source: "client", now: NOW } as const;
    const kind = (value: bigint, underWay: bigint) =>
      admitToState(context, { state, underWay: () => underWay }, pay({ amount: value }), at);
    expect(kind(60n, 40n)).toEqual({ kind: "admitted", as: "payment" });
    expect(kind(60n, 41n)).toEqual({ kind: "admitted", as: "uncovered" });
    expect(kind(100n, 0n)).toEqual({ kind: "admitted", as: "payment" });
  });

  it("T9: a cancellation counts as a payment of one unit: without that beside what is under way it costs nothing", () => {
    const order = cancellation(network, { from: "bob", id: "x" });
    const kind = (underWay: bigint) =>
      admitToState(context, { state, underWay: () => underWay }, order, {
        source: "client",
        now: NOW,
      });
    expect(kind(4n)).toEqual({ kind: "admitted", as: "payment" });
    expect(kind(5n)).toEqual({ kind: "admitted", as: "uncovered" });
  });

  it("L22: a cancellation waits for its wallet as the payment does", () => {
    const order = cancellation(network, { from: "absent", id: "x" });
    const verdict = admitToState(context, { state, underWay: nothing }, order, {
      source: "peer",
      now: NOW,
    });
    expect(verdict).toEqual({ kind: "waiting", wallet: walletIdOf(network, "absent") });
  });

  it("waits outside the pool for an unknown paying wallet, though its window be nearly over", () => {
    for (const validUntil of [NOW + 1_000, NOW - GRACE_MS - SKEW_MS]) {
      const operation = pay({ from: "absent", validUntil });
      const verdict = admitToState(context, { state, underWay: nothing }, operation, {
        source: "peer",
        now: NOW,
      });
      expect(verdict).toEqual({
        kind: "waiting",
        wallet: walletIdOf(network, "absent"),
      });
    }
  });

  it("is refused if the state has used its id, though its window be nearly over", () => {
    for (const validUntil of [NOW + 1_000, NOW - GRACE_MS - SKEW_MS]) {
      const operation = pay({ validUntil });
      const after = block(network, state, [operation], state.time + 1).state;
      expect(place(operation, "peer", NOW, after)).toBe("idUsed");
      expect(place(pay({ validUntil, id: "another" }), "peer", NOW, after)).toBe("admitted");
    }
  });

  it("is judged at the final block's time if the own clock is behind it", () => {
    const later = block(network, state, [], NOW + 1).state;
    expect(place(pay({ validUntil: NOW }), "client", NOW, later)).toBe("expired");
  });
});
