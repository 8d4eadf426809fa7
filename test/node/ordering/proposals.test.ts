import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { Pool } from "../../../src/mempool/pool.ts";
import { inlineChecker } from "../../../src/node/base/signature-checker.ts";
import { Application } from "../../../src/node/execution/application.ts";
import { VerifiedOperations } from "../../../src/node/intake/verified-operations.ts";
import { Proposals } from "../../../src/node/ordering/proposals.ts";
import type { Block } from "../../../src/primitives/block.ts";
import { type Bytes, equalBytes } from "../../../src/primitives/bytes.ts";
import { EncodingError } from "../../../src/primitives/encoding.ts";
import { type ValidatorIndex, validatorIndex, view } from "../../../src/primitives/numbers.ts";
import { decodeSignedOperation, type SignedOperation } from "../../../src/primitives/operation.ts";
import {
  CREATED_AT,
  createNetwork,
  creation,
  keyOf,
  sign,
  transfer,
} from "../../ledger/fixture.ts";
import { buildOn, Chain, partsOn, proposalOf } from "../chain.ts";
import { until } from "../sync/follower.ts";

const network = createNetwork();
const { context } = network;
const NOW = CREATED_AT + 10_000;
const limits = { operationsPerSenderMax: 100, bytesPerSenderMax: 1_000_000 };
const [leader, other] = [validatorIndex(0), validatorIndex(1)];

const chain = new Chain(network);
chain.add(creation(network, { name: "alice", balance: 100n }), creation(network, { name: "bob" }));

function pay(id: string): SignedOperation {
  return transfer(network, { from: "alice", to: "bob", amount: 1n, id });
}

function applicationWith(pool: Pool, signaturesValid: (operation: SignedOperation) => boolean) {
  const [tip, last] = [chain.blocks.at(-1), chain.executed.at(-1)];
  if (tip === undefined || last === undefined) throw new Error("an empty chain");
  const final = { state: last.execution.state, hash: tip.hash };
  const application = new Application({ context, pool, final });
  return { application, ...partsOn({ context, pool, application }, signaturesValid), tip };
}

/** The leader's block of these operations, and its proposal. */
function proposed(operations: readonly SignedOperation[], at = NOW): Block {
  const pool = new Pool(limits);
  for (const operation of operations) pool.add(operation, leader);
  const { builder, tip } = applicationWith(pool, () => true);
  const request = buildOn(tip, { view: view(at - NOW + 9), epoch: FIRST_EPOCH });
  const block = builder.build(request, at);
  if (block === undefined) throw new Error("no block");
  return block;
}

/** A node that holds nothing; its peers hold these operations. */
function follower(
  held: Readonly<Record<number, readonly Bytes[]>>,
  wait: (peer: ValidatorIndex) => Promise<void> = () => Promise.resolve(),
  arrived: (pool: Pool, verified: VerifiedOperations) => Promise<void> = () => Promise.resolve(),
) {
  const pool = new Pool(limits);
  const verified = new VerifiedOperations(context, inlineChecker);
  const { application, judge } = applicationWith(pool, (operation) => verified.has(operation));
  const asked: ValidatorIndex[] = [];
  /** The number of operations in each question. */
  const requested: number[] = [];
  const patience = new Set<() => void>();
  const proposals = new Proposals({
    application,
    judge,
    pool,
    system: {
      after: (_, action) => {
        patience.add(action);
        return () => patience.delete(action);
      },
    },
    patienceMs: 150,
    peers: {
      others: [leader, other],
      fetchOperations: async (peer, leafHashes) => {
        asked.push(peer);
        requested.push(leafHashes.length);
        await wait(peer);
        return (held[peer] ?? []).filter((bytes) =>
          leafHashes.some((hash) => equalBytes(hash, application.leafHashOf(bytes))),
        );
      },
    },
    inbox: { arrived: () => arrived(pool, verified) },
    intake: {
      verifyFetched: async (bytes) => {
        const operation = decodeSignedOperation(context.hash, context.networkId, bytes);
        if (operation instanceof EncodingError) return undefined;
        return (await verified.verify(operation, FIRST_EPOCH)) ? operation : undefined;
      },
    },
  });
  const endPatience = () => {
    for (const action of [...patience]) action();
  };
  return { proposals, application, pool, verified, asked, requested, patience, endPatience };
}

