/**
 * Goal: of a payment and its cancellation the one that is ordered first is the only one, and a cancellation's receipt rules out
 * exactly the payments with the deadlines that it covers (L28). Method: every order of both, with every deadline around the
 * edges of their windows, in random chains of blocks by any leader: it proposes all it holds, at any time.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { State } from "../../src/ledger/state.ts";
import { cancelledDeadlines } from "../../src/ledger/window.ts";
import type { SignedOperation } from "../../src/primitives/operation.ts";
import {
  balance,
  block,
  cancellation,
  createNetwork,
  creation,
  GRACE_MS,
  LIFETIME_MS,
  start,
  statuses,
  transfer,
  tryBlock,
  wallet,
} from "./fixture.ts";

const network = createNetwork();
const state = block(network, start(network), [
  creation(network, { name: "alice", balance: 1_000n }),
  creation(network, { name: "bob", balance: 1n }),
]).state;
const TIME = state.time + 1;
const UNTIL = TIME + 10_000;

const payment = (validUntil = UNTIL) =>
  transfer(network, { from: "alice", to: "bob", amount: 7n, id: "x", validUntil });
const cancel = (validUntil = UNTIL) =>
  cancellation(network, { from: "alice", id: "x", validUntil });

describe("L28: the payment and its cancellation", () => {
  it("the one that is ordered first makes the other invalid, in its block and in later ones", () => {
    for (const [first, second] of [
      [payment(), cancel()],
      [cancel(), payment()],
    ] as const) {
      const invalid = { kind: "invalid", reason: "idUsed" };
      expect(tryBlock(network, state, [first, second])).toMatchObject({ ...invalid, index: 1 });
      const next = block(network, state, [first]);
      expect(statuses(next)).toEqual(["applied"]);
      expect(tryBlock(network, next.state, [second], UNTIL + GRACE_MS)).toMatchObject(invalid);
    }
  });

  it("a cancellation changes no wallet, and makes no entry in a statement", () => {
    const next = block(network, state, [cancel()]);
    expect(wallet(network, next.state, "alice")).toEqual(wallet(network, state, "alice"));
    expect(next.touched).toEqual([]);
    expect(next.roots.stateRoot).toEqual(block(network, state, []).roots.stateRoot);
  });

  it("a declined payment has used the id, and cannot be cancelled any more", () => {
    const absent = transfer(network, { from: "alice", to: "absent", amount: 1n, id: "x" });
    const next = block(network, state, [absent]);
    expect(statuses(next)).toEqual(["unknownPayee"]);
    expect(tryBlock(network, next.state, [cancel()])).toMatchObject({ reason: "idUsed" });
  });

  it("a cancellation past its own deadline, within grace, is declined, and takes the id all the same", () => {
    const late = block(network, state, [cancel(TIME - 1)], TIME);
    expect(statuses(late)).toEqual(["expired"]);
    expect(tryBlock(network, late.state, [payment(TIME - 1)], TIME)).toMatchObject({
      reason: "idUsed",
    });
  });

  it("only the wallet's own key cancels, and only for a wallet that there is", () => {
    const by = (name: string) => cancellation(network, { from: "alice", id: "x", by: name });
    expect(tryBlock(network, state, [by("bob")])).toMatchObject({ reason: "authorIsNotPayer" });
    const forged = cancellation(network, { from: "alice", id: "x", signer: "bob" });
    expect(tryBlock(network, state, [forged])).toMatchObject({ reason: "wrongSignature" });
    const absent = cancellation(network, { from: "absent", id: "x" });
    expect(tryBlock(network, state, [absent])).toMatchObject({ reason: "unknownPayer" });
    const sponsored = cancellation(network, { from: "alice", id: "x", sponsor: 0 });
    expect(tryBlock(network, state, [sponsored])).toMatchObject({ reason: "sponsorNotDue" });
  });

  it("another payer's payment under the same id is not touched", () => {
    const other = transfer(network, { from: "bob", to: "alice", amount: 1n, id: "x" });
    expect(statuses(block(network, state, [cancel(), other]))).toEqual(["applied", "applied"]);
  });
});

describe("L28: the edges of what a cancellation covers", () => {
  const at = (validUntil: number, time: number) =>
    cancelledDeadlines(network.context.genesis.timings, { validUntil, time });

  it("a payment with a later deadline may follow, once the cancellation's id is forgotten", () => {
    const next = block(network, state, [cancel(UNTIL)], TIME);
    const later = payment(UNTIL + 1);
    const lastMoment = UNTIL + GRACE_MS;
    expect(at(UNTIL, TIME).latest).toBe(UNTIL);
    expect(tryBlock(network, next.state, [later], lastMoment)).toMatchObject({ reason: "idUsed" });
    expect(tryBlock(network, next.state, [payment(UNTIL)], lastMoment + 1)).toMatchObject({
      reason: "validUntilTooEarly",
    });
    expect(tryBlock(network, next.state, [later], lastMoment + 1).kind).toBe("executed");
  });

  it("a payment with an earlier deadline may have gone before, and its id be forgotten", () => {
    const paid = block(network, state, [payment(TIME)], TIME);
    const late = cancel(UNTIL);
    const lastMoment = TIME + GRACE_MS;
    expect(tryBlock(network, paid.state, [late], lastMoment)).toMatchObject({ reason: "idUsed" });
    expect(at(UNTIL, lastMoment).earliest).toBe(TIME);
    expect(statuses(block(network, paid.state, [late], lastMoment + 1))).toEqual(["applied"]);
    expect(at(UNTIL, lastMoment + 1).earliest).toBe(TIME + 1);
  });
});

interface Ordered {
  readonly operation: SignedOperation["operation"];
  readonly time: number;
}

/** A leader that proposes every operation in each of its blocks, in this order; what is invalid is left out. */
function run(blocks: readonly { waitMs: number; offers: readonly SignedOperation[] }[]): Ordered[] {
  const ordered: Ordered[] = [];
  let current: State = state;
  for (const { waitMs, offers } of blocks) {
    const time = current.time + waitMs;
    const body: SignedOperation[] = [];
    for (const offer of offers) {
      if (tryBlock(network, current, [...body, offer], time).kind === "executed") body.push(offer);
    }
    const execution = block(network, current, body, time);
    ordered.push(...body.map(({ operation }) => ({ operation, time })));
    current = execution.state;
    // The money moved exactly as often as a payment was applied.
    const paid = 1_000n - (balance(network, current, "alice") ?? 0n);
    const applied = ordered.filter(
      ({ operation, time: at }) => operation.kind === "transfer" && at <= operation.validUntil,
    );
    expect(paid).toBe(7n * BigInt(applied.length));
  }
  return ordered;
}

