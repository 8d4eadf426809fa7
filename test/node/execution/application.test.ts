import { describe, expect, it } from "vitest";
import type { Proposal } from "../../../src/consensus/message.ts";
import { createLedgerContext, type LedgerContext } from "../../../src/ledger/context.ts";
import { Pool } from "../../../src/mempool/pool.ts";
import { isValidPoint } from "../../../src/node/base/crypto.ts";
import { Divergence } from "../../../src/node/execution/application.ts";
import { assembleBlock, type Block } from "../../../src/primitives/block.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { validatorIndex, view } from "../../../src/primitives/numbers.ts";
import type { SignedOperation } from "../../../src/primitives/operation.ts";
import {
  CREATED_AT,
  createNetwork,
  creation,
  GRACE_MS,
  keyOf,
  LIFETIME_MS,
  sign,
  signaturesValid,
  statuses,
  transfer,
} from "../../ledger/fixture.ts";
import { buildOn, Chain, freshApplication, partsOn, proposalOf } from "../chain.ts";

const network = createNetwork();
const peer = validatorIndex(1);
const NOW = CREATED_AT + 10_000;

/** Alice has 100, bob 5; one transfer is already ordered. */
function history(): Chain {
  const chain = new Chain(network);
  chain.add(
    creation(network, { name: "alice", balance: 100n }),
    creation(network, { name: "bob", balance: 5n }),
  );
  chain.add(pay(1n, "ordered"));
  return chain;
}

function pay(amount: bigint, id: string, fields: { from?: string; validUntil?: number } = {}) {
  return transfer(network, { from: "alice", to: "bob", amount, id, ...fields });
}

/** It has executed the chain itself, because the states of one application are no other's. */
function applicationAt({ blocks }: Chain, context: LedgerContext, pool: Pool) {
  const application = freshApplication({ ...network, context }, pool);
  for (const block of blocks) application.finalize(block);
  const tip = blocks.at(-1);
  if (tip === undefined) throw new Error("an empty chain");
  return { application, tip };
}

/** A node at the tip of `chain` with these operations in its pool, in this order. */
function nodeWith(chain: Chain, ...operations: readonly SignedOperation[]) {
  const pool = new Pool({ operationsPerSenderMax: 1_000, bytesPerSenderMax: 10_000_000 });
  const { context } = network;
  const { application, tip } = applicationAt(chain, context, pool);
  for (const operation of operations) pool.add(operation, peer);
  const parts = partsOn({ context, pool, application }, signaturesValid(network));
  return { application, ...parts, pool, tip };
}

/** The same with its own context, which counts the checks of key points. */
function countingNode(chain: Chain, operations: readonly SignedOperation[]) {
  let looked = 0;
  const { genesis, hash, judge } = network.context;
  const context = createLedgerContext({
    genesis,
    hash,
    judge,
    isValidPoint: (point) => {
      looked += 1;
      return isValidPoint(point);
    },
  });
  const { pool } = nodeWith(chain, ...operations);
  const { application, tip } = applicationAt(chain, context, pool);
  const { builder } = partsOn({ context, pool, application });
  return { builder, tip, looks: () => looked };
}