describe("the operations of a proposal", () => {
  const [one, two, three] = [pay("one"), pay("two"), pay("three")];
  const block = proposed([one, two, three]);
  const proposal = proposalOf(block, [one, two, three]);

  it("are taken from the pool, and no peer is asked", async () => {
    const node = follower({});
    for (const operation of [three, two, one]) {
      await node.verified.verify(operation, FIRST_EPOCH);
      node.pool.add(operation, other);
    }
    expect(await node.proposals.judge(proposal, [])).toEqual({ kind: "valid", block });
    expect(node.asked).toEqual([]);
  });

  it("that came before it and are being checked are not asked for", async () => {
    const node = follower({ 0: [three.bytes] }, undefined, async (pool, verified) => {
      await nextTurn();
      for (const operation of [one, two]) {
        await verified.verify(operation, FIRST_EPOCH);
        pool.add(operation, other);
      }
    });
    expect(await node.proposals.judge(proposal, [])).toEqual({ kind: "valid", block });
    // Only for the third one.
    expect(node.requested).toEqual([1]);
  });

  it("are fetched from the leader, and what it does not send from others", async () => {
    const node = follower({ 0: [one.bytes], 1: [three.bytes, two.bytes] });
    expect(await node.proposals.judge(proposal, [])).toEqual({ kind: "valid", block });
    expect(node.asked).toEqual([leader, other]);
  });

  it("are fetched from the next one if the leader is frozen", async () => {
    const never = new Promise<void>(() => undefined);
    const node = follower({ 1: [one.bytes, two.bytes, three.bytes] }, (peer) =>
      peer === leader ? never : Promise.resolve(),
    );
    const verdict = node.proposals.judge(proposal, []);
    await until(() => node.patience.size === 1);
    node.endPatience();
    expect(await verdict).toEqual({ kind: "valid", block });
    expect(node.asked).toEqual([leader, other]);
    expect(node.patience.size).toBe(0);
  });

  it("count also when they come late from the leader, after others were asked in vain", async () => {
    const late = Promise.withResolvers<void>();
    const node = follower({ 0: [one.bytes, two.bytes, three.bytes], 1: [one.bytes] }, (peer) =>
      peer === leader ? late.promise : new Promise(setImmediate),
    );
    const verdict = node.proposals.judge(proposal, []);
    await until(() => node.patience.size === 1);
    node.endPatience();
    late.resolve();
    expect(await verdict).toEqual({ kind: "valid", block });
  });

  it("are not waited for once every peer has had its time", async () => {
    const never = new Promise<void>(() => undefined);
    const node = follower({}, () => never);
    const verdict = node.proposals.judge(proposal, []);
    for (const asked of [1, 2]) {
      await until(() => node.asked.length === asked);
      node.endPatience();
    }
    expect(await verdict).toEqual({ kind: "notYetKnown" });
  });

  it("make it not yet known while one of them is nowhere", async () => {
    const node = follower({ 0: [one.bytes], 1: [two.bytes] });
    expect(await node.proposals.judge(proposal, [])).toEqual({ kind: "notYetKnown" });
  });

  it("make it invalid if one of them is not signed by its author", async () => {
    const forged = sign(network, one.operation, keyOf("mallory"));
    const node = follower({ 0: [forged.bytes] });
    const lie = proposalOf(proposed([forged]), [forged]);
    expect(await node.proposals.judge(lie, [])).toEqual({ kind: "invalid" });
  });

  it("may be held in a block above the final one alone, executed on a quorum's word", async () => {
    const node = follower({});
    const abandoned = proposed([one]);
    // A notarized block that was fetched as a whole: its signatures were never checked here.
    node.application.stateAfter(abandoned.hash, [abandoned]);
    const next = proposed([one], NOW + 1);
    const verdict = await node.proposals.judge(proposalOf(next, [one]), []);
    expect(verdict).toEqual({ kind: "valid", block: next });
  });

  it("are not believed because an executed block holds them", async () => {
    const node = follower({});
    const forged = sign(network, one.operation, keyOf("mallory"));
    const abandoned = proposed([forged]);
    node.application.stateAfter(abandoned.hash, [abandoned]);
    const next = proposed([forged], NOW + 1);
    const verdict = await node.proposals.judge(proposalOf(next, [forged]), []);
    expect(verdict.kind).not.toBe("valid");
  });
});