const deadlines = fc
  .oneof(
    fc.integer({ min: -2, max: 6 }).map((i) => i * (GRACE_MS / 2)),
    fc.constantFrom(-1, 1, GRACE_MS - 1, GRACE_MS + 1, LIFETIME_MS),
  )
  .map((ms) => TIME + ms);
const offers = fc.tuple(fc.boolean(), deadlines).map(([isPayment, validUntil]) => {
  return isPayment ? payment(validUntil) : cancel(validUntil);
});
const chains = fc.array(
  fc.record({
    waitMs: fc.constantFrom(0, 1, GRACE_MS / 2, GRACE_MS - 1, GRACE_MS, GRACE_MS + 1),
    offers: fc.array(offers, { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 8 },
);

it("L28: an ordered cancellation rules out every payment with a deadline that it covers, before and after it", () => {
  let [both, covered, uncovered] = [0, 0, 0];
  fc.assert(
    fc.property(chains, (chain) => {
      const ordered = run(chain);
      const payments = ordered.filter(({ operation }) => operation.kind === "transfer");
      const cancellations = ordered.filter(({ operation }) => operation.kind === "cancellation");
      if (payments.length > 0 && cancellations.length > 0) both += 1;
      for (const { operation, time } of cancellations) {
        const { timings } = network.context.genesis;
        const { validUntil } = operation;
        const { earliest, latest } = cancelledDeadlines(timings, { validUntil, time });
        expect(earliest).toBeLessThanOrEqual(latest);
        for (const offer of chain.flatMap(({ offers: all }) => all)) {
          if (offer.operation.kind !== "transfer") continue;
          const deadline = offer.operation.validUntil;
          const isRuledOut = earliest <= deadline && deadline <= latest;
          if (isRuledOut) covered += 1;
          else uncovered += 1;
          const isOrdered = payments.some((other) => other.operation.validUntil === deadline);
          expect(isRuledOut && isOrdered).toBe(false);
        }
      }
    }),
    { numRuns: 300 },
  );
  // The property was put to the test in each of these ways.
  expect(Math.min(both, covered, uncovered)).toBeGreaterThan(20);
});