describe("a leader's block", () => {
  it("orders what is valid at its place, oldest first, and skips the rest", () => {
    const chain = history();
    const good = [pay(2n, "first"), pay(1_000n, "too much"), pay(3n, "second")];
    const [first, declined, second] = good as [SignedOperation, SignedOperation, SignedOperation];
    const { application, builder, tip } = nodeWith(
      chain,
      pay(1n, "ordered"),
      first,
      pay(1n, "from an unknown wallet", { from: "absent" }),
      pay(1n, "window over", { validUntil: NOW - GRACE_MS - 1 }),
      declined,
      pay(1n, "window not begun", { validUntil: NOW + LIFETIME_MS + 1 }),
      sign(network, pay(1n, "forged").operation, keyOf("mallory")),
      second,
    );
    const block = builder.build(buildOn(tip), NOW);
    expect(block?.operations).toEqual([first.bytes, declined.bytes, second.bytes]);
    expect(block?.header.time).toBe(NOW);
    if (block === undefined) expect.fail("no block");
    const { execution } = application.finalize(block);
    expect(statuses(execution)).toEqual(["applied", "insufficientFunds", "applied"]);
  });

  it("is none if nothing is valid, unless an empty one is asked for", () => {
    const { builder, tip } = nodeWith(history(), pay(1n, "ordered"));
    expect(builder.build(buildOn(tip), NOW)).toBeUndefined();
    expect(builder.build(buildOn(tip, { operations: false }), NOW)?.operations).toEqual([]);
  });

  it("holds as many operations as the genesis allows, and leaves the others for the next", () => {
    const many = Array.from({ length: 60 }, (_, i) => pay(1n, `one of many ${i}`));
    const { builder, tip } = nodeWith(history(), ...many);
    const { blockOperationsMax } = network.context.genesis.limits;
    expect(builder.build(buildOn(tip), NOW)?.operations).toHaveLength(blockOperationsMax);
  });

  it("sponsors no more wallets than the genesis allows, and goes on with what follows", () => {
    const wallets = ["x", "y", "z"].map((name) => creation(network, { name }));
    const after = pay(1n, "after them");
    const { builder, tip } = nodeWith(history(), ...wallets, after);
    // A payment has its turn first.
    const expected = [after, ...wallets.slice(0, 2)].map(({ bytes }) => bytes);
    expect(builder.build(buildOn(tip), NOW)?.operations).toEqual(expected);
  });

  it("costs what it orders: no key point is looked at for what waits, or for the second time", () => {
    const chain = history();
    const creations = Array.from({ length: 30 }, (_, i) => creation(network, { name: `e${i}` }));
    const { builder, tip, looks } = countingNode(chain, creations);
    const ofHistory = looks();
    const block = builder.build(buildOn(tip), NOW);
    expect(block?.operations).toHaveLength(2);
    expect(looks() - ofHistory).toBeLessThanOrEqual(3);
    const before = looks();
    builder.build(buildOn(tip, { view: view(30) }), NOW);
    expect(looks()).toBe(before);
  });

  it("has room for payments though creations wait that would fill it", () => {
    const creations = [0, 1, 2, 3].flatMap((sponsor) =>
      [1, 2].map((i) => creation(network, { name: `${sponsor} ${i}`, sponsor })),
    );
    const issued = Array.from({ length: 60 }, (_, i) =>
      creation(network, { name: `issued ${i}`, balance: 1n }),
    );
    const payments = Array.from({ length: 60 }, (_, i) => pay(1n, `payment ${i}`));
    const { builder, tip } = nodeWith(history(), ...creations, ...issued, ...payments);
    const ordered = new Set(builder.build(buildOn(tip), NOW)?.operations);
    expect(ordered.size).toBe(network.context.genesis.limits.blockOperationsMax);
    expect(payments.filter(({ bytes }) => ordered.has(bytes)).length).toBeGreaterThanOrEqual(25);
  });

  it("orders again what a block that was given up had ordered", () => {
    const operation = pay(1n, "new");
    const { builder, work, tip } = nodeWith(history(), operation);
    const given = builder.build(buildOn(tip), NOW);
    if (given === undefined) expect.fail("no block");
    expect(work.assess(given, [given], NOW).pending).toBe(false);
    const other = builder.build(buildOn(tip, { view: view(11) }), NOW);
    expect(other?.operations).toEqual([operation.bytes]);
  });

  it("is not older than its parent, though the own clock be", () => {
    const { builder, tip } = nodeWith(history(), pay(1n, "new"));
    expect(builder.build(buildOn(tip), 0)?.header.time).toBe(tip.header.time);
  });

  it("does not order again what a block above the final one holds", () => {
    const { builder, tip } = nodeWith(history(), pay(1n, "new"));
    const first = builder.build(buildOn(tip), NOW);
    if (first === undefined) expect.fail("no block");
    const child = buildOn(first, { view: view(10), ancestors: [first] });
    expect(builder.build(child, NOW)).toBeUndefined();
  });
});

describe("a proposal", () => {
  const chain = history();
  const operation = pay(2n, "proposed");

  function proposed(): { readonly block: Block; readonly proposal: Proposal } {
    const { builder, tip } = nodeWith(chain, operation);
    const block = builder.build(buildOn(tip), NOW);
    if (block === undefined) throw new Error("no block");
    return { block, proposal: proposalOf(block, [operation]) };
  }

  it("L20: is valid if its own execution gives the same header", () => {
    const { block, proposal } = proposed();
    const { judge } = nodeWith(chain);
    expect(judge.judge(proposal, [], [operation])).toEqual({ kind: "valid", block });
  });

  it("is invalid if one root differs", () => {
    const { block } = proposed();
    const { hash } = network.context;
    const { judge } = nodeWith(chain);
    for (const field of ["stateRoot", "resultsRoot", "operationsRoot"] as const) {
      const header = { ...block.header, [field]: new Uint8Array(32) };
      const lie = proposalOf(assembleBlock(hash, header, block.operations), [operation]);
      expect(judge.judge(lie, [], [operation]), field).toEqual({ kind: "invalid" });
    }
  });

  it("is invalid if it orders what is used, forged or out of its window", () => {
    const { judge } = nodeWith(chain);
    for (const bad of [
      pay(1n, "ordered"),
      sign(network, pay(1n, "forged").operation, keyOf("mallory")),
      pay(1n, "window over", { validUntil: NOW - GRACE_MS - 1 }),
    ]) {
      const { block } = proposed();
      const proposal = proposalOf(block, [bad]);
      expect(judge.judge(proposal, [], [bad])).toEqual({ kind: "invalid" });
    }
  });

  it("is not yet known while its parent is not held", () => {
    const { proposal } = proposed();
    const header = { ...proposal.header, parentHash: new Uint8Array(32).fill(8) };
    const { judge } = nodeWith(chain);
    const verdict = judge.judge({ ...proposal, header }, [], [operation]);
    expect(verdict).toEqual({ kind: "notYetKnown" });
  });

  it("is judged on ancestors that were only handed in", () => {
    const other = nodeWith(chain, operation);
    const first = other.builder.build(buildOn(other.tip), NOW);
    if (first === undefined) expect.fail("no block");
    other.pool.add(pay(3n, "on top"), peer);
    const request = buildOn(first, { view: view(10), ancestors: [first] });
    const second = other.builder.build(request, NOW);
    if (second === undefined) expect.fail("no block");
    const { judge } = nodeWith(chain);
    const operations = [pay(3n, "on top")];
    const verdict = judge.judge(proposalOf(second, operations), [first], operations);
    expect(verdict).toEqual({ kind: "valid", block: second });
  });

  it("is held for a while only if nothing becomes final, and executed again if it is needed", () => {
    const { application, builder, judge, tip } = nodeWith(chain);
    const proposals = Array.from({ length: 40 }, (_, i) => {
      const paid = pay(2n, `proposed ${i}`);
      const block = nodeWith(chain, paid).builder.build(buildOn(tip, { view: view(9 + i) }), NOW);
      if (block === undefined) throw new Error("no block");
      expect(judge.judge(proposalOf(block, [paid]), [], [paid]).kind).toBe("valid");
      return { paid, block };
    });
    const held = proposals.filter(({ paid }) => application.findOperation(paid.leafHash));
    expect(held).toEqual(proposals.slice(-2 * LIMITS.unfinalBlocksWithOperationsMax));
    const [first] = proposals;
    if (first === undefined) expect.fail("no proposal");
    expect(builder.build(buildOn(first.block, { operations: false }), NOW)).toBeUndefined();
    const child = buildOn(first.block, { operations: false, ancestors: [first.block] });
    expect(builder.build(child, NOW)).toBeDefined();
    expect(statuses(application.finalize(first.block).execution)).toEqual(["applied"]);
  });

  it("is judged on as many ancestors as became notarized while none became final", () => {
    const { judge } = nodeWith(chain);
    const branch = history();
    branch.extend(20_000);
    const top = branch.blocks.at(-1);
    const ancestors = branch.blocks.slice(chain.height);
    if (top === undefined) expect.fail("no block");
    const { builder: leader } = nodeWith(branch, operation);
    const block = leader.build(buildOn(top), NOW + branch.height);
    if (block === undefined) expect.fail("no block");
    const verdict = judge.judge(proposalOf(block, [operation]), ancestors, [operation]);
    expect(verdict).toEqual({ kind: "valid", block });
  });
});

describe("a final block", () => {
  it("is executed here if it was not before", () => {
    const chain = history();
    const { application } = nodeWith(chain);
    const block = chain.add(pay(4n, "made elsewhere"));
    expect(statuses(application.finalize(block).execution)).toEqual(["applied"]);
    expect(application.finalTip).toEqual({ height: 3, hash: block.hash });
  });

  it("is executed again if the block below it was: proposals that came to nothing had pushed that out", () => {
    const chain = history();
    const { application, builder, judge, tip } = nodeWith(chain);
    const propose = (number: number, id: string) => {
      const paid = pay(2n, id);
      const block = nodeWith(chain, paid).builder.build(buildOn(tip, { view: view(number) }), NOW);
      if (block === undefined) throw new Error("no block");
      expect(judge.judge(proposalOf(block, [paid]), [], [paid]).kind).toBe("valid");
      return block;
    };
    const below = propose(9, "below");
    const onTop = buildOn(below, { view: view(10), operations: false, ancestors: [below] });
    const above = builder.build(onTop, NOW);
    if (above === undefined) expect.fail("no block");
    const others = 2 * LIMITS.unfinalBlocksWithOperationsMax;
    for (let i = 0; i < others; i++) propose(11 + i, `nullified ${i}`);
    application.finalize(below);
    application.finalize(above);
    expect(application.finalTip.hash).toEqual(above.hash);
  });

  it("L20: whose header says something else than the own execution stops the node", () => {
    const chain = history();
    const { application } = nodeWith(chain);
    const block = chain.add(pay(4n, "made elsewhere"));
    const header = { ...block.header, stateRoot: new Uint8Array(32) };
    const lie = assembleBlock(network.context.hash, header, block.operations);
    expect(() => application.finalize(lie)).toThrow(Divergence);
  });
});

describe("the pool is work", () => {
  const workOf = (...operations: readonly SignedOperation[]) => {
    const { work, tip } = nodeWith(history(), ...operations);
    return (now: number) => work.assess(tip, [], now);
  };

  it("if it holds an id that the branch does not hold", () => {
    expect(workOf()(NOW)).toMatchObject({ pending: false, overdue: false });
    const { builder, work, tip } = nodeWith(history(), pay(1n, "on the branch"));
    const first = builder.build(buildOn(tip), NOW);
    if (first === undefined) expect.fail("no block");
    expect(work.assess(first, [first], NOW)).toMatchObject({ pending: false });
    expect(work.assess(tip, [], NOW)).toMatchObject({ pending: true });
    expect(workOf(pay(1n, "new"))(NOW)).toMatchObject({ pending: true, overdue: false });
  });

  it("but not before its window begins, which the clock of its gateway may have taken for now", () => {
    const opensAt = NOW + 5_000;
    const early = pay(1n, "early", { validUntil: opensAt + LIFETIME_MS });
    const assess = workOf(early);
    expect(assess(NOW)).toEqual({
      pending: false,
      overdue: false,
      worthABlock: false,
      changesAt: opensAt,
    });
    expect(assess(opensAt - 1)).toMatchObject({ pending: false, changesAt: opensAt });
    expect(assess(opensAt)).toMatchObject({ pending: true, overdue: false });
    expect(workOf(early, pay(1n, "new"))(NOW)).toMatchObject({ pending: true });
  });

  it("and overdue once a window is over by the own clock", () => {
    const validUntil = NOW;
    const assess = workOf(pay(1n, "new", { validUntil }));
    expect(assess(NOW + GRACE_MS)).toMatchObject({ pending: true, overdue: false });
    expect(assess(NOW + GRACE_MS + 1)).toMatchObject({ pending: true, overdue: true });
  });
});
